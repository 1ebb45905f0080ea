"""Gradients of a layer on any backend."""

import keras

from tests.reference.weights import arrays


def value_and_gradients(loss, layer, inputs):
    """What a loss gives, and its gradients.

    Args:
        loss: function of the inputs that returns a scalar tensor and any other result.
        layer: the layer, or model, whose trainable weights the loss uses.
        inputs: list of arrays.

    Returns:
        The other result as a list of arrays, and lists of arrays: the gradients with respect to
        the inputs and to the layer's trainable weights.
    """
    inputs = [keras.ops.convert_to_tensor(array) for array in inputs]
    result, gradients = _BACKENDS[keras.backend.backend()](loss, layer, inputs)
    gradients = [keras.ops.convert_to_numpy(gradient) for gradient in gradients]
    return arrays(result), gradients[: len(inputs)], gradients[len(inputs) :]


def sum_of_squares(result):
    """A scalar that all tensors of a result act on."""
    return sum(keras.ops.sum(tensor**2) for tensor in keras.tree.flatten(result))


def gradients_of_squares(layer, x, **call):
    """The result of a layer, and the gradients of `sum_of_squares` of it: of x, of the weights."""

    def loss(x):
        result = layer(x, **call)
        return sum_of_squares(result), result

    result, (to_x,), to_weights = value_and_gradients(loss, layer, [x])
    return result, to_x, to_weights


def _tensorflow(loss, layer, inputs):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value, result = loss(*inputs)
    weights = [weight.value for weight in layer.trainable_weights]
    return result, tape.gradient(value, [*inputs, *weights])


def _jax(loss, layer, inputs):
    import jax

    variables = layer.trainable_weights

    def pure(inputs, values):
        mapping = list(zip(variables, values, strict=True))
        with keras.StatelessScope(state_mapping=mapping):
            return loss(*inputs)

    values = [variable.value for variable in variables]
    slope = jax.value_and_grad(pure, argnums=(0, 1), has_aux=True)
    (_, result), (to_inputs, to_weights) = slope(inputs, values)
    return result, [*to_inputs, *to_weights]


def _torch(loss, layer, inputs):
    import torch

    inputs = [tensor.clone().requires_grad_(True) for tensor in inputs]
    value, result = loss(*inputs)
    weights = [weight.value for weight in layer.trainable_weights]
    return result, torch.autograd.grad(value, [*inputs, *weights])


_BACKENDS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
