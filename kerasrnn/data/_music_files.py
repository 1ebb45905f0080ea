"""Music of one's own: MIDI and MusicXML files read and written."""

from pathlib import Path

import numpy as np

from kerasrnn._files import atomic_file
from kerasrnn.data._conll import DataError, read_bytes
from kerasrnn.data._music_notation import notated
from kerasrnn.data._music_scores import guess_key, import_music21, parse_score, part_notes
from kerasrnn.data._piece import HOLD, REST, STEPS_A_QUARTER, Piece

# Of files that music21 knows by their names; others may be read, but their errors say little.
_ENDINGS = (".mid", ".midi", ".musicxml", ".mxl", ".xml", ".krn", ".abc")


def read_music(path, voices=4):
    """Reads a piece from a MIDI or a MusicXML file, or another that music21 knows.

    Times go to the nearest sixteenth note, and a note lasts one at least; grace notes and drums
    are left out. Silence at the end is cut. The key is music21's guess.

    A file of as many parts (staves, tracks) as voices gives each voice a part, in their order: of
    notes that sound together in a part the highest stays, or the lowest in the last of several
    voices. In a file of fewer or more parts the notes of all are put together: at each step the
    highest goes to the first voice, the lowest of several to the last, and others to the voices
    between, from the top. A note that comes to another voice so, because one above it begins or
    ends, starts anew there, and so does one that sounds on after a note that hid it.

    Args:
        path: the file; the ending of its name (.mid, .musicxml, .mxl, .krn, .abc) tells its format.
        voices: how many voices the piece has.

    Returns:
        A `Piece`, its name that of the file without the ending.

    Raises:
        DataError: the file is missing, cannot be read, or has no note.
        ImportError: music21 is not installed.
        ValueError: `voices` is not possible.

    Example:
        >>> from kerasrnn.data import read_music
        >>> read_music("hymn.mid").voices.shape  # doctest: +SKIP
        (128, 4)
    """
    if voices < 1:
        raise ValueError(f"`voices` must be 1 or more; received {voices}.")
    path = Path(path)
    import_music21()
    read_bytes(path)  # says what is wrong with the path
    try:
        score = parse_score(path)
        parts = [part_notes(part) for part in getattr(score, "parts", None) or [score]]
    except Exception as error:  # the parsers raise whatever comes
        reason = f"music21 says {(str(error) or repr(error)).rstrip('.')!r}"
        if path.suffix.lower() not in _ENDINGS:
            reason = f"its name ends in {path.suffix!r}, as that of no music"
        raise DataError(
            f"{path}: not music that can be read: {reason}. Give a MIDI or a MusicXML file, its "
            "name ending in .mid, .musicxml or .mxl."
        ) from error
    parts = [[_quantised(note) for note in part] for part in parts]
    if not any(parts):
        raise DataError(f"{path}: there is no note in it. Check that it is the file you mean.")
    if len(parts) != voices:
        parts = [part for part in parts if part]  # tracks of texts and tempi alone
    steps = max(end for part in parts for _, end, _ in part)
    if len(parts) == voices:
        last = voices - 1 if voices > 1 else None
        cells = np.hstack([_one_voice(p, steps, lowest=n == last) for n, p in enumerate(parts)])
    else:
        cells = _from_the_top([note for part in parts for note in part], steps, voices)
    return Piece(cells, path.stem, guess_key(score))


def write_midi(piece, path):
    """Writes a piece as a MIDI file, a track a voice, played by an organ, 84 quarters a minute.

    `read_music` gives the piece back, without silence at its end; a voice without any note is not
    in the file. The file is replaced whole.

    Args:
        piece: a `Piece`.
        path: the file, such as `chorale.mid`.

    Raises:
        DataError: the piece has no note.
        ImportError: music21 is not installed.

    Example:
        >>> from kerasrnn.data import Piece, write_midi
        >>> write_midi(Piece([[67, 60], [-1, -1]]), "chord.mid")  # doctest: +SKIP
    """
    translate = import_music21().midi.translate
    content = translate.streamToMidiFile(notated(piece, bars=False)).writestr()
    with atomic_file(path) as temporary:
        temporary.write_bytes(content)


def write_musicxml(piece, path):
    """Writes a piece as a score in MusicXML, a staff a voice.

    MuseScore, which is free, and most other programs for notation open the file, show and print
    the score, and play it. The key is the piece's, or music21's guess; the bars and an upbeat are
    guessed (4/4 or 3/4). `read_music` gives the piece back, without silence at its end. The file is
    replaced whole.

    Args:
        piece: a `Piece`.
        path: the file, such as `chorale.musicxml`.

    Raises:
        DataError: the piece has no note.
        ImportError: music21 is not installed.

    Example:
        >>> from kerasrnn.data import Piece, write_musicxml
        >>> write_musicxml(Piece([[67, 60], [-1, -1]]), "chord.musicxml")  # doctest: +SKIP
    """
    exporter = import_music21().musicxml.m21ToXml.GeneralObjectExporter
    content = exporter(notated(piece)).parse()
    with atomic_file(path) as temporary:
        temporary.write_bytes(content)


def _quantised(note):
    start = round(note.start * STEPS_A_QUARTER)
    return start, max(start + 1, round(note.end * STEPS_A_QUARTER)), note.pitch


def _one_voice(notes, steps, lowest):
    """The cells `(steps, 1)` of a part."""
    return _spread(notes, steps, 1, lambda sounding: sounding[-1:] if lowest else sounding[:1])


def _from_the_top(notes, steps, voices):
    """The cells `(steps, voices)` of all notes together."""

    def places(sounding):
        if voices == 1 or len(sounding) < 2:
            return sounding[:1]
        between = sounding[1:-1][: voices - 2]
        silent = [None] * (voices - 2 - len(between))
        return [sounding[0], *between, *silent, sounding[-1]]

    return _spread(notes, steps, voices, places)


def _spread(notes, steps, voices, places):
    """The cells of notes; `places` tells each step's, from the highest down, their voices."""
    sounding = [[] for _ in range(steps)]
    for note in sorted(notes, key=lambda note: (-note[2], note[0])):
        for step in range(note[0], note[1]):
            sounding[step].append(note)
    cells = np.full((steps, voices), REST)
    before = []
    for step, of_step in enumerate(sounding):
        now = places(of_step)
        for voice, note in enumerate(now):
            if note is not None:
                held = before[voice : voice + 1] == [note]
                cells[step, voice] = HOLD if held else note[2]
        before = now
    return cells
