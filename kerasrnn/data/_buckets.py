"""Lengths to pad sequences to, of which there are few; chosen such that little is padding."""

import numbers

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

    Sequences are padded at their ends with zeros, which the model must be told to leave out: by
    `Embedding(mask_zero=True)`, where 0 is no token, or by `Masking()`, where no real step is all
    zeros (otherwise choose `padding_values` and its `mask_value`).

    Args:
        lengths: array-like `(sequences,)` of positive integers, the steps of each sequence.
        count: how many lengths at most, a positive integer.

    Raises:
        ValueError: `lengths` is empty, has another shape, or numbers that are not whole or below 1;
            or `count` is not a positive integer.

    Example:
        >>> import keras
        >>> import tensorflow as tf
        >>> from kerasrnn.data import Buckets
        >>> from kerasrnn.layers import LSTM
        >>> sentences = [[3, 1], [4], [1, 5, 9, 2, 6], [5, 3]]  # 0 is kept for padding
        >>> buckets = Buckets([len(sentence) for sentence in sentences], count=2)
        >>> print(buckets)
        2 lengths (2, 5), 9 % padding, at most 4 compilations
        >>> examples = tf.ragged.constant(sentences), [0.0, 1.0, 1.0, 0.0]
        >>> dataset = tf.data.Dataset.from_tensor_slices(examples).shuffle(4)
        >>> batches = buckets.batches(dataset, batch_size=2)
        >>> sorted(tuple(words.shape) for words, _ in batches)
        [(1, 2), (1, 5), (2, 2)]
        >>> layers = [keras.layers.Embedding(10, 4, mask_zero=True), LSTM(4), keras.layers.Dense(1)]
        >>> model = keras.Sequential(layers)
        >>> model.compile("adam", "mse")
        >>> steps = buckets.steps(batch_size=2)  # without it, Keras warns at each epoch's end
        >>> arguments = {"steps_per_epoch": steps, "shuffle": False, "verbose": 0}
        >>> history = model.fit(batches.repeat(), epochs=2, **arguments)
        >>> len(history.history["loss"])
        2
    """

    def __init__(self, lengths, count=8):
        lengths = _checked_lengths(lengths)
        self.boundaries = _best(np.sort(lengths), _positive_integer("count", count))
        buckets = np.searchsorted(self.boundaries, lengths)
        self._sizes = np.bincount(buckets)
        self.padding = 1 - float(lengths.sum() / np.asarray(self.boundaries)[buckets].sum())

    def __str__(self):
        lengths = ", ".join(map(str, self.boundaries))
        return (
            f"{len(self.boundaries)} lengths ({lengths}), {self.padding:.0%} padding, "
            f"at most {self.compilations()} compilations"
        ).replace("%", " %")

    def compilations(self, drop_remainder=False):
        """How many shapes the batches have at most, for each of which XLA compiles the step."""
        return len(self.boundaries) * (1 if drop_remainder else 2)

    def steps(self, batch_size, drop_remainder=False):
        """How many batches the sequences make whose lengths were given: `steps_per_epoch` of `fit`.

        Raises:
            ValueError: `batch_size` is not a positive integer.
        """
        batch_size = _positive_integer("batch_size", batch_size)
        full = self._sizes // batch_size
        return int(np.sum(full if drop_remainder else full + (self._sizes % batch_size > 0)))

    def batches(
        self, dataset, batch_size, *, length=None, drop_remainder=False, padding_values=None
    ):
        """A `tf.data.Dataset` of batches, each padded to one of the boundaries.

        Args:
            dataset: a `tf.data.Dataset`, not batched, whose elements are sequences, with time as
                the first axis, or structures of tensors such as `(inputs, targets)`; the first axis
                is padded where its size is unknown, also of targets that have a time.
            batch_size: rows of each batch, but for the last one of a bucket.
            length: function of an element that gives its number of steps; by default the first size
                of its first tensor.
            drop_remainder: whether to leave out batches of fewer rows.
            padding_values: what to pad with, as in `tf.data.Dataset.padded_batch`; by default zero.

        Raises:
            TypeError: `dataset` is no `tf.data.Dataset`, or `length` no function.
            ValueError: `batch_size` is not a positive integer; `length` gives more than one
                number, or is missing where the first tensor of an element has no time; or an
                element has an axis of unknown size besides the first.
            tf.errors.InvalidArgumentError: when a sequence comes that is longer than all lengths
                that the buckets were made for.
        """
        import tensorflow as tf

        if not isinstance(dataset, tf.data.Dataset):
            raise TypeError(
                "`dataset` must be a tf.data.Dataset; received an object of type "
                f"{type(dataset).__name__}. Lists of sequences become one by "
                "tf.data.Dataset.from_tensor_slices(tf.ragged.constant(sequences))."
            )
        if length is not None and not callable(length):
            raise TypeError(
                "`length` must be a function of an element that gives its number of steps, or "
                f"None; received {length!r}."
            )
        batch_size = _positive_integer("batch_size", batch_size)
        dataset = _dense(dataset)

        def steps(*element):
            found = tf.cast((length or _steps)(*element), "int32")
            if found.shape.rank:
                raise ValueError(
                    "`length` must give one number, the steps of an element; received a tensor of "
                    f"shape {tuple(found.shape)}."
                )
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


def _positive_integer(name, value):
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
        raise ValueError(f"`{name}` must be a positive integer; received {value!r}.")
    return int(value)


def _checked_lengths(lengths):
    """The lengths as an array `(sequences,)`."""
    rule = "`lengths` must be positive integers, the number of steps of each sequence; received "
    mend = " Give [len(sequence) for sequence in sequences]."
    try:
        found = np.asarray(lengths)
    except ValueError:  # lists of several lengths
        raise ValueError(f"{rule}sequences of several lengths.{mend}") from None
    if found.dtype.kind == "O":
        raise ValueError(f"{rule}an object of type {type(lengths).__name__}.{mend}")
    if found.ndim != 1:
        raise ValueError(f"{rule}an array of shape {found.shape}.{mend}")
    if found.size == 0:
        raise ValueError(f"{rule}none.")
    if found.dtype.kind not in "iu":
        raise ValueError(f"{rule}an array of {found.dtype}.{mend}")
    if found.min() < 1:
        raise ValueError(
            f"{rule}{found.min()} at index {found.argmin()}. Leave out empty sequences."
        )
    return found.astype("int64")


def _dense(dataset):
    """A dataset whose elements have tensors in place of ragged ones, which cannot be padded."""
    import tensorflow as tf

    spec = dataset.element_spec
    for part in tf.nest.flatten(spec):
        _require_one_open_axis(part)
    if not any(isinstance(part, tf.RaggedTensorSpec) for part in tf.nest.flatten(spec)):
        return dataset

    def made_dense(*element):
        return element if type(spec) is tuple else element[0]  # what tf.data passes as arguments

    return dataset.map(made_dense)  # a row of one ragged axis comes as a tensor


def _require_one_open_axis(spec):
    """Raises ValueError where a tensor has more axes to pad than time."""
    shape = spec.shape.as_list() if spec.shape.rank is not None else []
    if None in shape[1:]:
        raise ValueError(
            f"A tensor of an element may have an unknown size on its first axis, time, alone; "
            f"received one of shape {tuple(shape)}. Pad its other axes before, such as by "
            "dataset.map(lambda words: words.to_tensor(shape=(None, 20)))."
        )


def _steps(*element):
    import tensorflow as tf

    first = tf.nest.flatten(element)[0]
    if first.shape.rank == 0:
        raise ValueError(
            "The first tensor of an element must have time as its first axis; it is a single "
            f"{first.dtype.name}. Say where the time is by `length=`, such as length=lambda label, "
            "sequence: tf.shape(sequence)[0]."
        )
    return tf.shape(first)[0]


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
