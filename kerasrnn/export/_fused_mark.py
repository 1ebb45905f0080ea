"""Marks in a traced graph, where LiteRT's sequence LSTM is to stand: see `_fused_operators.py`."""

import re

import keras
from keras import ops

from kerasrnn.cells import LSTMCell, PeepholeLSTMCell
from kerasrnn.export._parity import ExportError

MARK = "kerasrnn.sequence_lstm"
FORWARD, BACKWARD = "forward", "backward"
# The converter leaves a function that says so as one operator of that name, with its arguments.
_AS_ONE_OPERATOR = 'name: "{name}" attr {{ key: "tfl_fusable_op" value {{ b: true }} }}'


def reason_against_fused(sequence):
    """Why LiteRT's sequence LSTM cannot stand for a `Sequence`, and what to do; or `None`."""
    cell = sequence.cell
    if type(cell) not in (LSTMCell, PeepholeLSTMCell):
        return f"LiteRT has an operation for LSTMs alone, none for a {type(cell).__name__}"
    if getattr(cell, "output_peephole", "current") != "current":
        return "its output gate sees c⟨t⟩; train with output_peephole='current'"
    if cell.activation is not keras.activations.tanh or (
        cell.recurrent_activation is not keras.activations.sigmoid
    ):
        return "it has no activations but tanh and sigmoid"
    if cell.compute_dtype != "float32":
        return f"it computes in float32, not in {cell.compute_dtype}; set the layer's `dtype`"
    if sequence.mask is not None:
        return "it knows no mask; give it sequences without padding and leave the mask out"
    if not sequence.at_rest:
        return "it starts at zero states; leave out `initial_state` and `stateful`"
    return None


def fused(sequence):
    """For `lowered`: the function that marks a `Sequence`.

    Raises:
        ExportError: LiteRT's sequence LSTM cannot stand for it.
    """
    reason = reason_against_fused(sequence)
    if reason is not None:
        raise ExportError(cannot(layer_of(sequence.cell), reason))
    return marked


def cannot(layer, reason):
    """What is said where the lowering fails for a layer."""
    return (
        f"'{layer}' cannot be LiteRT's sequence LSTM: {reason}. With lowering='auto' it takes "
        "another way."
    )


def layer_of(cell):
    """The path of the layer that a built cell is in, as in `brnn/backward_lstm`."""
    return cell.kernel.path.rsplit("/", 2)[0]


def marked(sequence):
    """The last output, the outputs in the order of reading, and the states: all of a mark.

    The mark's own outputs are in the order of the input, as LiteRT's bidirectional LSTM gives them.
    """
    import tensorflow as tf

    cell, backward = sequence.cell, sequence.go_backwards
    rows, timesteps, _ = sequence.inputs.shape
    layer = re.sub(r"[^\w./-]", "_", layer_of(cell), flags=re.ASCII)
    name = f"{MARK} {BACKWARD if backward else FORWARD} {layer}"

    @tf.function(experimental_implements=_AS_ONE_OPERATOR.format(name=name), autograph=False)
    def mark(inputs, *weights):
        return tf.zeros((rows, timesteps, cell.units)), tf.zeros((rows, cell.units))

    outputs, c = mark(ops.cast(sequence.inputs, "float32"), *_weights(cell))
    last_output = outputs[:, 0 if backward else -1]
    outputs = tf.reverse(outputs, [1]) if backward else outputs
    return last_output, outputs, [last_output, c]


def _weights(cell):
    """Kernel, recurrent kernel, bias and, where there is one, peephole kernel, as tensors."""
    bias = ops.zeros(cell.bias_shape) if cell.bias is None else cell.bias
    weights = [cell.kernel, cell.recurrent_kernel, bias]
    if isinstance(cell, PeepholeLSTMCell):
        weights.append(cell.peephole_kernel)
    return [ops.convert_to_tensor(weight) for weight in weights]
