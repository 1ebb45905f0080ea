"""What encoders for models of the next token share: the numbers, and being kept as JSON."""

import json
from abc import ABC, abstractmethod

from kerasrnn.data._json_file import JsonFile
from kerasrnn.data._vocabulary import PADDING, UNKNOWN, Vocabulary

END = 2
RESERVED = ("<PAD>", "<UNK>", "<EOS>")


class TokenEncoder(JsonFile, ABC):
    """Turns examples into sequences of tokens' numbers, and back.

    0 is padding, 1 any unknown token, 2 `<EOS>`, which ends each segment of an example (a sentence,
    a paragraph, a name, a piece) and stands before its first one; others are numbered from 3.

    A subclass has a `kind`, a `unit` (what `count_units` counts, such as `"character"`), whether
    an `<EOS>` is a unit (`counts_ends`), the names of what else it keeps in `kept` (attributes and
    arguments of its `__init__` after `symbols`), `build`, `encode`, `decode` and `count_units`.

    Args:
        symbols: iterable of distinct strings, in the order of their numbers.

    Raises:
        ValueError: a symbol occurs twice.
    """

    kind = ""
    unit = ""
    counts_ends = True
    kept = ()

    def __init__(self, symbols):
        self._numbers = Vocabulary((RESERVED[END], *symbols))
        self.symbols = self._numbers.symbols[1:]

    @classmethod
    @abstractmethod
    def build(cls, examples, **options):
        """The encoder of training examples."""

    @abstractmethod
    def encode(self, example):
        """The numbers of an example's tokens, int32 `(tokens,)`, an `<EOS>` after each segment."""

    @abstractmethod
    def decode(self, numbers):
        """What numbers of tokens stand for: the content of an example, as encoding reads it."""

    @abstractmethod
    def count_units(self, example):
        """How many units an example has, by which its bits are divided."""

    @property
    def sizes(self):
        """The sizes that a builder needs, a dictionary."""
        return {"num_tokens": len(self)}

    def conditions(self, example):
        """What the model reads beside tokens, the same at each step: numbers by inputs' names."""
        return {}

    def number(self, symbol):
        """The number of a symbol; 1 where it is unknown."""
        return self._numbers[symbol]

    def symbol(self, number):
        """The symbol of a number, such as `"<EOS>"` of 2."""
        reserved = len(RESERVED)
        return RESERVED[number] if number < reserved else self.symbols[number - reserved]

    def unknown_tokens(self, prompt):
        """The tokens of a prompt that are read as `<UNK>`, in their order; none by default."""
        return []

    def __len__(self):
        """How many numbers there are, the reserved ones among them."""
        return len(self._numbers)

    def to_json(self):
        """The encoder as a JSON string; equal encoders give equal strings."""
        content = {"kind": self.kind, "symbols": self.symbols}
        content |= {name: getattr(self, name) for name in self.kept}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text):
        """The encoder that `to_json` wrote.

        Raises:
            KeyError: the text is of another class.
        """
        content = json.loads(text)
        if content.get("kind") != cls.kind:
            raise KeyError(f"kind {content.get('kind')!r}, not {cls.kind!r}")
        return cls(content["symbols"], **{name: content[name] for name in cls.kept})


__all__ = ["END", "PADDING", "RESERVED", "UNKNOWN", "TokenEncoder"]
