"""One thing with one label."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Labelled:
    """A sequence (a text, letters, a clip) or a vector, and its label.

    Args:
        content: a string, or an array whose first axis is time.
        label: string.
        part: name of a part of a data set that is also scored by itself; `""` for none.

    Example:
        >>> from kerasrnn.data import Labelled
        >>> Labelled("Not bad at all.", "positive").label
        'positive'
    """

    content: object
    label: str
    part: str = ""

    def __eq__(self, other):
        return (
            isinstance(other, Labelled)
            and (self.label, self.part) == (other.label, other.part)
            and np.array_equal(self.content, other.content)
        )

    __hash__ = None  # an array has none
