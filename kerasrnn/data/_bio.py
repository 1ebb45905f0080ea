"""Entity tags: any of the common prefix schemes to BIO, and BIO to spans."""

import re

import numpy as np

# What each scheme's prefix becomes. BIO and IOB1 use B and I; IOBES adds S and E; BILOU, U and L.
_PREFIXES = {"B": "B", "S": "B", "U": "B", "I": "I", "E": "I", "L": "I"}
_TAG = re.compile(r"([BIESLU])-(\S+)")


def split_tag(tag):
    """Splits a tag into its BIO prefix and its type; `O` has no type: `("O", "")`.

    Raises:
        ValueError: the tag is neither `O` nor PREFIX-TYPE.
    """
    if tag == "O":
        return "O", ""
    match = _TAG.fullmatch(tag) if isinstance(tag, str) else None
    if match is None:
        raise ValueError(
            f"tag {tag!r} is neither `O` nor PREFIX-TYPE with a prefix among "
            f"{', '.join(_PREFIXES)} (such as `B-PER`)"
        )
    return _PREFIXES[match[1]], match[2]


def to_bio(tags):
    """Rewrites BIO, IOB1, IOBES or BILOU tags as BIO (IOB2).

    One rule reads all of them: S and U are B; E and L are I; an `I-X` that does not follow a tag
    of type X begins an entity, so it becomes `B-X`. In IOB1 (Ramshaw & Marcus 1995, the original
    CoNLL-2003 files) that is how an entity normally begins; in BIO it repairs a tagger's mistake.
    The answer is the same, so the scheme need not be told or guessed.

    Args:
        tags: the tags of one sentence, in order.

    Returns:
        A tuple with as many tags: `O`, `B-TYPE` or `I-TYPE`.

    Raises:
        ValueError: a tag is neither `O` nor PREFIX-TYPE.

    Example:
        >>> from kerasrnn.data import to_bio
        >>> to_bio(["I-PER", "I-PER", "O", "S-LOC"])
        ('B-PER', 'I-PER', 'O', 'B-LOC')
    """
    bio, previous = [], ""
    for tag in tags:
        prefix, entity = split_tag(tag)
        if prefix == "I" and entity != previous:
            prefix = "B"
        bio.append(f"{prefix}-{entity}" if entity else "O")
        previous = entity
    return tuple(bio)


def spans(tags):
    """Lists the entities of one sentence as (type, start, end), `end` being one past the last.

    Tags that are not BIO are read as `to_bio` reads them.

    Args:
        tags: the tags of one sentence, in order.

    Returns:
        A list of (type, start, end), in order of `start`.

    Raises:
        ValueError: a tag is neither `O` nor PREFIX-TYPE.

    Example:
        >>> from kerasrnn.data import spans
        >>> spans(["B-PER", "I-PER", "O", "B-LOC"])
        [('PER', 0, 2), ('LOC', 3, 4)]
    """
    bio = to_bio(tags)
    found, start = [], None
    for position, tag in enumerate((*bio, "O")):
        if start is not None and not tag.startswith("I-"):
            found.append((bio[start].removeprefix("B-"), start, position))
            start = None
        if tag.startswith("B-"):
            start = position
    return found


def transitions(tags):
    """Which tag may follow which in BIO: `I-X` follows `B-X` or `I-X` alone.

    Args:
        tags: sequence of tag names.

    Returns:
        Boolean array `(tags + 1, tags)`, a row a tag before; the last row is the sentence's start.
    """
    types = [tag[2:] for tag in tags]
    inside = [tag.startswith("I-") for tag in tags]
    return np.array(
        [
            [not i or before == after for i, after in zip(inside, types, strict=True)]
            for before in [*types, None]
        ]
    )


def best_path(probabilities, allowed):
    """The most probable tags that BIO allows, by Viterbi's algorithm.

    Args:
        probabilities: array `(time, tags)`, each step's on its own.
        allowed: as `transitions` gives it.

    Returns:
        List of tag numbers.
    """
    *before, start = np.where(allowed, 0.0, -np.inf)
    before = np.array(before)
    scores = np.log(np.maximum(probabilities, 1e-30))
    pointers, best = [], scores[0] + start
    for score in scores[1:]:
        ways = best[:, None] + before
        pointers.append(np.argmax(ways, axis=0))
        best = np.max(ways, axis=0) + score
    path = [int(np.argmax(best))]
    for pointer in reversed(pointers):
        path.append(int(pointer[path[-1]]))
    return path[::-1]
