"""Measuring a trained model again, or on other data."""

import importlib.metadata
from pathlib import Path

from kerasrnn._counted import counted
from kerasrnn.training import _artefact
from kerasrnn.training._predictor import files_of, load_predictor
from kerasrnn.training._sources import describe, load_splits
from kerasrnn.training._task import get_task


def evaluate(path, test=None, *, files=None, report=lambda message: None):
    """Scores of a trained model on test examples.

    Args:
        path: a folder that `train` wrote, or the TFLite file in it.
        test: a file as the model's task reads it, such as a CoNLL file for a tagger; `None` takes
            the test examples of the model's own recipe.
        files: how `test` is read, as a recipe's `files` says it, such as `{"text": "review"}`;
            what it leaves out is as in the model's recipe, but for the table of labels.
        report: function that is told what makes the scores mean less, a short string.

    Returns:
        Dictionary as `entity_scores`, `label_scores` or `token_scores` gives it.

    Raises:
        ValueError: `test` is `None` and no recipe lies beside the model, or its data changed.
        DataError: the test examples cannot be read.

    Example:
        >>> import tempfile
        >>> from kerasrnn.data import Sentence, write_conll
        >>> from kerasrnn.training import evaluate
        >>> from kerasrnn.zoo import shipped_folder
        >>> test = tempfile.mkdtemp() + "/test.conll"
        >>> write_conll(test, [Sentence(("Ada", "Lovelace", "slept"), ("B-PER", "I-PER", "O"))])
        >>> evaluate(shipped_folder("ner_bilstm"), test)["support"]
        1
    """
    predictor = load_predictor(path)
    task, vocabulary = predictor.task, predictor.vocabulary
    if test is None:
        examples = recipe_splits(_folder_of(path)).test
    else:
        entries = {**files_of(path), "labels": "", "part": "", **(files or {})}
        examples = task.read(test, entries, report, vocabulary)
    longer = predictor.count_cut(examples)
    if longer:
        report(
            f"Note: of {longer} of {counted(len(examples), task.item)} the model reads a part "
            "alone, as they are longer than what it reads."
        )
    if warning := task.unknown_said(test, examples, vocabulary):
        report(warning)
    scores = task.scores(examples, predictor.predict(examples), vocabulary)
    if warning := task.untested(scores):
        report(warning)
    return scores


def _folder_of(path):
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    if not Path(path).is_dir() and not (folder / _artefact.CONFIG).exists():
        raise ValueError(f"{path}: a lone .tflite has no test data; pass --test FILE.")
    return folder


def recipe_splits(folder):
    """The examples that a trained model's folder was made of.

    Raises:
        ValueError: they are not what they were.
    """
    recipe = _artefact.read_recipe(folder)
    trained_on = _artefact.read_json(folder, _artefact.METRICS, "data")["data"]
    splits = load_splits(recipe.data, recipe.seed, recipe.task, files=recipe.files)
    if describe(recipe.data, splits, recipe.task)["sha256"] != trained_on["sha256"]:
        item = get_task(recipe.task).item
        raise ValueError(
            f"The data of {folder} are no longer what it was trained on, so its test {item}s "
            f"may be training {item}s now. {_what_changed(recipe, trained_on)}"
        )
    return splits


def _what_changed(recipe, trained_on):
    task = get_task(recipe.task)
    ask = f"give test {task.item}s with --test."
    if recipe.data["source"] != "offline":
        return f"Bring back the data of then, or {ask}"
    for package in task.decided_by:
        then, now = trained_on[package], importlib.metadata.version(package)
        if then != now:
            return (
                f"They hang on {package}, which was {then} then; installed is {now}. "
                f"Do `pip install {package}=={then}`, or {ask}"
            )
    return f"Another version of kerasrnn made them; {ask}"
