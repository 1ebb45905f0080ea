"""A tagged sentence, and the three parts that a data set is split into."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Sentence:
    """The tokens of one sentence and one tag a token.

    Args:
        tokens: tuple of strings, as written.
        tags: tuple of strings, as many as there are tokens, in BIO form (`B-PER`, `I-PER`, `O`).

    Raises:
        ValueError: tokens and tags differ in number.

    Example:
        >>> from kerasrnn.data import Sentence
        >>> Sentence(("Ada", "Lovelace", "wrote"), ("B-PER", "I-PER", "O")).tags[0]
        'B-PER'
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]

    def __post_init__(self):
        if len(self.tokens) != len(self.tags):
            raise ValueError(
                f"A sentence has one tag a token; received {len(self.tokens)} tokens "
                f"and {len(self.tags)} tags: {self.tokens!r}, {self.tags!r}."
            )

    def __len__(self):
        return len(self.tokens)


class Splits(NamedTuple):
    """Training, validation and test examples.

    Args:
        train: tuple of `Sentence` or `Labelled` to learn from.
        validation: tuple of those that decide when training ends.
        test: tuple of those to measure on.

    Example:
        >>> from kerasrnn.data import Sentence, Splits
        >>> sentences = [Sentence((name,), ("B-PER",)) for name in ("Ada", "Bob", "Eve")]
        >>> Splits(tuple(sentences[:1]), tuple(sentences[1:2]), tuple(sentences[2:])).test
        (Sentence(tokens=('Eve',), tags=('B-PER',)),)
    """

    train: tuple
    validation: tuple
    test: tuple
