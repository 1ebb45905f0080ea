"""New training sequences from two of one label, each cut at the same place."""

from collections import defaultdict

import numpy as np


class Recombination:
    """Begins a sequence as it is and ends it as another one of the same label and length.

    What tells the label of a site stands on both of its sides, and given the label the two sides
    know little of each other; so the mixed sequence has the label of both.

    Args:
        numbers: array `(examples, time)`, 0 at padded steps.
        labels: array `(examples,)`.
        lengths: array `(examples,)`, the real time steps.
        share: of the sequences that are mixed in each pass.
    """

    def __init__(self, numbers, labels, lengths, share):
        self._numbers, self._lengths, self._share = numbers, np.asarray(lengths), share
        alike = defaultdict(list)
        for row, key in enumerate(zip(labels.tolist(), self._lengths.tolist(), strict=True)):
            alike[key].append(row)
        self._alike = [None] * len(numbers)
        for rows in alike.values():
            for row in rows:
                self._alike[row] = rows

    def __call__(self, rows, rng):
        """The sequences of these rows, some of them mixed; `rng` is a NumPy `Generator`."""
        mixed = self._numbers[rows]
        for place in np.flatnonzero(rng.random(len(rows)) < self._share):
            row = rows[place]
            other = self._alike[row][rng.integers(len(self._alike[row]))]
            if self._lengths[row] > 1:
                cut = rng.integers(1, self._lengths[row])
                mixed[place, cut:] = self._numbers[other, cut:]
        return mixed
