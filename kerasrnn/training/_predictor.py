"""A trained model of any task, for use."""

import json
from pathlib import Path

from kerasrnn.export import LiteRTModel
from kerasrnn.training import _artefact
from kerasrnn.training._find import named_model
from kerasrnn.training._task import get_task, task_names


def load_predictor(path):
    """A trained model: a `Tagger`, `Classifier` or `LanguageModel`, as its task is.

    Args:
        path: a folder that `train` wrote, a TFLite file of it, or the name of a model that ships,
            whose TFLite file is taken.

    Returns:
        An object with `vocabulary`, `task` and `predict(examples)`.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: what is there is no trained model.

    Example:
        >>> from kerasrnn.training import load_predictor
        >>> from kerasrnn.zoo import shipped_folder
        >>> load_predictor(shipped_folder("ner_bilstm")).task.name
        'tagging'
    """
    path = named_model(path)
    return find_task(path).predictor(path)


def required_task(path, vocabulary, what_it_lacks, task=None):
    """The task of a trained model, or the given one.

    Raises:
        ValueError: its vocabulary is of another kind; `what_it_lacks` says what it is not.
    """
    task = task or find_task(path)
    if not issubclass(task.vocabulary, vocabulary):
        raise ValueError(
            f"{path} is a model of {task.name}, {what_it_lacks}; `load_predictor` reads models of "
            "all tasks."
        )
    return task


def find_task(path):
    """The `Task` of a trained model's folder or TFLite file: a lone file's vocabulary tells.

    Raises:
        ValueError: what is there is no trained model.
    """
    if path.is_dir():
        return _artefact.task_of(path)
    try:
        kind = json.loads(LiteRTModel(path).read_file(_artefact.VOCABULARY)).get("kind", "tagging")
    except AttributeError:  # JSON, but no dictionary
        kind = None
    for name in task_names():
        if get_task(name).vocabulary.kind == kind:
            return get_task(name)
    raise ValueError(f"{path} has a vocabulary of an unknown kind, {kind!r}.")


def files_of(path):
    """How the recipe beside a model has files read; without one, as each reader does."""
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    try:
        return _artefact.read_recipe(folder).files
    except ValueError:  # a lone file, perhaps beside a config.json of another program
        return {}


def item_of(folder):
    """What an example of a trained model's folder is called, such as `"sentence"`."""
    return _artefact.task_of(folder).item
