import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data._piece import HOLD, REST, Piece, mend_holds, notes_of, voices_of

CELLS = [[67, 60], [-1, -1], [65, -2], [-1, 55]]


def test_voices_are_a_copy_that_cannot_be_written_to():
    given_array = np.array(CELLS)
    piece = Piece(given_array)
    given_array[0, 0] = 1
    assert piece.voices.dtype == "int16"
    assert piece.voices[0, 0] == 67
    with pytest.raises(ValueError, match="read-only"):
        piece.voices[0, 0] = 1


def test_pieces_are_equal_where_their_notes_are():
    assert Piece(CELLS, "a", "C major") == Piece(CELLS, "b")
    assert hash(Piece(CELLS, "a")) == hash(Piece(CELLS, "b"))
    assert Piece(CELLS) != Piece(CELLS[:3])
    assert Piece(CELLS) != Piece(CELLS).melody()
    assert Piece(CELLS) != "a piece"


def test_notes_are_counted_where_they_start():
    assert Piece(CELLS).count_notes() == 4
    assert Piece([[REST], [REST]]).count_notes() == 0


def test_a_repeated_pitch_is_two_notes_and_a_held_one_is_one():
    assert Piece([[60], [60]]).count_notes() == 2
    assert Piece([[60], [HOLD]]).count_notes() == 1


def test_transposing_moves_pitches_and_nothing_else():
    moved = Piece(CELLS, "Air", "C major").transpose(-2)
    assert moved.voices.tolist() == [[65, 58], [-1, -1], [63, -2], [-1, 53]]
    assert (moved.name, moved.key) == ("Air", "Bb major")


@pytest.mark.parametrize(
    ("key", "semitones", "expected"),
    [
        ("A minor", 1, "Bb minor"),
        ("G# minor", 4, "C minor"),
        ("Cb major", 1, "C major"),
        ("B major", 1, "C major"),
        ("C major", -1, "B major"),
        ("C# major", 0, "C# major"),
        ("", 3, ""),
    ],
)
def test_keys_are_transposed_too(key, semitones, expected):
    assert Piece(CELLS, key=key).transpose(semitones).key == expected


@pytest.mark.parametrize("semitones", [-56, 61])
def test_transposing_out_of_midi_is_refused(semitones):
    with pytest.raises(ValueError, match="MIDI has 0 to 127"):
        Piece(CELLS).transpose(semitones)


def test_a_piece_may_be_empty():
    empty = Piece(np.zeros((0, 4), int))
    assert (len(empty), empty.count_notes(), len(empty.transpose(3))) == (0, 0, 0)


def test_the_melody_is_the_first_voice():
    melody = Piece(CELLS, "Air", "C major").melody()
    assert melody.voices.tolist() == [[67], [-1], [65], [-1]]
    assert (melody.name, melody.key) == ("Air", "C major")


@pytest.mark.parametrize(
    ("voices", "reason"),
    [
        ([60, 62], "whole numbers"),
        ([[60.0]], "whole numbers"),
        (np.zeros((3, 0), int), "whole numbers"),
        ([[128]], "Step 0 of voice 0 is 128"),
        ([[60, 60], [62, -3]], "Step 1 of voice 1 is -3"),
        ([[70000]], "is 70000"),
        ([[HOLD]], "Step 0 of voice 0 holds on"),
        ([[60], [REST], [HOLD]], "Step 2 of voice 0 holds on"),
    ],
)
def test_arrays_that_are_no_piece_are_refused(voices, reason):
    with pytest.raises(ValueError, match=reason):
        Piece(voices)


@pytest.mark.parametrize("key", ["g major", "G", "H major", "G dorian", "G major "])
def test_keys_written_otherwise_are_refused(key):
    with pytest.raises(ValueError, match="A key is written like"):
        Piece(CELLS, key=key)


CELL = st.one_of(st.sampled_from([REST, HOLD]), st.integers(0, 127))


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=12))
def test_mended_holds_make_a_piece_whose_notes_give_it_back(rows):
    cells = np.array(rows, "int16").reshape(-1, 3)
    piece = Piece(mend_holds(cells))
    assert (piece.voices[cells != HOLD] == cells[cells != HOLD]).all()
    assert np.array_equal(voices_of(notes_of(piece), len(piece)), piece.voices)
