"""Holding back what native libraries write to the standard error, past Python."""

import contextlib
import os
import sys
import tempfile
import threading

# The standard error is the process's: of two threads that turn it aside, the last to turn it back
# would leave it where the other had it. Held again by its own thread, as LiteRT's models are freed
# whenever Python collects garbage.
_ONE_AT_A_TIME = threading.RLock()


@contextlib.contextmanager
def held_back():
    """Yields a function that gives the bytes written so far; nothing of it is shown.

    Where the process has no standard error, nothing is held back.
    """
    with _ONE_AT_A_TIME:
        shown = _duplicate()
        if shown is None:
            yield lambda: b""
            return
        with tempfile.TemporaryFile() as kept:

            def written():
                kept.seek(0)
                return kept.read()

            os.dup2(kept.fileno(), 2)
            try:
                yield written
            finally:
                os.dup2(shown, 2)
                os.close(shown)


def _duplicate():
    """A copy of the standard error's descriptor, or `None` where it is closed."""
    if sys.stderr is None:  # closed from the start: another file may have its number
        return None
    sys.stderr.flush()
    try:
        return os.dup(2)
    except OSError:
        return None
