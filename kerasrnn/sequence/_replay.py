"""Watching a cell's step from inside: its products and its activations.

A step is code that the cell's author wrote. What the engine adds is seen through two functions that
the step calls anyway: the `matmul` that it is handed, and the cell's activations, which are put in
place on a `view` of the cell.
"""

import keras

# Activations whose slope is a function of their value.
_SLOPES = {
    keras.activations.tanh: lambda value, slope: slope * (1 - value * value),
    keras.activations.sigmoid: lambda value, slope: slope * (value * (1 - value)),
    keras.activations.relu: lambda value, slope: slope * keras.ops.cast(value > 0, value.dtype),
    keras.activations.linear: lambda value, slope: slope,
}
_ATTRIBUTES = ("activation", "recurrent_activation")


def slope(activation, value, upstream):
    """The gradient of an activation's argument, from the activation's value."""
    return _SLOPES[activation](value, upstream)


def view(cell, weights, seen=None):
    """The cell, but that tensors stand for its weights, and `seen` for its activations.

    The view shares everything else with the cell, which stays as it is.

    Args:
        cell: a built cell.
        weights: tensors, in the order of `cell.weights`.
        seen: function of an activation and its argument, called in place of each activation that
            can be replayed; or `None`.
    """
    other = object.__new__(type(cell))
    other.__dict__.update(cell.__dict__)
    tensors = {id(variable): tensor for variable, tensor in zip(cell.weights, weights, strict=True)}
    for name, value in cell.__dict__.items():
        if id(value) in tensors:
            other.__dict__[name] = tensors[id(value)]
    if seen is None:
        return other
    for name in _ATTRIBUTES:
        activation = cell.__dict__.get(name)
        if _is_known(activation):
            other.__dict__[name] = lambda z, activation=activation: seen(activation, z)
    return other


def _is_known(activation):
    try:
        return activation in _SLOPES
    except TypeError:  # not hashable
        return False


class Recording:
    """Makes products and activations, and keeps them in the order in which the step made them."""

    def __init__(self, matmul):
        self.products, self.weights, self.activations = [], [], []
        self._matmul = matmul

    def matmul(self, operand, weight):
        weight = keras.ops.copy(weight)  # no weight itself, so that a tape sees it used
        self.weights.append(weight)
        self.products.append(self._matmul(operand, weight))
        return self.products[-1]

    def activation(self, activation, z):
        self.activations.append(activation(z))
        return self.activations[-1]
