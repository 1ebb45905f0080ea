"""Where examples come from: the offline data, TFDS, or a user's files."""

import hashlib
import importlib.metadata
import inspect
from pathlib import Path

from kerasrnn.data import DataError, Splits
from kerasrnn.training._task import get_task


def load_splits(data, seed=0, task="tagging", *, files=None, report=lambda message: None):
    """The examples that a recipe's `data` section names.

    Args:
        data: dictionary with `source`: `"offline"` (and `seed`, `train`, `validation`, `test`),
            `"tfds:NAME"`, or `"files"` (and `train`, perhaps `validation` and `test`: paths).
            Without a validation or test file, a tenth of the training file is held out for each,
            or less: an example whose tag or label would be left in no training example stays.
        seed: seed of the holding out.
        task: a recipe's task.
        files: a recipe's `files` section: how files are read; `None` is as each reader does.
        report: function that is told what was passed over, a short string.

    Returns:
        `Splits`, none of them empty.

    Raises:
        DataError: the source is unknown, a file or data set cannot be read, a validation or test
            file has a tag that the training file lacks, or there are no examples for a split.

    Example:
        >>> from kerasrnn.training import load_splits
        >>> data = {"source": "offline", "seed": 0, "train": 50, "validation": 10, "test": 10}
        >>> len(load_splits(data).train)
        50
    """
    task, source = get_task(task), data["source"]
    if source == "offline":
        options = {name: value for name, value in data.items() if name != "source"}
        if "report" in inspect.signature(task.offline).parameters:
            options["report"] = report
        splits = task.offline(**options)
    elif source in task.sources:
        splits = task.sources[source](report=report)
    elif source.startswith("tfds:"):
        splits = task.from_tfds(source.removeprefix("tfds:"), seed, files or {}, report)
    elif source == "files":
        if not data.get("train"):
            raise DataError("Files to train on are missing: give at least a training file.")
        splits = task.from_files(data, seed, files or {}, report)
    else:
        known = ", ".join(["offline", *task.sources, "tfds:NAME or files"])
        raise DataError(f"Data source {source!r} is unknown; use {known}.")
    empty = [name for name, split in splits._asdict().items() if not split]
    if empty:
        raise DataError(f"Data source {source!r} has no {task.item}s for {' and '.join(empty)}.")
    return splits


def absolute(data):
    """The `data` section with absolute paths, which hold wherever it is read again."""
    if data["source"] != "files":
        return data
    files = {name: str(Path(data[name]).absolute()) for name in Splits._fields if data.get(name)}
    return {**data, **files}


def absolute_files(files):
    """The `files` section with an absolute path of the table of labels, where it names one."""
    if not files.get("labels"):
        return files
    return {**files, "labels": str(Path(files["labels"]).absolute())}


def describe(data, splits, task="tagging"):
    """What was trained on, for metrics.json: the source, counts, and a sum over all examples."""
    task, digest = get_task(task), hashlib.sha256()
    for split in splits:
        for example in split:
            digest.update(task.parts_of(example))
    description = {"source": data["source"], "sha256": digest.hexdigest()}
    if data["source"] == "offline":
        description |= {name: importlib.metadata.version(name) for name in task.decided_by}
    counts = {name: len(split) for name, split in zip(Splits._fields, splits, strict=True)}
    return {**description, "examples": counts}
