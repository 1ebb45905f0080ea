"""Batches of few different shapes, so that a compiled training step is compiled few times."""

import numpy as np


def batches(
    inputs,
    targets,
    lengths,
    batch_size,
    *,
    shuffle=False,
    seed=0,
    boundaries=(16, 32, 64),
    weights=None,
    change=None,
):
    """A `tf.data.Dataset` of padded batches, sequences of similar length together.

    Each batch is padded to the least boundary that holds its longest sequence (beyond the last
    boundary to a multiple of it; where all are of one length, to that), and a batch that lacks rows
    is filled: there are as many shapes as boundaries in use. Without weights of examples it is
    filled with empty rows, which a mask, or the weights of steps, leave out of the loss; with them,
    with its first row again, which weighs nothing.

    Args:
        inputs: dictionary of arrays `(examples, time, ...)`, or `(examples, features)` where the
            lengths are all 1; those of `(examples,)` have no time.
        targets: array `(examples, time)`, or `(examples,)` with weights of examples.
        lengths: array `(examples,)`, the real time steps of each example.
        batch_size: rows of each batch.
        shuffle: whether each pass has an order of its own.
        seed: seed of the order.
        boundaries: increasing lengths to pad to.
        weights: array `(examples,)` or `(examples, time)`, what each example, or each step, counts
            for in the loss, or `None`.
        change: dictionary from inputs' names to functions of row numbers and a NumPy `Generator`
            that give those rows of the input, changed at random in each pass; or `None`.

    Returns:
        A dataset of `(inputs, targets)`, or of `(inputs, targets, weights)`.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.data import batches
        >>> words = np.ones((3, 20), "int32")
        >>> dataset = batches({"words": words}, words, np.array([5, 20, 7]), batch_size=2)
        >>> sorted(tuple(inputs["words"].shape) for inputs, _ in dataset)
        [(2, 16), (2, 32)]
    """
    import tensorflow as tf

    lengths = np.asarray(lengths)
    plan = _Plan(lengths, batch_size, boundaries)
    timed = weights is None or weights.ndim > 1
    fill = _empty_rows if timed else _first_row
    time = {name for name, array in inputs.items() if _has_time(array, lengths)}

    def generate():
        order = np.random.default_rng((seed, plan.passes) if shuffle else None)
        chance = np.random.default_rng((seed, plan.passes, 1))
        for rows, length in plan.batches(order if shuffle else None):
            cut = {}
            for name, array in inputs.items():
                changed = (change or {}).get(name)
                found = changed(rows, chance) if changed else array[rows]
                cut[name] = fill(_cut(found, length if name in time else None), batch_size)
            if weights is None:
                yield cut, fill(_cut(targets[rows], length), batch_size)
                continue
            told = [_cut(a[rows], length) if timed else a[rows] for a in (targets, weights)]
            yield cut, fill(told[0], batch_size), _empty_rows(told[1], batch_size)

    def spec(array, timed):
        inner = (None, *array.shape[2:]) if timed else array.shape[1:]
        return tf.TensorSpec((batch_size, *inner), array.dtype)

    signature = ({name: spec(array, name in time) for name, array in inputs.items()},)
    signature += (spec(targets, timed),)
    if weights is not None:
        signature += (spec(weights, timed),)
    dataset = tf.data.Dataset.from_generator(generate, output_signature=signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(plan.count))
    return dataset.prefetch(2)


def padded_length(lengths, longest, boundaries=(16, 32, 64)):
    """The length to which a batch is padded whose longest sequence is `longest` steps long.

    Args:
        lengths: array, the lengths of all sequences.
        longest: steps.
        boundaries: increasing lengths to pad to, where the sequences' own differ.
    """
    if np.all(lengths == lengths[0]):
        return max(1, int(longest))
    last = boundaries[-1]
    return next((b for b in boundaries if longest <= b), -(-int(longest) // last) * last)


def _has_time(array, lengths):
    return array.ndim > 2 or (array.ndim == 2 and not np.all(lengths == 1))


class _Plan:
    """Which rows stand in a batch together."""

    def __init__(self, lengths, batch_size, boundaries):
        self.batch_size = batch_size
        self.passes = 0
        self.groups = {}
        for row, length in enumerate(lengths):
            self.groups.setdefault(padded_length(lengths, length, boundaries), []).append(row)
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


def _cut(rows, length):
    """The rows cut or padded to a time; as they are where that is `None`."""
    if length is None:
        return rows
    padded = np.zeros((len(rows), length, *rows.shape[2:]), rows.dtype)
    time = min(length, rows.shape[1])
    padded[:, :time] = rows[:, :time]
    return padded


def _empty_rows(rows, batch_size):
    return np.pad(rows, [(0, batch_size - len(rows)), *[(0, 0)] * (rows.ndim - 1)])


def _first_row(rows, batch_size):
    return np.concatenate([rows, np.repeat(rows[:1], batch_size - len(rows), axis=0)])
