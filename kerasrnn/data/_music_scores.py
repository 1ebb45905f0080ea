"""What reading chorales and reading a user's music share: music21's scores as notes."""

from pathlib import Path
from typing import NamedTuple


class Note(NamedTuple):
    """A note of one pitch, ties joined: from `start` to `end`, in quarter notes."""

    start: float
    end: float
    pitch: int


def import_music21():
    """The package music21, or an ImportError that says how to install it."""
    try:
        import music21
    except ImportError as error:
        raise ImportError("Music needs music21: pip install 'kerasrnn[music]'.") from error
    return music21


def parse_score(path):
    """The music21 score of a file; whatever the parsers raise comes through.

    Nothing is kept beside the file, and no time is moved to a grid: music21 would do both.
    """
    converter, path = import_music21().converter, Path(path)
    with path.open("rb") as file:
        midi = file.read(4) == b"MThd"
    if midi:  # by its content: of a name, music21 leaves a file open that is no MIDI
        return converter.parseData(path.read_bytes(), format="midi", quantizePost=False)
    if path.suffix.lower() in (".mid", ".midi"):
        raise ValueError("a MIDI file begins with MThd")
    return converter.parse(path, forceSource=True, storePickle=False, quantizePost=False)


def part_notes(part):
    """The `Note`s of a part by their starts, those of chords one by one; no grace notes."""
    found, open_ends = [], {}
    for element in part.flatten().notes:
        if element.duration.isGrace:
            continue
        start = float(element.offset)
        end = start + float(element.duration.quarterLength)
        for note in element.notes if element.isChord else [element]:
            if not hasattr(note, "pitch"):  # of a drum
                continue
            pitch, tie = int(note.pitch.midi), note.tie or element.tie
            goes_on = tie is not None and tie.type in ("stop", "continue")
            place = open_ends.pop((pitch, start), None) if goes_on else None
            if place is None:
                place = len(found)
                found.append(Note(start, end, pitch))
            else:
                found[place] = found[place]._replace(end=end)
            open_ends[pitch, end] = place
    return found


def guess_key(stream):
    """The key of a stream as `Piece` writes it, such as "Bb major", by music21's analysis."""
    key = stream.analyze("key")
    return f"{key.tonic.name.replace('-', 'b')} {key.mode}"
