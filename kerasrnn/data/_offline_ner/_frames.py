"""Sentence frames: the notation, which `frames_news.txt` explains, read and checked."""

import re
from typing import NamedTuple

from kerasrnn.data._offline_ner._read import numbered_lines

STYLES = ("title", "caps", "lower", "chat")
_SLOT = re.compile(r"\{(\w+)\}")


class Group(tuple):
    """Parts that a sentence has all of or none of."""


class Frame(NamedTuple):
    """A frame: its letter case (`""` for plain) and its parts.

    A part is a tuple of alternatives, each a word or a slot in braces, or a `Group` of parts.
    """

    style: str
    parts: tuple


def slot_name(word):
    """Return `PER` for `{PER}` and None for a plain word."""
    match = _SLOT.fullmatch(word)
    return match.group(1) if match else None


def read_frames(file, slots):
    """Read the frames of `file`, whose slots must all be in `slots`."""
    return tuple(
        parse_frame(line, slots, f"{file}, line {number}") for number, line in numbered_lines(file)
    )


def parse_frame(line, slots, where):
    """Parse one frame; `where` names its place in the message of a ValueError."""
    style, words = _split_style(line.split())
    parts, group = [], None
    for word in words:
        if word == "[" and group is None:
            group = []
        elif word == "]" and group:
            parts.append(Group(group))
            group = None
        elif word in "[]":
            raise ValueError(f"{where}: a bracket {word!r} without its partner in {line!r}.")
        else:
            (parts if group is None else group).append(_alternatives(word, slots, where))
    if group is not None:
        raise ValueError(f"{where}: a bracket '[' without its partner in {line!r}.")
    return Frame(style, tuple(parts))


def _split_style(words):
    style = words[0].removesuffix(":")
    return (style, words[1:]) if words[0] == f"{style}:" and style in STYLES else ("", words)


def _alternatives(word, slots, where):
    alternatives = tuple(word.split("|"))
    for alternative in alternatives:
        name = slot_name(alternative)
        if name is None and ("{" in alternative or "}" in alternative or not alternative):
            raise ValueError(f"{where}: {word!r} is neither a word nor a slot such as {{PER}}.")
        if name is not None and name not in slots:
            raise ValueError(f"{where}: unknown slot {{{name}}}; known are {sorted(slots)}.")
    return alternatives


def leaves(frame):
    """Yield the words and slots of `frame`, those in groups and all alternatives among them."""
    for part in frame.parts:
        for alternatives in part if isinstance(part, Group) else [part]:
            yield from alternatives


def plain_words(frames):
    """Return the lower-cased words that stand in `frames` outside slots."""
    return {word.lower() for frame in frames for word in leaves(frame) if slot_name(word) is None}
