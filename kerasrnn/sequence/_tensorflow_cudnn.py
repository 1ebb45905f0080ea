"""cuDNN's loops on a GPU, for cells whose equations it has: where Keras takes them too."""

import tensorflow as tf
from keras import ops

from kerasrnn.sequence._cudnn import packed, reason_against_cell

_DTYPES = ("float16", "float32", "float64")


def has_gpu():
    """Whether TensorFlow sees a GPU."""
    return bool(tf.config.get_visible_devices("GPU"))


def reason_against_cudnn(cell):
    """Why cuDNN never runs this cell here, or `None`."""
    against = reason_against_cell(cell, _DTYPES)
    if against is not None:
        return against
    if not (has_gpu() and tf.sysconfig.get_build_info()["is_cuda_build"]):
        return "there is no GPU of Nvidia's"
    return None


def fits_cudnn(inputs, mask, turned):
    """Whether cuDNN can read the rows: `True`, or a scalar that tells when it runs.

    It reads rows that are padded on the right; or on the left if `turned`, as those can be moved.
    """
    some = True if inputs.shape[1] else tf.shape(inputs)[1] > 0
    if mask is None:
        return some
    real = tf.sequence_mask(_lengths(inputs, mask), tf.shape(inputs)[1])
    real = tf.reverse(real, [1]) if turned else real
    at_one_end = tf.reduce_all(tf.equal(real, ops.cast(mask, "bool")))
    return tf.logical_and(at_one_end, some)


def run_cudnn(cell, inputs, states, mask, weights, zero_output_for_mask, turned):
    """The last output, the outputs `(batch, time, units)` and the last states.

    Args:
        cell: a cell for which `reason_against_cudnn` gave none.
        inputs, states, mask, zero_output_for_mask: as in `kerasrnn.sequence.run`; rows that
            `fits_cudnn` accepts.
        weights: the cell's weights as tensors.
        turned: whether the sequence runs from its last step to its first, so that padding comes
            first.
    """
    name, _ = cell.cudnn
    rows, lengths = ops.cast(inputs, cell.compute_dtype), _lengths(inputs, mask)
    moved = turned and mask is not None
    if moved:
        rows = tf.reverse_sequence(tf.reverse(rows, [1]), lengths, seq_axis=1)
    first = [tf.expand_dims(state, 1) for state in states]
    outputs, *last, _, _ = tf.raw_ops.CudnnRNNV3(
        input=rows,
        input_h=first[0],
        input_c=first[1] if len(first) > 1 else tf.zeros((), rows.dtype),
        params=packed(cell, weights),
        sequence_lengths=tf.maximum(lengths, 1),  # it knows no row without a step
        rnn_mode=name,
        time_major=False,
        is_training=True,  # its gradient is not there otherwise
    )
    last = [tf.squeeze(state, 1) for state in last[: len(states)]]
    last_output = last[0]
    if moved:
        outputs = tf.reverse(tf.reverse_sequence(outputs, lengths, seq_axis=1), [1])
    if mask is not None:
        has_steps = (lengths > 0)[:, None]
        last_output = tf.where(has_steps, last_output, tf.zeros_like(last_output))
        last = [tf.where(has_steps, new, old) for new, old in zip(last, states, strict=True)]
        repeats = not (zero_output_for_mask or turned)  # before its first real step a row is zero
        shown = last_output if repeats else tf.zeros_like(last_output)
        outputs = tf.where(ops.cast(mask, "bool")[..., None], outputs, shown[:, None])
    outputs.set_shape((*inputs.shape[:2], cell.output_size))
    return last_output, outputs, last


def _lengths(inputs, mask):
    """The number of real steps of each row."""
    if mask is not None:
        return tf.reduce_sum(ops.cast(mask, "int32"), 1)
    rows, timesteps = tf.unstack(tf.shape(inputs)[:2])
    return tf.fill([rows], timesteps)
