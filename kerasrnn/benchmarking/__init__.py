"""Benchmarks: how fast the layers are beside those of Keras and PyTorch, on this machine."""

from kerasrnn.benchmarking._compare import Measurement, compare
from kerasrnn.benchmarking._notes import doubts, first_steps, legend
from kerasrnn.benchmarking._report import summary, table
from kerasrnn.benchmarking._size import SIZES, Size

__all__ = [
    "SIZES",
    "Measurement",
    "Size",
    "compare",
    "doubts",
    "first_steps",
    "legend",
    "summary",
    "table",
]
