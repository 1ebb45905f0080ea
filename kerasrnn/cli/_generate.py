import json
import sys

from kerasrnn.cli._console import console, friendly_errors, note
from kerasrnn.cli._options import as_options
from kerasrnn.cli._sampling import HINTS, OPTIONS, repetition_of, sampler_of


def run(model, tflite, asked, sampling, count, through, output, as_json):
    """Prints, or writes to a file, what a model of the next token goes on with."""
    with friendly_errors(), as_options(OPTIONS, HINTS):
        from kerasrnn.cli._language_model import load

        if count < 1:
            raise ValueError(f"--count must be 1 or more; received {count}.")
        sampler, repetition = sampler_of(sampling), repetition_of(sampling)
        _require_drawn(sampling, asked["seed"], count)
        if through:
            _require_endless(sampling, asked)
        language_model = load(model, note, tflite)
        task = language_model.task
        if through and not task.has_segments:
            raise ValueError(
                f"<EOS> ends each {task.item}, after which nothing goes on: leave out --through."
            )
        options = {"repetition": repetition, "min_length": asked["min_length"]}
        options |= {"end": None} if through else {}
        length = task.most_tokens if asked["max_length"] is None else asked["max_length"]
        asked = {**asked, "max_length": length, "seed": asked["seed"] or 0}
        asked["prompt"] = task.prompt_of(asked["prompt"], language_model.vocabulary)
        if task.writes_files:
            task.require_writable(output)
            _write(language_model, asked, sampler, options, count, output)
            return
        if output:
            raise ValueError(f"--output is for music; {model} prints its answers.")
        _tell_unknown(language_model, asked["prompt"])
        for number in range(count):
            options["seed"] = asked["seed"] + number
            _print(language_model, asked, sampler, options, as_json)


def _print(language_model, asked, sampler, options, as_json):
    from kerasrnn.generation import BeamSearch

    arguments = (asked["prompt"], asked["max_length"], sampler)
    category = asked["category"]
    is_beam = isinstance(sampler, BeamSearch)
    if as_json or is_beam:
        seed = options["seed"]
        text = language_model.generate(*arguments, category=category, **options)
        if is_beam and text == language_model.read_prompt(asked["prompt"]):
            note(_EMPTY)
        content = {"prompt": asked["prompt"], "seed": seed, "text": text}
        line = json.dumps(content, ensure_ascii=False) if as_json else text
        console.print(line, markup=False, soft_wrap=True)
        return
    pieces = language_model.stream(*arguments, category=category, **options)
    sys.stdout.write(language_model.read_prompt(asked["prompt"]))
    for piece in pieces:
        sys.stdout.write(piece)
        sys.stdout.flush()
    sys.stdout.write("\n")


def _write(language_model, asked, sampler, options, count, output):
    """Writes answers that are files; of several each gets a number before its ending."""
    from kerasrnn.generation import BeamSearch

    for number in range(count):
        options["seed"] = asked["seed"] + number
        made = language_model.generate(
            asked["prompt"], asked["max_length"], sampler, category=asked["category"], **options
        )
        if isinstance(sampler, BeamSearch) and len(made) == len(asked["prompt"]):
            note(_EMPTY)
        path = output if count == 1 else output.with_stem(f"{output.stem}_{number + 1}")
        language_model.task.write_answer(made, path)
        note(f"Wrote {path}")


_EMPTY = (
    "Note: nothing follows: the end at once is the most probable answer, since each token more "
    "makes one less probable. Try --min-length 20, or --length-penalty 1: long answers gain."
)


def _require_drawn(sampling, seed, count):
    """Raises ValueError where nothing is drawn, and an option is for draws."""
    if sampling["beam"] is not None:
        way = "--beam finds one best answer"
    elif sampling["temperature"] == 0:
        way = "--temperature 0 always takes the most probable token, which makes one answer"
    else:
        return
    if count > 1:
        raise ValueError(f"{way}; leave out --count.")
    if seed is not None:
        raise ValueError(f"{way} and draws nothing, so that --seed has no effect; leave it out.")


def _require_endless(sampling, asked):
    """Raises ValueError where an option is for answers that end."""
    if sampling["beam"] is not None:
        raise ValueError("--beam compares answers that end; leave out --through, or --beam.")
    if asked["min_length"]:
        raise ValueError("--through goes on to --max-length in any case; leave out --min-length.")


def _tell_unknown(language_model, prompt):
    """Says which words of a prompt the model does not know."""
    unknown = list(dict.fromkeys(language_model.unknown_in(prompt)))
    if unknown:
        listed = ", ".join(map(repr, unknown[:_MOST])) + (", ..." if len(unknown) > _MOST else "")
        note(f"Note: the model does not know, and reads as <UNK>: {listed}")


_MOST = 10  # unknown words that are told
