import keras
from keras import layers as keras_layers

from kerasrnn.layers import BRNN, WordDropout, recurrent
from kerasrnn.zoo._registry import zoo_model
from kerasrnn.zoo._require import require_layers, require_one_of

POOLINGS = ("last", "mean")


@zoo_model(required=("vocab_size", "num_classes"))
def sentiment_gru(
    vocab_size=None,
    num_classes=None,
    *,
    weights=None,
    cell="full_gru",
    layers=1,
    units=64,
    bidirectional=True,
    pooling="last",
    word_dim=64,
    dropout=0.4,
    word_dropout=0.1,
    name="sentiment_gru",
):
    """Gives a text one label, such as positive or negative: word vectors, GRU, one softmax.

    Equations (e embeds a word; T is the last word's step):

        x⟨t⟩ = e(word⟨t⟩)
        ŷ = softmax(W_y[→a⟨T⟩, ←a⟨1⟩] + b_y)

    With `pooling="mean"` the mean of [→a⟨t⟩, ←a⟨t⟩] over the words stands in place of the last
    outputs; without `bidirectional` there is no ←a.

    Source: Cho et al., arXiv:1406.1078 (the cell); Tang, Qin & Liu, Document Modeling with Gated
    Recurrent Neural Network for Sentiment Classification, EMNLP 2015 (the task).

    Args:
        vocab_size: how many word numbers there are, padding (0) and unknown (1) among them.
        num_classes: how many labels there are.
        weights: `None` for fresh ones; `"default"` for those that ship with the library; a weights
            file; or a folder like those in saved_models. With the last three the other arguments
            default to what the weights were made with.
        cell: name of a cell (`kerasrnn.layers.cell_names()`), or a function that makes the layer.
        layers: recurrent layers on top of each other.
        units: units of each direction.
        bidirectional: whether each layer reads the text both ways.
        pooling: `"last"`, each direction's last output, or `"mean"`, over the words.
        word_dim: size of a word's vector.
        dropout: share of the features that is dropped before each layer and before the softmax.
        word_dropout: share of the words that training shows as unknown.
        name: name of the model.

    Returns:
        An uncompiled functional `keras.Model`. Input: `words`, int32 `(batch, time)`, 0 is padding.
        Output: `(batch, num_classes)`, probabilities.

    Raises:
        ValueError: sizes are missing, `layers`, `pooling` or `cell` is not possible, or the weights
            do not fit the arguments.
        FileNotFoundError: there are no such weights.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.zoo import sentiment_gru
        >>> model = sentiment_gru(vocab_size=100, num_classes=2)
        >>> model.predict({"words": np.ones((3, 7))}, verbose=0).shape
        (3, 2)
    """
    require_layers(layers)
    require_one_of("pooling", pooling, POOLINGS)

    # Inputs
    words = keras.Input((None,), dtype="int32", name="words")

    # Body
    x = WordDropout(word_dropout, name="word_dropout")(words)
    x = keras_layers.Embedding(vocab_size, word_dim, mask_zero=True, name="words_in")(x)
    for level in range(1, layers + 1):
        x = keras_layers.Dropout(dropout, name=f"dropout_{level}")(x)
        sequences = level < layers or pooling == "mean"
        if bidirectional:
            layer = recurrent(cell, units, return_sequences=sequences)
            x = BRNN(layer, name=f"brnn_{level}")(x)
        else:
            x = recurrent(cell, units, return_sequences=sequences, name=f"rnn_{level}")(x)
    if pooling == "mean":
        x = keras_layers.GlobalAveragePooling1D(name="mean")(x)

    # Head
    x = keras_layers.Dropout(dropout, name="dropout")(x)
    label = keras_layers.Dense(num_classes, activation="softmax", name="label")(x)
    return keras.Model({"words": words}, label, name=name)
