import keras
from keras import ops
from keras.saving import register_keras_serializable


@register_keras_serializable(package="kerasrnn")
class WordDropout(keras.layers.Layer):
    """Puts the unknown word in place of a share of the words in training.

    A model that has seen known words hidden reads unknown ones from their letters and context.

    Equations:

        w⟨t⟩ = unknown where u⟨t⟩ < rate and w⟨t⟩ ≠ 0, otherwise w⟨t⟩        u⟨t⟩ uniform in [0, 1)

    Source: Iyyer et al., "Deep Unordered Composition Rivals Syntactic Methods for Text
    Classification", ACL 2015, who drop words; here they become unknown ones.

    Args:
        rate: share of the words to hide, in [0, 1).
        unknown: the unknown word's number.
        seed: seed of the draw.
        **kwargs: `name`, `dtype`.

    Call arguments:
        words: integer tensor of any shape; 0 is padding and stays.
        training: whether words are hidden.

    Returns:
        Integer tensor of the same shape.

    Masking: the mask of the words is handed on as it is.

    Raises:
        ValueError: `rate` is outside [0, 1).

    Example:
        >>> import numpy as np
        >>> from kerasrnn.layers import WordDropout
        >>> np.asarray(WordDropout(0.5)(np.array([[5, 7, 0]]), training=False)).tolist()
        [[5, 7, 0]]
    """

    def __init__(self, rate, unknown=1, seed=None, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"`rate` must be a number in [0, 1); received {rate!r}.")
        self.rate = rate
        self.unknown = unknown
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, words, training=False):
        if not training or self.rate == 0:
            return words
        draw = keras.random.uniform(ops.shape(words), seed=self.seed_generator)
        hidden = ops.logical_and(draw < self.rate, ops.not_equal(words, 0))
        return ops.where(hidden, ops.cast(self.unknown, words.dtype), words)

    def compute_output_shape(self, words_shape):
        return words_shape

    def get_config(self):
        return {
            **super().get_config(),
            "rate": self.rate,
            "unknown": self.unknown,
            "seed": self.seed,
        }
