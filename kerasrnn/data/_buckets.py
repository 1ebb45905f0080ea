"""Lengths to pad sequences to, of which there are few; chosen such that little is padding."""

import numpy as np

from kerasrnn._lengths import padded_length


class Buckets:
    """Few lengths to which sequences are padded, and batches of sequences of similar length.

    XLA compiles a training step for each shape of its batches. With `count` lengths and all batches
    of as many rows there are at most `count` of them, or twice as many with the last, smaller batch
    of each bucket. The lengths are of those that a layer which does not know the time is compiled
    for, four an octave; of all choices of `count` of them, that with the fewest padded steps is
    taken. The attribute `boundaries` is the tuple of the lengths, increasing, and `padding` is the
    share of the padded batches' steps that are padding.

    Args:
        lengths: array-like of positive integers, the steps of each sequence.
        count: how many lengths at most.

    Raises:
        ValueError: `lengths` is empty or has numbers below 1, or `count` is not positive.

    Example:
        >>> import tensorflow as tf
        >>> from kerasrnn.data import Buckets
        >>> sequences = [[1, 2], [3], [4, 5, 6, 7, 8], [9, 9]]
        >>> buckets = Buckets([len(sequence) for sequence in sequences], count=2)
        >>> print(buckets)
        2 lengths (2, 5), 9 % padding, at most 4 compilations
        >>> ragged = tf.ragged.constant(sequences)
        >>> dataset = tf.data.Dataset.from_tensor_slices(ragged).map(lambda row: row)
        >>> sorted(tuple(batch.shape) for batch in buckets.batches(dataset, batch_size=2))
        [(1, 2), (1, 5), (2, 2)]
    """

    def __init__(self, lengths, count=8):
        lengths = np.asarray(lengths)
        if lengths.size == 0 or lengths.min() < 1:
            raise ValueError(
                "`lengths` must be positive numbers of steps, one a sequence; received "
                f"{'none' if lengths.size == 0 else lengths.min()}. Leave out empty sequences."
            )
        if count < 1:
            raise ValueError(f"`count` must be a positive integer; received {count!r}.")
        lengths = lengths.astype("int64")
        self.boundaries = _best(np.sort(lengths), count)
        padded = np.asarray(self.boundaries)[np.searchsorted(self.boundaries, lengths)]
        self.padding = 1 - float(lengths.sum() / padded.sum())

    def __str__(self):
        lengths = ", ".join(map(str, self.boundaries))
        return (
            f"{len(self.boundaries)} lengths ({lengths}), {self.padding:.0%} padding, "
            f"at most {self.compilations()} compilations"
        ).replace("%", " %")

    def compilations(self, drop_remainder=False):
        """How many shapes the batches have at most, for each of which XLA compiles the step."""
        return len(self.boundaries) * (1 if drop_remainder else 2)

    def batches(
        self, dataset, batch_size, *, length=None, drop_remainder=False, padding_values=None
    ):
        """A `tf.data.Dataset` of batches, each padded to one of the boundaries.

        Args:
            dataset: whose elements are sequences, with time as the first axis, or structures of
                tensors such as `(inputs, targets)`; axes of unknown size are padded.
            batch_size: rows of each batch, but for the last one of a bucket.
            length: function of an element that gives its number of steps; by default the first size
                of its first tensor.
            drop_remainder: whether to leave out batches of fewer rows.
            padding_values: what to pad with, as in `tf.data.Dataset.padded_batch`; by default zero.

        Raises:
            tf.errors.InvalidArgumentError: when a sequence comes that is longer than all lengths
                that the buckets were made for.
        """
        import tensorflow as tf

        def steps(*element):
            found = tf.cast((length or _steps)(*element), "int32")
            known = tf.debugging.assert_less_equal(
                found,
                self.boundaries[-1],
                f"A sequence is longer than {self.boundaries[-1]} steps, the longest that these "
                "buckets were made for. Make `Buckets` from the lengths of all sequences.",
            )
            with tf.control_dependencies([known]):
                return tf.identity(found)

        return dataset.bucket_by_sequence_length(
            steps,
            [boundary + 1 for boundary in self.boundaries],
            [batch_size] * (len(self.boundaries) + 1),
            padding_values=padding_values,
            pad_to_bucket_boundary=True,
            drop_remainder=drop_remainder,
        )


def _steps(*element):
    import tensorflow as tf

    return tf.shape(tf.nest.flatten(element)[0])[0]


def _best(lengths, count):
    """The boundaries with the fewest padded steps, of sorted lengths."""
    candidates = np.unique(padded_length(lengths))
    count = min(count, len(candidates))
    until = np.concatenate([[0], np.searchsorted(lengths, candidates, side="right")])
    # Steps of batches whose last bucket ends at candidate k; then, with one bucket more each time.
    least = candidates * until[1:]
    froms = []
    for _ in range(count - 1):
        added = candidates[None, :] * (until[None, 1:] - until[1:, None])  # from k to l
        totals = np.where(added >= 0, least[:, None] + added, np.iinfo(int).max)
        froms.append(totals.argmin(axis=0))
        least = totals.min(axis=0)
    places = [len(candidates) - 1]
    for before in reversed(froms):
        places.append(before[places[-1]])
    return tuple(int(candidates[place]) for place in sorted(set(places)))
