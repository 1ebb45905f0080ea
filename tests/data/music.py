"""Small pieces, made by hand for the tests of music."""

from kerasrnn.data._piece import HOLD, REST, Piece, voices_of


def of_notes(*voices, name="", key=""):
    """A piece of voices that are lists of (start, end, pitch) in steps."""
    steps = max(end for voice in voices for _, end, _ in voice)
    return Piece(voices_of(voices, steps), name, key)


# Repeated notes, rests, sixteenths, notes over bars, a unison and crossing voices.
QUARTET = of_notes(
    [(0, 4, 67), (4, 8, 67), (8, 13, 72), (13, 14, 71), (16, 22, 69), (22, 32, 67)],
    [(0, 8, 64), (8, 12, 64), (12, 32, 64)],
    [(4, 8, 60), (9, 10, 59), (10, 11, 57), (11, 12, 59), (12, 32, 60)],
    [(0, 2, 48), (2, 4, 50), (4, 12, 52), (12, 16, 66), (16, 32, 48)],
    name="Quartet",
    key="C major",
)
TUNE = Piece([[60], [HOLD], [HOLD], [62], [REST], [64]])
