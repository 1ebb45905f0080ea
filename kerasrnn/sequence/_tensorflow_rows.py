"""Shares of a batch's rows: cut from tensors, and joined again."""

import tensorflow as tf


def cut(tensor, count, axis=0):
    """A tensor, or `None`, in `count` pieces of whole rows, which lie along an axis.

    By `tf.split`, whose gradient is one concatenation.
    """
    if count == 1 or tensor is None:
        return [tensor] * count
    known = tensor.shape[axis]
    rows = tf.shape(tensor)[axis] if known is None else known
    ends = [rows * k // count for k in range(count + 1)]
    sizes = [end - start for start, end in zip(ends, ends[1:], strict=False)]
    return tf.split(tensor, sizes, axis, num=count)


def rows_of(sequence, count):
    """The rows of a sequence `(batch, time, …)` in shares `(time, rows, …)`."""
    return [other_first(part) for part in cut(sequence, count)]


def sequence_of(parts):
    """The sequence `(batch, time, …)` of shares of its rows `(time, rows, …)`."""
    parts = [other_first(part) for part in parts]
    return tf.concat(parts, 0) if len(parts) > 1 else parts[0]


def other_first(sequence):
    """`(batch, time, …)` of `(time, batch, …)`, and the other way round."""
    axes = [1, 0, *range(2, sequence.shape.rank)]
    return tf.transpose(sequence, axes)
