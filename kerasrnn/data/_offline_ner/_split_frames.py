"""Which split a frame belongs to: near-copies stay together, all else is dealt out by hash.

All frames lie in one pool. Near-copies (`are_near_copies`), and near-copies of near-copies, form a
cluster, and a hash of the cluster's first member in the alphabet says to which split all of it
goes. A cluster of more than `LARGEST_DEALT` frames is for training. So the three splits are of one
kind, and no frame is a near-copy of a frame of another split. A frame that is added moves at most
the clusters that it is a near-copy of.
"""

import hashlib
from collections import Counter, defaultdict

from kerasrnn.data._offline_ner._frames import leaves, slot_name

LARGEST_DEALT = 30
ENOUGH_MARKS = 3
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
    parts = set(_parts(frame))
    telling = {part for part in parts if not slot_name(part)} - FUNCTION_WORDS
    return frozenset(telling or parts)


def outlines(frame):
    """Return the words and slots of `frame` in order: all of them, and each time all but one."""
    parts = tuple(_parts(frame))
    return {parts, *(parts[:place] + parts[place + 1 :] for place in range(len(parts)))}


def _parts(frame):
    return [word.lower() for word in leaves(frame) if word[-1].isalnum() or slot_name(word)]


def are_near_copies(one, other):
    """Whether two frames must share a split.

    They must where they share half or more of the marks of both, more than half where one has
    fewer than `ENOUGH_MARKS`; or where they are the same but for one word or slot of each.
    """
    first, second = marks(one), marks(other)
    return _share_enough(len(first & second), first, second) or bool(
        outlines(one) & outlines(other)
    )


def _share_enough(shared, one, other):
    union = len(one) + len(other) - shared
    enough = min(len(one), len(other)) >= ENOUGH_MARKS
    return 2 * shared > union or (enough and 2 * shared == union)


def clusters(frames):
    """Return lists of frames: near-copies of each other, directly or through others."""
    cluster_of, with_mark, with_outline = [], defaultdict(list), {}
    compared = [marks(frame) for frame in frames]
    for index, one in enumerate(compared):
        cluster_of.append([index])
        shared = Counter(other for mark in one for other in with_mark[mark])
        for other, count in shared.items():
            if _share_enough(count, one, compared[other]):
                _merge(cluster_of, index, other)
        for outline in outlines(frames[index]):
            _merge(cluster_of, index, with_outline.setdefault(outline, index))
        for mark in one:
            with_mark[mark].append(index)
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
    return "train" if bucket < 82 else "validation" if bucket < 88 else "test"
