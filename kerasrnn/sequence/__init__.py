"""Running any cell over time: one projection, one loop, masks, traces."""

from kerasrnn.sequence._engine import engine
from kerasrnn.sequence._run import SequenceResult, run
from kerasrnn.sequence._trace import Trace

__all__ = ["SequenceResult", "Trace", "engine", "run"]
