"""Words and punctuation put together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data import tokenize
from kerasrnn.data._join_tokens import join_tokens

LINES = [
    "Call me Ishmael. Some years ago—never mind how long; well, why not?",
    'He said, "I\'ll go (or not)," and "they\'ve" gone: what\'s this?',
    "“It’s Ada’s,” he said – “the dogs’ too”, and ‘so’ on…",
    "It's five o'clock; 'tis late, give 'em the whales' share.",
    "Don't pay $5.50 or 10% of £1,000.00 [sic] at 10:30!",
    "Wait... no--yes, and/or {so} Jean-Luc, O'Brien, Mr. U.S. A.",
    "JOHN'S BOOK, and he said 'Yes' to O'Brien's o'clock-tea.",
    "#5 or 20° ¿qué? ¡no! ada@home",
    "",
]


@pytest.mark.parametrize("line", LINES)
def test_lines_of_english_come_back_as_they_were(line):
    assert join_tokens(tokenize(line)) == line


@given(st.text(st.sampled_from("aB1 .,'’\"“”()-—:!?$")))
def test_joining_adds_and_loses_nothing_but_spaces(line):
    joined = join_tokens(tokenize(line))
    assert joined.replace(" ", "") == line.replace(" ", "")
    assert joined == joined.strip()
    assert "  " not in joined


def test_unknown_words_stand_by_themselves():
    assert join_tokens(["<UNK>", "<UNK>", ",", "<UNK>"]) == "<UNK> <UNK>, <UNK>"
