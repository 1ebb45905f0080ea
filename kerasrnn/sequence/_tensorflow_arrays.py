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


def mask_steps(mask):
    """An array of masks `(batch, 1)` from `(batch, time)`, or `None`."""
    return None if mask is None else steps_of(tf.transpose(mask)[..., None])


def other_first(sequence):
    """`(batch, time, …)` of `(time, batch, …)`, and the other way round."""
    return tf.transpose(sequence, (1, 0, 2))


def keep_shapes(new, old):
    """Tells tensors of the shapes before: a `while` refuses any that differ from round to round."""
    for after, before in zip(new, old, strict=True):
        after.set_shape(before.shape)
