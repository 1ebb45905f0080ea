"""Frames that stand for a clip."""

import numpy as np


def evenly(count, wanted):
    """Numbers of `wanted` of `count` frames, from the first to the last; some twice if few."""
    # Halves round up, and not to even numbers as np.round has them: the steps stay alike.
    return np.floor(np.linspace(0, max(count - 1, 0), wanted) + 0.5).astype(int)
