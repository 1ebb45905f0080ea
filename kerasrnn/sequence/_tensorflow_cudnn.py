"""cuDNN's loops on a GPU, for the two cells whose equations it has: where Keras takes them too."""

import keras
import tensorflow as tf
from keras import ops

from kerasrnn.cells import FullGRUCell, LSTMCell

# What cuDNN calls a layer, its order of our gates, and the sign of their weights: its update gate
# multiplies the old state, and is 1 − Γ_u = σ(−z_u).
_LAYERS = {
    LSTMCell: ("lstm", [("u", 1), ("f", 1), ("c", 1), ("o", 1)]),
    FullGRUCell: ("gru", [("r", 1), ("u", -1), ("c", 1)]),
}
_DTYPES = ("float16", "float32", "float64")


def reason_against_cudnn(cell, drop):
    """Why cuDNN does not do this cell here, or `None`.

    Args:
        cell: a built cell.
        drop: its recurrent dropout's mask, or `None`.
    """
    if not tf.config.list_logical_devices("GPU"):
        return "there is no GPU"
    if type(cell) not in _LAYERS or not getattr(cell, "reset_after", True):
        return "cuDNN has no such cell"
    if cell.activation is not keras.activations.tanh or (
        cell.recurrent_activation is not keras.activations.sigmoid
    ):
        return "cuDNN has no activations but tanh and sigmoid"
    if not cell.use_bias or drop is not None:
        return "cuDNN has a bias and no recurrent dropout"
    if cell.compute_dtype not in _DTYPES:
        return f"cuDNN is not used with {cell.compute_dtype}"
    if _is_compiled_around():
        return "XLA, which compiles the graph around, has no cuDNN"
    return None


def fits_cudnn(inputs, mask, turned):
    """Whether cuDNN can read the rows: `True`, or a scalar that tells when it runs.

    It reads rows of at least one step that are padded on the right; or on the left, if they were
    turned, as those can be moved.
    """
    if mask is None:
        return True if inputs.shape[1] else tf.shape(inputs)[1] > 0
    lengths = _lengths(inputs, mask)
    real = tf.sequence_mask(lengths, tf.shape(inputs)[1])
    real = tf.reverse(real, [1]) if turned else real
    at_one_end = tf.reduce_all(tf.equal(real, ops.cast(mask, "bool")))
    return tf.logical_and(at_one_end, tf.reduce_all(lengths > 0))


def run_cudnn(cell, inputs, states, mask, weights, zero_output_for_mask, turned):
    """The last output, the outputs `(batch, time, units)` and the last states.

    Args:
        cell: a cell for which `reason_against_cudnn` gave none.
        inputs, states, mask, zero_output_for_mask: as in `kerasrnn.sequence.run`; rows that
            `fits_cudnn` accepts.
        weights: the cell's weights as tensors.
        turned: whether rows are padded on the left.
    """
    name, _ = _LAYERS[type(cell)]
    rows, lengths = ops.cast(inputs, cell.compute_dtype), _lengths(inputs, mask)
    moved = turned and mask is not None
    if moved:
        rows = tf.reverse_sequence(tf.reverse(rows, [1]), lengths, seq_axis=1)
    first = [tf.expand_dims(state, 1) for state in states]
    outputs, *last, _, _ = tf.raw_ops.CudnnRNNV3(
        input=rows,
        input_h=first[0],
        input_c=first[1] if name == "lstm" else tf.zeros((), rows.dtype),
        params=packed(cell, weights),
        sequence_lengths=lengths,
        rnn_mode=name,
        time_major=False,
        is_training=True,  # its gradient is not there otherwise
    )
    last = [tf.squeeze(state, 1) for state in last[: len(states)]]
    if moved:
        outputs = tf.reverse(tf.reverse_sequence(outputs, lengths, seq_axis=1), [1])
    if mask is not None:
        repeats = not (zero_output_for_mask or turned)  # before its first real step a row is zero
        shown = last[0] if repeats else tf.zeros_like(last[0])
        outputs = tf.where(ops.cast(mask, "bool")[..., None], outputs, shown[:, None])
    outputs.set_shape((*inputs.shape[:2], cell.output_size))
    return last[0], outputs, last


def packed(cell, weights):
    """The cell's weights in one vector, as cuDNN reads them.

    First the matrices of the input's products, then those of the recurrent ones, then their biases;
    each a gate at a time, and matrices `(units, …)`, which are transposes of ours.
    """
    _, order = _LAYERS[type(cell)]
    by_variable = dict(zip(map(id, cell.weights), weights, strict=True))
    kernel, recurrent, bias = (
        by_variable[id(variable)] for variable in (cell.kernel, cell.recurrent_kernel, cell.bias)
    )
    biases = tf.unstack(bias) if bias.shape.rank == 2 else [bias, tf.zeros_like(bias)]
    parts = []
    for tensor in (kernel, recurrent, *biases):
        gates = dict(zip(cell.gates, tf.split(tensor, len(cell.gates), axis=-1), strict=True))
        parts += [tf.reshape(tf.transpose(sign * gates[gate]), [-1]) for gate, sign in order]
    return tf.concat(parts, 0)


def _lengths(inputs, mask):
    """The number of real steps of each row."""
    if mask is not None:
        return tf.reduce_sum(ops.cast(mask, "int32"), 1)
    rows, timesteps = tf.unstack(tf.shape(inputs)[:2])
    return tf.fill([rows], timesteps)


def _is_compiled_around():
    """Whether the graph, or one around it, is that of a `tf.function(jit_compile=True)`."""
    graph = tf.compat.v1.get_default_graph()
    while graph is not None:
        context = graph._get_control_flow_context()
        while context is not None:
            if context.IsXLAContext():
                return True
            context = context.outer_context
        graph = getattr(graph, "outer_graph", None)
    return False
