"""From tagged sentences to a tagger's arrays, and back."""

import json
from itertools import chain

import numpy as np

from kerasrnn.data._bio import best_path, transitions
from kerasrnn.data._conll import DataError
from kerasrnn.data._json_file import JsonFile
from kerasrnn.data._sentence import Sentence
from kerasrnn.data._text import tokenize, word_key
from kerasrnn.data._vocabulary import PADDING, Vocabulary


class TaggingVocabulary(JsonFile):
    """The words, letters and tags of a tagger; turns sentences into arrays and back.

    Args:
        words: `Vocabulary` of word keys (lower case, each digit a zero).
        characters: `Vocabulary` of letters, as written.
        tags: sequence of tag names; `"O"` is the first.
        letters: letters of a token that are read; the rest is cut off.

    Example:
        >>> from kerasrnn.data import Sentence, TaggingVocabulary
        >>> sentences = [Sentence(("Ada", "wrote"), ("B-PER", "O")), Sentence(("Yes",), ("O",))]
        >>> vocabulary = TaggingVocabulary.build(sentences, min_count=1)
        >>> inputs = vocabulary.encode(sentences)
        >>> inputs["words"].shape, inputs["characters"].shape
        ((2, 2), (2, 2, 20))
        >>> vocabulary.encode_tags(sentences).tolist()
        [[1, 0], [0, 0]]
    """

    kind = "tagging"

    def __init__(self, words, characters, tags, letters=20):
        self.words = words
        self.characters = characters
        self.tags = tuple(tags)
        self.letters = letters
        self._tag_numbers = {tag: number for number, tag in enumerate(self.tags)}

    @classmethod
    def build(cls, sentences, max_words=30000, min_count=2, letters=20):
        """The vocabulary of training sentences.

        Args:
            sentences: iterable of `Sentence`.
            max_words: most words to keep.
            min_count: rarer words are unknown words, which trains the vector of unknown words.
            letters: letters of a token that are read.

        Returns:
            A `TaggingVocabulary`.
        """
        sentences = list(sentences)
        tokens = list(chain.from_iterable(sentence.tokens for sentence in sentences))
        tags = set(chain.from_iterable(sentence.tags for sentence in sentences)) - {"O"}
        return cls(
            Vocabulary.build(map(word_key, tokens), max_size=max_words, min_count=min_count),
            Vocabulary.build(chain.from_iterable(tokens)),
            # B-PER before I-PER, type by type
            ("O", *sorted(tags, key=lambda tag: (tag[2:], tag[0]))),
            letters,
        )

    @property
    def sizes(self):
        """The sizes that a tagger's builder needs: `ner_bilstm(**vocabulary.sizes)`."""
        return {
            "vocab_size": len(self.words),
            "num_tags": len(self.tags),
            "num_characters": len(self.characters),
        }

    @staticmethod
    def tokenize(text):
        """The tokens of a line of text; see `kerasrnn.data.tokenize`."""
        return tokenize(text)

    def encode(self, sentences, length=None):
        """Arrays for the model's inputs.

        Args:
            sentences: sequence of `Sentence`, or of sequences of tokens.
            length: time steps to pad to; `None` is the longest sentence.

        Returns:
            Dictionary of int32 arrays: `words` `(batch, time)` and `characters`
            `(batch, time, letters)`.

        Raises:
            ValueError: a sentence is longer than `length`.
        """
        lines = [getattr(sentence, "tokens", sentence) for sentence in sentences]
        shape = (len(lines), _length(lines, length))
        words = np.full(shape, PADDING, "int32")
        characters = np.full((*shape, self.letters), PADDING, "int32")
        for row, line in enumerate(lines):
            for time, token in enumerate(line):
                words[row, time] = self.words[word_key(token)]
                for place, letter in enumerate(token[: self.letters]):
                    characters[row, time, place] = self.characters[letter]
        return {"words": words, "characters": characters}

    def encode_tags(self, sentences, length=None):
        """The tags' numbers, int32 `(batch, time)`; padding has the number of `"O"`.

        Raises:
            DataError: a tag is not in the vocabulary, as when it occurs in a test file alone.
        """
        lines = [sentence.tags for sentence in sentences]
        numbers = np.zeros((len(lines), _length(lines, length)), "int32")
        for row, line in enumerate(lines):
            for time, tag in enumerate(line):
                if tag not in self._tag_numbers:
                    raise DataError(
                        f"Tag {tag!r} in sentence {row + 1} ({' '.join(sentences[row].tokens)!r}) "
                        f"does not occur in the training data, whose tags are "
                        f"{', '.join(self.tags)}. Mend the tag, or train on data that has it."
                    )
                numbers[row, time] = self._tag_numbers[tag]
        return numbers

    def decode(self, tokens, probabilities):
        """A sentence from its tokens and the model's output `(time, tags)`, padded or not.

        The tags are the most probable ones of those that make whole entities: an `I-X` follows
        only a `B-X` or an `I-X`.
        """
        if not tokens:
            return Sentence((), ())
        path = best_path(np.asarray(probabilities)[: len(tokens)], transitions(self.tags))
        return Sentence(tuple(tokens), tuple(self.tags[number] for number in path))

    def text_outputs(self, tokens, probabilities):
        """The strings that an export's signature of texts gives for one text, by name."""
        sentence = self.decode(tokens, probabilities)
        return {"tokens": list(tokens), "tags": list(sentence.tags)}

    def to_tensorflow(self):
        """The same reading of text as a `tf.Module` with `tokenize`, `encode` and `decode`."""
        from kerasrnn.data._tagging_tensorflow import TextTagging

        return TextTagging(self)

    def to_json(self):
        """The vocabulary as a JSON string; equal vocabularies give equal strings."""
        content = {
            "words": self.words.symbols,
            "characters": self.characters.symbols,
            "tags": self.tags,
            "letters": self.letters,
        }
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text):
        """The vocabulary that `to_json` wrote."""
        content = json.loads(text)
        return cls(
            Vocabulary(content["words"]),
            Vocabulary(content["characters"]),
            content["tags"],
            content["letters"],
        )


def _length(lines, length):
    longest = max((len(line) for line in lines), default=0)
    if length is None:
        return longest
    if longest > length:
        raise ValueError(f"`length` is {length}, but a sentence has {longest} tokens.")
    return length
