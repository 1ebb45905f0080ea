"""Work of a layer on JAX: functions that return when their result is there."""

import jax

HAS_WAYS = False  # all is compiled


def gpu():
    """The name of the GPU that layers run on, or `None`."""
    device = jax.devices()[0]
    return device.device_kind if device.platform == "gpu" else None


def inference(layer, x, *, jit, way):
    """The layer's outputs."""
    weights, others = _variables(layer)

    def infer(x):
        return layer.stateless_call(weights, others, x, training=False)[0]

    return _waited_for(infer, x)


def training(layer, x, upstream, *, jit, way):
    """The gradients of the input and of the weights."""
    weights, others = _variables(layer)

    def train(x, weights, upstream):
        def outputs(x, weights):
            return layer.stateless_call(weights, others, x, training=True)[0]

        to_x, to_weights = jax.vjp(outputs, x, weights)[1](upstream)
        return [to_x, *to_weights]

    return _waited_for(train, x, weights, upstream)


def product(a, b):
    """The product of two matrices."""
    return _waited_for(jax.numpy.matmul, a, b)


def repeated(batch, count):
    """An epoch for `fit`: the same batch so many times."""
    return (batch for _ in range(count))


def _variables(layer):
    trainable = [variable.value for variable in layer.trainable_variables]
    return trainable, [variable.value for variable in layer.non_trainable_variables]


def _waited_for(function, *arguments):
    arguments = jax.device_put(arguments)
    compiled = jax.jit(function)
    return lambda: jax.block_until_ready(compiled(*arguments))
