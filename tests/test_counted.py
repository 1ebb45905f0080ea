"""Numbers of things in messages."""

import pytest

from kerasrnn._counted import counted


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1000, "1000 files")]
)
def test_one_thing_has_no_s(number, text):
    assert counted(number, "file") == text
