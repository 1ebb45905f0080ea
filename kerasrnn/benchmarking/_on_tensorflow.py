"""Work of a layer on TensorFlow: functions that return when their result is there."""

import tensorflow as tf

from kerasrnn.sequence import engine

HAS_WAYS = True  # `jit` and `way` make a difference


def gpu():
    """The name of the GPU that layers run on, or `None`."""
    found = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(found[0])["device_name"] if found else None


def inference(layer, x, *, jit, way):
    """The layer's outputs."""

    @tf.function(jit_compile=jit or None)
    def infer(x):
        with engine(way):  # as in Keras's `predict`
            return layer(x, training=False)

    return _waited_for(infer, tf.constant(x))


def training(layer, x, upstream, *, jit, way):
    """The gradients of the input and of the weights."""
    weights = [weight.value for weight in layer.trainable_weights]

    @tf.function(jit_compile=jit or None)
    def train(x, upstream):
        with tf.GradientTape() as tape, engine(way):
            tape.watch(x)
            y = layer(x, training=True)
        return tape.gradient(y, [x, *weights], output_gradients=upstream)

    return _waited_for(train, tf.constant(x), tf.constant(upstream))


def product(a, b):
    """The product of two matrices."""
    return _waited_for(tf.matmul, tf.constant(a), tf.constant(b))


def repeated(batch, count):
    """An epoch for `fit`: the same batch so many times."""
    return tf.data.Dataset.from_tensors(batch).repeat(count)


def _waited_for(function, *arguments):
    def run():
        result = function(*arguments)
        tf.test.experimental.sync_devices()
        return result

    return run
