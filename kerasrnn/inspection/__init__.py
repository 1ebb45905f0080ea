"""Inspection: what goes on inside a model that reads sequences."""

from kerasrnn.inspection._trace import trace
from kerasrnn.sequence import Trace

__all__ = ["Trace", "trace"]
