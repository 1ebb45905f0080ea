import keras
from keras import ops
from keras.saving import register_keras_serializable


@register_keras_serializable(package="kerasrnn")
class CharacterFeatures(keras.layers.Layer):
    """A vector for each word from its letters: convolution, then the maximum over the word.

    Equations (l runs over the letters of one word, e embeds a letter):

        h⟨l⟩ = relu(W[e⟨l−1⟩, e⟨l⟩, e⟨l+1⟩] + b)        for a window of 3
        y = max over the real letters of h⟨l⟩

    Source: Ma & Hovy, arXiv:1603.01354, section 2.1.

    Weights:
        embedding: `(num_characters, embedding_dim)`.
        kernel, bias: `(1, window, embedding_dim, filters)`, `(filters,)`.

    Args:
        num_characters: how many letter numbers there are; 0 is padding.
        embedding_dim: size of a letter's vector.
        filters: size of a word's vector.
        window: letters that one filter sees.
        **kwargs: `name`, `dtype`, `trainable`.

    Call arguments:
        characters: integer tensor `(batch, time, letters)`, padded with 0 at the end of each word.

    Returns:
        Tensor `(batch, time, filters)`; zero for a word without letters.

    Masking: makes none; the words' mask says which steps are real.

    Raises:
        ValueError: a size is not a positive integer, or `characters` has not three axes.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.layers import CharacterFeatures
        >>> tuple(CharacterFeatures(30, filters=8)(np.ones((2, 5, 12), "int32")).shape)
        (2, 5, 8)
    """

    def __init__(self, num_characters, embedding_dim=16, filters=48, window=3, **kwargs):
        super().__init__(**kwargs)
        self.num_characters = num_characters
        self.embedding_dim = embedding_dim
        self.filters = filters
        self.window = window
        self.embedding = keras.layers.Embedding(
            num_characters, embedding_dim, dtype=self.dtype_policy, name="embedding"
        )
        # A kernel one word high: the convolution runs within words, for any number of words.
        self.convolution = keras.layers.Conv2D(
            filters,
            (1, window),
            padding="same",
            activation="relu",
            dtype=self.dtype_policy,
            name="convolution",
        )

    def build(self, characters_shape):
        self.embedding.build(characters_shape)
        self.convolution.build((*characters_shape, self.embedding_dim))

    def call(self, characters):
        real = ops.expand_dims(ops.not_equal(characters, 0), -1)  # (batch, time, letters, 1)
        letters = self.embedding(characters)
        # Padding is zero for the window, and cannot win: relu is nowhere below zero.
        letters = letters * ops.cast(real, letters.dtype)
        features = self.convolution(letters)
        return ops.max(features * ops.cast(real, features.dtype), axis=2)

    def compute_output_shape(self, characters_shape):
        return (*characters_shape[:-1], self.filters)

    def get_config(self):
        return {
            **super().get_config(),
            "num_characters": self.num_characters,
            "embedding_dim": self.embedding_dim,
            "filters": self.filters,
            "window": self.window,
        }
