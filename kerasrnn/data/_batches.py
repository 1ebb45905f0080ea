"""Batches of few different shapes, so that a compiled training step is compiled few times."""

import numpy as np


def batches(
    inputs, targets, lengths, batch_size, *, shuffle=False, seed=0, boundaries=(16, 32, 64)
):
    """A `tf.data.Dataset` of padded batches, sentences of similar length together.

    Each batch is padded to the least boundary that holds its longest sequence (beyond the last
    boundary to a multiple of it), and a batch that lacks rows is filled with empty ones, which
    the mask leaves out of the loss: there are as many shapes as boundaries in use.

    Args:
        inputs: dictionary of arrays `(examples, time, ...)`.
        targets: array `(examples, time)`.
        lengths: array `(examples,)`, the real time steps of each example.
        batch_size: rows of each batch.
        shuffle: whether each pass has an order of its own.
        seed: seed of the order.
        boundaries: increasing lengths to pad to.

    Returns:
        A dataset of `(inputs, targets)`.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.data import batches
        >>> words = np.ones((3, 20), "int32")
        >>> dataset = batches({"words": words}, words, np.array([5, 20, 7]), batch_size=2)
        >>> sorted(tuple(inputs["words"].shape) for inputs, _ in dataset)
        [(2, 16), (2, 32)]
    """
    import tensorflow as tf

    plan = _Plan(np.asarray(lengths), batch_size, boundaries)

    def generate():
        order = np.random.default_rng((seed, plan.passes) if shuffle else None)
        for rows, length in plan.batches(order if shuffle else None):
            cut = {name: _rows(array, rows, length, batch_size) for name, array in inputs.items()}
            yield cut, _rows(targets, rows, length, batch_size)

    def spec(array):
        return tf.TensorSpec((batch_size, None, *array.shape[2:]), array.dtype)

    signature = ({name: spec(array) for name, array in inputs.items()}, spec(targets))
    dataset = tf.data.Dataset.from_generator(generate, output_signature=signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(plan.count))
    return dataset.prefetch(2)


class _Plan:
    """Which rows stand in a batch together."""

    def __init__(self, lengths, batch_size, boundaries):
        self.batch_size = batch_size
        self.passes = 0
        self.groups = {}
        for row, length in enumerate(lengths):
            self.groups.setdefault(_padded(length, boundaries), []).append(row)
        self.count = sum(-(-len(rows) // batch_size) for rows in self.groups.values())

    def batches(self, order):
        self.passes += 1
        found = []
        for length, rows in sorted(self.groups.items()):
            rows = np.asarray(rows)
            if order is not None:
                order.shuffle(rows)
            starts = range(0, len(rows), self.batch_size)
            found += [(rows[start : start + self.batch_size], length) for start in starts]
        if order is not None:
            order.shuffle(found)
        return found


def _padded(length, boundaries):
    last = boundaries[-1]
    return next((b for b in boundaries if length <= b), -(-int(length) // last) * last)


def _rows(array, rows, length, batch_size):
    """The rows, cut or padded to a time, and empty rows up to the batch size."""
    batch = np.zeros((batch_size, length, *array.shape[2:]), array.dtype)
    time = min(length, array.shape[1])
    batch[: len(rows), :time] = array[rows, :time]
    return batch
