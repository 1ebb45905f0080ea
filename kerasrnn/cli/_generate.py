import json
import sys

from kerasrnn.cli._console import console, friendly_errors, note, quiet


def run(model, tflite, asked, sampling, count, through, output, as_json):
    """Prints, or writes to a file, what a model of the next token goes on with."""
    with friendly_errors():
        from kerasrnn.cli._language_model import load

        if count < 1:
            raise ValueError(f"--count must be 1 or more; received {count}.")
        sampler, repetition = _sampler(sampling), _repetition(sampling)
        if count > 1 and sampling["beam"] is not None:
            raise ValueError("--beam finds one best answer; leave out --count.")
        with quiet():
            language_model = load(str(tflite) if tflite else model, note)
        if tflite:
            _require_same_vocabulary(model, tflite, language_model)
        options = {"repetition": repetition, **({"end": None} if through else {})}
        task = language_model.task
        length = task.most_tokens if asked["max_length"] is None else asked["max_length"]
        asked = {**asked, "max_length": length}
        asked["prompt"] = task.prompt_of(asked["prompt"], language_model.vocabulary)
        if task.writes_files:
            task.require_writable(output)
            _write(language_model, task, asked, sampler, options, count, output)
            return
        if output:
            raise ValueError(f"--output is for music; {model} prints its answers.")
        for number in range(count):
            options["seed"] = asked["seed"] + number
            _print(language_model, asked, sampler, options, as_json)


def _print(language_model, asked, sampler, options, as_json):
    from kerasrnn.generation import BeamSearch

    arguments = (asked["prompt"], asked["max_length"], sampler)
    category = asked["category"]
    if as_json or isinstance(sampler, BeamSearch):
        seed = options["seed"]
        text = language_model.generate(*arguments, category=category, **options)
        content = {"prompt": asked["prompt"], "seed": seed, "text": text}
        line = json.dumps(content, ensure_ascii=False) if as_json else text
        console.print(line, markup=False, soft_wrap=True)
        return
    pieces = language_model.stream(*arguments, category=category, **options)
    vocabulary = language_model.vocabulary
    sys.stdout.write(vocabulary.decode(vocabulary.encode_prompt(asked["prompt"])))
    for piece in pieces:
        sys.stdout.write(piece)
        sys.stdout.flush()
    sys.stdout.write("\n")


def _write(language_model, task, asked, sampler, options, count, output):
    """Writes answers that are files; of several each gets a number before its ending."""
    for number in range(count):
        options["seed"] = asked["seed"] + number
        made = language_model.generate(
            asked["prompt"], asked["max_length"], sampler, category=asked["category"], **options
        )
        path = output if count == 1 else output.with_stem(f"{output.stem}_{number + 1}")
        task.write_answer(made, path)
        note(f"Wrote {path}")


def _require_same_vocabulary(model, tflite, language_model):
    """Raises ValueError where a file is not of the model that is named beside it."""
    from kerasrnn.training import find_folder
    from kerasrnn.training._artefact import VOCABULARY

    folder = find_folder(model, report=lambda message: None)
    vocabulary = type(language_model.vocabulary).load(folder / VOCABULARY)
    if vocabulary.to_json() != language_model.vocabulary.to_json():
        raise ValueError(f"{tflite} has another vocabulary than {model}: it is of another model.")


def _sampler(sampling):
    """The sampler that the options name."""
    from kerasrnn.generation import BeamSearch, Greedy, Temperature, TopK, TopP

    named = [name for name in ("top_k", "top_p", "beam") if sampling[name] is not None]
    if len(named) > 1:
        options = " and ".join(f"--{name.replace('_', '-')}" for name in named)
        raise ValueError(f"{options} exclude each other; give one.")
    temperature = sampling["temperature"]
    if sampling["beam"] is not None:
        return BeamSearch(sampling["beam"], sampling["length_penalty"])
    if temperature == 0:
        return Greedy()
    if sampling["top_k"] is not None:
        return TopK(sampling["top_k"], temperature)
    if sampling["top_p"] is not None:
        return TopP(sampling["top_p"], temperature)
    return Temperature(temperature)


def _repetition(sampling):
    from kerasrnn.generation import Repetition

    penalty, no_repeat = sampling["repetition_penalty"], sampling["no_repeat"]
    if penalty == 1 and not no_repeat:
        return None
    return Repetition(penalty, no_repeat=no_repeat)
