import pytest

from kerasrnn.data._music_notation import _spelled, notated
from tests.data.music import QUARTET, TUNE, of_notes

music21 = pytest.importorskip("music21")


@pytest.mark.parametrize("sharps", range(-7, 8))
def test_a_name_is_of_the_pitch_in_every_key(sharps):
    for pitch in range(24, 100):
        assert music21.pitch.Pitch(_spelled(pitch, sharps)).midi == pitch


def test_notes_of_the_scale_are_named_as_in_the_key():
    for sharps in range(-7, 8):
        names = {music21.pitch.Pitch(_spelled(pitch, sharps)).name for pitch in range(60, 72)}
        scale = music21.key.KeySignature(sharps).getScale("major")
        assert {pitch.name for pitch in scale.getPitches("C4", "B4")} <= names


def test_leading_notes_of_minor_are_sharpened():
    assert _spelled(68, 0) == "G#4"  # of A minor
    assert _spelled(66, -2) == "F#4"  # of G minor


def test_parts_are_named_by_their_voices():
    assert [part.partName for part in notated(QUARTET).parts] == [
        *("Soprano", "Alto", "Tenor", "Bass")
    ]
    assert [part.partName for part in notated(TUNE).parts] == ["Voice 1"]


def test_the_score_has_the_pieces_name():
    assert notated(QUARTET).metadata.title == "Quartet"


def test_bars_are_as_long_as_the_metre_says():
    tune = [(0, 8, 60), (8, 12, 62), (12, 16, 64), (16, 24, 60), (24, 28, 62), (28, 32, 64)]
    (part,) = notated(of_notes(tune)).parts
    bars = list(part.getElementsByClass("Measure"))
    assert [bar.duration.quarterLength for bar in bars] == [4.0, 4.0]


def test_bars_can_be_left_out():
    assert not notated(QUARTET, bars=False).parts[0].getElementsByClass("Measure")
