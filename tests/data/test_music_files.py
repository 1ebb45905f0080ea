import sys

import pytest

from kerasrnn.data._conll import DataError
from kerasrnn.data._music_files import read_music, write_midi, write_musicxml
from kerasrnn.data._piece import HOLD, REST, Piece
from tests.data.music import QUARTET, TUNE, of_notes

music21 = pytest.importorskip("music21")

WRITERS = {"piece.mid": write_midi, "piece.musicxml": write_musicxml}
EACH_FORMAT = pytest.mark.parametrize("name", WRITERS)


def write_score(path, *parts):
    """A file of parts that are lists of (offset, length, pitch or pitches) in quarters."""
    score = music21.stream.Score()
    for notes in parts:
        part = music21.stream.Part()
        for offset, length, pitches in notes:
            kind = music21.chord.Chord if isinstance(pitches, list) else music21.note.Note
            part.insert(offset, kind(pitches, quarterLength=length))
        score.insert(0, part)
    score.write("midi", fp=path)
    return path


def cells(path, voices):
    return read_music(path, voices).voices.tolist()


@EACH_FORMAT
@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(QUARTET, id="four voices"),
        pytest.param(TUNE, id="one voice"),
        pytest.param(of_notes([(5, 9, 70)], [(3, 7, 50)]), id="silence at the beginning"),
        pytest.param(of_notes([(0, 40, 70)], [(0, 21, 61), (21, 40, 61)]), id="over bars"),
        pytest.param(
            of_notes([(0, 4, 60), *((n, n + 8, 60 + n % 3) for n in range(4, 100, 12))]),
            id="an upbeat",
        ),
    ],
)
def test_a_file_that_was_written_gives_the_piece_back(tmp_path, name, piece):
    WRITERS[name](piece, tmp_path / name)
    assert read_music(tmp_path / name, piece.voices.shape[1]) == piece


@EACH_FORMAT
def test_music21_opens_what_was_written(tmp_path, name):
    WRITERS[name](QUARTET, tmp_path / name)
    score = music21.converter.parse(tmp_path / name, forceSource=True, storePickle=False)
    assert [part.partName for part in score.parts] == ["Soprano", "Alto", "Tenor", "Bass"]


@EACH_FORMAT
def test_files_are_written_whole_under_their_name_alone(tmp_path, name):
    WRITERS[name](TUNE, str(tmp_path / "new" / name))
    WRITERS[name](QUARTET, tmp_path / "new" / name)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]
    assert read_music(tmp_path / "new" / name) == QUARTET


@EACH_FORMAT
def test_a_piece_without_notes_is_not_written(tmp_path, name):
    with pytest.raises(DataError, match="no note"):
        WRITERS[name](Piece([[REST]]), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@EACH_FORMAT
def test_silence_at_the_end_is_cut(tmp_path, name):
    WRITERS[name](Piece([[60], [HOLD], [REST], [REST]]), tmp_path / name)
    assert cells(tmp_path / name, 1) == [[60], [HOLD]]


def test_the_name_is_the_files_and_the_key_a_guess(tmp_path):
    write_midi(QUARTET, tmp_path / "hymn.mid")
    piece = read_music(tmp_path / "hymn.mid")
    assert (piece.name, piece.key) == ("hymn", "C major")


def test_times_go_to_the_nearest_sixteenth_and_no_note_is_lost(tmp_path):
    notes = [(0.05, 0.4, 60), (0.55, 0.05, 62), (0.95, 0.6, 64)]
    assert cells(write_score(tmp_path / "played.mid", notes), 1) == [
        *([60], [HOLD], [62], [REST]),
        *([64], [HOLD]),
    ]


def test_of_a_chord_in_a_part_the_highest_note_stays_and_the_lowest_in_the_last(tmp_path):
    path = write_score(tmp_path / "a.mid", [(0, 0.5, [72, 67])], [(0, 0.5, [48, 52])])
    assert cells(path, 2) == [[72, 48], [HOLD, HOLD]]


def test_a_melody_is_the_highest_notes_of_one_part_or_of_all(tmp_path):
    one = write_score(tmp_path / "one.mid", [(0, 0.5, [72, 67])])
    both = write_score(tmp_path / "two.mid", [(0, 0.5, 48)], [(0, 0.5, 72)])
    assert cells(one, 1) == cells(both, 1) == [[72], [HOLD]]


def test_fewer_parts_than_voices_are_spread_from_the_top(tmp_path):
    path = write_score(tmp_path / "a.mid", [(0, 0.5, [72, 67])], [(0, 0.25, [48, 52])])
    assert cells(path, 4) == [[72, 67, 52, 48], [HOLD, REST, REST, 67]]


def test_two_voices_in_unison_stay_two(tmp_path):
    path = write_score(tmp_path / "a.mid", [(0, 0.25, 60)], [(0, 0.25, 60)], [(0, 0.25, 48)])
    assert cells(path, 4) == [[60, 60, REST, 48]]


def test_of_more_parts_than_voices_the_outer_and_higher_notes_stay(tmp_path):
    parts = [[(0, 0.25, pitch)] for pitch in (48, 55, 60, 64, 67)]
    assert cells(write_score(tmp_path / "a.mid", *parts), 4) == [[67, 64, 60, 48]]


def test_a_single_note_goes_to_the_first_voice(tmp_path):
    assert cells(write_score(tmp_path / "a.mid", [(0, 0.25, 60)]), 3) == [[60, REST, REST]]


def test_a_note_that_was_hidden_starts_anew(tmp_path):
    path = write_score(tmp_path / "a.mid", [(0, 0.75, 60), (0.25, 0.25, 64)])
    assert cells(path, 1) == [[60], [64], [60]]


def test_a_silent_staff_is_a_voice(tmp_path):
    piece = Piece([[60, REST, 48], [HOLD, REST, HOLD]])
    write_musicxml(piece, tmp_path / "a.musicxml")
    assert read_music(tmp_path / "a.musicxml", 3) == piece


def score_of(path):
    return music21.converter.parse(path, forceSource=True, storePickle=False).parts[0]


@pytest.mark.parametrize(("key", "sharps"), [("Eb major", -3), ("F# minor", 3)])
def test_the_score_has_the_pieces_key(tmp_path, key, sharps):
    write_musicxml(Piece(QUARTET.voices, key=key), tmp_path / "a.musicxml")
    (found,) = score_of(tmp_path / "a.musicxml").recurse().getElementsByClass("KeySignature")
    assert found.sharps == sharps


def test_notes_are_named_as_the_key_has_them(tmp_path):
    piece = Piece([[61], [63], [66], [68], [70]])
    for key, names in {"Db major": "D- E- G- A- B-", "B major": "C# D# F# G# A#"}.items():
        write_musicxml(Piece(piece.voices, key=key), tmp_path / "a.musicxml")
        notes = score_of(tmp_path / "a.musicxml").recurse().notes
        assert [note.pitch.name for note in notes] == names.split()
        assert [note.pitch.midi for note in notes] == piece.voices[:, 0].tolist()


def test_the_score_begins_with_an_upbeat_where_one_is_guessed(tmp_path):
    notes = [(0, 4, 60), *((n, n + 8, 62) for n in range(4, 100, 12))]
    write_musicxml(of_notes(notes), tmp_path / "a.musicxml")
    part = score_of(tmp_path / "a.musicxml")
    first, second = list(part.getElementsByClass("Measure"))[:2]
    assert (first.number, first.duration.quarterLength) == (0, 1.0)
    assert (second.number, second.duration.quarterLength) == (1, 3.0)
    (metre,) = part.recurse().getElementsByClass("TimeSignature")
    assert metre.ratioString == "3/4"


@pytest.mark.parametrize("name", ["a.mid", "a.musicxml", "a.txt"])
def test_what_is_no_music_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_text("not music")
    with pytest.raises(DataError, match="not music that can be read.*MIDI") as caught:
        read_music(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_path_that_leads_nowhere_is_told(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_music(tmp_path / "a.mid")
    with pytest.raises(DataError, match="is a folder"):
        read_music(tmp_path)


def test_a_file_without_notes_is_refused(tmp_path):
    with pytest.raises(DataError, match="there is no note in it"):
        read_music(write_score(tmp_path / "a.mid", []))


def test_a_piece_has_a_voice_at_least(tmp_path):
    with pytest.raises(ValueError, match="`voices` must be 1 or more"):
        read_music(tmp_path / "a.mid", voices=0)


def test_without_music21_it_is_said_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "music21", None)
    for act in (read_music, lambda path: write_midi(TUNE, path)):
        with pytest.raises(ImportError, match=r"pip install 'kerasrnn\[music\]'"):
            act(tmp_path / "a.mid")
