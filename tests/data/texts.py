"""Texts of many scripts, and tensors of them, for tests of reading in TensorFlow."""

import numpy as np
import tensorflow as tf
from hypothesis import strategies as st


def strings(texts):
    """A tensor of strings; an array of objects, since NumPy's own strings lose a final NUL."""
    return tf.constant(np.array([text.encode() for text in texts], dtype=object))


def ranges(*pairs):
    return st.one_of(
        *(st.characters(min_codepoint=a, max_codepoint=b, categories=None) for a, b in pairs)
    )


LETTERS = ranges(
    (0x20, 0x7E),
    (0xA0, 0x24F),  # Latin with accents; İ, the dotted capital, among them
    (0x300, 0x36F),  # combining marks
    (0x370, 0x4FF),  # Greek and Cyrillic
    (0x1E00, 0x1FFF),  # ẞ, Vietnamese, and Greek with accents
)
OTHERS = ranges(
    (0x01, 0x1F),
    (0x7F, 0x9F),
    (0x2000, 0x206F),  # spaces, dashes, quotation marks, joiners
    (0x3000, 0x30FF),
    (0x4E00, 0x9FFF),
    (0xFE00, 0xFE0F),  # variation selectors
    (0x1F300, 0x1FAFF),  # emoji
)
LINES = st.lists(st.text(st.one_of(LETTERS, LETTERS, OTHERS)), min_size=1, max_size=6)
MARKED = st.lists(
    st.text(st.sampled_from("aAéÉİẞΣσς\u0307\u0301ı1.,:'’-& \u2028")), min_size=1, max_size=6
)
