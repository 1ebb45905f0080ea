"""Numbers for symbols: 0 is padding, 1 is unknown."""

from collections import Counter

PADDING, UNKNOWN = 0, 1
_RESERVED = ("<PAD>", "<UNK>")


class Vocabulary:
    """An ordered set of symbols, numbered from 2; 0 is padding, 1 is any symbol not in it.

    Args:
        symbols: iterable of distinct strings.

    Raises:
        ValueError: a symbol occurs twice.

    Example:
        >>> from kerasrnn.data import Vocabulary
        >>> letters = Vocabulary("abc")
        >>> [letters[symbol] for symbol in "cab?"], len(letters)
        ([4, 2, 3, 1], 5)
    """

    def __init__(self, symbols):
        self.symbols = tuple(symbols)
        self._numbers = {s: n for n, s in enumerate(self.symbols, start=len(_RESERVED))}
        if len(self._numbers) != len(self.symbols):
            twice = [s for s, n in Counter(self.symbols).items() if n > 1]
            raise ValueError(f"Symbols of a vocabulary must be distinct; twice or more: {twice}.")

    @classmethod
    def build(cls, symbols, max_size=None, min_count=1):
        """The most frequent symbols, equal counts in alphabetical order.

        Args:
            symbols: iterable of strings, with repetitions.
            max_size: most symbols to keep, or `None`.
            min_count: symbols that occur less often are left out.

        Returns:
            A `Vocabulary`.
        """
        counts = Counter(symbols)
        kept = [symbol for symbol, count in counts.items() if count >= min_count]
        return cls(sorted(kept, key=lambda symbol: (-counts[symbol], symbol))[:max_size])

    def __getitem__(self, symbol):
        return self._numbers.get(symbol, UNKNOWN)

    def __contains__(self, symbol):
        return symbol in self._numbers

    def __len__(self):
        """How many numbers there are, padding and unknown among them."""
        return len(_RESERVED) + len(self.symbols)

    def __eq__(self, other):
        return isinstance(other, Vocabulary) and self.symbols == other.symbols

    def __hash__(self):
        return hash(self.symbols)
