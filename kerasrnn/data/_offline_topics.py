"""English prose that comes with Python: what its `help` says of the language."""

import random

from kerasrnn.data._conll import DataError
from kerasrnn.data._document import Document
from kerasrnn.data._segments import blocks, is_full, join_lines
from kerasrnn.data._sentence import Splits

_WIDTH = 70  # to which Python's topics are wrapped


def offline_topics(seed=0, held_out=0.1):
    """Texts on the Python language, from the running Python's own help, without a download.

    They are those of `pydoc_data.topics`, which `help("TOPIC")` shows: English with examples of
    code, some 320,000 characters in Python 3.11. Python's version decides what is in them; with one
    version a seed gives the same splits. They are read where Python is installed, under its
    licence (PSF).

    A paragraph of wrapped lines is one segment; other lines, such as those of code, are one each.
    Many passages stand in several topics: they are taken once, in the shortest of the topics, and
    white space makes no difference. Lines without a letter or digit, such as rulers, are left out.
    Whole topics are held out; no line of Python's text is in two splits: a paragraph or line that
    would be is left out of the split that comes later of test, validation and train.

    Args:
        seed: integer, of the choice of topics.
        held_out: share of the characters that validation has, and test, about.

    Returns:
        `Splits` of `Document`s, named after their topics, in alphabetical order.

    Raises:
        DataError: the running Python has no topics, as some small distributions of it.
        ValueError: `held_out` is not between 0 and 0.5.

    Example:
        >>> from kerasrnn.data import offline_topics
        >>> splits = offline_topics()
        >>> [document.segments[0] for document in splits.train if document.name == "break"]
        ['The "break" statement']
    """
    if not 0 < held_out < 0.5:
        raise ValueError(f"`held_out` must be between 0 and 0.5; received {held_out!r}.")
    topics = _taken_once(_topics())
    test, validation, train = _deal(topics, held_out, seed)
    seen, splits = set(), []
    for names in (test, validation, train):
        kept = {name: [p for p in topics[name] if not seen & set(map(_key, p))] for name in names}
        seen |= {_key(line) for passages in kept.values() for lines in passages for line in lines}
        splits.append(
            tuple(Document(tuple(map(join_lines, kept[n])), n) for n in sorted(kept) if kept[n])
        )
    return Splits(*reversed(splits))


def _topics():
    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        raise DataError(
            f"This Python has no topics of its help ({error}). Give texts of your own, or use "
            "another distribution of Python."
        ) from error
    return topics


def _taken_once(topics):
    """Dictionary of topic to passages, lists of lines; no two passages are equal."""
    found, seen = {}, set()
    for name in sorted(topics, key=lambda name: (len(topics[name]), name)):
        found[name] = []
        for passage in _passages(topics[name]):
            if (text := join_lines(passage)) not in seen:
                seen.add(text)
                found[name].append(passage)
    return found


def _passages(text):
    """Lists of lines that make a segment each."""
    for block in blocks(text):
        lines = [line for line in block if any(map(str.isalnum, line))]
        pairs = zip(lines, lines[1:], strict=False)
        if lines and all(is_full(line, following, _WIDTH) for line, following in pairs):
            yield lines
        else:
            yield from ([line] for line in lines)


def _deal(topics, held_out, seed):
    """Lists of topics' names for test, validation and train."""
    sizes = {name: sum(len(line) for p in topics[name] for line in p) for name in sorted(topics)}
    wanted = held_out * sum(sizes.values())
    names = list(sizes)
    random.Random(seed).shuffle(names)
    parts = [], []
    for part in parts:
        size = 0
        for name in list(names):
            # A topic of half the size would leave room for few others.
            if sizes[name] <= wanted / 2 and size + sizes[name] <= 1.1 * wanted and size < wanted:
                part.append(name)
                names.remove(name)
                size += sizes[name]
    return *parts, names


def _key(line):
    return " ".join(line.split())
