"""Export: files that run without this library, checked against Keras before they count."""

import importlib
from typing import TYPE_CHECKING

from kerasrnn.export._litert import LiteRTModel
from kerasrnn.export._parity import ExportError, largest_excess

if TYPE_CHECKING:
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
# What imports Keras, which whoever runs a file does not wait for.
_WITH_KERAS = {
    "TFLiteReport": "_tflite",
    "to_saved_model": "_saved_model",
    "to_tflite": "_tflite",
}


def __getattr__(name):
    if name in _WITH_KERAS:
        return getattr(importlib.import_module(f"kerasrnn.export.{_WITH_KERAS[name]}"), name)
    raise AttributeError(f"module 'kerasrnn.export' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
