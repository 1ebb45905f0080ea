import keras
from keras import layers as keras_layers
from keras import ops
from keras.saving import register_keras_serializable

from kerasrnn._nucleotides import SHARES
from kerasrnn.layers import BRNN, WordDropout, recurrent
from kerasrnn.zoo._members import averaged
from kerasrnn.zoo._registry import zoo_model
from kerasrnn.zoo._require import require_count, require_layers, require_one_of

POOLINGS = ("middle", "middle_last", "last", "mean", "max")


@zoo_model(required=("num_letters", "num_classes"))
def dna_bigru(
    num_letters=None,
    num_classes=None,
    *,
    weights=None,
    cell="full_gru",
    layers=1,
    units=48,
    letter_dim=16,
    filters=64,
    window=5,
    pooling="middle_last",
    hidden=64,
    dropout=0.3,
    letter_dropout=0.1,
    members=1,
    name="dna_bigru",
):
    """Classifies a DNA sequence: letters, a short convolution, a bidirectional GRU, one softmax.

    Equations (s are the shares of A, C, G and T in a letter, N their equal parts; window 5):

        e⟨t⟩ = relu(W_e[s⟨t−2⟩, …, s⟨t+2⟩] + b_e)
        h = relu(W_h · pool(a⟨t⟩) + b_h)        a⟨t⟩ = [→a⟨t⟩, ←a⟨t⟩]
        ŷ = softmax(W_y · h + b_y)

    The pools over the n real letters:

        middle         [a⟨⌊(n+1)/2⌋⟩, a⟨⌈(n+1)/2⌉⟩], for windows with a site in their middle
        last           [→a⟨n⟩, ←a⟨1⟩]
        middle_last    both
        mean           Σ_t a⟨t⟩ / n
        max            max_t a⟨t⟩, each unit by itself

    With M members ŷ = Σ_m ŷ_m / M: networks alike but for their first weights, whose mean errs less
    than one does. `kerasrnn train` fits each by itself; `model.fit` fits their mean.

    Source: of the bidirectional network, Schuster & Paliwal 1997, "Bidirectional Recurrent Neural
    Networks"; of the members, Hansen & Salamon 1990, "Neural Network Ensembles".

    Args:
        num_letters: how many letter numbers there are: 16 for letters as `kerasrnn.data.DnaEncoder`
            numbers them, read as shares; or 4^k + 2 for its words of k letters, whose vectors are
            learned. 0 is padding, 1 unknown.
        num_classes: how many classes there are.
        weights: `None` for fresh ones; `"default"` for those that ship with the library; a weights
            file; or a folder like those in saved_models. With the last three the other arguments
            default to what the weights were made with.
        cell: name of a cell (`kerasrnn.layers.cell_names()`), or a function that makes the layer.
        layers: bidirectional layers on top of each other.
        units: units of each direction.
        letter_dim: size of a word's vector; letters have their four shares.
        filters: filters of the convolution; 0 leaves it out.
        window: letters that one filter sees.
        pooling: `"middle"`, `"middle_last"`, `"last"`, `"mean"` or `"max"`.
        hidden: units of the layer before the softmax; 0 leaves it out.
        dropout: share of the features that is dropped before each layer but the convolution.
        letter_dropout: share of the letters that training shows as unknown.
        members: how many networks' probabilities are averaged.
        name: name of the model.

    Returns:
        An uncompiled functional `keras.Model`. Input, int32, 0 is padding at the end: `letters`
        `(batch, time)`. Output: `(batch, num_classes)`, probabilities.

    Raises:
        ValueError: sizes are missing, `layers`, `members`, `cell` or `pooling` is not possible, or
            the weights do not fit the arguments.
        FileNotFoundError: there are no such weights.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.zoo import dna_bigru
        >>> model = dna_bigru(num_letters=16, num_classes=3)
        >>> model.predict({"letters": np.ones((2, 60))}, verbose=0).shape
        (2, 3)
    """
    require_layers(layers)
    require_count("members", members)
    require_one_of("pooling", pooling, POOLINGS)

    def member(name):
        # Input
        letters = keras.Input((None,), dtype="int32", name="letters")
        real = ops.not_equal(letters, 0)

        # Body; the mask is handed on by hand, since Keras's convolution would drop it
        seen = WordDropout(letter_dropout, name="letter_dropout")(letters)
        x = _vectors(num_letters, letter_dim)(seen)
        if filters:
            x = _real_alone(x, real)
            x = keras_layers.Conv1D(
                filters, window, padding="same", activation="relu", name="convolution"
            )(x)
        for level in range(1, layers + 1):
            x = keras_layers.Dropout(dropout, name=f"dropout_{level}")(x)
            sequences = level < layers or pooling != "last"
            brnn = BRNN(recurrent(cell, units, return_sequences=sequences), name=f"brnn_{level}")
            x = brnn(x, mask=real)

        # Head
        x = _pool(pooling, x, real)
        if hidden:
            x = keras_layers.Dropout(dropout, name="dropout_hidden")(x)
            x = keras_layers.Dense(hidden, activation="relu", name="hidden")(x)
        x = keras_layers.Dropout(dropout, name="dropout")(x)
        classes = keras_layers.Dense(num_classes, activation="softmax", name="classes")(x)
        return keras.Model({"letters": letters}, classes, name=name)

    if members == 1:
        return member(name)
    letters = keras.Input((None,), dtype="int32", name="letters")
    return averaged(member, {"letters": letters}, members, name)


@register_keras_serializable(package="kerasrnn")
class LetterShares(keras.initializers.Initializer):
    """The table of shares of A, C, G and T, as an embedding's weights."""

    def __call__(self, shape, dtype=None, **kwargs):
        return ops.convert_to_tensor(SHARES, dtype=dtype or keras.config.floatx())


def _vectors(num_letters, letter_dim):
    """The layer that turns numbers into vectors."""
    if num_letters == len(SHARES):
        return keras_layers.Embedding(
            num_letters,
            len(SHARES[0]),
            embeddings_initializer=LetterShares(),
            trainable=False,
            name="shares",
        )
    return keras_layers.Embedding(num_letters, letter_dim, name="words")


def _real_alone(x, real):
    """The features with zeros at padded steps."""
    return x * ops.expand_dims(ops.cast(real, x.dtype), -1)


def _pool(pooling, x, real):
    """One vector a sequence; `last` is one already. A BRNN's output is zero at padded steps."""
    if pooling == "last":
        return x
    steps = ops.cast(real, "float32")
    count = ops.maximum(ops.sum(steps, axis=1, keepdims=True), 1)
    if pooling == "max":
        # No padded step wins with its least value, and whole numbers need no wider range for it.
        shown = ops.expand_dims(ops.cast(real, x.dtype), -1)
        return ops.max(x * shown + ops.min(x, axis=1, keepdims=True) * (1 - shown), axis=1)
    if pooling == "mean":
        return _sum(x, steps / count)
    place, middle = ops.cumsum(steps, axis=1), (count + 1) / 2
    picked = [_at(x, steps, place, side) for side in (ops.floor(middle), ops.ceil(middle))]
    if pooling == "middle_last":
        units = x.shape[-1] // 2
        picked.append(_at(x, steps, place, count)[:, :units])
        picked.append(_at(x, steps, place, 1)[:, units:])
    return ops.concatenate(picked, axis=-1)


def _at(x, steps, place, wanted):
    """The vector at one place of each sequence: the places are whole numbers."""
    return _sum(x, steps * ops.relu(1 - ops.abs(place - wanted)))


def _sum(x, weights):
    """The weighted sum over time."""
    return ops.sum(x * ops.expand_dims(ops.cast(weights, x.dtype), -1), axis=1)
