"""Export: files that run without this library, checked against Keras before they count."""

from kerasrnn.export._litert import LiteRTModel
from kerasrnn.export._parity import ExportError, largest_excess
from kerasrnn.export._saved_model import to_saved_model
from kerasrnn.export._tflite import TFLiteReport, to_tflite

__all__ = [
    "ExportError",
    "LiteRTModel",
    "TFLiteReport",
    "largest_excess",
    "to_saved_model",
    "to_tflite",
]
