"""The loop over time in TensorFlow: a `while` over arrays of steps.

`keras.ops.scan` serves the other backends; in TensorFlow it stores the whole carry of each step,
where this loop stores the output alone.
"""

import tensorflow as tf
from keras import ops, tree

from kerasrnn.sequence._loops import time_major
from kerasrnn.sequence._tensorflow_arrays import at, keep_shapes, length_of, steps_of


def while_loop(step, carry, projected, mask, width=None):
    """See `kerasrnn.sequence._loops` for the arguments and the result."""
    timesteps = projected.shape[1]
    projected, mask = time_major(projected, mask)
    length, projected_steps = length_of(projected), steps_of(projected)
    masks = None if mask is None else steps_of(mask)
    output, _ = carry
    shape = output.shape if width is None else (output.shape[0], width)
    outputs = tf.TensorArray(output.dtype, size=length, element_shape=shape)

    def body(t, carry, outputs):
        new_carry, output = step(carry, projected_steps.read(t), at(masks, t))
        keep_shapes(tree.flatten(new_carry), tree.flatten(carry))
        return t + 1, new_carry, outputs.write(t, output)

    _, carry, outputs = tf.while_loop(
        lambda t, *_: t < length,
        body,
        (tf.constant(0), carry, outputs),
        maximum_iterations=length,
    )
    outputs = ops.swapaxes(_stacked(outputs, output, shape, timesteps), 0, 1)
    outputs.set_shape([shape[0], timesteps, shape[1]])
    return carry, outputs


def _stacked(outputs, output, shape, timesteps):
    """The array of steps as a tensor `(time, batch, width)`."""
    if timesteps is not None:
        return outputs.stack()
    # There may turn out to be no step, and of an empty array `stack` must know the static shape.
    return tf.raw_ops.TensorListStack(
        input_handle=outputs.flow,
        element_shape=tf.stack([tf.shape(output)[0], shape[1]]),
        element_dtype=output.dtype,
    )
