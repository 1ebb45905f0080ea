"""From names to sequences of letters' numbers, and back."""

import unicodedata
from itertools import chain

import numpy as np

from kerasrnn._hints import did_you_mean
from kerasrnn.data._conll import DataError
from kerasrnn.data._token_encoder import END, PADDING, UNKNOWN, TokenEncoder
from kerasrnn.data._vocabulary import Vocabulary

_UNREADABLE = "\ufffd"  # what stands for an unknown letter


class NameEncoder(TokenEncoder):
    """The letters and categories of a model of names; turns names into numbers.

    A name's tokens are its characters, in NFC, and one `<EOS>`. The model also reads the name's
    category (a country, say) at each step.

    Args:
        symbols: sequence of distinct characters, in the order of their numbers.
        categories: sequence of distinct strings, in the order of their numbers, from 0.

    Raises:
        DataError: there is no category.
        ValueError: a character or a category occurs twice.

    Example:
        >>> from kerasrnn.data import Labelled, NameEncoder
        >>> examples = [Labelled("Anna", "sv_SE"), Labelled("Nana", "da_DK")]
        >>> encoder = NameEncoder.build(examples)
        >>> encoder.encode(examples[0]).tolist(), encoder.conditions(examples[0])
        ([5, 4, 4, 3, 2], {'category': 1})
        >>> encoder.decode([5, 4, 3, 2])
        'Ana'
        >>> encoder.sizes
        {'num_tokens': 7, 'num_categories': 2}
    """

    kind = "names"
    unit = "character"
    kept = ("categories",)

    def __init__(self, symbols, categories):
        super().__init__(symbols)
        self.categories = tuple(categories)
        if not self.categories:
            raise DataError("A model of names needs one category at least; got none.")
        if len(set(self.categories)) != len(self.categories):
            raise ValueError(f"Categories must be distinct; received {self.categories!r}.")

    @classmethod
    def build(cls, examples, max_tokens=1000, min_count=1):
        """The encoder of training examples.

        Args:
            examples: iterable of `Labelled` names.
            max_tokens: most characters to keep, the most frequent ones.
            min_count: rarer characters are unknown.

        Returns:
            A `NameEncoder`; its categories are the labels in alphabetical order.

        Raises:
            DataError: there is no example, or a content is no string.
        """
        examples = list(examples)
        letters = chain.from_iterable(map(_letters, examples))
        known = Vocabulary.build(letters, max_size=max_tokens, min_count=min_count)
        return cls(known.symbols, sorted({example.label for example in examples}))

    @property
    def sizes(self):
        """The sizes that a builder needs: `num_tokens` and `num_categories`."""
        return {**super().sizes, "num_categories": len(self.categories)}

    def encode(self, example):
        """The numbers of a name's characters and of `<EOS>`.

        Args:
            example: a `Labelled` name, or a string.

        Returns:
            Array of int32, `(characters + 1,)`.

        Raises:
            DataError: the content is no string.
        """
        return np.array([*map(self.number, _letters(example)), END], "int32")

    def encode_prompt(self, text):
        """The numbers of a beginning of a name: without `<EOS>`, since it goes on.

        Args:
            text: string; it may be empty.

        Returns:
            Array of int32, `(characters,)`. The `<EOS>` that stands before each name is not in it.

        Raises:
            DataError: a character is not known, so that a model has never read it.
        """
        letters = _letters(text)
        unknown = sorted({letter for letter in letters if self.number(letter) == UNKNOWN})
        if unknown:
            raise DataError(
                f"{', '.join(map(repr, unknown))} of {text!r} did not occur in the names that the "
                f"model was trained on; it knows {''.join(sorted(self.symbols))!r}."
            )
        return np.array([self.number(letter) for letter in letters], "int32")

    def decode(self, numbers):
        """The name that numbers stand for, up to the first `<EOS>`.

        Args:
            numbers: sequence of tokens' numbers; padding is skipped.

        Returns:
            A string, in which U+FFFD stands for an unknown character.

        Raises:
            ValueError: a number is none of a token.
        """
        letters = []
        for number in map(int, numbers):
            if not 0 <= number < len(self):
                raise ValueError(f"Tokens' numbers are below {len(self)}; received {number}.")
            if number == END:
                break
            if number != PADDING:
                letters.append(_UNREADABLE if number == UNKNOWN else self.symbol(number))
        return "".join(letters)

    def count_units(self, example):
        """How many characters a name has, its end (`<EOS>`) being one."""
        return len(_letters(example)) + 1

    def conditions(self, example):
        """The number of a `Labelled` name's category, by the name of the model's input.

        Raises:
            DataError: the category is not known, or a string was given, which has none.
        """
        if not hasattr(example, "label"):
            raise DataError(f"A name needs a category: Labelled({example!r:.60}, CATEGORY).")
        return {"category": self.category(example.label)}

    def category(self, label):
        """The number of a category.

        Raises:
            DataError: the category is not known.
        """
        if label not in self.categories:
            raise DataError(
                f"{label!r} is no category of the training data."
                f"{did_you_mean(label, self.categories)} There are: {', '.join(self.categories)}."
            )
        return self.categories.index(label)


def _letters(example):
    """A name's characters in NFC, of a `Labelled` or of a string."""
    name = getattr(example, "content", example)
    if not isinstance(name, str):
        raise DataError(f"A name is a string; received {type(name).__name__}: {name!r:.60}.")
    return unicodedata.normalize("NFC", name)
