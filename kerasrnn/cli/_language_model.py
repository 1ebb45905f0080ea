"""The model of the next token that a command names."""

import json
from pathlib import Path

from kerasrnn.cli._console import quiet


def load(model, report, tflite=None):
    """A `LanguageModel`.

    Args:
        model: a folder, a TFLite file, or the name of a model that ships.
        report: function that is told which of these it is.
        tflite: a TFLite file of the folder, which is run in its place.

    Raises:
        ValueError: it is a model of something else, or the file is of another model.
    """
    from kerasrnn.training import find_model, load_predictor

    path = (
        Path(find_model(model, report=report)) if tflite is None else _file(model, tflite, report)
    )
    with quiet():
        found = load_predictor(path)
    _require_next_token(model, found.task)
    return found


def _file(model, tflite, report):
    """The TFLite file, which is that of the model."""
    from kerasrnn.export import LiteRTModel
    from kerasrnn.training import find_folder
    from kerasrnn.training._artefact import VOCABULARY, read_json
    from kerasrnn.training._predictor import find_task

    folder = find_folder(model, report=report)
    expected = find_task(folder)
    _require_next_token(model, expected)
    own = f"Give a .tflite file of {model}, which `kerasrnn export {model}` writes."
    if tflite.is_dir():
        raise ValueError(f"--tflite {tflite}: this is a folder, no file. {own}")
    try:
        with quiet():
            file = LiteRTModel(tflite)
        theirs, task = json.loads(file.read_file(VOCABULARY)), find_task(tflite)
    except (OSError, ValueError) as error:
        raise ValueError(f"--tflite {error} {own}") from error
    # The vocabulary of a tagger names no kind: tasks are compared, which `find_task` tells.
    if task.vocabulary is not expected.vocabulary:
        raise ValueError(
            f"--tflite {tflite} is a file of a model of {_called(task)}, and {model} is one of "
            f"{_called(expected)}. {own}"
        )
    if theirs != read_json(folder, VOCABULARY):
        raise ValueError(
            f"--tflite {tflite} has another vocabulary than {model}: it is of another model. {own}"
        )
    if not file.has_step:
        raise ValueError(
            f"--tflite {tflite} has no signature for a step, as files for microcontrollers: "
            f"it cannot be run token by token. {own}"
        )
    return tflite


def _require_next_token(model, task):
    """Raises ValueError where models of the task tell no next token."""
    from kerasrnn.data._token_encoder import TokenEncoder

    if not issubclass(task.vocabulary, TokenEncoder):
        raise ValueError(
            f"{model} is a model of {_called(task)}, which tells no next token; use "
            f"`kerasrnn predict {model}`."
        )


def _called(task):
    return task.name.replace("_", " ")
