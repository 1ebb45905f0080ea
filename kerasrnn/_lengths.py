"""Lengths of sequences for which the compiled way is compiled, if a graph does not know them."""

import numpy as np


def padded_length(lengths):
    """The lengths, of numbers, that sequences of unknown length are padded to: four an octave."""
    lengths = np.asarray(lengths).astype("int64")
    octave = np.log2(np.maximum(lengths, 1)).astype(int)
    grain = np.maximum(2**octave // 4, 1)
    return np.maximum(-(-lengths // grain) * grain, 1)
