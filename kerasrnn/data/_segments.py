"""Dividing a text into segments: its lines, or paragraphs whose lines were wrapped."""

import re

SEGMENTS = ("auto", "line", "paragraph")
_LINE_END = re.compile("\r\n?")
_FIRST_PART = re.compile(r"\S+?[^\W\d_]-(?=[^\W\d_])|\S+")  # what a line might still have held
_HYPHEN = re.compile(r"[^\W\d_]-$")
_NARROWEST = 40  # lines of a wrapped text are not all shorter: those of verse are
_FULL = 0.6  # of the lines that others follow in a wrapped text, at least


def to_segments(text, segments="auto"):
    """The segments of a text.

    Args:
        text: string.
        segments: `"line"` takes each line that is not blank, without white space at its end;
            `"paragraph"` what blank lines divide, its lines joined by a space, or by nothing after
            a word's hyphen; `"auto"` paragraphs where the text has blank lines and most lines of
            paragraphs are so full that the next word would not have fitted, else lines.

    Returns:
        Tuple of strings without line breaks.

    Raises:
        ValueError: `segments` is another one.
    """
    if segments not in SEGMENTS:
        raise ValueError(f"`segments` must be one of {', '.join(SEGMENTS)}; received {segments!r}.")
    found = blocks(text)
    if segments == "paragraph" or (segments == "auto" and _is_wrapped(found)):
        return tuple(map(join_lines, found))
    return tuple(line.rstrip() for block in found for line in block)


def blocks(text):
    """Lists of lines that follow each other without a blank one."""
    found = [[]]
    for line in _LINE_END.sub("\n", text).split("\n"):
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return found if found[-1] else found[:-1]


def join_lines(lines):
    """One line of several, each run of white space a space."""
    joined = ""
    for line in lines:
        space = "" if not joined or _HYPHEN.search(joined) else " "
        joined += space + " ".join(line.split())
    return joined


def is_full(line, following, width):
    """Whether the first word of the following line would not have fitted into a line."""
    line, part = line.rstrip(), _FIRST_PART.search(following)[0]
    return len(line) + (not _HYPHEN.search(line)) + len(part) > width


def _is_wrapped(found):
    pairs = [pair for block in found for pair in zip(block, block[1:], strict=False)]
    if len(found) < 2 or not pairs:
        return False
    lengths = sorted(len(line.rstrip()) for line, _ in pairs)
    width = lengths[int(0.9 * len(lengths))]  # a table or an address may be wider
    full = sum(is_full(line, following, width) for line, following in pairs)
    return width >= _NARROWEST and full >= _FULL * len(pairs)
