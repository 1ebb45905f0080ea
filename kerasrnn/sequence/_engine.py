"""Which way a sequence is run, and how to choose it."""

import contextlib
import contextvars
import sys

import keras

LOOP, COMPILED, RECOMPUTE = "loop", "compiled", "recompute"
# The function that Keras makes a graph of; `fit` itself may call what exports, such as callbacks.
_KERAS_STEP = ("keras.src.backend.tensorflow.trainer", "one_step_on_data")
_NEW_GRAPH = ("tensorflow.python.framework.func_graph", "func_graph_from_py_func")
_choice = contextvars.ContextVar("kerasrnn_engine", default="auto")


@contextlib.contextmanager
def engine(way):
    """Layers that are called, or traced into a graph, inside run their sequences in this way.

    Args:
        way: `"loop"`, the plain loop over time, through which any derivative can be taken;
            `"compiled"`, the loops of this library, compiled by XLA, wherever they can be, or
            cuDNN on a GPU that has it and where Keras's own layer would take it;
            `"recompute"`, the same, but that training keeps the states of every √time-th step alone
            and runs the steps between again, for long sequences; or `"auto"`, which is what happens
            outside: in a graph of TensorFlow `"compiled"` for training and within Keras's
            `predict` and `evaluate`, otherwise `"loop"`, which any runtime can read. On JAX
            there are cuDNN's LSTM, if it has a GPU, and the loop.

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
    if way not in ("auto", LOOP, COMPILED, RECOMPUTE):
        raise ValueError(
            f"`way` must be 'auto', 'loop', 'compiled' or 'recompute'; received {way!r}."
        )
    token = _choice.set(way)
    try:
        yield
    finally:
        _choice.reset(token)


def chosen(*, training, unroll, trace, timesteps):
    """The way for one sequence, and the reason for it."""
    backend = keras.backend.backend()
    if backend != "tensorflow" and not _jax_has_gpu(backend):
        return LOOP, f"the backend is {backend}"
    if unroll:
        return LOOP, "unroll=True"
    if trace:
        return LOOP, "a trace is taken"
    if timesteps == 0:
        return LOOP, "there are no steps"
    choice = _choice.get()
    if backend == "jax":
        if choice == "auto":
            return COMPILED, "JAX has a GPU"
        return choice, f'engine("{choice}")'
    import tensorflow as tf

    if tf.executing_eagerly():
        return LOOP, "it was called eagerly, not in a tf.function"
    if choice != "auto":
        return choice, f'engine("{choice}")'
    if training:
        return COMPILED, "in training in a graph"
    if _in_keras_loop():
        return COMPILED, "in Keras's predict or evaluate"
    return LOOP, "it was outside of training, in a graph that may be exported"


def run_compiled():
    """The function that runs sequences in ways other than the loop on this backend."""
    if keras.backend.backend() == "jax":
        from kerasrnn.sequence._jax_cudnn import run_compiled
    else:
        from kerasrnn.sequence._tensorflow_engine import run_compiled
    return run_compiled


def _jax_has_gpu(backend):
    """Whether the backend is JAX, on a GPU that has cuDNN."""
    if backend != "jax":
        return False
    from kerasrnn.sequence._jax_cudnn import has_gpu

    return has_gpu()


def has_cudnn(cell):
    """Whether graphs that train run this cell by cuDNN, of which XLA has none."""
    if keras.backend.backend() != "tensorflow":
        return False
    from kerasrnn.sequence._tensorflow_cudnn import reason_against_cudnn

    return reason_against_cudnn(cell) is None


def _in_keras_loop():
    """Whether a graph is being made for Keras's `predict` or `evaluate`, or their like.

    No runtime but TensorFlow's sees those graphs, which a graph for export looks like otherwise;
    the graph of a function that they call is kept, and may be exported later.
    """
    frame = sys._getframe(1)
    while frame is not None:
        found = frame.f_globals.get("__name__"), frame.f_code.co_name
        if found == _KERAS_STEP:
            return True
        if found == _NEW_GRAPH or frame.f_code.co_name == "train_step":
            return False
        frame = frame.f_back
    return False
