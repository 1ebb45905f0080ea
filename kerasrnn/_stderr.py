"""Holding back what native libraries write to the standard error, past Python."""

import contextlib
import os
import sys
import tempfile


@contextlib.contextmanager
def held_back():
    """Yields a function that gives the bytes written so far; nothing of it is shown."""
    sys.stderr.flush()
    shown = os.dup(2)
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
