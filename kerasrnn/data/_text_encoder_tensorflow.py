"""A text encoder as a TensorFlow graph: from texts to the model's input, and labels back.

Imported on demand: it needs TensorFlow, the rest of `kerasrnn.data` does not.
"""

import tensorflow as tf

from kerasrnn.data._text_tensorflow import TextReader
from kerasrnn.data._vocabulary import UNKNOWN


class TextClassifying(TextReader):
    """Reads text as `tokenize` and `TextEncoder.encode` do, and names the label.

    Args:
        encoder: a `TextEncoder`.
    """

    def __init__(self, encoder):
        super().__init__(encoder.words, name="text_classifying")
        self.max_length = encoder.max_length
        self.first = encoder.max_length - encoder.max_length // 2
        self.labels = tf.constant(encoder.labels)

    def encode(self, tokens):
        """The model's input for tokens `(batch, time)`, of `max_length` steps at most."""
        counts = tf.reduce_sum(tf.cast(tf.not_equal(tokens, ""), tf.int32), axis=1, keepdims=True)
        steps = tf.range(tf.minimum(tf.shape(tokens)[1], self.max_length))[tf.newaxis]
        # The last half of a long text is moved forward over what is cut out.
        cut = tf.maximum(counts - self.max_length, 0)
        places = steps + tf.where(steps < self.first, 0, cut)
        numbers = self.word_numbers(tf.gather(tokens, places, batch_dims=1))
        return {"words": tf.where((counts == 0) & (steps == 0), UNKNOWN, numbers)}

    def decode(self, tokens, probabilities):
        """The signature's outputs: the likeliest label of each text, and all probabilities."""
        best = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
        return {"label": tf.gather(self.labels, best), "probabilities": probabilities}
