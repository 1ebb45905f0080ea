"""What all commands share: the console and errors. Imports nothing heavy."""

import atexit
import contextlib
import os
import sys

import typer
from rich.console import Console

from kerasrnn._stderr import held_back

console = Console(highlight=False, emoji=False)
errors = Console(stderr=True, highlight=False, emoji=False)
_COLOURS = ("green", "cyan", "magenta", "yellow", "blue", "red")


@contextlib.contextmanager
def friendly_errors():
    """An error that a user can mend is a message and exit status 1, not a traceback."""
    # TensorFlow's own lines, from its C++: what it calls errors there are notes on the processor.
    # Its real errors are Python exceptions, which this does not hide.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        yield
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        # What this library, Keras and the file system say of bad input and bad files.
        if os.environ.get("KERASRNN_TRACEBACK"):
            raise
        errors.print("[bold red]Error:[/]", end=" ")
        errors.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        errors.print("Stopped; nothing was written.")
        raise typer.Exit(130) from None


def note(message):
    """Prints beside the result, to the standard error, as it is."""
    errors.print(message, markup=False, soft_wrap=True)


@contextlib.contextmanager
def quiet():
    """Keeps what native libraries print while they load; it is shown only if loading fails.

    TensorFlow and LiteRT write notes on the processor to the standard error, past Python.
    """
    said = b""
    try:
        with held_back() as written:
            try:
                yield
            except BaseException:
                said = written()
                raise
    finally:
        os.write(2, said)


def end_quietly():
    """Says nothing after Python's last words: LiteRT takes leave of each accelerator by a line."""

    def close():
        if sys.stderr is not None:
            sys.stderr.flush()
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

    atexit.register(close)


def load_keras():
    """Imports Keras and TensorFlow, which takes seconds, without their notes."""
    with quiet():
        import keras  # noqa: F401
        import tensorflow as tf

        tf.config.list_physical_devices()


def colour(name, names):
    """One colour a name, the same in every line."""
    return _COLOURS[sorted(names).index(name) % len(_COLOURS)]


def size(count):
    """Bytes as people read them."""
    return f"{count / 1e6:.2f} MB" if count >= 1e6 else f"{count / 1e3:.0f} KB"
