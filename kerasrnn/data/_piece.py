"""A piece of music as an array: a row a sixteenth note, a column a voice."""

import re
from dataclasses import dataclass

import numpy as np

REST, HOLD = -2, -1
STEPS_A_QUARTER = 4
HIGHEST = 127  # of MIDI's pitches; 60 is the middle C

_MAJOR = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
TONICS = {"major": _MAJOR, "minor": _MINOR}
_KEY = re.compile("([A-G])([#b]?) (major|minor)")


@dataclass(frozen=True, eq=False)
class Piece:
    """The notes of a piece, voice by voice, on a grid of sixteenth notes.

    A cell holds a MIDI pitch (0 to 127; 60 is the middle C) where a note starts, -1 where it is
    held on, and -2 where the voice is silent. A rest of several steps has -2 in each of them: -1
    comes after a pitch alone, so that equal music has equal arrays. A quarter note has 4 steps.

    Two pieces are equal where their voices are, whatever their names and keys.

    Args:
        voices: whole numbers `(steps, voices)`, the first voice the highest; kept as a copy,
            int16, which cannot be written to. There may be no step.
        name: what the piece is called.
        key: such as `"G major"`, `"F# minor"` or `"Eb major"`; `""` where it is unknown.

    Raises:
        ValueError: the array is of another shape or type, a number means nothing, a -1 has no
            note before it, or the key is written otherwise.

    Example:
        >>> from kerasrnn.data import Piece
        >>> piece = Piece([[67, 60], [-1, -1], [65, -2], [-1, -2]], key="C major")
        >>> piece.count_notes(), len(piece)
        (3, 4)
        >>> piece.transpose(2).voices[0].tolist(), piece.transpose(2).key
        ([69, 62], 'D major')
        >>> piece.melody() == Piece([[67], [-1], [65], [-1]])
        True
    """

    voices: np.ndarray
    name: str = ""
    key: str = ""

    def __post_init__(self):
        given = np.asarray(self.voices)
        if given.ndim != 2 or not given.shape[1] or given.dtype.kind not in "iu":
            raise ValueError(
                "A piece's voices are an array of whole numbers (steps, voices); received "
                f"{given.dtype} {given.shape}."
            )
        _check_cells(given)
        if self.key and not _KEY.fullmatch(self.key):
            raise ValueError(
                f"A key is written like 'G major', 'F# minor' or 'Eb major'; received {self.key!r}."
            )
        voices = given.astype("int16")  # a copy
        voices.setflags(write=False)
        object.__setattr__(self, "voices", voices)

    def __len__(self):
        """How many steps there are."""
        return len(self.voices)

    def __eq__(self, other):
        return isinstance(other, Piece) and np.array_equal(self.voices, other.voices)

    def __hash__(self):
        return hash((self.voices.shape, self.voices.tobytes()))

    def transpose(self, semitones):
        """The piece so many semitones higher, or lower where they are negative.

        Raises:
            ValueError: a pitch would be below 0 or above 127.
        """
        voices = np.where(self.voices >= 0, self.voices + semitones, self.voices)
        pitches = voices[self.voices >= 0]
        if pitches.size and not 0 <= pitches.min() <= pitches.max() <= HIGHEST:
            raise ValueError(
                f"{semitones} semitones would move pitches to {pitches.min()} … {pitches.max()}; "
                f"MIDI has 0 to {HIGHEST}."
            )
        return Piece(voices, self.name, _transpose_key(self.key, semitones))

    def count_notes(self):
        """How many notes start, in all voices."""
        return int((self.voices >= 0).sum())

    def melody(self):
        """The piece of the first voice alone."""
        return Piece(self.voices[:, :1], self.name, self.key)


def notes_of(piece):
    """Lists of `(start, end, pitch)`, in steps, a list for each voice."""
    found = []
    for voice in piece.voices.T.tolist():
        notes = []
        for step, cell in enumerate(voice):
            if cell >= 0:
                notes.append((step, step + 1, cell))
            elif cell == HOLD:
                start, _, pitch = notes[-1]
                notes[-1] = (start, step + 1, pitch)
        found.append(notes)
    return found


def voices_of(notes, steps):
    """The array `(steps, voices)` of lists of `(start, end, pitch)`, none of which overlap."""
    voices = np.full((steps, len(notes)), REST, "int16")
    for voice, events in enumerate(notes):
        for start, end, pitch in events:
            voices[start, voice] = pitch
            voices[start + 1 : end, voice] = HOLD
    return voices


def mend_holds(voices):
    """The array with REST for each HOLD that has nothing to hold."""
    voices = np.array(voices, "int16")
    if len(voices):
        silent = np.ones(voices.shape[1], bool)
        for row in voices:
            row[silent & (row == HOLD)] = REST
            silent = row == REST
    return voices


def _check_cells(voices):
    wrong = (voices < REST) | (voices > HIGHEST)
    if wrong.any():
        step, voice = np.argwhere(wrong)[0]
        raise ValueError(
            f"Step {step} of voice {voice} is {voices[step, voice]}; a cell is a pitch from 0 to "
            f"{HIGHEST}, {HOLD} (a note held on) or {REST} (silence)."
        )
    before = np.vstack([np.full((1, voices.shape[1]), REST), voices])[:-1]
    loose = (voices == HOLD) & (before == REST)
    if loose.any():
        step, voice = np.argwhere(loose)[0]
        raise ValueError(
            f"Step {step} of voice {voice} holds on ({HOLD}) though no note sounds before it; a "
            f"rest is {REST} in each of its steps."
        )


def _transpose_key(key, semitones):
    if not key or not semitones:
        return key
    letter, accidental, mode = _KEY.fullmatch(key).groups()
    tonic = _MAJOR.index(letter) + {"": 0, "#": 1, "b": -1}[accidental]
    return f"{TONICS[mode][(tonic + int(semitones)) % 12]} {mode}"
