"""Which split a frame belongs to.

Frames of one section (one construction) that have most of their words in common, such as one and
its mirror image, form a cluster. The clusters of a section are sorted by a hash of their words
and dealt out whole, so that each split has frames of each construction and no two are near-copies.
Larger clusters are for training.
"""

import hashlib
import re

_WORD = re.compile(r"\{[^{}]+\}|[^\W_]+")
_COMMON = frozenset(["a", "an", "the", "it", "is", "was", "and", "of", "to"])
ALIKE = 0.8
LARGEST_HELD_OUT = 2  # so that no turn of phrase with many frames is lost to training
_HELD_OUT = {"validation": 0.08, "test": 0.12}


def outline(frame):
    """The words and slots that a frame is compared by."""
    words = {word.lower() for word in _WORD.findall(frame.text)}
    return frozenset(words - _COMMON or words)


def are_near_copies(one, other):
    """Whether two frames share most of their words and slots."""
    first, second = outline(one), outline(other)
    return len(first & second) >= ALIKE * len(first | second)


def clusters(frames):
    """Lists of frames: near-copies, directly or through others."""
    found = []
    for frame in frames:
        near = [members for members in found if any(are_near_copies(frame, m) for m in members)]
        found = [members for members in found if members not in near]
        found.append([*(member for members in near for member in members), frame])
    return found


def deal(frames):
    """Deal the frames of a section out to a dictionary of split to list of frames."""
    found = sorted(clusters(frames), key=_hash)
    splits = {}
    for split, share in _HELD_OUT.items():
        wanted, splits[split] = max(1, round(share * len(frames))), []
        for members in list(found):
            if len(splits[split]) < wanted and len(members) <= LARGEST_HELD_OUT:
                splits[split] += members
                found.remove(members)
    return {"train": [frame for members in found for frame in members]} | splits


def _hash(members):
    name = "\n".join(sorted(frame.text for frame in members))
    return hashlib.sha256(name.encode()).digest()
