"""A guess of where the bars of a piece are, for the sake of a readable score."""

from typing import NamedTuple

import numpy as np

from kerasrnn.data._piece import STEPS_A_QUARTER, notes_of

_LONGEST = 16  # steps of a note that count
# In steps, how much more 4/4 is expected than 3/4; chosen on the chorales of music21's corpus.
_PREFERENCE = 2.5


class Metre(NamedTuple):
    """Quarter notes of a bar, and of the upbeat before the first whole one."""

    bar: int
    upbeat: int


def guess_metre(piece):
    """The `Metre` whose strong beats have the most and longest notes: 4/4 or 3/4.

    The upbeat is none or a quarter note, as in most hymns. Strong are the first beat of three,
    and the first and third of four.
    """
    weights = np.zeros(-(-len(piece) // STEPS_A_QUARTER))
    for start, end, _ in (note for voice in notes_of(piece) for note in voice):
        if start % STEPS_A_QUARTER == 0:
            weights[start // STEPS_A_QUARTER] += min(end - start, _LONGEST)
    beats = np.arange(len(weights))

    def fit(metre):
        strong = (beats - metre.upbeat) % (3 if metre.bar == 3 else 2) == 0
        if strong.all() or not strong.any():
            return 0.0
        fits = weights[strong].mean() - weights[~strong].mean()
        return fits + (_PREFERENCE if metre.bar == 4 else 0.0)

    return max((Metre(bar, upbeat) for bar in (4, 3) for upbeat in (0, 1)), key=fit)
