"""Streaming: a model one step, or one chunk, at a time, with its states in and out."""

from kerasrnn.streaming._step_model import StepModel

__all__ = ["StepModel"]
