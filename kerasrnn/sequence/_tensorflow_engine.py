"""Training in TensorFlow's graphs: the way of `_tensorflow_training.py`, where it can be taken."""

import tensorflow as tf
from keras import ops

from kerasrnn._machine import cores
from kerasrnn.sequence._tensorflow_check import reason_against
from kerasrnn.sequence._tensorflow_plan import plan
from kerasrnn.sequence._tensorflow_step import Step
from kerasrnn.sequence._tensorflow_training import Training

_ROWS_OF_A_SHARE = 8  # fewer, and products are too small to pay for a share
_SHARES_OF_UNKNOWN = 4
_ROWS_OF_A_PLAN = 3  # if the batch is unknown: any number that no size of a cell has by chance


def train(cell, inputs, states, mask, drop, zero_output_for_mask):
    """The last output, the outputs and the last states; and how it was done.

    Where it cannot be done the first is `None`, and the second is the reason.

    Args:
        cell, inputs, states, mask, zero_output_for_mask: as in `kerasrnn.sequence.run`; the
            sequence has at least one step, or unknown many.
        drop: dropout mask of the left operands of products `(batch, units)`, or `None`.
    """
    found = reason_against(cell)
    if found is not None:
        return None, found
    timesteps = inputs.shape[1]
    if timesteps is None:
        inputs, mask, length = _padded(inputs, mask)
    weights = [_in_dtype(weight, cell.compute_dtype) for weight in cell.weights]
    step = Step(cell, zero_output_for_mask)
    width = cell.kernel.shape[-1]
    rows = inputs.shape[0] or _ROWS_OF_A_PLAN
    found = plan(step, rows, width, weights, cell.compute_dtype, mask is not None, drop is not None)
    if isinstance(found, str):
        return None, found
    shares = _shares(inputs.shape[0])
    outputs, last_output, last_states = Training(step, found).run(
        inputs, states, mask, drop, weights, shares
    )
    if timesteps is None:
        outputs = outputs[:, :length]
        last_output = tf.where(length > 0, last_output, cell.initial_output(states))
    outputs.set_shape((inputs.shape[0], timesteps, cell.output_size))
    return (last_output, outputs, last_states), f"{shares} share(s) of the rows"


def _in_dtype(weight, dtype):
    """The value of a variable, cast once for all steps where Keras would cast it in each."""
    value = tf.convert_to_tensor(weight)
    return ops.cast(value, dtype) if value.dtype.is_floating else value


def _shares(rows):
    """The number of shares that a batch is divided into: one a core."""
    if tf.config.list_logical_devices("GPU"):
        return 1
    threads = tf.config.threading.get_intra_op_parallelism_threads() or cores()
    most = _SHARES_OF_UNKNOWN if rows is None else rows // _ROWS_OF_A_SHARE
    return max(1, min(threads, most))


def _padded(inputs, mask):
    """A sequence of unknown length with masked steps up to the next length worth compiling for.

    XLA compiles for each length. Of those that are let through there are four an octave.

    Returns:
        The inputs, their mask, and their length.
    """
    length = tf.shape(inputs)[1]
    octave = tf.cast(
        tf.math.log(tf.cast(tf.maximum(length, 1), "float32")) / tf.math.log(2.0), "int32"
    )
    grain = tf.maximum(tf.bitwise.left_shift(1, octave) // 4, 1)
    missing = tf.maximum(-(-length // grain) * grain, 1) - length
    real = tf.ones(tf.shape(inputs)[:2], "bool") if mask is None else ops.cast(mask, "bool")
    features = inputs.shape[-1]
    # With copies of a real step: of zeros a cell's slope may be no number, masked or not.
    filling = tf.pad(inputs[:, :1], [[0, 0], [0, 1 - tf.minimum(length, 1)], [0, 0]])
    inputs = tf.concat([inputs, tf.repeat(filling, missing, axis=1)], axis=1)
    inputs.set_shape((inputs.shape[0], None, features))
    return inputs, tf.pad(real, [[0, 0], [0, missing]]), length
