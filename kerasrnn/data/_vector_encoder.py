"""Vectors of numbers, each feature on the same scale."""

import numpy as np

from kerasrnn.data._conll import DataError
from kerasrnn.data._encoder import Encoder, labels_of


class VectorEncoder(Encoder):
    """Vectors as arrays for a model of vectors, such as `one_to_one_dense`.

    Each feature is centred and scaled by its mean and standard deviation in the training data. One
    that is constant there is centred alone.

    Args:
        labels: sequence of distinct strings, in the order of the classes' numbers.
        mean: a number for each feature.
        deviation: a positive number for each feature.

    Raises:
        DataError: there are fewer than two labels, no features, or a deviation is not positive.

    Example:
        >>> from kerasrnn.data import Labelled, VectorEncoder
        >>> examples = [Labelled([1.0, 5.0], "low"), Labelled([3.0, 5.0], "high")]
        >>> encoder = VectorEncoder.build(examples)
        >>> encoder.encode([[3.0, 6.0]])["features"].tolist()
        [[1.0, 1.0]]
        >>> encoder.sizes
        {'num_features': 2, 'num_classes': 2}
    """

    kind = "vector"
    kept = ("mean", "deviation")

    def __init__(self, labels, mean, deviation):
        super().__init__(labels)
        self.mean = [float(number) for number in mean]
        self.deviation = [float(number) for number in deviation]
        if not self.mean:
            raise DataError("The vectors are empty; give one number at least.")
        if len(self.deviation) != len(self.mean):
            raise DataError(
                f"There are {len(self.mean)} means, but {len(self.deviation)} deviations."
            )
        if not np.all(np.isfinite(self.mean)) or not all(0 < d < np.inf for d in self.deviation):
            raise DataError(
                "Means must be finite, and deviations positive and finite. Scale the numbers."
            )

    @classmethod
    def build(cls, examples):
        """The encoder of training vectors.

        Args:
            examples: sequence of `Labelled`, whose contents are vectors of the same size.

        Returns:
            A `VectorEncoder`.

        Raises:
            DataError: there are no examples, their sizes differ, or a number is not finite.
        """
        examples = list(examples)
        if not examples:
            raise DataError("There are no training examples.")
        vectors = _stacked([example.content for example in examples], None)
        with np.errstate(over="ignore", invalid="ignore"):  # __init__ refuses what comes of it
            mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
            # The mean of equal numbers may differ from them by what rounding leaves.
            constant = (np.ptp(vectors, axis=0) == 0) | (deviation == 0)
        mean[constant], deviation[constant] = vectors[0, constant], 1
        return cls(labels_of(examples), mean, deviation)

    @property
    def sizes(self):
        """The sizes that a builder needs: `one_to_one_dense(**encoder.sizes)`."""
        return {"num_features": len(self.mean), "num_classes": len(self.labels)}

    def encode(self, contents, length=None):
        """`features`, float32 `(batch, num_features)`, of a sequence of vectors.

        Args:
            contents: sequence of arrays or lists of numbers.
            length: not used: a vector has no time.

        Raises:
            DataError: a vector is of another size than those of the training data, or has a number
                that is not finite, or too far from the mean for float32.
        """
        vectors = _stacked(contents, len(self.mean))
        with np.errstate(over="ignore"):
            features = ((vectors - self.mean) / self.deviation).astype("float32")
        if not np.all(np.isfinite(features)):
            row, place = np.argwhere(~np.isfinite(features))[0]
            raise DataError(
                f"Number {place + 1} of vector {row + 1} is {vectors[row, place]}, too far from "
                f"the training data's mean, {self.mean[place]}. Mend it, or leave it out."
            )
        return {"features": features}

    def lengths(self, contents):
        """One step for each content."""
        return np.ones(len(contents), "int64")


def _stacked(contents, size):
    """The vectors below each other, float64; `size` is that of each, `None` is the first's."""
    vectors = [_vector(content, number) for number, content in enumerate(contents, start=1)]
    size = len(vectors[0]) if size is None else size
    for number, vector in enumerate(vectors, start=1):
        if len(vector) != size:
            raise DataError(
                f"Vector {number} has {len(vector)} numbers, where {size} are expected. "
                "Give each vector the same features."
            )
    return np.array(vectors, "float64").reshape(len(vectors), size)


def _vector(content, number):
    try:
        vector = np.asarray(content)
    except ValueError:  # lists of different lengths
        vector = np.array(None)
    if vector.ndim != 1 or (vector.dtype.kind not in "iufb" and vector.size):
        raise DataError(
            f"Content {number} is not a vector of numbers: {content!r:.80}. Give a list or an "
            "array of one axis."
        )
    vector = vector.astype("float64")
    if not np.all(np.isfinite(vector)):
        place = int(np.argmin(np.isfinite(vector)))
        raise DataError(
            f"Number {place + 1} of vector {number} is {vector[place]}. Fill in what is missing, "
            "or leave the example out."
        )
    return vector
