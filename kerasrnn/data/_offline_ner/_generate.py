"""Frames and names to tagged sentences."""

import random
from functools import cache

from kerasrnn.data._offline_ner._entities import SLOTS, Entities
from kerasrnn.data._offline_ner._fillers import draw_filler, filler_slots, filler_words
from kerasrnn.data._offline_ner._frames import Group, plain_words, read_frames, slot_name
from kerasrnn.data._offline_ner._names import Names
from kerasrnn.data._offline_ner._split_frames import split_frames
from kerasrnn.data._sentence import Sentence, Splits

FRAME_FILES = tuple(
    f"frames_{genre}.txt"
    for genre in (
        "culture",
        "daily",
        "fiction",
        "lives",
        "news",
        "plain",
        "public",
        "talk",
        "work",
    )
)

_STARTS_AFTER_OPENER = {"The", "A", "My", "Her", "Our", "It", "She", "He", "They", "We", "I",
                        "There", "Police", "Many", "Nobody", "Nearly"}  # fmt: skip
_SMALL_IN_TITLES = {"a", "an", "and", "at", "by", "for", "in", "of", "on", "the", "to", "with",
                    "'s"}  # fmt: skip
_NAMES_WITH_THE = {"Academy", "Advisory", "Association", "Bank", "Bureau", "Centre",
                   "Department", "European", "Federal", "Gulf", "Institute", "International",
                   "Isle", "Ministry", "Museum", "National", "Office", "Royal", "Society",
                   "Strait", "Supreme", "Technical", "University", "World"}  # fmt: skip
_BEFORE_THE = {None, "and", "asked", "at", "between", "bought", "by", "for", "from", "in", "near",
               "of", "on", "or", "than", "that", "through", "to", "told", "towards",
               "with"}  # fmt: skip
_CLITICS = ("n't", "'m", "'ll", "'re", "'ve")
# A vowel letter that sounds like a consonant, and the reverse.
_TAKES_A = ("uni", "use", "usual", "eu", "one", "u.", "ugand", "ukr", "uru", "uzb")
_TAKES_AN = ("hour", "honest", "heir", "8", "11", "18")


def offline_ner(seed=0, train=12000, validation=1500, test=2000):
    """Make English sentences tagged PER, LOC, ORG and MISC, without a download.

    Hand-written sentence frames are filled with names from the lists of the Faker library
    (MIT licence, https://faker.readthedocs.io), from lists of our own, and with new names that
    resemble them. The tags are those of CoNLL-2003 in BIO form.

    Frames and names are dealt out by hashes, so that `test` has unseen names in unseen sentences
    of the same kind. No frame shares half or more of its telling words with a frame of another
    split, counted among the telling words of both (more than half, where one has fewer than
    three; frames without any are compared by all their words and slots), and none is the same as
    a frame of another split but for one word or slot. No telling word of a name is in a name of
    another split, whatever the types: `Milan` and `Inter Milan` are of one split. Words that tell
    nothing (`New`, `University`) are listed in names.txt.

    They are still made sentences, and most of the places and peoples are made up with endings
    that tell what they are: scores on text that people wrote are lower.

    Args:
        seed: integer. The same seed and version of Faker give the same sentences.
        train: integer. Number of training sentences.
        validation: integer. Number of validation sentences.
        test: integer. Number of test sentences.

    Returns:
        A `Splits` of three tuples of `Sentence`.

    Raises:
        ValueError: a number is negative.
        DataError: the Faker that is installed lacks some of the lists.

    Example:
        >>> from kerasrnn.data import offline_ner
        >>> splits = offline_ner(train=100, validation=10, test=10)
        >>> len(splits.train), len(splits.validation), len(splits.test)
        (100, 10, 10)
    """
    sizes = {"train": train, "validation": validation, "test": test}
    for split, size in sizes.items():
        if size < 0:
            raise ValueError(f"`{split}` must be 0 or more; received {split}={size}.")
    return Splits(**{split: _make_split(split, size, seed) for split, size in sizes.items()})


@cache
def _frames():
    slots = frozenset(SLOTS) | filler_slots()
    pool = [frame for file in FRAME_FILES for frame in read_frames(file, slots)]
    return split_frames(pool)


def frames_of(split):
    """Return the frames of `split`."""
    return _frames()[split]


@cache
def _common_words():
    frames = [frame for split in Splits._fields for frame in frames_of(split)]
    fillers = {word.lower() for words in filler_words().values() for word in words}
    return frozenset(plain_words(frames) | fillers)


@cache
def _names_of(split):
    return Names(split, _common_words())


def _make_split(split, size, seed):
    # A string seed goes through SHA-512, so it does not depend on PYTHONHASHSEED.
    rng = random.Random(f"offline_ner {split} {seed}")
    writer = _Writer(Entities(_names_of(split), rng), rng)
    frames = list(frames_of(split))
    sentences = {}  # a dict keeps the order and no repeats
    while len(sentences) < size:
        rng.shuffle(frames)
        for frame in frames:
            sentences[writer.write(frame, rng.choice(frames))] = None
            if len(sentences) == size:
                break
    return tuple(sentences)


class _Writer:
    """Fills frames: each becomes a list of `[token, tag]` and then a `Sentence`."""

    def __init__(self, entities, rng):
        self.entities = entities
        self.rng = rng

    def write(self, frame, next_frame):
        """Return a sentence of `frame`, at times with one of `next_frame` behind it."""
        pairs = self._pairs(frame)
        if not frame.style and pairs[-1][0] in ".?!" and self.rng.random() < 0.04:
            pairs += self._pairs(next_frame._replace(style=""))
        tokens, tags = zip(*pairs, strict=True)
        return Sentence(tokens, tags)

    def _pairs(self, frame):
        pairs = [pair for part in frame.parts for pair in self._part(part)]
        if not frame.style and self.rng.random() < 0.07:
            pairs = self._open(pairs)
        if pairs[-1][0] == "." and len(pairs) > 4 and self.rng.random() < 0.08:
            pairs.pop()
        if frame.style in ("", "chat", "lower"):
            pairs = add_definite_articles(pairs)
        agree_articles(pairs)
        self._set_case(pairs, frame.style)
        return self._typography(pairs)

    def _part(self, part):
        if isinstance(part, Group):
            words = part if self.rng.random() < 0.5 else []
            return [pair for word in words for pair in self._part(word)]
        word = self.rng.choice(part)
        slot = slot_name(word)
        if slot is None:
            return [[word, "O"]]
        if slot not in SLOTS:
            return self._filler(slot)
        return tagged(self.entities.draw(slot), SLOTS[slot][0])

    def _filler(self, slot):
        return [[token, "O"] for token in draw_filler(slot, self.rng).split()]

    def _open(self, pairs):
        """Put an opening such as `On Monday ,` before a sentence that can take one."""
        token, tag = pairs[0]
        if pairs[-1][0] != "." or not (tag != "O" or token in _STARTS_AFTER_OPENER):
            return pairs
        if tag == "O" and token != "I":
            pairs[0][0] = token.lower()
        opener = self.rng.choice(filler_words()["opener"]).split()
        return [
            pair
            for word in opener
            for pair in (self._filler(slot_name(word)) if slot_name(word) else [[word, "O"]])
        ] + pairs

    def _set_case(self, pairs, style):
        if not style:
            style = self.rng.choices(("", "lower", "lower_names"), (98, 1, 1))[0]
        if style in ("lower", "lower_names") and self._is_ambiguous(pairs):
            style = ""
        if style in ("", "lower_names"):
            capitalise_start(pairs)
        for index, pair in enumerate(pairs):
            pair[0] = _CASES.get(style, _as_it_is)(*pair, index)

    def _is_ambiguous(self, pairs):
        """Whether a name would, in small letters, read as a common word."""
        common = self.entities.names.common_words
        return any(tag in ("B-PER", "B-ORG") and token.lower() in common for token, tag in pairs)

    def _typography(self, pairs):
        if self.rng.random() < 0.35:
            pairs = join_clitics(pairs)
        if self.rng.random() < 0.12:
            curl_quotes(pairs)
        return pairs


def tagged(name, kind):
    """Return the `[token, tag]` pairs of an entity."""
    first, *rest = name.split()
    return [[first, f"B-{kind}"]] + [[token, f"I-{kind}"] for token in rest]


def add_definite_articles(pairs):
    """Write `by the Bank of X` for `by Bank of X`; the article is no part of the name."""
    result = []
    for index, (token, tag) in enumerate(pairs):
        before = pairs[index - 1][0] if index else None
        if tag in ("B-ORG", "B-LOC") and token in _NAMES_WITH_THE and before in _BEFORE_THE:
            result.append(["the" if index else "The", "O"])
        result.append([token, tag])
    return result


def agree_articles(pairs):
    """Make each `a` outside an entity agree with the token behind it."""
    for pair, (following, _) in zip(pairs, pairs[1:], strict=False):
        if pair[1] == "O" and pair[0] in ("a", "an", "A", "An"):
            pair[0] = pair[0][0] + ("n" if takes_an(following) else "")


def takes_an(word):
    """Return whether `an` rather than `a` stands before `word`."""
    if len(word) > 1 and word.replace(".", "").isupper() and len(word) < 5:  # read as letters
        return word[0] in "AEFHILMNORSX"
    lower = word.lower()
    if lower.startswith(_TAKES_AN):
        return True
    return lower[0] in "aeiouáéíóúöäåøæ" and not lower.startswith(_TAKES_A)


def capitalise_start(pairs):
    """Capitalise the first word, where it is not part of a name."""
    first = next((pair for pair in pairs if pair[0][0].isalpha()), None)
    if first and first[1] == "O":
        first[0] = first[0][0].upper() + first[0][1:]


def join_clitics(pairs):
    """Write `don't` for `do n't`, as tokenisers that keep apostrophes do."""
    joined = []
    for token, tag in pairs:
        if token in _CLITICS and joined and joined[-1][1] == "O":
            joined[-1][0] += token
        else:
            joined.append([token, tag])
    return joined


def curl_quotes(pairs):
    """Turn straight quotes and apostrophes into curly ones."""
    for pair in pairs:
        pair[0] = pair[0].replace("'", "’")
    quotes = [pair for pair in pairs if pair[0] == '"']
    for index, pair in enumerate(quotes):
        pair[0] = "“”"[index % 2]


def _as_it_is(token, tag, index):
    return token


def _lower(token, tag, index):
    return token.lower()


def _lower_name(token, tag, index):
    return token if tag == "O" else token.lower()


def _caps(token, tag, index):
    return token.upper()


def _title(token, tag, index):
    if tag != "O" or (index and token in _SMALL_IN_TITLES):
        return token
    return token[0].upper() + token[1:]


_CASES = {"lower": _lower, "lower_names": _lower_name, "caps": _caps, "title": _title}
