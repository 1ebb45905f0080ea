"""cuDNN's LSTM on a GPU on JAX, which has none of its other cells: where Keras takes it too."""

import jax
from keras import ops

from kerasrnn.sequence._cudnn import packed, reason_against_cell
from kerasrnn.sequence._engine import RECOMPUTE

_DTYPES = ("float32",)  # the kernel of JAX reads no others


def has_gpu():
    """Whether JAX runs on a GPU of Nvidia's by default; AMD's has the gates in another order."""
    if jax.default_backend() != "gpu":
        return False
    return "rocm" not in jax.devices()[0].client.platform_version.lower()


def run_compiled(cell, inputs, states, mask, *_, way, training, turned, plain, cudnn):
    """The last output, the outputs and the last states; and how it was done.

    Where it cannot be done the first is `None`, and the second is the reason. The arguments are
    those of `run_compiled` of TensorFlow's engine; rows with a mask are not read.
    """
    against = _reason_against(cell, inputs, mask, way, cudnn)
    if against is None:
        try:
            return _run(cell, inputs, states), "by cuDNN"
        except RuntimeError as error:  # or NotImplementedError: `vmap` has no rule for it
            against = f"JAX says {str(error) or type(error).__name__}"
    return None, f"the backend is jax; not by cuDNN: {against}"


def _reason_against(cell, inputs, mask, way, cudnn):
    """Why cuDNN does not run this sequence, or `None`."""
    if way == RECOMPUTE:
        return 'engine("recompute") was chosen'
    if not cudnn:
        return "it was not asked for"
    if mask is not None:
        return "there is a mask"
    if not all(isinstance(size, int) for size in inputs.shape):
        return "the sizes are not known"
    if 0 in inputs.shape:
        return "there are no rows or no features"
    if cell.cudnn is not None and cell.cudnn[0] != "lstm":
        return "JAX has its LSTM alone"
    return reason_against_cell(cell, _DTYPES)


def _run(cell, inputs, states):
    """The last output, the outputs `(batch, time, units)` and the last states."""
    from jax.experimental import rnn

    dtype = cell.compute_dtype
    batch, timesteps, features = inputs.shape
    outputs, *last = rnn.lstm(
        ops.cast(inputs, dtype),
        *(ops.cast(state, dtype)[None] for state in states),
        packed(cell, [ops.cast(weight, dtype) for weight in cell.weights]),
        jax.numpy.full((batch,), timesteps, "int32"),
        features,
        cell.units,
        1,  # one layer
        0.0,  # no dropout between layers
        False,  # of one direction
    )
    last = [state[0] for state in last]
    return last[0], outputs, last
