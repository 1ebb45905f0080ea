"""Running any cell over time: one projection, one loop, masks."""

from kerasrnn.sequence._run import SequenceResult, run

__all__ = ["SequenceResult", "run"]
