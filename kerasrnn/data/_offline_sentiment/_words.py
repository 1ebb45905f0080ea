"""Words that fill frames, drawn for one split."""

import hashlib
from functools import cache

from kerasrnn.data._offline_sentiment._read import sections

_VOWEL_SOUNDS = ("a", "e", "i", "o", "u", "honest", "hour")


@cache
def word_lists():
    """Dictionary of `good` or `film good` to a tuple of words."""
    return {
        name: tuple(word.strip() for _, line in lines for word in line.split(",") if word.strip())
        for name, lines in sections("words.txt").items()
    }


@cache
def words_of(name, domain):
    """The words of a slot: those for all domains and those for this one."""
    lists = word_lists()
    return lists.get(name, ()) + lists.get(f"{domain} {name}", ())


def split_of_pair(good, bad):
    """The split that may set these two words against each other in one sentence."""
    digest = hashlib.sha256(f"{good} / {bad}".encode()).digest()
    bucket = int.from_bytes(digest[:4], "big") % 100
    return "train" if bucket < 76 else "validation" if bucket < 88 else "test"


class Drawer:
    """Draws words.

    Args:
        split: name of the split.
        rng: a `random.Random`.
        own_pairs: whether to draw only the pairs of opposites that belong to the split.
    """

    def __init__(self, split, rng, own_pairs):
        self.split = split
        self.rng = rng
        self.own_pairs = own_pairs

    def same(self, name, domain, taken):
        """A word that both readings of a frame have; none of those `taken`."""
        return self.rng.choice([w for w in words_of(name, domain) if w not in taken])

    def opener(self):
        """What may stand before a sentence, with a space behind it."""
        opener = self.rng.choice(word_lists()["opener"])
        return opener + (" " if opener.endswith("that") else ", ")

    def pair(self, good, bad, domain, consonant, taken):
        """Two opposites, of the slots `good` and `bad`."""
        while True:
            pair = (
                self.rng.choice(words_of(good, domain)),
                self.rng.choice(words_of(bad, domain)),
            )
            if (
                not (self.own_pairs and split_of_pair(*pair) != self.split)
                and not (consonant and any(word.startswith(_VOWEL_SOUNDS) for word in pair))
                and not set(pair) & set(taken)
            ):
                return pair
