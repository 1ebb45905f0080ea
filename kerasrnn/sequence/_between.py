"""What recurrent layers on top of each other hand on without a copy.

A layer's outputs `(batch, time, units)` are joined from shares of the rows, with time first; a
layer right above cuts and turns them back. Where nobody else sees the sequence between the two,
the upper one may read the shares themselves: then nothing reads the joined tensor, and TensorFlow
never makes it. (A gradient with respect to the joined tensor would miss what went through shares.)
"""

import contextlib
import contextvars

_open = contextvars.ContextVar("kerasrnn_between", default=None)


@contextlib.contextmanager
def private_sequences():
    """Sequences that layers hand to each other inside are seen by nobody else."""
    token = _open.set({} if _open.get() is None else _open.get())
    try:
        yield
    finally:
        _open.reset(token)


def remember(sequence, parts):
    """Keeps what a sequence was joined from, where it is private."""
    if _open.get() is not None:
        _open.get()[id(sequence)] = (sequence, parts)  # held, so that no other has its `id`


def remembered(sequence):
    """What a private sequence was joined from, or `None`."""
    return (_open.get() or {}).get(id(sequence), (None, None))[1]
