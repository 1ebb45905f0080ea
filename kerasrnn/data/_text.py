"""Splitting a line of text into tokens, in Python and, by the same patterns, in TensorFlow.

The patterns use only what Python's `re` and RE2 (TensorFlow's engine) read alike: explicit
character ranges, no look-around, no `\\w`, `\\s` or `\\b`, whose meanings differ.
"""

import re

SPACE = "[\t\n\v\f\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_UPPER = "A-ZÀ-ÖØ-Þ"
_LETTER = (
    "A-Za-z\xaa\xb5\xbaÀ-ÖØ-öø-ʯ"  # Latin
    "\u0300-\u036f"  # combining marks
    "Ͱ-ͽͿ-ϿЀ-ԯ"  # Greek, Cyrillic
    "Ḁ-ỿ"  # Latin with several marks, as in Vietnamese
)
_WORD = f"[{_LETTER}0-9]+"
TOKEN = "|".join(
    [
        r"(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Sen|Rep|Gov|Lt|Col|Inc|Ltd|Co|Corp|vs|No)\.",
        rf"(?:[{_UPPER}]\.)+",  # initials: J. R. R., U.S.
        r"[0-9]+(?:[.,:][0-9]+)+",  # 1,000.50 and 10:30
        rf"[{_LETTER}]['’][{_UPPER}][{_LETTER}]*(?:-{_WORD})*",  # O'Brien, d'Artagnan
        rf"{_WORD}(?:[-&]{_WORD})*",  # Jean-Luc, AT&T
        rf"['’][{_LETTER}]+",  # 's
        r"\.\.+",
        r"--+",
        "[^ ]",
    ]
)
DIGIT = "[0-9]"

_space, _token, _digit = re.compile(SPACE), re.compile(TOKEN), re.compile(DIGIT)


def tokenize(text):
    """Splits a line of text into words, numbers and punctuation marks.

    Args:
        text: string.

    Returns:
        List of strings without spaces; joined, they are the text without its spaces.

    Example:
        >>> from kerasrnn.data import tokenize
        >>> tokenize("Ms. O'Brien's train left at 10:30.")
        ['Ms.', "O'Brien", "'s", 'train', 'left', 'at', '10:30', '.']
    """
    return _token.findall(_space.sub(" ", text))


def word_key(token):
    """The form under which a word is looked up: lower case, each digit a zero."""
    return _digit.sub("0", token.lower())
