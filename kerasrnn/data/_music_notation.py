"""Pieces as music21's scores: parts, bars, and names of the notes that fit the key."""

from kerasrnn.data._conll import DataError
from kerasrnn.data._metre import guess_metre
from kerasrnn.data._music_scores import guess_key, import_music21
from kerasrnn.data._piece import STEPS_A_QUARTER, notes_of

_CHORUS = ("Soprano", "Alto", "Tenor", "Bass")
_TEMPO = 84  # quarters a minute
_ORGAN = 19  # of General MIDI
_LETTERS = "FCGDAEB"  # in fifths


def notated(piece, bars=True):
    """The music21 score of a piece, a part a voice; with bars, a key and a metre.

    Raises:
        DataError: the piece has no note.
        ImportError: music21 is not installed.
    """
    music21 = import_music21()
    if not piece.count_notes():
        raise DataError("The piece has no note: there is nothing to write.")
    voices = notes_of(piece)
    names = _CHORUS if len(voices) == 4 else [f"Voice {n + 1}" for n in range(len(voices))]
    key = _key(piece, voices)
    score = music21.stream.Score()
    score.metadata = music21.metadata.Metadata(title=piece.name or "Piece")
    score.metadata.composer = ""  # or else it is music21
    for number, (name, notes) in enumerate(zip(names, voices, strict=True)):
        part = _part(notes, len(piece), key.sharps)
        part.id, part.partName = name, name
        instrument = music21.instrument.Instrument(name)
        instrument.midiProgram = _ORGAN
        instrument.midiChannel = number % 9  # the tenth is for drums
        part.insert(0, instrument)
        if not number:
            part.insert(0, music21.tempo.MetronomeMark(number=_TEMPO))
        if bars:
            part = _with_bars(part, key, guess_metre(piece))
        score.insert(0, part)
    return score


def _key(piece, voices):
    music21 = import_music21()
    stream = music21.stream.Stream(
        [
            music21.note.Note(pitch, quarterLength=(end - start) / STEPS_A_QUARTER)
            for notes in voices
            for start, end, pitch in notes
        ]
    )
    tonic, mode = (piece.key or guess_key(stream)).split()
    return music21.key.Key(tonic.replace("b", "-"), mode)


def _part(notes, steps, sharps):
    """A part of notes, and rests wherever there is none."""
    music21 = import_music21()
    part = music21.stream.Part()

    def rest(start, end):
        if end > start:
            length = (end - start) / STEPS_A_QUARTER
            part.insert(start / STEPS_A_QUARTER, music21.note.Rest(quarterLength=length))

    now = 0
    for start, end, pitch in notes:
        rest(now, start)
        note = music21.note.Note(_spelled(pitch, sharps))
        note.duration.quarterLength = (end - start) / STEPS_A_QUARTER
        part.insert(start / STEPS_A_QUARTER, note)
        now = end
    rest(now, steps)
    return part


def _spelled(pitch, sharps):
    """A pitch named by one of the twelve notes around a key in the circle of fifths."""
    lowest = sharps - 3  # as C major has E flat to G sharp; C itself is 0
    fifth = lowest + (7 * pitch - lowest) % 12
    letter, sharpened = _LETTERS[(fifth + 1) % 7], (fifth + 1) // 7
    octave = (pitch - sharpened) // 12 - 1
    accidental = "#" * sharpened if sharpened > 0 else "-" * -sharpened
    return f"{letter}{accidental}{octave}"


def _with_bars(part, key, metre):
    """The part in bars, of which the first is an upbeat if the metre has one."""
    music21 = import_music21()
    lacking = (metre.bar - metre.upbeat) % metre.bar
    part.shiftElements(lacking)
    for element in list(part.getElementsNotOfClass("GeneralNote")):
        part.setElementOffset(element, 0)
    part.insert(0, key)
    part.insert(0, music21.meter.TimeSignature(f"{metre.bar}/4"))
    bars = part.makeMeasures().makeTies()
    first, *others = list(bars.getElementsByClass("Measure"))
    if lacking:
        for element in list(first.notesAndRests):
            first.setElementOffset(element, element.offset - lacking)
        first.paddingLeft = lacking
        first.number = 0
        for number, bar in enumerate(others, start=1):
            bar.number = number
            bars.setElementOffset(bar, bar.offset - lacking)
    return bars
