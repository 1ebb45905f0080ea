"""Text as a TensorFlow graph: what the readers of text in exported models share.

Imported on demand: it needs TensorFlow, the rest of `kerasrnn.data` does not.
"""

import tensorflow as tf

from kerasrnn.data._text import DIGIT, SPACE, TOKEN
from kerasrnn.data._vocabulary import PADDING, UNKNOWN


class TextReader(tf.Module):
    """Splits text as `tokenize` does and numbers words as a `Vocabulary` of word keys does.

    Args:
        words: `Vocabulary` of word keys.
        name: name of the module.
    """

    def __init__(self, words, name):
        super().__init__(name=name)
        self.word_table = table(words)

    def tokenize(self, texts):
        """Tokens `(batch, time)` of strings `(batch,)`, padded with "" to one step at least."""
        texts = tf.strings.regex_replace(texts, SPACE, " ")
        ragged = tf.strings.split(tf.strings.regex_replace(texts, TOKEN, r" \0 "))
        tokens = ragged.to_tensor("")
        missing = tf.maximum(1 - tf.shape(tokens)[1], 0)
        return tf.pad(tokens, [[0, 0], [0, missing]])

    def word_numbers(self, tokens):
        """The numbers of tokens `(batch, time)`, of the same shape."""
        keys = tf.strings.regex_replace(tf.strings.lower(tokens, encoding="utf-8"), DIGIT, "0")
        return tf.where(tf.equal(tokens, ""), PADDING, self.word_table.lookup(keys))


def table(vocabulary):
    """The numbers of a `Vocabulary`, int32, as a lookup table."""
    # TensorFlow makes no empty table, and a vocabulary may be: "" stands in it as unknown.
    numbers = {"": UNKNOWN} | {symbol: vocabulary[symbol] for symbol in vocabulary.symbols}
    initializer = tf.lookup.KeyValueTensorInitializer(
        list(numbers), list(numbers.values()), tf.string, tf.int32
    )
    return tf.lookup.StaticHashTable(initializer, default_value=UNKNOWN)
