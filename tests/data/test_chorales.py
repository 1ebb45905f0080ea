import sys
from importlib import metadata

import numpy as np
import pytest

from kerasrnn.data import _chorales
from kerasrnn.data._chorales import chorale_of, chorales, split_pieces
from kerasrnn.data._conll import DataError
from kerasrnn.data._melodies import melody_groups
from kerasrnn.data._piece import HOLD, REST, Piece


def some_pieces(count=40, settings=2):
    """So many tunes by chance, each with settings in different keys and of different basses."""
    rng = np.random.default_rng(0)
    pieces = []
    for tune in range(count):
        soprano = 60 + rng.integers(0, 13, 12)
        for setting in range(settings):
            voices = np.stack([soprano, *(48 + rng.integers(0, 12, (3, 12)))], axis=1)
            pieces.append(Piece(voices, f"BWV {tune}.{setting}").transpose(setting))
    return pieces


PIECES = some_pieces()


@pytest.fixture
def corpus(monkeypatch):
    """A corpus of the pieces above; gives the list of the times that it was parsed."""
    parsed = []

    def parse():
        parsed.append(len(parsed))
        return PIECES, {"have not four parts": 2, "have notes between sixteenths": 1}

    monkeypatch.setattr(_chorales, "_parse_corpus", parse)
    monkeypatch.setattr(metadata, "version", lambda name: "9.1")
    return parsed


def names(splits):
    return [[piece.name for piece in side] for side in splits]


def test_no_melody_is_on_two_sides():
    splits = split_pieces(PIECES, report=lambda line: None)
    tunes = [{name.split(".")[0] for name in side} for side in names(splits)]
    assert not tunes[0] & tunes[1]
    assert not tunes[0] & tunes[2]
    assert not tunes[1] & tunes[2]
    assert [len(side) for side in splits] == [64, 8, 8]


def test_the_split_does_not_depend_on_the_order():
    there = split_pieces(PIECES, report=lambda line: None)
    assert names(split_pieces(PIECES[::-1], report=lambda line: None)) == names(there)


def test_melodies_are_split_as_all_voices_are():
    splits = split_pieces(PIECES, report=lambda line: None)
    melodies = split_pieces(PIECES, "melody", report=lambda line: None)
    for side, side_of_melodies in zip(splits, melodies, strict=True):
        assert {p.name for p in side_of_melodies} <= {p.name for p in side}
        assert all(p.voices.shape[1] == 1 for p in side_of_melodies)


def test_equal_pieces_in_whatever_key_are_kept_once():
    lines = []
    twice = [*PIECES, Piece(PIECES[0].voices, "BWV 99.0").transpose(3)]
    assert sum(map(len, split_pieces(twice, report=lines.append))) == len(PIECES)
    assert "80 pieces of 40 melodies, 1 more left out as equal" in lines[0]
    assert sum(map(len, split_pieces(PIECES, "melody", report=lines.append))) == 40
    assert "40 more left out" in lines[1]


def test_the_corpus_is_parsed_once_and_kept(corpus, tmp_path):
    lines = []
    first = chorales(cache=tmp_path, report=lines.append)
    again = chorales(cache=tmp_path, report=lambda line: None)
    assert (corpus, names(first), first) == ([0], names(again), again)
    assert [path.name for path in tmp_path.iterdir()] == ["chorales-1-music21-9.1.npz"]
    assert lines[0].startswith("chorales: reading music21's corpus")
    assert lines[1].endswith(
        "left out 3 of the corpus: 2 have not four parts, 1 have notes between sixteenths"
    )
    assert "64 train, 8 validation, 8 test" in lines[2]


def test_another_music21_is_parsed_anew(corpus, tmp_path, monkeypatch):
    chorales(cache=tmp_path, report=lambda line: None)
    monkeypatch.setattr(metadata, "version", lambda name: "9.2")
    chorales(cache=tmp_path, report=lambda line: None)
    assert len(corpus) == 2


def test_a_file_that_broke_off_is_made_anew(corpus, tmp_path):
    chorales(cache=tmp_path, report=lambda line: None)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:500])
    splits = chorales(cache=tmp_path, report=lambda line: None)
    assert len(corpus) == 2
    assert splits == chorales(cache=tmp_path, report=lambda line: None)
    assert len(corpus) == 2


def test_where_nothing_can_be_kept_it_is_said(corpus, tmp_path):
    (tmp_path / "file").write_text("")
    lines = []
    splits = chorales(cache=tmp_path / "file", report=lines.append)
    assert sum(map(len, splits)) == 80
    assert any("not kept for the next time" in line for line in lines)


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"KERASRNN_CACHE": "own", "XDG_CACHE_HOME": "xdg"}, "own"),
        ({"XDG_CACHE_HOME": "xdg"}, "xdg/kerasrnn"),
        ({"XDG_CACHE_HOME": ""}, ".cache/kerasrnn"),
    ],
)
def test_where_it_is_kept_can_be_chosen(corpus, tmp_path, monkeypatch, variables, folder):
    monkeypatch.delenv("KERASRNN_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in variables.items():
        monkeypatch.setenv(name, value and str(tmp_path / value))
    chorales(report=lambda line: None)
    assert list(tmp_path.rglob("*.npz")) == [tmp_path / folder / "chorales-1-music21-9.1.npz"]


def test_what_is_reported_goes_to_the_standard_error(corpus, tmp_path, capsys):
    chorales(cache=tmp_path)
    out, err = capsys.readouterr()
    assert out == ""
    assert "64 train" in err


def test_other_voices_are_refused(tmp_path):
    with pytest.raises(ValueError, match="`voices` is one of all, melody; received 'alto'"):
        chorales("alto", cache=tmp_path)


def test_without_music21_it_is_said_how_to_install_it(tmp_path, monkeypatch):
    def absent(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    monkeypatch.setitem(sys.modules, "music21", None)
    with pytest.raises(ImportError, match=r"pip install 'kerasrnn\[music\]'"):
        chorales(cache=tmp_path)


def score(*parts):
    """A music21 score; a part is a sequence of (music21 element, offset)."""
    stream = pytest.importorskip("music21").stream
    made = stream.Score()
    for elements in parts:
        part = stream.Part()
        for element, offset in elements:
            part.insert(offset, element)
        made.insert(0, part)
    return made


def note(pitch, length=1.0, tie=None):
    music21 = pytest.importorskip("music21")
    made = music21.note.Note(pitch, quarterLength=length)
    made.tie = music21.tie.Tie(tie) if tie else None
    return made


def bass():
    return [(note(48, 2.0), 0)]


def test_a_score_of_four_parts_is_a_piece():
    soprano = [(note(72, 0.5), 0), (note(71, 0.25), 0.75), (note(72), 1)]
    piece = chorale_of(score(soprano, bass(), bass(), bass()), "BWV 1")
    assert piece.voices[:, 0].tolist() == [72, HOLD, REST, 71, 72, HOLD, HOLD, HOLD]
    assert piece.voices[:, 3].tolist() == [48, *[HOLD] * 7]
    assert piece.name == "BWV 1"


def test_the_key_is_guessed():
    parts = [[(note(pitch, 2.0), 0)] for pitch in (72, 67, 63, 48)]
    assert chorale_of(score(*parts), "").key == "C minor"
    parts = [[(note(pitch, 2.0), 0)] for pitch in (70, 65, 62, 46)]
    assert chorale_of(score(*parts), "").key == "Bb major"


def test_tied_notes_are_one_and_repeated_ones_two():
    soprano = [(note(72, 1, "start"), 0), (note(72, 0.5, "stop"), 1), (note(72, 0.5), 1.5)]
    piece = chorale_of(score(soprano, bass(), bass(), bass()), "")
    assert piece.voices[:, 0].tolist() == [72, *[HOLD] * 5, 72, HOLD]


def test_grace_notes_are_not_kept():
    soprano = [(note(74).getGrace(), 0), (note(72, 2), 0)]
    piece = chorale_of(score(soprano, bass(), bass(), bass()), "")
    assert piece.voices[:, 0].tolist() == [72, *[HOLD] * 7]


@pytest.mark.parametrize(
    ("soprano", "reason"),
    [
        ([], "an empty part"),
        ([(72, 1 / 3, 0), (74, 1 / 3, 1 / 3)], "notes between sixteenths"),
        ([(72, 0.125, 0), (74, 0.875, 0.125)], "notes between sixteenths"),
        ([(72, 2, 0), (74, 1, 1)], "several notes at once"),
    ],
)
def test_scores_that_do_not_fit_are_left_out(soprano, reason):
    elements = [(note(pitch, length), offset) for pitch, length, offset in soprano]
    with pytest.raises(DataError, match=reason):
        chorale_of(score(elements, bass(), bass(), bass()), "")


def test_scores_of_other_parts_are_left_out():
    with pytest.raises(DataError, match="have not four parts"):
        chorale_of(score(bass(), bass()), "")


def test_a_music21_without_corpus_is_told(monkeypatch, tmp_path):
    corpus = pytest.importorskip("music21").corpus
    monkeypatch.setattr(corpus, "getComposer", lambda name: [])
    with pytest.raises(DataError, match="installed without its corpus"):
        chorales(cache=tmp_path, report=lambda line: None)


@pytest.mark.long
def test_the_corpus_has_hundreds_of_chorales_and_no_melody_on_two_sides(tmp_path):
    pytest.importorskip("music21")
    splits = chorales(cache=tmp_path, report=lambda line: None)
    pieces = [piece for side in splits for piece in side]
    assert len(pieces) > 300
    assert all(piece.voices.shape[1] == 4 for piece in pieces)
    assert all(piece.count_notes() > 50 for piece in pieces)
    for side in splits[1:]:
        assert 0.08 < len(side) / len(pieces) < 0.12
    side_of = [number for number, side in enumerate(splits) for _ in side]
    for group in melody_groups(pieces):
        assert len({side_of[number] for number in group}) == 1
