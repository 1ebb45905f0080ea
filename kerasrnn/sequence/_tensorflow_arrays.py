"""Sequences in TensorFlow: arrays of steps, and masks, with time first."""

import tensorflow as tf


def length_of(sequence):
    """The number of steps of `(time, …)`, as a number if it is known."""
    return tf.shape(sequence)[0] if sequence.shape[0] is None else sequence.shape[0]


def steps_of(sequence):
    """An array whose elements are the steps of `(time, …)`."""
    length, shape = length_of(sequence), sequence.shape[1:]
    return tf.TensorArray(sequence.dtype, size=length, element_shape=shape).unstack(sequence)


def empty_array(like, length):
    """An array of so many elements, each like a tensor."""
    return tf.TensorArray(like.dtype, size=length, element_shape=like.shape)


def write(arrays, t, values):
    """The arrays with a value in place `t` of each."""
    return [array.write(t, value) for array, value in zip(arrays, values, strict=True)]


def at(steps, t):
    """The step `t` of an array, or `None` of none."""
    return None if steps is None else steps.read(t)


def listed_steps(sequence):
    """A function `(t, count)` that gives a list of the steps of `(time, …)` from `t` on."""
    steps = steps_of(sequence)
    return lambda t, count: [steps.read(t + place) for place in range(count)]


def stacked_steps(sequence, most):
    """A function `(t, count)` that gives steps `(count, …)` of `(time, …)` from `t` on.

    Args:
        most: the largest count. XLA asks for so many steps even where none will be read.
    """
    missing = tf.maximum(most - length_of(sequence), 0)
    sequence = tf.pad(sequence, [[0, missing], *[[0, 0]] * (len(sequence.shape) - 1)])
    shape = tf.shape(sequence)[1:]

    def read(t, count):
        begin = tf.concat([[t], tf.zeros_like(shape)], 0)
        steps = tf.slice(sequence, begin, tf.concat([[count], shape], 0))
        steps.set_shape((count, *sequence.shape[1:]))
        return steps

    return read


def mask_steps(mask):
    """An array of masks `(batch, 1)` from `(time, batch)`, or `None`."""
    return None if mask is None else steps_of(mask[..., None])


def keep_shapes(new, old):
    """Tells tensors of the shapes before: a `while` refuses any that differ from round to round."""
    for after, before in zip(new, old, strict=True):
        after.set_shape(before.shape)
