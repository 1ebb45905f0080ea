import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data._conll import DataError
from kerasrnn.data._music_encoder import MusicEncoder
from kerasrnn.data._piece import HOLD, REST, Piece

DUET = Piece([[67, 60], [-1, -1], [65, -2], [-1, 62]], "Duet", "C major")
HIGH = Piece([[72, 64]])
ENCODER = MusicEncoder.build([DUET, HIGH], voices=2, transpositions=3)


def cells(numbers):
    return ENCODER.decode(numbers).voices.tolist()


def numbers(*symbols):
    return [ENCODER.number(symbol) for symbol in symbols]


def test_voices_are_read_in_turn_step_by_step():
    symbols = [ENCODER.symbol(number) for number in ENCODER.encode(DUET)]
    assert symbols == ["67", "60", "HOLD", "HOLD", "65", "REST", "HOLD", "62", "<EOS>"]
    assert ENCODER.encode(DUET).dtype == "int32"


def test_the_symbols_are_the_pitches_widened_by_the_transpositions():
    assert ENCODER.symbols == ("REST", "HOLD", *map(str, range(57, 76)))
    assert ENCODER.sizes == {"num_tokens": 3 + 2 + 19}


def test_the_symbols_end_where_midi_does():
    encoder = MusicEncoder.build([Piece([[2], [126]])], voices=1, transpositions=5)
    assert encoder.symbols[2] == "0"
    assert encoder.symbols[-1] == "127"


def test_no_transposed_piece_has_an_unknown_token():
    for semitones in range(-3, 4):
        for piece in (DUET, HIGH):
            assert 1 not in ENCODER.encode(piece.transpose(semitones))


def test_a_pitch_that_is_no_symbol_is_unknown():
    assert ENCODER.encode(Piece([[90, REST]])).tolist() == [1, ENCODER.number("REST"), 2]


def test_bits_are_divided_by_the_notes_that_start():
    assert ENCODER.count_units(DUET) == 4
    assert ENCODER.unit == "note"


def test_an_encoder_is_kept_as_json(tmp_path):
    ENCODER.save(tmp_path / "vocabulary.json")
    loaded = MusicEncoder.load(tmp_path)
    assert loaded.to_json() == ENCODER.to_json()
    assert (loaded.voices, loaded.transpositions) == (2, 3)
    assert loaded.encode(DUET).tolist() == ENCODER.encode(DUET).tolist()


@given(st.lists(st.integers(-5, 40), max_size=20))
def test_whatever_a_model_gives_is_a_piece_that_reads_back(given_numbers):
    piece = ENCODER.decode(given_numbers)
    assert piece.voices.shape[1] == 2
    assert ENCODER.decode(ENCODER.encode(piece)) == piece


def test_a_piece_ends_at_the_first_end():
    assert cells([*numbers("60", "57"), 2, *numbers("61", "58")]) == [[60, 57]]
    assert cells([2]) == cells([]) == []


def test_an_unfinished_step_holds_on_the_voices_it_lacks():
    assert cells(numbers("60", "57", "61")) == [[60, 57], [61, HOLD]]
    assert cells(numbers("60", "REST", "61")) == [[60, REST], [61, REST]]


def test_a_hold_with_nothing_to_hold_is_a_rest():
    assert cells(numbers("HOLD", "57", "HOLD", "REST", "60", "HOLD")) == [
        [REST, 57],
        [REST, REST],
        [60, REST],
    ]


def test_reserved_tokens_within_a_piece_hold_on():
    assert cells([*numbers("60", "57"), 0, 1]) == [[60, 57], [HOLD, HOLD]]


def test_augmenting_moves_a_piece_as_far_as_asked_and_no_further():
    rng = np.random.default_rng(0)
    moves = {int(ENCODER.augment(DUET, rng).voices[0, 0]) - 67 for _ in range(200)}
    assert moves == set(range(-3, 4))


def test_augmenting_keeps_pitches_within_the_symbols():
    edge = Piece([[75, 60]])
    rng = np.random.default_rng(0)
    moves = {int(ENCODER.augment(edge, rng).voices[0, 0]) - 75 for _ in range(200)}
    assert moves == {-3, -2, -1, 0}


@pytest.mark.parametrize("rows", [[[REST, REST]], [[80, 50]], []])
def test_augmenting_leaves_what_cannot_be_moved(rows):
    piece = Piece(np.array(rows, int).reshape(-1, 2))
    assert ENCODER.augment(piece, np.random.default_rng(0)) == piece


def test_without_transpositions_augmenting_changes_nothing():
    encoder = MusicEncoder.build([DUET], voices=2, transpositions=0)
    assert encoder.augment(DUET, np.random.default_rng(0)) == DUET


def test_pieces_of_other_voices_are_refused():
    with pytest.raises(DataError, match="'Duet' has 2 voices, and 4 are read.*voices=2"):
        MusicEncoder.build([DUET])
    with pytest.raises(DataError, match="has 1 voices, and 2 are read"):
        ENCODER.encode(DUET.melody())
    with pytest.raises(DataError, match=r"take its melody\(\)"):
        MusicEncoder.build([DUET], voices=1)


@pytest.mark.parametrize("read", [ENCODER.encode, ENCODER.encode_prompt])
def test_what_is_no_piece_is_refused(read):
    with pytest.raises(DataError, match="is a Piece; received str: 'hymn.mid'.*`read_music`"):
        read("hymn.mid")


@pytest.mark.parametrize("pieces", [[], [Piece([[REST]])]])
def test_an_encoder_needs_notes(pieces):
    with pytest.raises(DataError, match="no note"):
        MusicEncoder.build(pieces, voices=1)


@pytest.mark.parametrize("symbol", ["rest", "128", "-1", "060", "C4"])
def test_other_symbols_are_refused(symbol):
    with pytest.raises(ValueError, match="Symbols of music"):
        MusicEncoder(["REST", "HOLD", symbol])


@pytest.mark.parametrize(
    ("name", "value"), [("voices", 0), ("voices", True), ("transpositions", -1)]
)
def test_numbers_that_are_not_possible_are_refused(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be a whole number"):
        MusicEncoder(["REST", "HOLD", "60"], **{name: value})
