"""What encoders of labelled things share: the labels, and being kept as JSON."""

import json
from abc import ABC, abstractmethod

import numpy as np

from kerasrnn.data._conll import DataError
from kerasrnn.data._json_file import JsonFile


class Encoder(JsonFile, ABC):
    """Turns contents into a classifier's arrays, and labels into numbers.

    A subclass has a `kind`, the names of what else it keeps in `kept` (attributes and arguments
    of its `__init__` after `labels`), `build` and `encode`.

    Args:
        labels: sequence of distinct strings, in the order of the classes' numbers.

    Raises:
        DataError: there are fewer than two labels.
    """

    kind = ""
    kept = ()
    large = False  # whether arrays of all contents may be too large to keep

    def __init__(self, labels):
        self.labels = tuple(labels)
        if len(self.labels) < 2:
            raise DataError(
                f"There is one label alone, {', '.join(map(repr, self.labels)) or 'or none'}: "
                "nothing can be told from it. Give examples of two labels at least."
            )
        self._numbers = {label: number for number, label in enumerate(self.labels)}

    @classmethod
    @abstractmethod
    def build(cls, examples, **options):
        """The encoder of training examples, a sequence of `Labelled`."""

    @property
    @abstractmethod
    def sizes(self):
        """The sizes that a builder needs, a dictionary."""

    @abstractmethod
    def encode(self, contents, length=None):
        """Arrays for the model's inputs, a dictionary, from a sequence of contents.

        `length` is the time steps to pad or cut to; `None` is those of the longest content.
        """

    @abstractmethod
    def lengths(self, contents):
        """Array `(contents,)`: the time steps that each content has when it is encoded."""

    def count_longer(self, contents, length=None):
        """How many contents have more time steps than are read of them, `length` at most."""
        return 0

    def encode_labels(self, examples):
        """The labels' numbers, int32 `(batch,)`.

        Raises:
            DataError: a label is not one of `labels`, as when it occurs in a test file alone.
        """
        for number, example in enumerate(examples, start=1):
            if example.label not in self._numbers:
                raise DataError(
                    f"Label {example.label!r} of example {number} does not occur in the training "
                    f"data, whose labels are {', '.join(self.labels)}. Mend the label, or train on "
                    "data that has it."
                )
        return np.array([self._numbers[example.label] for example in examples], "int32")

    def to_json(self):
        """The encoder as a JSON string; equal encoders give equal strings."""
        content = {"kind": self.kind, "labels": self.labels}
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
        return cls(content["labels"], **{name: content[name] for name in cls.kept})


class Encoded:
    """One input's array for all contents, of which only the rows that are asked for are made.

    Args:
        encoder: an `Encoder`.
        contents: sequence of contents, all of one length.
        name: the input's name.
    """

    def __init__(self, encoder, contents, name):
        self._encoder, self._contents, self._name = encoder, contents, name
        first = encoder.encode(contents[:1])[name]
        self.shape, self.dtype = (len(contents), *first.shape[1:]), first.dtype
        self.ndim = len(self.shape)

    def __getitem__(self, rows):
        return self._encoder.encode([self._contents[row] for row in rows])[self._name]


def labels_of(examples):
    """The labels that occur, in alphabetical order."""
    return sorted({example.label for example in examples})
