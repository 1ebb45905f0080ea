"""Where tagged sentences come from: the offline data, TFDS, or a user's files."""

import hashlib
import importlib.metadata
import random

from kerasrnn.data import DataError, Splits, load_tfds, offline_ner, read_conll

_HELD_OUT = 0.1


def load_splits(data, seed=0):
    """The sentences that a recipe's `data` section names.

    Args:
        data: dictionary with `source`: `"offline"` (and `seed`, `train`, `validation`, `test`),
            `"tfds:NAME"`, or `"files"` (and `train`, perhaps `validation` and `test`: paths).
            Without a validation or test file, a tenth of the training file is held out for each.
        seed: seed of the holding out.

    Returns:
        `Splits`, none of them empty.

    Raises:
        DataError: the source is unknown, or a file or data set cannot be read.

    Example:
        >>> from kerasrnn.training import load_splits
        >>> data = {"source": "offline", "seed": 0, "train": 50, "validation": 10, "test": 10}
        >>> len(load_splits(data).train)
        50
    """
    source = data["source"]
    if source == "offline":
        return offline_ner(**{k: v for k, v in data.items() if k != "source"})
    if source.startswith("tfds:"):
        return load_tfds(source.removeprefix("tfds:"))
    if source == "files":
        return _read_files(data, seed)
    raise DataError(f"Data source {source!r} is unknown; use offline, tfds:NAME or files.")


def _read_files(data, seed):
    given = {name: read_conll(data[name]) for name in Splits._fields if data.get(name)}
    if "train" not in given:
        raise DataError("Files to train on are missing: give at least a training file.")
    train = list(given["train"])
    missing = [name for name in ("validation", "test") if name not in given]
    count = max(1, round(len(train) * _HELD_OUT))
    if missing and len(train) <= count * len(missing):
        raise DataError(
            f"{data['train']} has {len(train)} sentences, too few to hold some out for "
            f"{' and '.join(missing)}; give those files, or more sentences."
        )
    if missing:
        random.Random(seed).shuffle(train)
    for name in missing:
        given[name], train = tuple(train[:count]), train[count:]
    return Splits(tuple(train), given["validation"], given["test"])


def describe(data, splits):
    """What was trained on, for metrics.json: the source, counts, and a sum over all sentences."""
    digest = hashlib.sha256()
    for split in splits:
        for sentence in split:
            digest.update(
                "\n".join(map("\t".join, zip(sentence.tokens, sentence.tags, strict=True))).encode()
            )
            digest.update(b"\n\n")
    description = {"source": data["source"], "sha256": digest.hexdigest()}
    if data["source"] == "offline":
        description["faker"] = importlib.metadata.version("faker")
    counts = {name: len(split) for name, split in zip(Splits._fields, splits, strict=True)}
    return {**description, "sentences": counts}
