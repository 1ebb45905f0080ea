"""A tagging vocabulary as a TensorFlow graph: from lines of text to the model's inputs.

Imported on demand: it needs TensorFlow, the rest of `kerasrnn.data` does not.
"""

import numpy as np
import tensorflow as tf

from kerasrnn.data._bio import transitions
from kerasrnn.data._text_tensorflow import TextReader, table
from kerasrnn.data._vocabulary import PADDING

_IMPOSSIBLE = -1e9  # a score that no path of possible tags falls to


class TextTagging(TextReader):
    """Reads text as `tokenize` and `TaggingVocabulary.encode` do, and names the tags.

    Args:
        vocabulary: a `TaggingVocabulary`.
    """

    def __init__(self, vocabulary):
        super().__init__(vocabulary.words, name="text_tagging")
        self.letters = vocabulary.letters
        self.character_table = table(vocabulary.characters)
        self.tags = tf.constant(vocabulary.tags)
        *before, start = np.where(transitions(vocabulary.tags), 0.0, _IMPOSSIBLE)
        self.before = tf.constant(np.array(before), tf.float32)
        self.start = tf.constant(start, tf.float32)
        # Past a sentence's end only "O", the first tag, is possible; any tag may precede it.
        end = np.full(len(vocabulary.tags), _IMPOSSIBLE)
        end[0] = 0.0
        self.end = tf.constant(end, tf.float32)

    def encode(self, tokens):
        """The model's inputs for tokens `(batch, time)`."""
        # (batch · time, letters), and back only at the end: a batch may have no rows at all.
        letters = tf.strings.unicode_split(tf.reshape(tokens, [-1]), "UTF-8")[:, : self.letters]
        numbers = letters.with_flat_values(self.character_table.lookup(letters.flat_values))
        numbers = numbers.to_tensor(PADDING, shape=(None, self.letters))
        batch, time = tf.unstack(tf.shape(tokens))
        return {
            "words": self.word_numbers(tokens),
            "characters": tf.reshape(numbers, (batch, time, self.letters)),
        }

    def decode(self, tokens, probabilities):
        """The signature's outputs; the tag of padding is the empty string."""
        tags = tf.gather(self.tags, self._best_path(tokens, probabilities))
        return {
            "tokens": tokens,
            "tags": tf.where(tf.equal(tokens, ""), "", tags),
            "probabilities": probabilities,
        }

    def _best_path(self, tokens, probabilities):
        """`best_path` for a batch: numbers `(batch, time)`."""
        real = tf.expand_dims(tf.not_equal(tokens, ""), -1)
        scores = tf.where(real, tf.math.log(tf.maximum(probabilities, 1e-30)), self.end)
        # One step past the end, so that there are two at least: tf.scan wants one.
        past = tf.zeros_like(scores[:, :1]) + self.end
        scores = tf.transpose(tf.concat([scores, past], axis=1), (1, 0, 2))  # (time, batch, tags)

        def forward(state, score):
            ways = state[0][:, :, tf.newaxis] + self.before
            pointers = tf.argmax(ways, axis=1, output_type=tf.int32)
            return tf.reduce_max(ways, axis=1) + score, pointers

        first = scores[0] + self.start
        no_pointers = tf.zeros_like(first, tf.int32)
        best, pointers = tf.scan(forward, scores[1:], (first, no_pointers))

        def backward(number, pointers):
            return tf.gather(pointers, number, batch_dims=1)

        last = tf.argmax(best[-1], axis=-1, output_type=tf.int32)
        return tf.transpose(tf.scan(backward, pointers, last, reverse=True))
