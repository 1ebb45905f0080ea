"""Where the compiled way is taken, and how: cuDNN, shares, padding, what is kept."""

from functools import partial

import tensorflow as tf
from keras import ops

from kerasrnn._machine import cores
from kerasrnn.sequence._between import remember, remembered, sizes_of
from kerasrnn.sequence._engine import RECOMPUTE
from kerasrnn.sequence._tensorflow_check import reason_against
from kerasrnn.sequence._tensorflow_cudnn import (
    fits_cudnn,
    has_gpu,
    reason_against_cudnn,
    run_cudnn,
)
from kerasrnn.sequence._tensorflow_keep import Everything, Nothing, Pieces
from kerasrnn.sequence._tensorflow_plan import plan
from kerasrnn.sequence._tensorflow_rows import rows_of, sequence_of
from kerasrnn.sequence._tensorflow_share import Share
from kerasrnn.sequence._tensorflow_step import Step
from kerasrnn.sequence._tensorflow_training import run_shares

# Of fewer rows products are too small to pay for a share; training, whose gradient is one large
# product for all steps, bears fewer.
_ROWS_OF_A_SHARE = {"training": 8, "inference": 16}
_SHARES_OF_UNKNOWN = 4
_ROWS_OF_A_PLAN = 3  # if the batch is unknown: any number that no size of a cell has by chance


def run_compiled(
    cell, inputs, states, mask, drop, zero_output_for_mask, *, way, training, turned, plain, cudnn
):
    """The last output, the outputs and the last states; and how it was done.

    Where it cannot be done the first is `None`, and the second is the reason.

    Args:
        cell, inputs, states, mask, zero_output_for_mask, cudnn: as in `kerasrnn.sequence.run`; the
            sequence has at least one step, or unknown many.
        drop: dropout mask of the left operands of products `(batch, units)`, or `None`.
        way: `COMPILED` or `RECOMPUTE`.
        training: whether a gradient will be asked for.
        turned: whether the sequence runs from its last step to its first.
        plain: function that gives the result of the plain loop, for rows that cuDNN cannot read:
            TensorFlow finds no custom gradient inside a `cond`.
    """
    against = _reason_against_cudnn(cell, way, cudnn)
    if against is not None:
        result, how = _in_loops(
            cell, inputs, states, mask, drop, zero_output_for_mask, way, training
        )
        return result, f"{how}, not by cuDNN: {against}" if has_gpu() else how
    weights = _weights(cell)
    by_cudnn = partial(run_cudnn, cell, inputs, states, mask, weights, zero_output_for_mask, turned)
    fits = fits_cudnn(inputs, mask, turned)
    if fits is True:
        return by_cudnn(), "by cuDNN"
    how = "by cuDNN where it can read the rows, otherwise in the plain loop"
    return tf.cond(fits, by_cudnn, plain), how


def _reason_against_cudnn(cell, way, cudnn):
    """Why cuDNN does not run the cell in this graph, or `None`."""
    if way == RECOMPUTE:
        return 'engine("recompute") was chosen'
    if not cudnn:
        return "it was not asked for"
    if tf.__internal__.get_enclosing_xla_context() is not None:
        return "XLA, which compiles the graph around, has none"
    return reason_against_cudnn(cell)


def _in_loops(cell, inputs, states, mask, drop, zero_output_for_mask, way, training):
    """What `run_compiled` gives, by loops of our own that XLA compiles."""
    found = reason_against(cell)
    if found is not None:
        return None, found
    given, timesteps, sizes = inputs, inputs.shape[1], sizes_of(inputs)
    inputs, mask, piece = _padded(inputs, mask, in_pieces=way == RECOMPUTE)
    weights = _weights(cell)
    step = Step(cell, zero_output_for_mask)
    width = cell.kernel.shape[-1]
    rows = inputs.shape[0] or _ROWS_OF_A_PLAN
    found = plan(step, rows, width, weights, cell.compute_dtype, mask is not None, drop is not None)
    if isinstance(found, str):
        return None, found
    shares, (keeper, kept) = _shares(inputs.shape[0], training), _keeper(way, training, piece)
    below = remembered(given)
    same = below is not None and (len(below), below[0].shape[0]) == (shares, inputs.shape[1])
    parts, last_output, last_states = run_shares(
        Share(step, found),
        keeper,
        below if same else rows_of(inputs, shares),
        states,
        None if mask is None else tf.transpose(mask),
        drop,
        weights,
    )
    outputs = sequence_of(parts)
    was_padded = timesteps is None or outputs.shape[1] != timesteps
    if was_padded:
        outputs = outputs[:, : sizes[1]]
    if timesteps is None:
        last_output = tf.where(sizes[1] > 0, last_output, cell.initial_output(states))
    outputs.set_shape((inputs.shape[0], timesteps, cell.output_size))
    if not (was_padded and zero_output_for_mask):  # for zeros see `_with_steps`
        remember(outputs, parts, sizes)
    return (last_output, outputs, last_states), f"{shares} share(s) of the rows, {kept}"


def _keeper(way, training, piece):
    """What keeps what the gradient will read, and its description."""
    if way == RECOMPUTE:
        steps = f"{piece} steps" if isinstance(piece, int) else "a piece"
        return Pieces(piece), f"keeping the states every {steps}"
    if training:
        return Everything(), "keeping what the gradient reads"
    return Nothing(), "keeping nothing"


def _weights(cell):
    """The values of the weights, cast once for all steps where Keras would cast them in each."""
    values = [tf.convert_to_tensor(weight) for weight in cell.weights]
    dtype = cell.compute_dtype
    return [ops.cast(value, dtype) if value.dtype.is_floating else value for value in values]


def _shares(rows, training):
    """The number of shares that a batch is divided into: one a core."""
    if has_gpu():
        return 1
    threads = tf.config.threading.get_intra_op_parallelism_threads() or cores()
    least = _ROWS_OF_A_SHARE["training" if training else "inference"]
    most = _SHARES_OF_UNKNOWN if rows is None else rows // least
    return max(1, min(threads, most))


def _padded(inputs, mask, in_pieces):
    """A sequence with masked steps up to a length worth compiling for.

    XLA compiles for each length. Of unknown ones that are let through there are four an octave. A
    sequence in pieces is one of equal pieces, of about as many steps as there are pieces.

    Returns:
        The inputs, their mask, and the steps of a piece.
    """
    timesteps = inputs.shape[1]
    if timesteps is not None:
        if not in_pieces:
            return inputs, mask, None
        count = round(timesteps**0.5)
        piece = -(-timesteps // count)
        return *_with_steps(inputs, mask, count * piece - timesteps), piece
    length = sizes_of(inputs)[1]
    octave = tf.cast(
        tf.math.log(tf.cast(tf.maximum(length, 1), "float32")) / tf.math.log(2.0), "int32"
    )
    grain = tf.maximum(tf.bitwise.left_shift(1, octave) // 4, 1)
    missing = tf.maximum(-(-length // grain) * grain, 1) - length
    piece = tf.minimum(tf.bitwise.left_shift(1, octave // 2), grain)
    return *_with_steps(inputs, mask, missing), piece


def _with_steps(inputs, mask, missing):
    """A sequence, and its mask, with so many masked steps more."""
    if isinstance(missing, int) and missing == 0:
        return inputs, mask
    sizes, (rows, timesteps, features) = sizes_of(inputs), inputs.shape
    real = tf.ones(sizes, "bool") if mask is None else ops.cast(mask, "bool")
    # With copies of a real step: of zeros a cell's slope may be no number, masked or not.
    filling = tf.pad(inputs[:, :1], [[0, 0], [0, 1 - tf.minimum(sizes[1], 1)], [0, 0]])
    inputs = tf.concat([inputs, tf.repeat(filling, missing, axis=1)], axis=1)
    mask = tf.pad(real, [[0, 0], [0, missing]])
    steps = None if timesteps is None else timesteps + missing
    inputs.set_shape((rows, steps, features))
    mask.set_shape((rows, steps))
    return inputs, mask
