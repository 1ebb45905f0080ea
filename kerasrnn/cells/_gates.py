"""Seeing the gates of a step from outside, so that no equation is written twice for it."""

import contextlib
import contextvars

_seen = contextvars.ContextVar("kerasrnn_gates", default=None)


@contextlib.contextmanager
def watched_gates():
    """Yields a dictionary that is filled with the gates of the steps that run inside, by name."""
    gates = {}
    token = _seen.set(gates)
    try:
        yield gates
    finally:
        _seen.reset(token)


def show_gate(name, value):
    """Puts the value of a gate into the dictionary that watches, if one does; returns it."""
    gates = _seen.get()
    if gates is not None:
        if name in gates:
            raise ValueError(
                f"`gate` was given the name {name!r} twice in one step; each gate has a name of "
                "its own."
            )
        gates[name] = value
    return value
