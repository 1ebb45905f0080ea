import keras
from keras import layers as keras_layers

from kerasrnn.layers import EachStep, recurrent
from kerasrnn.zoo._registry import zoo_model
from kerasrnn.zoo._require import require_layers


@zoo_model(required=("size", "channels", "num_classes"))
def video_lrcn(
    size=None,
    channels=None,
    num_classes=None,
    *,
    weights=None,
    cell="lstm",
    layers=1,
    units=64,
    filters=(16, 32, 64),
    frame_dim=64,
    dropout=0.1,
    name="video_lrcn",
):
    """Tells the class of a clip: a convolutional network on each frame, then a recurrent layer.

    Equations (k is the convolutional network, the same for all frames; T the last frame):

        x⟨t⟩ = k(frame⟨t⟩)
        a⟨t⟩ = LSTM(x⟨t⟩, a⟨t−1⟩)
        ŷ = softmax(W_y a⟨T⟩ + b_y)

    k is a convolution of 3 by 3 and stride 2 for each of `filters`, each with batch normalisation
    and relu, and a dense layer with both.

    Source: Donahue et al., arXiv:1411.4389 (LRCN), with a small network trained from the start in
    place of a large one trained on photographs, and the last step's answer in place of the mean of
    all steps'.

    Args:
        size: pixels of a side of the square frames.
        channels: numbers of a pixel: 1 for grey, 3 for colours.
        num_classes: how many classes there are.
        weights: `None` for fresh ones; `"default"` for those that ship with the library; a weights
            file; or a folder like those in saved_models. With the last three the other arguments
            default to what the weights were made with.
        cell: name of a cell (`kerasrnn.layers.cell_names()`), or a function that makes the layer.
        layers: recurrent layers on top of each other.
        units: units of each.
        filters: filters of each convolution; every one halves the sides.
        frame_dim: size of a frame's vector.
        dropout: share of the features that is dropped before each recurrent layer and before the
            softmax.
        name: name of the model.

    Returns:
        An uncompiled functional `keras.Model`. Input, float32, 0 to 1: `frames` `(batch, time,
        size, size, channels)`, of any number of frames. Output: `(batch, num_classes)`,
        probabilities.

    Raises:
        ValueError: sizes are missing, `layers`, `filters` or `cell` is not possible, or the weights
            do not fit the arguments.
        FileNotFoundError: there are no such weights.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.zoo import video_lrcn
        >>> model = video_lrcn(size=32, channels=1, num_classes=12)
        >>> model.predict({"frames": np.ones((2, 7, 32, 32, 1))}, verbose=0).shape
        (2, 12)
    """
    require_layers(layers)
    if not filters:
        raise ValueError("`filters` must hold the filters of one convolution or more.")

    # Inputs
    frames = keras.Input((None, size, size, channels), name="frames")

    # Body
    x = EachStep(_frame_network(size, channels, filters, frame_dim), name="each_frame")(frames)
    for level in range(1, layers + 1):
        x = keras_layers.Dropout(dropout, name=f"dropout_{level}")(x)
        x = recurrent(cell, units, return_sequences=level < layers, name=f"rnn_{level}")(x)

    # Head
    x = keras_layers.Dropout(dropout, name="dropout")(x)
    classes = keras_layers.Dense(num_classes, activation="softmax", name="classes")(x)
    return keras.Model({"frames": frames}, classes, name=name)


def _frame_network(size, channels, filters, frame_dim):
    """A frame's vector, from its pixels; where things are stays known, as no pooling forgets it."""
    frame = keras.Input((size, size, channels), name="frame")
    x = keras_layers.Rescaling(4.0, -2.0, name="centred")(frame)
    for level, count in enumerate(filters, start=1):
        x = keras_layers.Conv2D(
            count, 3, strides=2, padding="same", use_bias=False, name=f"convolution_{level}"
        )(x)
        x = _normalised(x, level)
    x = keras_layers.Flatten(name="flat")(x)
    x = keras_layers.Dense(frame_dim, use_bias=False, name="dense")(x)
    x = _normalised(x, len(filters) + 1)
    return keras.Model(frame, x, name="frame_network")


def _normalised(x, level):
    # Training is short: means over a hundred batches, which is Keras's default, would lag behind.
    x = keras_layers.BatchNormalization(momentum=0.95, name=f"normalisation_{level}")(x)
    return keras_layers.Activation("relu", name=f"relu_{level}")(x)
