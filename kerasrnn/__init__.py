"""Recurrent layers written as their equations, and a model zoo for sequences, on Keras 3."""

import importlib

from kerasrnn._version import __version__

_SUBPACKAGES = (
    *("benchmarking", "cells", "data", "export", "generation", "inspection", "layers"),
    *("sequence", "streaming", "training", "zoo"),
)

__all__ = ["__version__", *_SUBPACKAGES]


def __getattr__(name):
    # On demand: `kerasrnn --help` must not wait for TensorFlow.
    if name in _SUBPACKAGES:
        return importlib.import_module(f"kerasrnn.{name}")
    raise AttributeError(f"module 'kerasrnn' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
