"""Slopes of a layer's loss by central differences, one element at a time, on any backend."""

import keras
import numpy as np

from tests.reference.weights import DOUBLES_ARE_WHOLE

# Where Keras computes float64 in float32 a small step drowns in rounding.
STEP = 1e-6 if DOUBLES_ARE_WHOLE else 3e-3
CLOSE = {"rtol": 1e-6, "atol": 1e-8} if DOUBLES_ARE_WHOLE else {"rtol": 1e-2, "atol": 1e-3}


def central_differences(loss, layer, inputs):
    """The slope of `loss` along each element of the inputs and of the layer's weights.

    Args:
        loss: function of the inputs that returns a scalar tensor.
        layer: the layer whose trainable weights the loss uses; they stay as they are.
        inputs: list of float64 arrays.

    Returns:
        Lists of arrays: the slopes with respect to the inputs and to the trainable weights.
    """
    variables = layer.trainable_weights
    arrays = [*inputs, *(keras.ops.convert_to_numpy(variable) for variable in variables)]
    shapes = [array.shape for array in arrays]
    ends = np.cumsum([array.size for array in arrays])

    def parts(vector, split, reshape):
        pieces = split(vector, ends[:-1])
        return [reshape(piece, shape) for piece, shape in zip(pieces, shapes, strict=True)]

    def loss_at(vector):
        values = parts(vector, keras.ops.split, keras.ops.reshape)
        mapping = zip(variables, values[len(inputs) :], strict=True)
        with keras.StatelessScope(state_mapping=mapping):
            return loss(*values[: len(inputs)])

    compiled = _COMPILERS[keras.backend.backend()](lambda points: keras.ops.map(loss_at, points))
    point = np.concatenate([array.ravel() for array in arrays])
    steps = STEP * np.eye(len(point))
    points = keras.ops.convert_to_tensor(np.concatenate([point + steps, point - steps]))
    above, below = np.split(keras.ops.convert_to_numpy(compiled(points)), 2)
    slopes = parts((above - below) / (2 * STEP), np.split, np.reshape)
    return slopes[: len(inputs)], slopes[len(inputs) :]


def _tensorflow(function):
    import tensorflow as tf

    return tf.function(function)


def _jax(function):
    import jax

    return jax.jit(function)


_COMPILERS = {"tensorflow": _tensorflow, "jax": _jax}
