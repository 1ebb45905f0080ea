"""Inspection: what goes on inside a model that reads sequences."""

from kerasrnn.inspection._gradient_flow import gradient_flow
from kerasrnn.inspection._gradient_flow_callback import GradientFlow
from kerasrnn.inspection._gradient_flow_picture import plot_gradient_flow
from kerasrnn.inspection._trace import trace
from kerasrnn.sequence import Trace

__all__ = ["GradientFlow", "Trace", "gradient_flow", "plot_gradient_flow", "trace"]
