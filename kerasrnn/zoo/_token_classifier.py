import math

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

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        **kwargs,
    ):
        """`keras.Model.fit`; `class_weight` maps each class to the weight of its tokens.

        Targets are class numbers `(batch, time)` or `(batch, time, 1)`, or one-hot rows
        `(batch, time, classes)`. As in Keras, class weights count in training alone, not in
        validation.

        Raises:
            ValueError: `class_weight` and `sample_weight` are both given, or the targets are of
                another shape.
        """
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("Give `class_weight` or `sample_weight`, not both.")
            table = self._weight_table(class_weight)
            if y is not None:
                if validation_split and validation_data is None:
                    # Keras would split the weights too, and weigh the validation loss by them.
                    (x, y), validation_data = _split((x, y), validation_split)
                sample_weight = _token_weights(table, y)
            elif hasattr(x, "element_spec"):
                x = _weighted(x, table)
            else:
                raise ValueError(
                    "`class_weight` works with arrays and tf.data datasets; "
                    f"received x of type {type(x).__name__}."
                )
        return super().fit(
            x,
            y,
            batch_size=batch_size,
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            validation_split=0.0 if validation_data is not None else validation_split,
            validation_data=validation_data,
            shuffle=shuffle,
            sample_weight=sample_weight,
            **kwargs,
        )

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, **kwargs):
        """`keras.Model.train_on_batch`; `class_weight` as in `fit`."""
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("Give `class_weight` or `sample_weight`, not both.")
            sample_weight = _token_weights(self._weight_table(class_weight), y)
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


def _token_weights(table, targets):
    """For targets of any of the shapes the weight of each token, `(batch, time)`."""
    targets = np.asarray(targets)
    if _one_hot(table, targets.shape):
        return table[np.argmax(targets, axis=-1)]
    return table[targets.reshape(targets.shape[:2]).astype("int64")]


def _weighted(dataset, table):
    import tensorflow as tf

    if len(dataset.element_spec) != 2:
        raise ValueError("With `class_weight` the dataset must give (inputs, targets).")
    one_hot = _one_hot(table, tuple(dataset.element_spec[1].shape))

    def weigh(inputs, targets):
        classes = tf.argmax(targets, axis=-1) if one_hot else tf.cast(targets, "int64")
        return inputs, targets, tf.gather(table, classes)

    return dataset.map(weigh)


def _one_hot(table, shape):
    """Whether targets of this shape are one-hot rows; `table` has an entry a class."""
    if len(shape) == 2 or (len(shape) == 3 and shape[2] == 1):
        return False
    if len(shape) == 3 and shape[2] == len(table):
        return True
    raise ValueError(
        "With `class_weight` targets must be (batch, time), (batch, time, 1) or one-hot (batch, "
        f"time, {len(table)}); received {shape}."
    )


def _split(arrays, share):
    """The arrays' first rows and their last ones, a share of all, as Keras splits them."""
    rows = len(keras.tree.flatten(arrays)[0])
    kept = math.floor(rows * (1 - share))
    if not 0 < kept < rows:
        raise ValueError(
            f"`validation_split={share}` of {rows} rows leaves none for training or validation."
        )
    return (
        keras.tree.map_structure(lambda array: array[:kept], arrays),
        keras.tree.map_structure(lambda array: array[kept:], arrays),
    )
