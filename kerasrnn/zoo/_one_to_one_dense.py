import keras
from keras import layers as keras_layers

from kerasrnn.zoo._registry import zoo_model


@zoo_model(required=("num_features", "num_classes"))
def one_to_one_dense(
    num_features=None,
    num_classes=None,
    *,
    weights=None,
    hidden=(128,),
    dropout=0.3,
    name="one_to_one_dense",
):
    """Gives one class to one vector: the standard network, which has no memory.

    Equations (one hidden layer; each further one is as the first):

        a[1] = relu(W_1 x + b_1)
        ŷ = softmax(W_2 a[1] + b_2)

    Without hidden layers it is logistic regression.

    Source: Goodfellow, Bengio & Courville, Deep Learning, MIT Press 2016, chapter 6.

    Args:
        num_features: size of a vector.
        num_classes: how many classes there are.
        weights: `None` for fresh ones; `"default"` for those that ship with the library; a weights
            file; or a folder like those in saved_models. With the last three the other arguments
            default to what the weights were made with.
        hidden: tuple or list of the units of each hidden layer; may be empty.
        dropout: share of each hidden layer's outputs that training drops.
        name: name of the model.

    Returns:
        An uncompiled functional `keras.Model`. Input, float32: `features` `(batch,
        num_features)`. Output: `(batch, num_classes)`, probabilities.

    Raises:
        ValueError: sizes are missing or not positive, or the weights do not fit the arguments.
        FileNotFoundError: there are no such weights.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.zoo import one_to_one_dense
        >>> model = one_to_one_dense(num_features=4, num_classes=3)
        >>> model.predict({"features": np.ones((2, 4))}, verbose=0).shape
        (2, 3)
    """
    _require_positive("num_features", num_features)
    _require_positive("num_classes", num_classes)
    if not isinstance(hidden, (list, tuple)):
        raise ValueError(f"`hidden` must be a tuple of numbers of units; received {hidden!r}.")
    for units in hidden:
        _require_positive("hidden", units)

    # Input
    features = keras.Input((num_features,), dtype="float32", name="features")

    # Body
    x = features
    for level, units in enumerate(hidden, start=1):
        x = keras_layers.Dense(units, activation="relu", name=f"hidden_{level}")(x)
        x = keras_layers.Dropout(dropout, name=f"dropout_{level}")(x)

    # Head
    label = keras_layers.Dense(num_classes, activation="softmax", name="label")(x)
    return keras.Model({"features": features}, label, name=name)


def _require_positive(argument, value):
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"`{argument}` must be positive whole numbers; received {value!r}.")
