import numpy as np

from kerasrnn.data._melodies import melody_groups, shape_of
from kerasrnn.data._piece import HOLD, REST, Piece, voices_of

RISING = [60, 62, 64, 65, 67, 69, 71, 72, 74]
OTHER = [60, 59, 57, 60, 62, 60, 65, 64, 62]
LONG = [60, 64, 62, 65, 60, 67, 62, 69, 64, 71, 60, 72, 65, 60, 59, 60]


def tune(pitches, length=4):
    """Notes of equal length, one after the other."""
    notes = [(n * length, (n + 1) * length, pitch) for n, pitch in enumerate(pitches)]
    return Piece(voices_of([notes], len(pitches) * length))


def test_different_melodies_are_apart():
    assert melody_groups([tune(RISING), tune(OTHER)]) == [[0], [1]]


def test_a_melody_in_another_key_is_the_same():
    assert melody_groups([tune(RISING), tune(OTHER), tune(RISING).transpose(5)]) == [[0, 2], [1]]


def test_a_melody_in_another_rhythm_is_the_same():
    assert melody_groups([tune(RISING), tune(RISING, length=8), tune(RISING, length=3)]) == [
        [0, 1, 2]
    ]


def test_a_repeated_first_note_is_left_aside():
    assert melody_groups([tune(RISING), tune([60, *RISING])]) == [[0, 1]]


def test_passing_notes_between_the_quarters_are_left_aside():
    cells = tune(RISING).voices.copy()
    cells[2, 0] = 61
    assert melody_groups([tune(RISING), Piece(cells)]) == [[0, 1]]


def test_melodies_that_go_on_otherwise_are_the_same_by_their_beginning():
    assert melody_groups([tune([*RISING, 50]), tune([*RISING, 76])]) == [[0, 1]]


def test_a_long_run_in_the_middle_makes_melodies_one():
    assert melody_groups([tune(LONG), tune([72, *LONG])]) == [[0, 1]]
    assert melody_groups([tune(LONG[:12]), tune([72, *LONG[:12]])]) == [[0], [1]]


def test_a_third_melody_joins_two():
    first, second = tune([*RISING, *OTHER]), tune([*LONG, 50])
    between = tune([*RISING, 50, *LONG])
    assert melody_groups([first, second]) == [[0], [1]]
    assert melody_groups([first, second, between]) == [[0, 1, 2]]


def test_few_notes_on_the_quarters_do_not_make_melodies_one():
    assert melody_groups([tune(RISING, length=1), tune([60, 50, 70, 55, 67, 40], length=1)]) == [
        [0],
        [1],
    ]


def test_no_melodies_are_no_groups():
    assert melody_groups([]) == []


def test_shapes_are_equal_for_moved_pieces_alone():
    piece = Piece([[67, REST], [HOLD, 60]])
    assert np.array_equal(shape_of(piece), shape_of(piece.transpose(-7)))
    assert shape_of(piece).tolist() == [[60, REST], [HOLD, 53]]
    assert not np.array_equal(shape_of(piece), shape_of(Piece([[67, REST], [HOLD, 61]])))
    assert shape_of(Piece([[REST]])).tolist() == [[REST]]
