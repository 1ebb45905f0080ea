"""Which split a frame belongs to: near-copies stay together, all else is dealt out by hash.

All frames lie in one pool. Two frames are near-copies when they share half or more of their marks
(`are_near_copies`); near-copies, and near-copies of near-copies, form a cluster, and a hash of the
cluster's first member in the alphabet says to which split all of it goes. A cluster of more than
`LARGEST_DEALT` frames is for training. So the three splits are of one kind, and no frame shares
half of its marks with a frame of another split. A frame that is added moves at most the members of
its own cluster.
"""

import hashlib
from collections import Counter, defaultdict

from kerasrnn.data._offline_ner._frames import leaves, slot_name

LARGEST_DEALT = 30
_FUNCTION_WORDS = (
    "a an the and or but of in on at to from for with by as is are was were be been has "
    "have had he she it his her its their they we i you my our your this that who which "
    "will would not no n't 's so there"
)
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())


def marks(frame):
    """Return what `frame` is compared by: its telling words, or, where it has none, all its parts.

    Telling words are those that are neither slots nor punctuation nor `FUNCTION_WORDS`. A frame
    such as `{PER} is from {CITY} .` has none; its parts are its words and slots.
    """
    parts = {word.lower() for word in leaves(frame) if word[-1].isalnum() or slot_name(word)}
    telling = {part for part in parts if not slot_name(part)} - FUNCTION_WORDS
    return frozenset(telling or parts)


def are_near_copies(one, other):
    """Whether two frames, given by their `marks`, share half or more of the marks of both."""
    return _are_half(len(one & other), one, other)


def _are_half(shared, one, other):
    return shared > 0 and 2 * shared >= len(one) + len(other) - shared


def clusters(frames):
    """Return lists of frames: near-copies of each other, directly or through others."""
    cluster_of, holders = [], defaultdict(list)
    compared = [marks(frame) for frame in frames]
    for index, one in enumerate(compared):
        cluster_of.append([index])
        shared = Counter(other for mark in one for other in holders[mark])
        for other, count in shared.items():
            if _are_half(count, one, compared[other]):
                _merge(cluster_of, index, other)
        for mark in one:
            holders[mark].append(index)
    distinct = {id(members): sorted(members) for members in cluster_of}.values()
    return [[frames[index] for index in members] for members in distinct]


def _merge(cluster_of, one, other):
    """Let two clusters, those of the indices `one` and `other`, be one list."""
    small, large = sorted((cluster_of[one], cluster_of[other]), key=len)
    if small is not large:
        large += small
        for index in small:
            cluster_of[index] = large


def split_frames(frames):
    """Deal `frames` out to a dictionary of split to frames: about 84, 6 and 10 of a hundred."""
    splits = {"train": [], "validation": [], "test": []}
    for members in clusters(frames):
        splits[_split_of_cluster(members)] += members
    return {split: tuple(members) for split, members in splits.items()}


def _split_of_cluster(members):
    if len(members) > LARGEST_DEALT:
        return "train"
    name = min(" ".join(leaves(frame)) for frame in members)
    bucket = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % 100
    return "train" if bucket < 79 else "validation" if bucket < 87 else "test"
