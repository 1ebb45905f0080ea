"""From texts to the tokens of a language model, and back."""

import re
import unicodedata
from itertools import chain

import numpy as np

from kerasrnn.data._conll import DataError
from kerasrnn.data._document import Document
from kerasrnn.data._join_tokens import join_tokens
from kerasrnn.data._text import tokenize
from kerasrnn.data._token_encoder import END, PADDING, UNKNOWN, TokenEncoder
from kerasrnn.data._vocabulary import Vocabulary

LEVELS = ("character", "word")
_LINE_END = re.compile("\r\n?")
_SURROGATE = re.compile("[\ud800-\udfff]")


class LanguageEncoder(TokenEncoder):
    """The characters or words of a language model; turns texts into numbers and back.

    A text is a `Document` or a string; each line of a string is a segment, and its last line break
    ends the last one. A line break within a document's segment divides it likewise.

    Texts are read in Unicode's composed form, NFC: an `é` is one character, whether it was typed
    as one or as an `e` and an accent. So they are counted, and so they are decoded.

    Of characters nothing else is lost: decoding gives the text, `<UNK>` for each unknown one. Of
    words, numbers and punctuation (see `kerasrnn.data.tokenize`) the white space is lost: decoding
    puts it where it mostly is in English.

    Args:
        symbols: sequence of distinct characters or words.
        level: `"character"` or `"word"`: what a token is.
        lower_case: whether texts are read in lower case.

    Raises:
        ValueError: `level` is another one, or a symbol occurs twice.

    Example:
        >>> from kerasrnn.data import Document, LanguageEncoder
        >>> documents = [Document(("Not bad, really.", "Really bad!"))]
        >>> encoder = LanguageEncoder.build(documents, level="word", lower_case=True)
        >>> encoder.encode("Really, not bad.\\nTrue!").tolist()
        [4, 6, 8, 3, 7, 2, 1, 5, 2]
        >>> print(encoder.decode([4, 6, 8, 3, 7, 2, 1, 5, 2]))
        really, not bad.
        <UNK>!
        >>> encoder.count_units("Really, not bad.\\nTrue!")
        23
    """

    kind = "language"
    unit = "character"
    kept = ("level", "lower_case")

    def __init__(self, symbols, level="character", lower_case=False):
        if level not in LEVELS:
            raise ValueError(f"`level` must be one of {', '.join(LEVELS)}; received {level!r}.")
        super().__init__(symbols)
        self.level = level
        self.lower_case = bool(lower_case)

    @classmethod
    def build(cls, examples, level="character", max_tokens=10000, min_count=1, lower_case=False):
        """The encoder of training texts.

        Args:
            examples: iterable of `Document`s or strings.
            level: `"character"` or `"word"`.
            max_tokens: most characters or words to keep, the most frequent ones; the three
                reserved numbers come on top.
            min_count: rarer characters or words are unknown, which trains the unknown one.
            lower_case: whether texts are read in lower case.

        Returns:
            A `LanguageEncoder`.

        Raises:
            DataError: there is no token in the texts, none is frequent enough, or a text is none.
            ValueError: an argument is not possible.
        """
        for name, value in (("max_tokens", max_tokens), ("min_count", min_count)):
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(f"`{name}` must be a positive integer; received {value!r}.")
        reader = cls((), level, lower_case)
        segments = chain.from_iterable(map(reader._segments, examples))
        tokens = chain.from_iterable(map(reader._split, segments))
        found = Vocabulary.build(tokens, max_size=max_tokens, min_count=min_count).symbols
        if not found:
            raise DataError(
                f"There is no {level} that occurs {min_count} times or more in the training texts. "
                "Give more text, or a smaller `min_count`."
            )
        for symbol in found:
            if _SURROGATE.search(symbol):
                raise DataError(
                    f"The training texts hold {symbol!r}, half of a surrogate pair, which is no "
                    "character and cannot be written. Take it out."
                )
        return cls(found, level, lower_case)

    def tokens(self, segment):
        """The tokens of one segment, a list of strings, as they are read."""
        return self._split(self._read(segment))

    def encode(self, example):
        """The numbers of a text's tokens, int32 `(tokens,)`, an `<EOS>` after each segment.

        Raises:
            DataError: `example` is neither a `Document` nor a string.
        """
        return self._numbered(self._segments(example), ends=True)

    def encode_prompt(self, text):
        """The numbers of a beginning that a model is to go on with, int32 `(tokens,)`.

        A line break becomes `<EOS>`. None follows the last line, so that it can go on; a line
        break at the end says that it is complete.
        """
        return self._numbered(self._read(text).split("\n"), ends=False)

    def unknown_tokens(self, prompt):
        """The tokens of a prompt that are read as `<UNK>`.

        Args:
            prompt: a string, as `encode_prompt` takes it.

        Returns:
            List of strings, in their order, as they are read: in lower case where texts are.

        Raises:
            TypeError: `prompt` is no string.
        """
        lines = self._read(prompt).split("\n")
        tokens = chain.from_iterable(map(self._split, lines))
        return [token for token in tokens if self.number(token) == UNKNOWN]

    def decode(self, numbers, unknown=()):
        """The text of tokens' numbers, a string; each segment is a line.

        Padding is left out.

        Args:
            numbers: sequence of tokens' numbers.
            unknown: what stands for the first unknown tokens, as `unknown_tokens` gives it; others
                are `<UNK>`.

        Raises:
            ValueError: a number is no token's.
        """
        numbers = np.asarray(numbers).reshape(-1)
        if numbers.size and not (
            numbers.dtype.kind in "iu" and numbers.min() >= 0 and numbers.max() < len(self)
        ):
            raise ValueError(
                f"Tokens have whole numbers from 0 to {len(self) - 1}; received {numbers!r:.80}."
            )
        join = "".join if self.level == "character" else join_tokens
        lines, unknown = [[]], iter(unknown)
        for number in numbers.tolist():
            if number == END:
                lines.append([])
            elif number != PADDING:
                symbol = self.symbol(number)
                lines[-1].append(next(unknown, symbol) if number == UNKNOWN else symbol)
        if numbers.size and not lines[-1]:
            lines.pop()  # what the last <EOS> has begun
        return "\n".join(map(join, lines))

    def count_units(self, example):
        """How many characters a text has, and one for the end of each segment."""
        segments = self._segments(example)
        return sum(map(len, segments)) + len(segments)

    def _numbered(self, segments, ends):
        known, numbers = self._numbers, []
        for segment in segments:
            numbers += [known[token] for token in self._split(segment)]
            numbers.append(END)
        return np.array(numbers if ends else numbers[:-1], "int32")

    def _segments(self, example):
        if isinstance(example, str):
            text = self._read(example)
            return text.removesuffix("\n").split("\n")
        if isinstance(example, Document):
            return [line for part in example.segments for line in self._read(part).split("\n")]
        raise DataError(
            f"A text is a string or a Document; received {example!r:.80}. Give texts to a language "
            "model, other things to the model that is for them."
        )

    def _read(self, text):
        text = unicodedata.normalize("NFC", _LINE_END.sub("\n", text))
        return text.lower() if self.lower_case else text

    def _split(self, segment):
        return list(segment) if self.level == "character" else tokenize(segment)
