"""Frames and words to labelled reviews."""

import random
from functools import cache

from kerasrnn.data._conll import DataError
from kerasrnn.data._labelled import Labelled
from kerasrnn.data._offline_sentiment._deal import deal
from kerasrnn.data._offline_sentiment._frames import DOMAINS, fill, is_balanced, parse_frame
from kerasrnn.data._offline_sentiment._read import sections
from kerasrnn.data._offline_sentiment._words import Drawer
from kerasrnn.data._sentence import Splits

LABELS = ("positive", "negative")
_OPENED = 0.2  # share of sentences with an opening such as "To be honest,"
_TRIES = 2000  # in a row without a new text, before there are held to be no more


def offline_sentiment(seed=0, train=16000, validation=1000, test=2000):
    """Make short English reviews, positive or negative, without a download.

    Sentence frames and word lists, written for this, are filled: reviews of films, food, hotels,
    devices, books, journeys and courses, most of them of one to four sentences. Half of each
    split is `part="order"`: texts in pairs of one bag of words and two labels, such as `The room
    was not dirty but clean.` and `The room was not clean but dirty.` Negation and its scope,
    contrast, time, comparison and expectation decide. Whatever looks at words without their order
    is right in exactly half of them. The rest is `part="plain"`.

    No two splits share a frame, nor frames of one construction with four fifths or more of their
    words in common, nor, in the part `order`, two opposites that are set against each other.
    Constructions and single words they share, since order is what is tested. They are still made
    sentences: scores on reviews that people wrote are lower.

    Args:
        seed: integer. The same seed gives the same texts.
        train: integer. Number of training texts.
        validation: integer. Number of validation texts.
        test: integer. Number of test texts.

    Returns:
        A `Splits` of three tuples of `Labelled`; the labels of each part differ in number by one
        at most.

    Raises:
        ValueError: a number is negative.
        DataError: there are not that many distinct texts.

    Example:
        >>> from kerasrnn.data import offline_sentiment
        >>> splits = offline_sentiment(train=100, validation=10, test=10)
        >>> len(splits.train), len(splits.validation), len(splits.test)
        (100, 10, 10)
        >>> sorted({example.label for example in splits.train})
        ['negative', 'positive']
    """
    sizes = {"train": train, "validation": validation, "test": test}
    for split, size in sizes.items():
        if size < 0:
            raise ValueError(f"`{split}` must be 0 or more; received {split}={size}.")
    return Splits(**{split: _make_split(split, size, seed) for split, size in sizes.items()})


@cache
def frames_of(file, split):
    """The frames of a file that belong to a split, as (section, frame) pairs."""
    found = []
    for section, lines in _frames(file).items():
        found += [(section, frame) for frame in deal(lines)[split]]
    return tuple(found)


@cache
def _frames(file):
    """Dictionary of section to frames; those with a domain or one label are sections too."""
    found = {}
    for section, lines in sections(file).items():
        for place, line in lines:
            frame = parse_frame(place, line)
            if file == "order.txt" and not is_balanced(frame):
                raise ValueError(f"{place}: the two readings differ in their words: {line}")
            found.setdefault((section, frame.domain, frame.label), []).append(frame)
    return found


def _make_split(split, size, seed):
    # A string seed goes through SHA-512, so it does not depend on PYTHONHASHSEED.
    rng = random.Random(f"offline_sentiment {split} {seed}")
    writer = _Writer(split, rng)
    pairs = size // 4
    examples = writer.order(pairs) + writer.plain(size - 2 * pairs)
    rng.shuffle(examples)
    return tuple(examples)


class _Writer:
    """Writes the texts of one split."""

    def __init__(self, split, rng):
        self.split = split
        self.rng = rng
        self.neutral = [frame for _, frame in frames_of("neutral.txt", split)]
        self.texts = set()

    def order(self, count):
        """`count` pairs of texts with the same words."""
        draw = Drawer(self.split, self.rng, own_pairs=True)
        examples = []
        frames = self._endless([frame for _, frame in frames_of("order.txt", self.split)])
        while len(examples) < 2 * count:
            examples += self._new("order", LABELS, lambda: self._twins(next(frames), draw))
        return examples

    def plain(self, count):
        """`count` texts, of the labels in turn."""
        draw = Drawer(self.split, self.rng, own_pairs=False)
        examples = []
        for number in range(count):
            label = LABELS[number % 2]
            examples += self._new("plain", [label], lambda label=label: self._plain(label, draw))
        return examples

    def _new(self, part, labels, write):
        for _ in range(_TRIES):
            texts = write()
            if self.texts.isdisjoint(texts):
                self.texts.update(texts)
                return [Labelled(*pair, part) for pair in zip(texts, labels, strict=True)]
        raise DataError(
            f"There are not so many distinct offline reviews: {self.split} has "
            f"{len(self.texts)} by now. Ask for fewer."
        )

    def _endless(self, frames):
        while True:
            self.rng.shuffle(frames)
            yield from frames

    def _twins(self, frame, draw):
        domain = frame.domain or self.rng.choice(DOMAINS)
        texts = [[text] for text in fill(frame, domain, draw, self.rng, _OPENED)]
        for sentence in self._neutral(self.rng.choices((0, 1, 2, 3), (40, 35, 20, 5))[0], domain):
            place = self.rng.randrange(len(texts[0]) + 1)
            for text in texts:
                text.insert(place, sentence)
        return [" ".join(text) for text in texts]

    def _plain(self, label, draw):
        domain = self.rng.choice(DOMAINS)
        frames = [
            frame
            for _, frame in frames_of("plain.txt", self.split)
            if frame.label in ("", label) and frame.domain in ("", domain)
        ]
        # A saying such as "Never again." tells nothing to whom it is new: it comes with others.
        chosen = [self.rng.choice([frame for frame in frames if not frame.label])]
        others = [frame for frame in frames if frame not in chosen]
        more = self.rng.choices((0, 1, 2), (45, 40, 15))[0]
        chosen += self.rng.sample(others, min(more, len(others)))
        self.rng.shuffle(chosen)
        side = LABELS.index(label)
        text = [fill(frame, domain, draw, self.rng, _OPENED)[side] for frame in chosen]
        for sentence in self._neutral(self.rng.randrange(2), domain):
            text.insert(self.rng.randrange(len(text) + 1), sentence)
        return [" ".join(text)]

    def _neutral(self, count, domain):
        frames = [frame for frame in self.neutral if frame.domain in ("", domain)]
        draw = Drawer(self.split, self.rng, own_pairs=False)
        return [fill(frame, domain, draw, self.rng)[0] for frame in self.rng.sample(frames, count)]
