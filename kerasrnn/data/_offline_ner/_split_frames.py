"""Which split a frame belongs to: near-copies stay together, all else is dealt out by hash.

All frames lie in one pool. Frames whose telling words are alike are near-copies
(`are_near_copies`); near-copies, and near-copies of near-copies, form a cluster, and a hash of the
cluster's first member in the alphabet says to which split all of it goes. So the three splits are
of one kind, and none has a frame of another with a word changed. A frame that is added moves at
most the members of its own cluster.
"""

import hashlib
from collections import Counter, defaultdict
from itertools import chain, combinations, product
from typing import NamedTuple

from kerasrnn.data._offline_ner._frames import leaves, slot_name

ENOUGH_WORDS = 3  # telling words that make a frame known by them alone
ALIKE_IN_WORDS = 0.5
ALIKE_IN_PARTS = 0.75
_FUNCTION_WORDS = (
    "a an the and or but of in on at to from for with by as is are was were be been has "
    "have had he she it his her its their they we i you my our your this that who which "
    "will would not no n't 's so there"
)
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())


class Features(NamedTuple):
    """What a frame is compared by.

    Args:
        words: its telling words: no slots, no punctuation, no `FUNCTION_WORDS`.
        parts: all its words and slots, each with its how-manieth occurrence.
    """

    words: frozenset
    parts: frozenset

    @property
    def is_short(self):
        """Whether the frame has too few telling words to be known by them."""
        return len(self.words) < ENOUGH_WORDS


def features(frame):
    """Return the `Features` of `frame`."""
    parts = [word.lower() for word in leaves(frame) if word[-1].isalnum() or slot_name(word)]
    words = {part for part in parts if not slot_name(part)}
    counted = {(part, copy) for part, count in Counter(parts).items() for copy in range(count)}
    return Features(frozenset(words - FUNCTION_WORDS), frozenset(counted))


def are_near_copies(one, other):
    """Whether two frames, given by their `Features`, are so alike that they must share a split.

    Measured by Jaccard similarity, the shared ones among all: of the telling words, from
    `ALIKE_IN_WORDS` on, where both frames have `ENOUGH_WORDS` of them; else of all words and
    slots, from `ALIKE_IN_PARTS` on.
    """
    if one.is_short or other.is_short:
        return _alike(one.parts, other.parts, ALIKE_IN_PARTS)
    return _alike(one.words, other.words, ALIKE_IN_WORDS)


def _alike(one, other, threshold):
    shared = len(one & other)
    return shared >= threshold * (len(one) + len(other) - shared)


def clusters(frames):
    """Return lists of frames: near-copies of each other, directly or through others."""
    compared = [features(frame) for frame in frames]
    group = [[index] for index in range(len(compared))]
    for one, other in _comparable(compared):
        if group[one] is not group[other] and are_near_copies(compared[one], compared[other]):
            group[one] += group[other]
            for index in group[other]:
                group[index] = group[one]
    distinct = {id(members): members for members in group}.values()
    return [[frames[index] for index in members] for members in distinct]


def _comparable(compared):
    """Yield the pairs of indices that can be near-copies: those that share some part."""
    by_word = defaultdict(list)
    short, long = [], []
    for index, one in enumerate(compared):
        (short if one.is_short else long).append(index)
        for word in () if one.is_short else one.words:
            by_word[word].append(index)
    for holders in by_word.values():
        yield from combinations(holders, 2)
    # Near-copies by parts are of similar length.
    for one, other in chain(combinations(short, 2), product(short, long)):
        lengths = len(compared[one].parts), len(compared[other].parts)
        if min(lengths) >= ALIKE_IN_PARTS * max(lengths):
            yield one, other


def split_frames(frames):
    """Deal `frames` out to a dictionary of split to frames: about 84, 6 and 10 of a hundred."""
    splits = {"train": [], "validation": [], "test": []}
    for members in clusters(frames):
        name = min(" ".join(leaves(frame)) for frame in members)
        bucket = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % 100
        splits["train" if bucket < 84 else "validation" if bucket < 90 else "test"] += members
    return {split: tuple(members) for split, members in splits.items()}
