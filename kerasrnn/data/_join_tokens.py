"""Putting words and punctuation marks together again, as English is mostly written."""

import re

_AFTER_NO_SPACE = frozenset("([{$£€#“‘«¿¡/@—") | {"--"}  # nothing between these and what follows
_BEFORE_NO_SPACE = frozenset(",.;:!?)]}%”’»…/@—'°") | {"--"}
_DOTS = re.compile(r"\.\.+")
_APOSTROPHES = ("'", "’")
# Words that begin with an apostrophe: others, such as 's, are written on to a word.
_WORDS = frozenset(
    ["tis", "twas", "twere", "twill", "twould", "twixt", "tween", "em", "gainst", "neath", "mid"]
    + ["mong", "mongst", "bout", "cause", "cos", "til", "till", "round", "nough", "nother", "fore"]
)


def join_tokens(tokens):
    """The line of text that tokens make up, with spaces where they mostly are.

    Straight double quotes open and close in turn.

    Args:
        tokens: iterable of strings, as `tokenize` gives them.

    Returns:
        A string.
    """
    parts, quoted, last = [], False, ""
    glued = True  # no space before the next token
    for token in tokens:
        closing = token == '"' and quoted
        if not (glued or closing or _follows_closely(token, last)):
            parts.append(" ")
        parts.append(token)
        glued = token in _AFTER_NO_SPACE or (token == '"' and not quoted) or _links(token, last)
        quoted ^= token == '"'
        last = token
    return "".join(parts)


def _follows_closely(token, last):
    if token.startswith(_APOSTROPHES) and len(token) > 1:
        in_capitals = len(last) > 1 and last.isupper()
        return (
            last[-1:].isalnum()
            and token[1:].lower() not in _WORDS
            and (token[1].islower() or in_capitals)  # 'Yes begins what is quoted
        )
    return token in _BEFORE_NO_SPACE or _links(token, last) or _DOTS.fullmatch(token) is not None


def _links(token, last):
    """Whether a hyphen goes on after an ending, as in `four-o'clock-tea`."""
    return token == "-" and last.startswith(_APOSTROPHES)
