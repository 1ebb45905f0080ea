"""Where tagged sentences come from: the offline data, TFDS, or a user's files."""

import hashlib
import importlib.metadata
import random
from collections import Counter
from pathlib import Path

from kerasrnn.data import DataError, Splits, load_tfds, offline_ner, read_conll

_HELD_OUT = 0.1


def load_splits(data, seed=0):
    """The sentences that a recipe's `data` section names.

    Args:
        data: dictionary with `source`: `"offline"` (and `seed`, `train`, `validation`, `test`),
            `"tfds:NAME"`, or `"files"` (and `train`, perhaps `validation` and `test`: paths).
            Without a validation or test file, a tenth of the training file is held out for each,
            or less: a sentence whose tag would be left in no training sentence stays.
        seed: seed of the holding out.

    Returns:
        `Splits`, none of them empty.

    Raises:
        DataError: the source is unknown, a file or data set cannot be read, a validation or test
            file has a tag that the training file lacks, or there are no sentences for a split.

    Example:
        >>> from kerasrnn.training import load_splits
        >>> data = {"source": "offline", "seed": 0, "train": 50, "validation": 10, "test": 10}
        >>> len(load_splits(data).train)
        50
    """
    source = data["source"]
    if source == "offline":
        splits = offline_ner(**{k: v for k, v in data.items() if k != "source"})
    elif source.startswith("tfds:"):
        splits = load_tfds(source.removeprefix("tfds:"))
    elif source == "files":
        splits = _read_files(data, seed)
    else:
        raise DataError(f"Data source {source!r} is unknown; use offline, tfds:NAME or files.")
    empty = [name for name, split in splits._asdict().items() if not split]
    if empty:
        raise DataError(f"Data source {source!r} has no sentences for {' and '.join(empty)}.")
    return splits


def require_entities(data, sentences):
    """Raises DataError where no sentence to train on has an entity."""
    if not any(set(sentence.tags) - {"O"} for sentence in sentences):
        where = data["train"] if data["source"] == "files" else data["source"]
        raise DataError(
            f"{where} has no entity tag; there is nothing to learn. Tag the words of entities "
            "B-TYPE and I-TYPE in the last column, such as B-PER."
        )


def absolute(data):
    """The `data` section with absolute paths, which hold wherever it is read again."""
    if data["source"] != "files":
        return data
    files = {name: str(Path(data[name]).absolute()) for name in Splits._fields if data.get(name)}
    return {**data, **files}


def _read_files(data, seed):
    if not data.get("train"):
        raise DataError("Files to train on are missing: give at least a training file.")
    train = read_conll(data["train"])
    tags = {"O"}.union(*(sentence.tags for sentence in train))
    others = ("validation", "test")
    given = {name: read_conll(data[name], tags) for name in others if data.get(name)}
    missing = [name for name in others if name not in given]
    if not missing:
        return Splits(train, **given)
    train, *held_out = _hold_out(train, len(missing), seed)
    if not train or not all(held_out):
        raise DataError(
            f"{data['train']} has {len(train) + sum(map(len, held_out))} sentences, too few to "
            f"hold some out for {' and '.join(missing)} and keep each tag in training; give "
            "those files, or more sentences."
        )
    return Splits(train, **given, **dict(zip(missing, held_out, strict=True)))


def _hold_out(sentences, parts, seed):
    """What stays, and parts of at most a tenth each, whose tags all occur in what stays."""
    order = list(sentences)
    random.Random(seed).shuffle(order)
    wanted = parts * max(1, round(len(order) * _HELD_OUT))
    staying = Counter(tag for sentence in order for tag in set(sentence.tags))
    stay, out = [], []
    for sentence in order:
        entity_tags = set(sentence.tags) - {"O"}
        if len(out) < wanted and all(staying[tag] > 1 for tag in entity_tags):
            staying.subtract(entity_tags)
            out.append(sentence)
        else:
            stay.append(sentence)
    size = len(out) // parts
    stay += out[parts * size :]
    return tuple(stay), *(tuple(out[size * n : size * (n + 1)]) for n in range(parts))


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
