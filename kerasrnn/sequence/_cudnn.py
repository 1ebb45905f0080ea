"""What every backend's way to cuDNN shares: which cells it has, and how it reads their weights."""

import keras
from keras import ops


def reason_against_cell(cell, dtypes):
    """Why cuDNN does not have this cell in one of these dtypes, or `None`."""
    if "cudnn" not in vars(type(cell)) or cell.cudnn is None:
        return "it has no such cell"
    if cell.activation is not keras.activations.tanh or (
        cell.recurrent_activation is not keras.activations.sigmoid
    ):
        return "it has no activations but tanh and sigmoid"
    if not cell.use_bias or cell.recurrent_dropout > 0:
        return "it has a bias and no recurrent dropout"
    if cell.compute_dtype not in dtypes:
        return f"it is not used with {cell.compute_dtype}"
    return None


def packed(cell, weights):
    """The cell's weights in one vector, as cuDNN reads them.

    First the matrices of the input's products, then those of the recurrent ones, then their biases;
    each a gate at a time, and matrices `(units, …)`, which are transposes of ours.

    Args:
        cell: a cell for which `reason_against_cell` gave none.
        weights: the values of `cell.weights`.
    """
    _, order = cell.cudnn
    by_variable = dict(zip(map(id, cell.weights), weights, strict=True))
    kernel, recurrent, bias = (
        by_variable[id(variable)] for variable in (cell.kernel, cell.recurrent_kernel, cell.bias)
    )
    biases = ops.unstack(bias) if len(bias.shape) == 2 else [bias, ops.zeros_like(bias)]
    parts = []
    for tensor in (kernel, recurrent, *biases):
        gates = dict(zip(cell.gates, ops.split(tensor, len(cell.gates), axis=-1), strict=True))
        signed = [sign * gates[gate] for gate, sign in order.items()]
        parts += [ops.reshape(ops.transpose(piece), [-1]) for piece in signed]
    return ops.concatenate(parts, axis=0)
