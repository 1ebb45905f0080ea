"""Errors of arguments, told by the names of a command's options."""

import contextlib

from kerasrnn._arguments import ArgumentError


@contextlib.contextmanager
def as_options(options, hints=None):
    """Says an option where an error names the argument that the option gives.

    Args:
        options: dictionary from arguments to options, such as `{"p": "--top-p"}`.
        hints: dictionary from arguments to what the command has to say beside.
    """
    try:
        yield
    except ArgumentError as error:
        if error.argument not in options:
            raise
        hint = (hints or {}).get(error.argument, "")
        raise ValueError(f"{options[error.argument]} {error.rule} {hint}".rstrip()) from error
