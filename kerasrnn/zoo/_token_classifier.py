import keras
import numpy as np
from keras.saving import register_keras_serializable


@register_keras_serializable(package="kerasrnn")
class TokenClassifier(keras.Model):
    """A functional `keras.Model` with one class a time step, whose `fit` takes `class_weight`.

    Keras reads `class_weight` as one class a row, and of targets `(batch, time)` would take the
    largest for the row's class. Here each token weighs what its own class weighs.

    Args:
        inputs, outputs, name: as those of `keras.Model`.

    Example:
        >>> import keras, numpy as np
        >>> from kerasrnn.zoo import TokenClassifier
        >>> x = keras.Input((None, 3))
        >>> model = TokenClassifier(x, keras.layers.Dense(2, activation="softmax")(x))
        >>> model.compile("sgd", "sparse_categorical_crossentropy")
        >>> data = np.ones((4, 5, 3)), np.zeros((4, 5), "int32")
        >>> history = model.fit(*data, class_weight={0: 1.0, 1: 9.0}, verbose=0)
    """

    def fit(self, x=None, y=None, *args, class_weight=None, sample_weight=None, **kwargs):
        """`keras.Model.fit`; `class_weight` maps each class to the weight of its tokens.

        Raises:
            ValueError: `class_weight` and `sample_weight` are both given.
        """
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("Give `class_weight` or `sample_weight`, not both.")
            table = self._weight_table(class_weight)
            if y is not None:
                sample_weight = table[np.asarray(y).reshape(np.shape(y)[:2])]
            elif hasattr(x, "element_spec"):
                x = _weighted(x, table)
            else:
                raise ValueError(
                    "`class_weight` works with arrays and tf.data datasets; "
                    f"received x of type {type(x).__name__}."
                )
        return super().fit(x, y, *args, sample_weight=sample_weight, **kwargs)

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, **kwargs):
        """`keras.Model.train_on_batch`; `class_weight` as in `fit`."""
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("Give `class_weight` or `sample_weight`, not both.")
            table = self._weight_table(class_weight)
            sample_weight = table[np.asarray(y).reshape(np.shape(y)[:2])]
        return super().train_on_batch(x, y, sample_weight=sample_weight, **kwargs)

    def _weight_table(self, class_weight):
        table = np.ones(self.output_shape[-1], "float32")
        for number, weight in class_weight.items():
            if not 0 <= number < len(table):
                raise ValueError(
                    f"`class_weight` has class {number!r}; the model has classes 0 to "
                    f"{len(table) - 1}."
                )
            table[number] = weight
        return table


def _weighted(dataset, table):
    import tensorflow as tf

    if len(dataset.element_spec) != 2:
        raise ValueError("With `class_weight` the dataset must give (inputs, targets).")
    return dataset.map(lambda inputs, targets: (inputs, targets, tf.gather(table, targets)))
