"""From DNA sequences to a classifier's arrays."""

from itertools import product

import numpy as np

from kerasrnn._nucleotides import BASES, SHARES, STANDS_FOR
from kerasrnn.data._conll import DataError
from kerasrnn.data._encoder import Encoder, labels_of
from kerasrnn.data._vocabulary import PADDING, UNKNOWN

# Row by number: the shares of A, C, G and T in the letter.
LETTER_SHARES = np.array(SHARES, "float32")
LETTER_SHARES.setflags(write=False)
_LONGEST_KMER = 6
_SINGLE = {letter: number for number, letter in enumerate(STANDS_FOR, start=UNKNOWN)}

# Not `str.upper`, which makes an S of other alphabets' letters, too.
_LARGE = str.maketrans("acgtryswkmbdhvnuU", "ACGTRYSWKMBDHVNTT")


class DnaEncoder(Encoder):
    """Turns DNA sequences into numbers of letters, or of words of `kmer` letters that overlap.

    Letters: 0 is padding, 1 is N, 2 to 5 are A, C, G, T, then R, Y, S, W, K, M, B, D, H, V. An
    ambiguity code stands for its letters in equal shares; `dna_bigru` reads it so. Small letters
    are read as large ones, U as T.

    Words of 2 to 6 letters: 0 is padding, 1 is a word in which any letter is not A, C, G or T,
    then the 4^k words in alphabetical order. A sequence shorter than a word is one unknown word.

    Of a sequence of more than `max_length` letters the middle ones are read, since a window around
    a site has it there.

    Args:
        labels: sequence of distinct strings.
        kmer: letters of a word, 1 to 6; 1 reads single letters.
        max_length: most letters of a sequence that are read.

    Raises:
        DataError: there are fewer than two labels, or an option is not possible.

    Example:
        >>> from kerasrnn.data import DnaEncoder, Labelled
        >>> examples = [Labelled("ACGTN", "ei"), Labelled("ggr", "n")]
        >>> DnaEncoder.build(examples).encode(["ACGTN", "ggr"])["letters"].tolist()
        [[2, 3, 4, 5, 1], [4, 4, 6, 0, 0]]
        >>> DnaEncoder.build(examples, kmer=2).sizes
        {'num_letters': 18, 'num_classes': 2}
    """

    kind = "dna"
    kept = ("kmer", "max_length")

    def __init__(self, labels, kmer=1, max_length=1000):
        super().__init__(labels)
        _require_whole("kmer", kmer, 1, _LONGEST_KMER)
        _require_whole("max_length", max_length, kmer)
        self.kmer = kmer
        self.max_length = max_length
        words = map("".join, product(BASES, repeat=kmer))
        self._words = _SINGLE if kmer == 1 else {w: n for n, w in enumerate(words, UNKNOWN + 1)}

    @classmethod
    def build(cls, examples, kmer=1, max_length=1000):
        """The encoder of training examples.

        Args:
            examples: sequence of `Labelled` with strings of letters.
            kmer, max_length: as those of the class.

        Returns:
            A `DnaEncoder`, its labels in alphabetical order.
        """
        return cls(labels_of(examples), kmer, max_length)

    @property
    def sizes(self):
        """The sizes that a builder needs: `dna_bigru(**encoder.sizes)`."""
        numbers = max(self._words.values()) + 1
        return {"num_letters": numbers, "num_classes": len(self.labels)}

    def encode(self, contents, length=None):
        """The numbers of sequences, a dictionary with `letters`, int32 `(batch, time)`.

        Args:
            contents: sequence of strings.
            length: time steps to pad to; of a sequence that has more, the middle ones are read.
                `None` is the steps of the longest.

        Raises:
            DataError: a sequence is empty or has a letter that is no nucleotide; which and where.
        """
        most = self.max_length
        if length is not None:
            most = min(most, length + self.kmer - 1)
        rows = [
            self._numbers_of(number, content, most) for number, content in enumerate(contents, 1)
        ]
        length = max(map(len, rows), default=0) if length is None else length
        letters = np.full((len(rows), length), PADDING, "int32")
        for place, row in enumerate(rows):
            letters[place, : len(row)] = row
        return {"letters": letters}

    def lengths(self, contents):
        """Array `(contents,)`: the time steps of each sequence."""
        letters = [min(len(content), self.max_length) for content in contents]
        return np.array([max(count - self.kmer + 1, 1) for count in letters], "int32")

    def count_longer(self, contents, length=None):
        """How many sequences have more letters than are read of them."""
        most = self.max_length if length is None else min(self.max_length, length + self.kmer - 1)
        return sum(len(content) > most for content in contents)

    def _numbers_of(self, number, content, most):
        try:
            sequence = nucleotides(content)
        except ValueError as error:
            raise DataError(f"Sequence {number} {error}.") from None
        start = max(len(sequence) - most, 0) // 2
        sequence = sequence[start : start + most]
        steps = range(max(len(sequence) - self.kmer + 1, 1))
        return [self._words.get(sequence[step : step + self.kmer], UNKNOWN) for step in steps]


def nucleotides(sequence):
    """A sequence in large letters, with T for U.

    Raises:
        ValueError: it is empty, or has a letter that is no nucleotide.
    """
    if not isinstance(sequence, str) or not sequence:
        raise ValueError(f"is {sequence!r}, not a string of letters")
    upper = sequence.translate(_LARGE)
    for place, letter in enumerate(upper, start=1):
        if letter not in STANDS_FOR:
            raise ValueError(
                f"has {sequence[place - 1]!r} at letter {place}, which is no nucleotide; there are "
                f"{', '.join(sorted(STANDS_FOR))} and U. Write N where a letter is not known, and "
                "take gaps out"
            )
    return upper


def _require_whole(name, value, least, most=None):
    if not isinstance(value, int) or value < least or (most is not None and value > most):
        reach = f"{least} or more" if most is None else f"{least} to {most}"
        raise DataError(f"`{name}` must be a whole number, {reach}; received {value!r}.")
