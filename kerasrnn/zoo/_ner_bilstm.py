import keras
from keras import layers as keras_layers

from kerasrnn.layers import BRNN, CharacterFeatures, JoinFeatures, WordDropout, recurrent
from kerasrnn.zoo._registry import zoo_model
from kerasrnn.zoo._require import require_layers
from kerasrnn.zoo._token_classifier import TokenClassifier


@zoo_model(required=("vocab_size", "num_tags"))
def ner_bilstm(
    vocab_size=None,
    num_tags=None,
    *,
    weights=None,
    num_characters=256,
    cell="lstm",
    layers=1,
    units=64,
    word_dim=64,
    character_dim=16,
    character_filters=48,
    character_window=3,
    dropout=0.4,
    word_dropout=0.1,
    name="ner_bilstm",
):
    """Tags each token of a sentence: word and letters, bidirectional LSTM, one softmax a token.

    Equations (e embeds a word, k its letters):

        x⟨t⟩ = [e(word⟨t⟩), k(characters⟨t⟩)]
        ŷ⟨t⟩ = softmax(W_y[→a⟨t⟩, ←a⟨t⟩] + b_y)

    Source: Ma & Hovy, arXiv:1603.01354, with a softmax a token in place of the CRF.

    Args:
        vocab_size: how many word numbers there are, padding (0) and unknown (1) among them.
        num_tags: how many tags there are.
        weights: `None` for fresh ones; `"default"` for those that ship with the library; a weights
            file; or a folder like those in saved_models. With the last three the other arguments
            default to what the weights were made with.
        num_characters: how many letter numbers there are, padding and unknown among them.
        cell: name of a cell (`kerasrnn.layers.cell_names()`), or a function that makes the layer.
        layers: bidirectional layers on top of each other.
        units: units of each direction.
        word_dim: size of a word's vector.
        character_dim: size of a letter's vector.
        character_filters: size of the vector that a word's letters make.
        character_window: letters that one filter sees.
        dropout: share of the features that is dropped before each layer and before the softmax.
        word_dropout: share of the words that training shows as unknown.
        name: name of the model.

    Returns:
        An uncompiled functional `keras.Model`. Inputs, int32, 0 is padding: `words`
        `(batch, time)` and `characters` `(batch, time, letters)`. Output: `(batch, time,
        num_tags)`, probabilities; the words' padding is masked in the loss.

    Raises:
        ValueError: sizes are missing, `layers` or `cell` is not possible, or the weights do not
            fit the arguments.
        FileNotFoundError: there are no such weights.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.zoo import ner_bilstm
        >>> model = ner_bilstm(vocab_size=100, num_tags=5)
        >>> inputs = {"words": np.ones((2, 7)), "characters": np.ones((2, 7, 12))}
        >>> model.predict(inputs, verbose=0).shape
        (2, 7, 5)
    """
    require_layers(layers)

    # Inputs
    words = keras.Input((None,), dtype="int32", name="words")
    characters = keras.Input((None, None), dtype="int32", name="characters")

    # Body
    seen = WordDropout(word_dropout, name="word_dropout")(words)
    word_features = keras_layers.Embedding(vocab_size, word_dim, mask_zero=True, name="words_in")(
        seen
    )
    letter_features = CharacterFeatures(
        num_characters, character_dim, character_filters, character_window, name="characters_in"
    )(characters)
    x = JoinFeatures(name="features")([word_features, letter_features])
    for level in range(1, layers + 1):
        x = keras_layers.Dropout(dropout, name=f"dropout_{level}")(x)
        x = BRNN(recurrent(cell, units, return_sequences=True), name=f"brnn_{level}")(x)

    # Head
    x = keras_layers.Dropout(dropout, name="dropout")(x)
    tags = keras_layers.Dense(num_tags, activation="softmax", name="tags")(x)
    return TokenClassifier({"words": words, "characters": characters}, tags, name=name)
