import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from kerasrnn._shipped import recipe_file
from kerasrnn.cli import app
from kerasrnn.cli._progress import training_bar
from kerasrnn.cli._train import _clipping, _recipe
from kerasrnn.data import Sentence, write_conll
from kerasrnn.export import LiteRTModel
from kerasrnn.training import Tagger, load_recipe
from tests.conftest import TINY

PEOPLE = ["Ada", "Bob", "Eve", "Kim", "Lou", "Max", "Ned", "Pia", "Rex", "Sue"]
PLACES = ["Rome", "Oslo", "Lima"]
SENTENCES = [
    Sentence((name, "lives", "in", place, "."), ("B-PER", "O", "O", "B-LOC", "O"))
    for name in PEOPLE
    for place in PLACES
]
SMALL = [
    argument
    for key, value in TINY.items()
    if not key.startswith(("data.", "training.epochs", "arguments.units"))
    for argument in ("--set", f"{key}={value}")
]


def invoke(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def write_iob1(path):
    """The four columns of CoNLL-2003: word, part of speech, chunk, and tags that begin with I."""
    lines = ["-DOCSTART- -X- -X- O\n"]
    for sentence in SENTENCES:
        for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
            lines.append(f"{token} NNP I-NP {tag.replace('B-', 'I-')}")
        lines.append("")
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """A folder in which a user trained on a file of four columns and measured on one of two."""
    folder = tmp_path_factory.mktemp("user") / "[bold]mine"  # a name that looks like markup
    folder.mkdir()
    train, test = write_iob1(folder / "train.txt"), folder / "test.conll"
    write_conll(test, SENTENCES[:6])
    arguments = ["--train", train, "--test", test, "--output", folder / "tagger"]
    result = invoke(
        "train", "ner_bilstm", *arguments, *SMALL,
        "--epochs", 30, "--units", 9, "--cell", "full_gru", "--seed", 4, "--format", "tflite",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return folder, result


def test_training_on_a_users_file_makes_a_model_that_has_learnt_it(mine):
    folder, _ = mine
    metrics = json.loads((folder / "tagger" / "metrics.json").read_text())
    assert metrics["data"]["source"] == "files"
    assert metrics["data"]["examples"] == {"train": 27, "validation": 3, "test": 6}
    assert metrics["test"]["f1"] > 0.8
    assert list(metrics["exports"]) == ["tflite"]
    assert not (folder / "tagger" / "saved_model").exists()


def test_options_change_the_recipe(mine):
    config = json.loads((mine[0] / "tagger" / "config.json").read_text())
    assert config["arguments"]["cell"] == "full_gru"
    assert config["arguments"]["units"] == config["recipe"]["arguments"]["units"] == 9
    assert config["recipe"]["training"]["epochs"] == 30
    assert config["recipe"]["seed"] == 4
    assert config["recipe"]["vocabulary"]["min_count"] == 1
    clip = load_recipe("ner_bilstm").training["global_clipnorm"]
    assert config["recipe"]["training"]["global_clipnorm"] == clip


def test_training_says_what_it_does_and_what_came_of_it(mine):
    folder, result = mine
    output = result.stdout
    assert "Training ner_bilstm on 27 sentences" in output
    assert "epoch 1/30  loss" in output
    assert "6 test sentences" in output
    assert "PER" in output
    assert re.search(
        r"Clipping gradients by global_clipnorm at 5\.0 acted in [\d.]+% of the steps; "
        r"the largest norm was [\d.]+\n",
        output,
    )
    assert "tflite: " in output
    assert f"Wrote {folder / 'tagger'}\n" in output  # as it is, though it looks like markup
    assert output.rstrip().endswith(f'Try: kerasrnn predict {folder / "tagger"} "a sentence"')


def test_training_without_clipping_tells_the_largest_norm():
    told = _clipping({"epochs": 1, "largest_norm": 2.5})
    assert told == "Gradients were not clipped; the largest norm was 2.5"


def test_the_result_predicts_evaluates_and_exports(mine):
    folder, _ = mine
    result = invoke(
        "predict", folder / "tagger" / "ner_bilstm.tflite", "Ada lives in Oslo.", "--json"
    )
    assert json.loads(result.stdout)["tags"] == ["B-PER", "O", "O", "B-LOC", "O"]
    result = invoke("predict", folder / "tagger", "Ada lives in Oslo.")
    assert result.stdout == "[Ada]PER lives in [Oslo]LOC .\n"

    metrics = json.loads((folder / "tagger" / "metrics.json").read_text())
    result = invoke("evaluate", folder / "tagger", "--json")  # on the file that training named
    assert json.loads(result.stdout) == metrics["test"]
    result = invoke("evaluate", folder / "tagger", "--test", folder / "train.txt", "--json")
    assert json.loads(result.stdout)["support"] == 60

    result = invoke("export", folder / "tagger", "--length", 5, "-o", folder / "short.tflite")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"Wrote {folder / 'short.tflite'}: ")
    assert "differs from Keras by" in result.stdout
    assert LiteRTModel(folder / "short.tflite").input_shapes["words"] == (1, 5)
    assert Tagger(folder / "short.tflite").tag("Ada lives in Oslo").tags[0] == "B-PER"


def test_a_recipe_of_ones_own_counts_with_a_file_too(tmp_path):
    text = recipe_file("ner_bilstm").read_text()
    (tmp_path / "mine.toml").write_text(re.sub(r"(?m)^epochs = \d+", "epochs = 2", text))
    arguments = {"data": None, "files": {"train": Path("my.conll")}, "settings": ["seed=5"]}
    own = _recipe("ner_bilstm", tmp_path / "mine.toml", shortcuts={}, **arguments)
    assert own.data == {"source": "files", "train": "my.conll"}
    assert own.training == load_recipe(tmp_path / "mine.toml").training
    assert own.training["epochs"] == 2
    assert own.seed == 5
    shortcuts = {"training.epochs": 7, "training.batch_size": None}
    shipped = _recipe("ner_bilstm", None, shortcuts=shortcuts, **arguments)
    assert shipped.training["epochs"] == 7
    assert shipped.training["batch_size"] == 32  # the shipped recipe's, for other data


@pytest.mark.long
def test_sixty_sentences_and_no_option_give_a_tagger_that_has_learnt(tmp_path):
    """The first thing that a user tries, with the shipped recipe's full size."""
    verbs = ["lives", "works"]
    few = [
        Sentence((name, verb, *s.tokens[2:]), s.tags)
        for name, s in zip(PEOPLE * 3, SENTENCES, strict=True)
        for verb in verbs
    ]
    write_conll(tmp_path / "my.conll", few)
    arguments = ["--train", tmp_path / "my.conll", "--output", tmp_path / "mine"]
    result = invoke("train", "ner_bilstm", *arguments, "--format", "tflite")
    assert result.exit_code == 0, result.output
    metrics = json.loads((tmp_path / "mine" / "metrics.json").read_text())
    assert metrics["data"]["examples"]["train"] == 48
    assert metrics["test"]["f1"] > 0.5


@pytest.mark.long
def test_in_a_process_of_its_own_training_prints_no_lines_of_native_libraries(tmp_path):
    """TensorFlow's C++ calls some notes on the processor errors, and Makefiles may set levels."""
    write_conll(tmp_path / "good.conll", SENTENCES)
    command = "from kerasrnn.cli import main; main()"
    arguments = ["train", "ner_bilstm", "--train", "good.conll", *SMALL, "--epochs", "1"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_CPP")}
    done = subprocess.run(
        [sys.executable, "-c", command, *arguments, "--format", "saved_model"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "export TF_CPP" not in (Path(__file__).parents[2] / "Makefile").read_text()


def run_bar(console, epochs, ran):
    """What the bar of a training that ends early prints, and a report after it."""
    with training_bar("val_f1", "F1") as bar:
        bar.set_params({"epochs": epochs, "steps": 1})
        bar.on_train_begin()
        for epoch in range(ran):
            bar.on_train_batch_end(0)
            bar.on_epoch_end(epoch, {"loss": 1.0, "val_f1": 0.5})
        bar.on_train_end()
        console.print("Exporting")


@pytest.mark.parametrize("terminal", [False, True])
def test_the_bar_is_not_printed_again_after_training(monkeypatch, terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=120)
    monkeypatch.setattr("kerasrnn.cli._progress.console", console)
    run_bar(console, epochs=30, ran=7)
    lines = console.file.getvalue().rstrip().splitlines()
    assert lines[-1].endswith("Exporting")
    if terminal:
        assert "epoch 7/30" in lines[-2]
    else:
        figures = "loss 1.000  validation F1 0.500 (best 0.500)"
        assert lines[:-1] == [f"epoch {epoch}/30  {figures}" for epoch in range(1, 8)]


# refusals


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_conll(tmp_path / "good.conll", SENTENCES)
    (tmp_path / "bad.conll").write_text("Ada B-PER\nmet O\n\nBob\n")
    return tmp_path


def refused(here, *arguments):
    """The message of a training that is refused; nothing is written."""
    before = sorted(here.rglob("*"))
    result = invoke("train", *arguments)
    assert result.exit_code == 1, result.output
    assert sorted(here.rglob("*")) == before
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.output
    return result.stderr.removeprefix("Error: ")


def test_a_bad_file_is_refused_with_file_and_line(here):
    message = refused(here, "ner_bilstm", "--train", here / "bad.conll")
    assert message.startswith(f"{here / 'bad.conll'}:4: 1 column ['Bob'], where the first row")


@pytest.mark.parametrize("option", ["--validation", "--test"])
def test_a_bad_file_beside_a_good_one_is_refused_too(here, option):
    message = refused(here, "ner_bilstm", "--train", "good.conll", option, "bad.conll")
    assert message.startswith("bad.conll:4: ")


def test_a_missing_file_is_refused_by_its_name_as_it_is(here):
    message = refused(here, "ner_bilstm", "--train", "[bold]no[/bold].conll")
    assert message.startswith("[bold]no[/bold].conll: no such file")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--set", "training.epochs"], "--set takes ENTRY=VALUE; received 'training.epochs'"),
        (["--set", "training.epoch=3"], "A recipe has no 'training.epoch'; it has: seed, "),
        (["--set", "training.epochs=many"], "training.epochs must be of the kind of "),
        (["--set", "arguments.cell=gru"], "`cell` must be one of basic_rnn"),
        (["--set", "[bold]=3"], "A recipe has no '[bold]'"),
        (["--epochs", "0"], "training.epochs must be above 0; received 0"),
        (["--set", "training.patience=-1"], "training.patience must be 0 or more; received -1"),
        (["--cell", "gru"], "`cell` must be one of basic_rnn"),
        (["--patience", "-1"], "training.patience must be 0 or more; received -1"),
        (["--set", "vocabulary.letters=0"], "vocabulary.letters must be above 0; received 0"),
        (["--recipe", "good.conll"], "good.conll is not a TOML recipe"),
        (["--format", "onnx"], "`format` must be one of saved_model, tflite"),
        (["--data", "offline"], "Give files or a data source, not both"),
        (["--recipe", "nowhere.toml"], "There is no recipe nowhere.toml"),
        (["--output", "."], ". exists and is not a trained model's folder"),
        (["--output", "good.conll"], "good.conll exists and is not a trained model's folder"),
    ],
)
def test_wrong_options_are_refused_in_a_message(here, arguments, reason):
    assert refused(here, "ner_bilstm", "--train", "good.conll", *arguments).startswith(reason)


@pytest.mark.parametrize("output", ["good.conll/tagger", "good.conll/runs/tagger"])
def test_an_output_below_a_file_is_refused_before_the_data_are_read(here, output):
    message = refused(here, "ner_bilstm", "--train", "bad.conll", "--output", output)
    assert message.endswith(f"cannot be written: {here / 'good.conll'} is not a folder.\n")


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_split_of_no_sentences_is_refused(here, split):
    message = refused(here, "ner_bilstm", "--set", f"data.{split}=0")
    assert message == f"data.{split} must be above 0; received 0.\n"


def test_an_unknown_model_is_refused(here):
    assert refused(here, "ner_bilstn").startswith("No model is called 'ner_bilstn'; there are: ")


def test_a_test_file_without_one_to_train_on_is_refused(here):
    message = refused(here, "ner_bilstm", "--test", "good.conll")
    assert message.startswith("Files to train on are missing; received only test")


def test_an_unknown_source_is_refused(here):
    assert refused(here, "ner_bilstm", "--data", "web").startswith("Data source 'web' is unknown")


def test_a_recipe_of_another_model_is_refused(here):
    text = recipe_file("ner_bilstm").read_text()
    (here / "mine.toml").write_text(text.replace('"ner_bilstm"', '"poet"'))
    message = refused(here, "ner_bilstm", "--recipe", "mine.toml")
    assert message.startswith("mine.toml is a recipe of poet, not of ner_bilstm")


def test_training_that_is_stopped_by_hand_writes_nothing(here, monkeypatch):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("keras.Model.fit", stop)
    result = invoke("train", "ner_bilstm", "--train", "good.conll", *SMALL)
    assert result.exit_code == 130
    assert "nothing was written" in result.stderr
    assert not (here / "runs").exists()
