"""A tagging vocabulary as a TensorFlow graph: from lines of text to the model's inputs.

Imported on demand: it needs TensorFlow, the rest of `kerasrnn.data` does not.
"""

import tensorflow as tf

from kerasrnn.data._text import DIGIT, SPACE, TOKEN
from kerasrnn.data._vocabulary import PADDING, UNKNOWN


class TextTagging(tf.Module):
    """Reads text as `tokenize` and `TaggingVocabulary.encode` do, and names the tags.

    Args:
        vocabulary: a `TaggingVocabulary`.
    """

    def __init__(self, vocabulary):
        super().__init__(name="text_tagging")
        self.letters = vocabulary.letters
        self.word_table = _table(vocabulary.words)
        self.character_table = _table(vocabulary.characters)
        self.tags = tf.constant(vocabulary.tags)
        types = [tag[2:] for tag in vocabulary.tags]
        self.types = tf.constant(types)
        self.begins = tf.constant(
            [f"B-{type}" if type else tag for type, tag in zip(types, vocabulary.tags, strict=True)]
        )

    def tokenize(self, texts):
        """Tokens `(batch, time)` of strings `(batch,)`, padded with "" to one step at least."""
        texts = tf.strings.regex_replace(texts, SPACE, " ")
        ragged = tf.strings.split(tf.strings.regex_replace(texts, TOKEN, r" \0 "))
        tokens = ragged.to_tensor("")
        missing = tf.maximum(1 - tf.shape(tokens)[1], 0)
        return tf.pad(tokens, [[0, 0], [0, missing]])

    def encode(self, tokens):
        """The model's inputs for tokens `(batch, time)`."""
        keys = tf.strings.regex_replace(tf.strings.lower(tokens, encoding="utf-8"), DIGIT, "0")
        # (batch · time, letters), and back only at the end: a batch may have no rows at all.
        letters = tf.strings.unicode_split(tf.reshape(tokens, [-1]), "UTF-8")[:, : self.letters]
        numbers = letters.with_flat_values(self.character_table.lookup(letters.flat_values))
        numbers = numbers.to_tensor(PADDING, shape=(None, self.letters))
        batch, time = tf.unstack(tf.shape(tokens))
        return {
            "words": tf.where(tf.equal(tokens, ""), PADDING, self.word_table.lookup(keys)),
            "characters": tf.reshape(numbers, (batch, time, self.letters)),
        }

    def decode(self, tokens, probabilities):
        """The signature's outputs; the tag of padding is the empty string."""
        numbers = tf.argmax(probabilities, axis=-1)
        types = tf.gather(self.types, numbers)
        before = tf.pad(types[:, :-1], [[0, 0], [1, 0]])
        # As `to_bio` does: what continues no entity of its type begins one.
        tags = tf.where(
            tf.equal(types, before), tf.gather(self.tags, numbers), tf.gather(self.begins, numbers)
        )
        return {
            "tokens": tokens,
            "tags": tf.where(tf.equal(tokens, ""), "", tags),
            "probabilities": probabilities,
        }


def _table(vocabulary):
    # TensorFlow makes no empty table, and a vocabulary may be: "" stands in it as unknown.
    numbers = {"": UNKNOWN} | {symbol: vocabulary[symbol] for symbol in vocabulary.symbols}
    initializer = tf.lookup.KeyValueTensorInitializer(
        list(numbers), list(numbers.values()), tf.string, tf.int32
    )
    return tf.lookup.StaticHashTable(initializer, default_value=UNKNOWN)
