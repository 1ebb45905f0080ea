"""Tagged sentences of a user's own files, and what is held out of them."""

import random
from collections import Counter

from kerasrnn.data import DataError, Splits, read_conll

_HELD_OUT = 0.1


def read_splits(data, seed):
    """The `Splits` of a user's files; a tenth of the training file for each that is missing."""
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
