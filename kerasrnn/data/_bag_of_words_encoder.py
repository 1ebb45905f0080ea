"""Texts as vectors of how often each word occurs."""

from collections import Counter

import numpy as np

from kerasrnn.data._conll import DataError
from kerasrnn.data._encoder import Encoder, labels_of
from kerasrnn.data._text import tokenize, word_key
from kerasrnn.data._vocabulary import Vocabulary


class BagOfWordsEncoder(Encoder):
    """Texts as arrays for a model of vectors, such as `one_to_one_dense`: the words' order is lost.

    There is a feature a word: log(1 + count) times the word's weight, and the vector is then made
    to have the length 1. The weight is the smooth inverse document frequency,
    1 + log((1 + texts) / (1 + texts with the word)), by the training texts. Words that were not
    kept are left out; a text without any of those kept, such as an empty one, is all zeros.

    Source: Manning, Raghavan & Schütze, Introduction to Information Retrieval, 2008, chapter 6.

    Args:
        labels: sequence of distinct strings, in the order of the classes' numbers.
        words: sequence of distinct word keys (lower case, each digit a zero), a feature each.
        weights: a positive number for each word.

    Raises:
        DataError: there are fewer than two labels, no words, or not a weight a word.

    Example:
        >>> from kerasrnn.data import BagOfWordsEncoder, Labelled
        >>> examples = [Labelled("good good film", "pos"), Labelled("a bad film", "neg")]
        >>> encoder = BagOfWordsEncoder.build(examples, min_count=1)
        >>> encoder.words
        ('film', 'good', 'a', 'bad')
        >>> encoder.encode(["Good, bad", ""])["features"].round(1)
        array([[0. , 0.7, 0. , 0.7],
               [0. , 0. , 0. , 0. ]], dtype=float32)
    """

    kind = "bag_of_words"
    kept = ("words", "weights")

    def __init__(self, labels, words, weights):
        super().__init__(labels)
        self.words, self.weights = tuple(words), [float(weight) for weight in weights]
        if not self.words:
            raise DataError(
                "No word is kept: the texts are empty, or each word is rarer than `min_count`. "
                "Give more texts, or min_count=1."
            )
        if len(self.weights) != len(self.words):
            raise DataError(f"There are {len(self.words)} words, but {len(self.weights)} weights.")
        self._places = {word: place for place, word in enumerate(self.words)}
        if len(self._places) != len(self.words):
            raise DataError("The words must be distinct.")

    @classmethod
    def build(cls, examples, max_words=20000, min_count=2):
        """The encoder of training texts.

        Args:
            examples: sequence of `Labelled` texts.
            max_words: most words to keep, the most frequent ones.
            min_count: words that occur less often are left out.

        Returns:
            A `BagOfWordsEncoder`.
        """
        texts = [_keys(example.content, number) for number, example in enumerate(examples, 1)]
        vocabulary = Vocabulary.build(
            (key for text in texts for key in text), max_size=max_words, min_count=min_count
        )
        holding = Counter(key for text in texts for key in set(text))
        holders = np.array([holding[word] for word in vocabulary.symbols])
        weights = 1 + np.log((1 + len(texts)) / (1 + holders))
        return cls(labels_of(examples), vocabulary.symbols, weights.tolist())

    @property
    def sizes(self):
        """The sizes that a builder needs: `one_to_one_dense(**encoder.sizes)`."""
        return {"num_features": len(self.words), "num_classes": len(self.labels)}

    def encode(self, contents, length=None):
        """`features`, float32 `(batch, num_features)`, of a sequence of texts.

        Args:
            contents: sequence of strings.
            length: not used: a text is one vector, however long it is.

        Raises:
            DataError: a content is not a string.
        """
        features = np.zeros((len(contents), len(self.words)), "float32")
        for row, text in enumerate(contents):
            counts = Counter(key for key in _keys(text, row + 1) if key in self._places)
            places = [self._places[key] for key in counts]
            values = np.log1p(list(counts.values())) * np.array([self.weights[p] for p in places])
            features[row, places] = values / max(np.linalg.norm(values), 1e-12)
        return {"features": features}

    def lengths(self, contents):
        """One step for each content."""
        return np.ones(len(contents), "int64")


def _keys(text, number):
    if not isinstance(text, str):
        raise DataError(
            f"Content {number} is a {type(text).__name__}, not a text. Give strings, or use "
            "another encoder."
        )
    return [word_key(token) for token in tokenize(text)]
