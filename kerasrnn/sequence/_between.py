"""What recurrent layers on top of each other hand on without a copy.

A layer's outputs `(batch, time, units)` are joined from shares of the rows, with time first; a
layer right above cuts and turns them back. Where nobody else sees the sequence between the two,
the upper one may read the shares themselves: then nothing reads the joined tensor, and TensorFlow
never makes it. (A gradient with respect to the joined tensor would miss what went through shares.)
"""

import contextlib
import contextvars
from typing import NamedTuple

from keras import ops

_open = contextvars.ContextVar("kerasrnn_between", default=None)


class _Private(NamedTuple):
    """A sequence that nobody but layers sees.

    Args:
        sequence: the tensor; held, so that no other has its `id`.
        parts: what it was joined from.
        sizes: its batch and time, by other tensors than itself.
    """

    sequence: object
    parts: list
    sizes: tuple


@contextlib.contextmanager
def private_sequences(are_private=True):
    """Sequences that layers hand to each other inside are seen by nobody else; or may be."""
    around = _open.get()
    inside = {} if around is None else around  # an inner stack's sequences are read by the outer
    token = _open.set(inside if are_private else None)
    try:
        yield
    finally:
        _open.reset(token)


def remember(sequence, parts, sizes):
    """Keeps what a sequence was joined from, and its batch and time, where it is private."""
    if _open.get() is not None:
        _open.get()[id(sequence)] = _Private(sequence, parts, sizes)


def remembered(sequence):
    """What a private sequence was joined from, or `None`."""
    found = _found(sequence)
    return None if found is None else found.parts


def sizes_of(sequence):
    """Batch and time, as numbers where they are known; of a private sequence without reading it."""
    found = _found(sequence)
    return tuple(ops.shape(sequence)[:2]) if found is None else found.sizes


def _found(sequence):
    return (_open.get() or {}).get(id(sequence))
