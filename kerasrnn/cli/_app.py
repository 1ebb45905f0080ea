"""The commands and their options; each command's work is in a file of its own."""

import re
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperCommand

from kerasrnn._version import __version__
from kerasrnn.cli._console import end_quietly

app = typer.Typer(
    name="kerasrnn",
    help=(
        "Train, measure, use and export recurrent models.\n\nStart with: kerasrnn train ner_bilstm"
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A folder that [bold]kerasrnn train[/] wrote, a .tflite file of it, or the name of a "
        "model that ships with the library.",
    ),
]


class _TextCommand(TyperCommand):
    """A command of texts, which may begin with a dash, among options."""

    def parse_args(self, ctx, args):
        cut = args.index("--") if "--" in args else len(args)
        options, texts, given = [], [], iter(args[:cut])
        for arg in given:
            if not re.fullmatch("--?[A-Za-z][^ ]*", arg):
                texts.append(arg)
                continue
            options.append(arg)
            if arg in self._with_values():
                value = next(given, None)
                if value is None:
                    return super().parse_args(ctx, options)  # says that it is missing
                options.append(value)
        return super().parse_args(ctx, [*options, "--", *texts, *args[cut + 1 :]])

    def _with_values(self):
        """The options whose value is the argument after them."""
        options = (p for p in self.params if p.param_type_name == "option" and not p.is_flag)
        return {name for option in options for name in option.opts}


def main():
    """Entry point of the `kerasrnn` command."""
    end_quietly()
    app()


def _version(wanted: bool):
    if wanted:
        typer.echo(f"kerasrnn {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
):
    pass


@app.command("list")
def list_command():
    """Show the models of the zoo."""
    from kerasrnn.cli._list import run

    run()


@app.command()
def train(
    model: Annotated[str, typer.Argument(help="A model of the zoo, such as ner_bilstm.")],
    train: Annotated[
        Path | None,
        typer.Option(
            help="Your training data: a CoNLL file for a tagger; CSV, TSV or JSON Lines with the "
            "columns text and label for a classifier, or FASTA of DNA; a folder of folders of "
            "videos; a text or a folder of texts for a language model; a list of names; a folder "
            "of MIDI files."
        ),
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(help="Data that decide when to stop; a tenth of --train if not given."),
    ] = None,
    test: Annotated[
        Path | None,
        typer.Option(help="Data to measure on; a tenth of --train if not given."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="'offline' (no download), or of TFDS, downloaded: such as 'tfds:conll2003', "
            "'tfds:imdb_reviews' or 'tfds:tiny_shakespeare'."
        ),
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column of your file with the texts; default text.")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(help="Column of your file with the labels; default label.")
    ] = None,
    label_table: Annotated[
        str | None,
        typer.Option(help="Table of names and labels for a FASTA file; default its headers."),
    ] = None,
    word_vectors: Annotated[
        str | None,
        typer.Option(help="Word vectors to start from, a file in GloVe's or word2vec's text form."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write; default runs/MODEL.")
    ] = None,
    cell: Annotated[
        str | None,
        typer.Option(help="basic_rnn, simplified_gru, full_gru, lstm or peephole_lstm."),
    ] = None,
    units: Annotated[int | None, typer.Option(help="Units of each direction.")] = None,
    layers: Annotated[int | None, typer.Option(help="Recurrent layers.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Most passes over the data.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Examples a step.")] = None,
    patience: Annotated[
        int | None, typer.Option(help="Epochs without a better score before training ends.")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Step size of Adam.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of weights, dropout and order.")] = None,
    format: Annotated[
        list[str] | None,
        typer.Option(help="Export only this: saved_model or tflite (repeatable); default both."),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="A recipe of your own, a .toml file; default the model's.")
    ] = None,
    set: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ENTRY=VALUE", help="Change any entry of the recipe: arguments.dropout=0.2"
        ),
    ] = None,
):
    """Train a model, measure it, and export it to SavedModel and TFLite.

    With no options it does the whole job on data that need no download, in some minutes.

    On your own data:  kerasrnn train sentiment_gru --train my.csv --output runs/mine
    """
    from kerasrnn.cli._train import run

    shortcuts = {
        "arguments.cell": cell,
        "arguments.units": units,
        "arguments.layers": layers,
        "training.epochs": epochs,
        "training.batch_size": batch_size,
        "training.patience": patience,
        "training.learning_rate": learning_rate,
        "training.word_vectors": word_vectors,
        "files.text": text_column,
        "files.label": label_column,
        "files.labels": label_table,
        "seed": seed,
    }
    files = {"train": train, "validation": validation, "test": test}
    run(model, recipe, data, files, shortcuts, set or [], output, format)


@app.command()
def evaluate(
    model: Model,
    test: Annotated[
        Path | None,
        typer.Option(help="A file like that of --train; default the test data of its recipe."),
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column of --test with the texts; default the recipe's.")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(help="Column of --test with the labels; default the recipe's.")
    ] = None,
    label_table: Annotated[
        str | None, typer.Option(help="Table of names and labels for a FASTA file.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(help="Draw a classifier's confusion matrix: a .png or .svg file."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
):
    """Measure a trained model: F1 a type or label, accuracy, or bits and perplexity."""
    from kerasrnn.cli._evaluate import run

    files = {"text": text_column, "label": label_column, "labels": label_table}
    run(model, test, {k: v for k, v in files.items() if v is not None}, picture, json)


@app.command(cls=_TextCommand)
def predict(
    model: Model,
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TEXT]...",
            help="Texts, letters of DNA or FASTA files, or videos; without any, lines of standard "
            "input.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a text.")] = False,
):
    """Tag or classify texts, sequences or clips of your own.

    kerasrnn predict ner_bilstm "Ada Lovelace lived in London."
    """
    from kerasrnn.cli._predict import run

    run(model, texts, json)


@app.command(cls=_TextCommand)
def score(
    model: Model,
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TEXT]...",
            help="Texts, or files of music; without any, lines of standard input, as of a file: "
            "< FILE.",
        ),
    ] = None,
    category: Annotated[
        str | None, typer.Option(help="Of names: one of the model's categories, such as de_DE.")
    ] = None,
    skip_unknown: Annotated[
        bool,
        typer.Option(
            "--skip-unknown", help="Leave unknown words out of sum and count, though they are read."
        ),
    ] = False,
    tokens: Annotated[
        bool, typer.Option("--tokens", help="Also print the log-probability of each token.")
    ] = False,
    tflite: Annotated[
        Path | None,
        typer.Option(help="Run this .tflite file, which has steps, in place of Keras's model."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a text.")] = False,
):
    """Print how probable a language model finds texts: ln P, perplexity, bits a character.

    kerasrnn score word_lm_lstm "the ship sailed" "sailed ship the"
    """
    from kerasrnn.cli._score import run

    run(model, tflite, texts, category, "skip" if skip_unknown else "token", tokens, json)


@app.command()
def generate(
    model: Annotated[
        str,
        typer.Argument(
            help="A folder that [bold]kerasrnn train[/] wrote, a .tflite file of it, or the name "
            "of a model that ships."
        ),
    ],
    prompt: Annotated[
        str,
        typer.Option(help="A beginning to go on with; of music a MIDI or MusicXML file."),
    ] = "",
    max_length: Annotated[
        int | None,
        typer.Option(
            help="New tokens at most: characters or words (default 300); of music one a voice and "
            "sixteenth (default 512)."
        ),
    ] = None,
    min_length: Annotated[
        int, typer.Option(help="New tokens at least: before them no answer ends.")
    ] = 0,
    temperature: Annotated[
        float | None,
        typer.Option(
            help="Below 1 the probable gets more so; 0 always takes the most probable; default 1."
        ),
    ] = None,
    top_k: Annotated[
        int | None, typer.Option(help="Draw from so many most probable tokens alone.")
    ] = None,
    top_p: Annotated[
        float | None,
        typer.Option(help="Draw from the most probable tokens that have this share together."),
    ] = None,
    beam: Annotated[
        int | None,
        typer.Option(
            help="Look for the most probable answer with so many open beginnings; of texts it is "
            "often an empty one: see --min-length and --length-penalty."
        ),
    ] = None,
    length_penalty: Annotated[
        float | None, typer.Option(help="With --beam: above 0 long answers gain; default 0.")
    ] = None,
    repetition_penalty: Annotated[
        float, typer.Option(help="Above 1 what was given lately becomes less probable.")
    ] = 1.0,
    no_repeat: Annotated[
        int, typer.Option(help="No so many tokens in a row occur twice; 0 lets them.")
    ] = 0,
    category: Annotated[
        str | None, typer.Option(help="Of names: one of the model's categories, such as de_DE.")
    ] = None,
    count: Annotated[int, typer.Option(help="How many answers are drawn.")] = 1,
    seed: Annotated[
        int | None, typer.Option(help="Of the draws: the same gives the same; default 0.")
    ] = None,
    through: Annotated[
        bool,
        typer.Option("--through", help="Go on after <EOS>, until --max-length is reached."),
    ] = False,
    tflite: Annotated[
        Path | None,
        typer.Option(help="Run this .tflite file, which has steps, in place of Keras's model."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Of music: a .mid, .musicxml, .wav or .png file."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object an answer.")] = False,
):
    """Go on with a prompt by a model of texts, names or music, token by token.

    kerasrnn generate char_lm_gru --prompt "Call me " --temperature 0.7
    """
    from kerasrnn.cli._generate import run

    sampling = {
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "beam": beam,
        "length_penalty": length_penalty,
        "repetition_penalty": repetition_penalty,
        "no_repeat": no_repeat,
    }
    asked = {
        "prompt": prompt,
        "max_length": max_length,
        "min_length": min_length,
        "category": category,
        "seed": seed,
    }
    run(model, tflite, asked, sampling, count, through, output, json)


@app.command()
def export(
    model: Annotated[
        str,
        typer.Argument(
            help="A folder that [bold]kerasrnn train[/] wrote, or the name of a model that ships."
        ),
    ],
    format: Annotated[str, typer.Option(help="saved_model or tflite.")] = "tflite",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File or folder to write.")
    ] = None,
    length: Annotated[
        int | None,
        typer.Option(help="Time steps that a TFLite file reads at once; default the recipe's."),
    ] = None,
    target: Annotated[
        str, typer.Option(help="Of a TFLite file: mobile, gpu or micro (microcontrollers).")
    ] = "mobile",
    lowering: Annotated[
        str, typer.Option(help="How its sequences are written: auto, loop, unrolled or fused.")
    ] = "auto",
    quantize: Annotated[
        str | None,
        typer.Option(
            help="float16, dynamic (int8 weights) or int8; the score is measured before, after."
        ),
    ] = None,
    train: Annotated[
        Path | None,
        typer.Option(help="A file that int8 learns ranges from; default the recipe's data."),
    ] = None,
    test: Annotated[
        Path | None,
        typer.Option(help="A file to measure the score on; default the recipe's test data."),
    ] = None,
    examples: Annotated[int, typer.Option(help="Most examples to measure the score on.")] = 500,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
):
    """Write a file that runs without this library, after comparing it with Keras."""
    from kerasrnn.cli._export import run

    options = {
        "target": target,
        "lowering": lowering,
        "quantize": quantize,
        "train": train,
        "test": test,
        "examples": examples,
    }
    run(model, format, output, length, options, json)


@app.command()
def benchmark(
    cell: Annotated[
        list[str] | None,
        typer.Option(help="A cell's name (repeatable), also full_gru_reset_after; default lstm."),
    ] = None,
    size: Annotated[
        list[str] | None,
        typer.Option(help="batch,time,features,units (repeatable); default 32,100,128,128."),
    ] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option(
            help="train (forwards and backwards), fit, or infer (repeatable); default train."
        ),
    ] = None,
    side: Annotated[
        list[str] | None,
        typer.Option(
            help="ours, keras, keras_jit, torch, arithmetic (the default); cell_in_keras, "
            "recompute, ours_lstm, ours_full_gru, ours_brnn, keras_brnn, ours_deep, "
            "keras_deep (repeatable)."
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(help="Runs of each side.")] = 15,
    threads: Annotated[int | None, typer.Option(help="Threads of each side; default all.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
):
    """Time a layer beside those of Keras and, where it is installed, PyTorch.

    At your own size:  kerasrnn benchmark --cell peephole_lstm --size 16,50,64,128
    """
    from kerasrnn.cli._benchmark import run

    run(
        cell or ["lstm"],
        mode or ["train"],
        size or ["32,100,128,128"],
        side or ["ours", "keras", "keras_jit", "torch", "arithmetic"],
        rounds,
        threads,
        json,
    )
