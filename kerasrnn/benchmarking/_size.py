"""Sizes of a benchmark."""

from typing import NamedTuple


class Size(NamedTuple):
    """The size of a sequence problem.

    Args:
        batch: rows.
        time: steps.
        features: width of the input.
        units: units of the layer.

    Example:
        >>> from kerasrnn.benchmarking import Size
        >>> print(Size(batch=32, time=100, features=128, units=64))
        32×100×128→64
    """

    batch: int
    time: int
    features: int
    units: int

    def __str__(self):
        return f"{self.batch}×{self.time}×{self.features}→{self.units}"


SIZES = (
    Size(32, 100, 128, 128),
    Size(64, 200, 64, 256),
    Size(16, 400, 64, 512),
    Size(128, 30, 64, 64),
    Size(1, 100, 128, 128),
)
"""The sizes of the speed tables: middling, wide, long, many short rows, and one row."""
