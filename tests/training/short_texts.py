"""Short texts with labels that a small classifier learns in a moment."""

import random

from kerasrnn.data import Labelled

WORDS = {
    "bad": ("dull", "awful", "cold", "broken", "slow"),
    "good": ("lovely", "superb", "warm", "fine", "quick"),
}
_THINGS = ("film", "book", "room", "meal", "song", "walk")


def short_texts(count, seed=0):
    """So many `Labelled`, of both labels by turns; all texts are different."""
    draw, labels = random.Random(seed), sorted(WORDS)
    return tuple(
        Labelled(
            f"The {draw.choice(_THINGS)} no. {number} was {draw.choice(WORDS[label])}"
            + draw.choice(("", ".", ", they say", " to the end!")),
            label,
        )
        for number, label in zip(range(count), labels * count, strict=False)
    )
