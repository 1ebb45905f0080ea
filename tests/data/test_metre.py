import pytest

from kerasrnn.data._metre import guess_metre
from kerasrnn.data._piece import REST, Piece
from tests.data.music import of_notes


def bars(lengths, upbeat=0, repeat=6):
    """A tune whose bars are notes of so many quarters, after an upbeat."""
    notes, now = [], 0
    for length in [*[1] * upbeat, *lengths * repeat]:
        notes.append((4 * now, 4 * (now + length), 60 + now % 5))
        now += length
    return of_notes(notes)


@pytest.mark.parametrize("upbeat", [0, 1])
def test_long_notes_begin_bars(upbeat):
    assert guess_metre(bars([2, 1, 1], upbeat)) == (4, upbeat)
    assert guess_metre(bars([2, 1], upbeat)) == (3, upbeat)


@pytest.mark.parametrize(
    "piece", [Piece([[60]]), Piece([[REST]] * 16), bars([1, 1, 1, 1]), bars([1, 1, 1])]
)
def test_without_any_sign_it_is_four_quarters(piece):
    assert guess_metre(piece) == (4, 0)
