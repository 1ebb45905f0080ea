"""From labelled texts to a classifier's arrays."""

from itertools import chain

import numpy as np

from kerasrnn.data._conll import DataError
from kerasrnn.data._encoder import Encoder, labels_of
from kerasrnn.data._text import tokenize, word_key
from kerasrnn.data._vocabulary import PADDING, UNKNOWN, Vocabulary


class TextEncoder(Encoder):
    """The words and labels of a text classifier; turns texts into arrays.

    A text is a string, which `tokenize` splits, or a sequence of tokens. One that is longer than
    what is read keeps its first and its last half, since reviews often give their verdict at the
    end. One without tokens becomes one unknown word, so that no row is padding alone.

    Args:
        labels: sequence of distinct strings, in the order of the classes' numbers.
        word_keys: sequence of distinct words, in lower case and each digit a zero.
        max_length: tokens of a text that are read at most.

    Raises:
        DataError: there are fewer than two labels.
        ValueError: `max_length` is no positive integer, or a word occurs twice.

    Example:
        >>> from kerasrnn.data import Labelled, TextEncoder
        >>> examples = [Labelled("Not bad.", "positive"), Labelled("Bad!", "negative")]
        >>> encoder = TextEncoder.build(examples, min_count=1)
        >>> encoder.encode(["Bad. Not bad.", ""])["words"].tolist()
        [[2, 4, 5, 2, 4], [1, 0, 0, 0, 0]]
        >>> encoder.sizes
        {'vocab_size': 6, 'num_classes': 2}
    """

    kind = "text"
    kept = ("word_keys", "max_length")

    def __init__(self, labels, word_keys, max_length=256):
        super().__init__(labels)
        self.words = Vocabulary(word_keys)
        self.max_length = _positive("max_length", max_length)

    @classmethod
    def build(cls, examples, max_words=30000, min_count=2, max_length=256):
        """The encoder of training examples.

        Args:
            examples: iterable of `Labelled` texts.
            max_words: most words to keep.
            min_count: rarer words are unknown words, which trains the vector of unknown words.
            max_length: tokens of a text that are read at most.

        Returns:
            A `TextEncoder`; its labels are in alphabetical order.

        Raises:
            DataError: fewer than two labels occur, or a content is no text.
        """
        examples = list(examples)
        tokens = chain.from_iterable(map(_tokens, [example.content for example in examples]))
        words = Vocabulary.build(map(word_key, tokens), max_size=max_words, min_count=min_count)
        return cls(labels_of(examples), words.symbols, max_length)

    @property
    def word_keys(self):
        """The words that are known, in the order of their numbers."""
        return self.words.symbols

    @property
    def sizes(self):
        """The sizes that a builder needs: `vocab_size` and `num_classes`."""
        return {"vocab_size": len(self.words), "num_classes": len(self.labels)}

    @staticmethod
    def tokenize(text):
        """The tokens of a text; see `kerasrnn.data.tokenize`."""
        return tokenize(text)

    def encode(self, contents, length=None):
        """Arrays for the model's inputs.

        Args:
            contents: sequence of texts.
            length: time steps to pad to, and to cut longer texts to; `None` is the longest text,
                of which no more than `max_length` tokens are read.

        Returns:
            Dictionary of an int32 array, `words` `(batch, time)`; 0 is padding, 1 is unknown.

        Raises:
            DataError: a content is no text.
            ValueError: `length` is no positive integer.
        """
        most = self.max_length
        if length is not None:
            most = min(most, _positive("length", length))
        rows = [_cut(self._numbers_of(text), most) for text in contents]
        time = length or max(map(len, rows), default=0)
        words = np.full((len(rows), time), PADDING, "int32")
        for row, numbers in zip(words, rows, strict=True):
            row[: len(numbers)] = numbers
        return {"words": words}

    def _numbers_of(self, text):
        return [self.words[word_key(token)] for token in _tokens(text)] or [UNKNOWN]

    def lengths(self, contents):
        """Array `(contents,)`: the tokens of each text that are read, one at least."""
        counts = [len(_tokens(text)) for text in contents]
        return np.clip(np.array(counts, "int64"), 1, self.max_length)

    def text_outputs(self, tokens, probabilities):
        """The strings that an export's signature of texts gives for one text, by name."""
        return {"label": [self.labels[int(np.argmax(probabilities))]]}

    def count_longer(self, contents, length=None):
        """How many texts have more tokens than are read of them, `length` at most."""
        most = min(self.max_length, length or self.max_length)
        return sum(len(_tokens(text)) > most for text in contents)

    def to_tensorflow(self):
        """The same reading of text as a `tf.Module` with `tokenize`, `encode` and `decode`."""
        from kerasrnn.data._text_encoder_tensorflow import TextClassifying

        return TextClassifying(self)


def _cut(numbers, most):
    if len(numbers) <= most:
        return numbers
    last = most // 2
    return numbers[: most - last] + numbers[len(numbers) - last :]


def _tokens(text):
    if isinstance(text, str):
        return tokenize(text)
    if isinstance(text, (list, tuple)) and all(isinstance(token, str) for token in text):
        return text
    raise DataError(
        f"A text is a string or a sequence of tokens; received {text!r:.80}. "
        "Give texts to a text classifier, other things to the model that is for them."
    )


def _positive(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"`{name}` must be a positive integer; received {value!r}.")
    return int(value)
