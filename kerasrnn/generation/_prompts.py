"""Sequences of tokens as users give them: one, or several of different lengths."""

import numpy as np

from kerasrnn._arguments import ArgumentError
from kerasrnn.data._token_encoder import PADDING


def sequences_of(given, num_tokens, name):
    """A list of arrays, and whether one sequence alone was given.

    Args:
        given: whole numbers, or a list of such; an empty list is one sequence of no tokens.
        num_tokens: how many numbers of tokens there are.
        name: the argument's name, for messages.

    Raises:
        ValueError: these are no numbers of tokens.
    """
    alone = _is_one(given)
    rows = [np.asarray(row) for row in ([given] if alone else given)]
    for number, row in enumerate(rows):
        what = f"`{name}`" if alone else f"`{name}[{number}]`"
        if row.ndim != 1 or (row.size and not np.issubdtype(row.dtype, np.integer)):
            raise ValueError(
                f"{what} must be a list of whole numbers, which an encoder gives; received "
                f"{row.dtype} of the shape {row.shape}."
            )
        wrong = row[(row <= PADDING) | (row >= num_tokens)]
        if wrong.size:
            raise ValueError(
                f"{what} must have numbers from 1 to {num_tokens - 1}, the model's tokens without "
                f"padding; received {wrong[0]}. Was it encoded for another model?"
            )
    return [row.astype("int64") for row in rows], alone


def conditions_of(conditions, alone):
    """Conditions with a value a row; for one sequence alone each is that sequence's value."""
    conditions = {name: np.asarray(value) for name, value in (conditions or {}).items()}
    return {name: value[None] for name, value in conditions.items()} if alone else conditions


def require_token(name, number, num_tokens):
    """Raises ValueError for what is not the number of a token."""
    if number not in range(PADDING + 1, num_tokens):
        raise ArgumentError(
            name, f"must be a token's number, from 1 to {num_tokens - 1}; received {number!r}."
        )


def _is_one(given):
    if isinstance(given, np.ndarray):
        return given.ndim < 2 and given.dtype != object
    return all(np.ndim(item) == 0 for item in given)
