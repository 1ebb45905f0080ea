"""Which way a sequence is run, and how to choose it."""

import contextlib
import contextvars

import keras

LOOP, COMPILED = "loop", "compiled"
_choice = contextvars.ContextVar("kerasrnn_engine", default="auto")


@contextlib.contextmanager
def engine(way):
    """Layers that are called, or traced into a graph, inside run their sequences in this way.

    Args:
        way: `"loop"`, the plain loop over time, through which any derivative can be taken;
            `"compiled"`, the backward pass of this library, compiled by XLA, wherever it can be;
            or `"auto"`, which is what happens outside: `"compiled"` for training in a graph of
            TensorFlow, otherwise `"loop"`.

    Raises:
        ValueError: there is no such way.

    Example:
        >>> from keras import ops
        >>> from kerasrnn.layers import LSTM
        >>> from kerasrnn.sequence import engine
        >>> with engine("loop"):
        ...     y = LSTM(4)(ops.ones((2, 5, 3)), training=True)
        >>> tuple(y.shape)
        (2, 4)
    """
    if way not in ("auto", LOOP, COMPILED):
        raise ValueError(f"`way` must be 'auto', 'loop' or 'compiled'; received {way!r}.")
    token = _choice.set(way)
    try:
        yield
    finally:
        _choice.reset(token)


def chosen(*, training, unroll, trace, timesteps):
    """The way for one sequence, and the reason for it."""
    if keras.backend.backend() != "tensorflow":
        return LOOP, f"the backend is {keras.backend.backend()}"
    if unroll:
        return LOOP, "unroll=True"
    if trace:
        return LOOP, "a trace is taken"
    if timesteps == 0:
        return LOOP, "there are no steps"
    import tensorflow as tf

    if tf.executing_eagerly():
        return LOOP, "it was called eagerly, not in a tf.function"
    if _choice.get() == LOOP:
        return LOOP, 'engine("loop")'
    if not training and _choice.get() != COMPILED:
        return LOOP, "it was not in training"
    return COMPILED, "in training in a graph" if training else 'engine("compiled")'
