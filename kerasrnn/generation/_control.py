"""What may be given: the log-probabilities that every way of choosing a token starts from."""

import numpy as np

from kerasrnn._arguments import ArgumentError
from kerasrnn.data._token_encoder import END, PADDING, UNKNOWN
from kerasrnn.generation._samplers import require_count


class Control:
    """Takes out what is never given, applies a `Repetition`, and makes the rest sum to one.

    Args:
        end: number of the token that ends an answer, or `None`. A repetition never changes it, nor
            `<EOS>` where that is `None`.
        repetition: a `Repetition`, or what has its `adjust` and `window`, or `None`.
        allow_unknown: whether `<UNK>` may be given.
        min_length: before so many new tokens the end has no probability.
        max_length: how many there are at most, or `None`.

    Raises:
        ValueError: `min_length` is no whole number from 0, above `max_length`, or without an end.
    """

    def __init__(self, end, repetition, allow_unknown, min_length=0, max_length=None):
        _require_least(min_length, max_length, end)
        self._min_length = min_length
        self._end = END if end is None else end
        self._repetition = repetition
        self._never = [PADDING] if allow_unknown else [PADDING, UNKNOWN]
        self.window = repetition.window if repetition else 0

    def window_of(self, tokens):
        """Those of the last tokens that count, a tuple."""
        return tuple(tokens[-self.window :]) if self.window else ()

    def log_probs(self, log_probs, last, given):
        """Log-probabilities `(num_tokens,)` in float64, after the tokens `last`, `given` new."""
        changed = np.array(log_probs, "float64")
        changed[self._never] = -np.inf
        if given < self._min_length:
            changed[self._end] = -np.inf
        if self._repetition:
            adjusted = np.array(self._repetition.adjust(changed, last))
            adjusted[self._end] = changed[self._end]
            changed = adjusted
        top = changed.max()
        if not np.isfinite(top):
            self._refuse(log_probs, given)
        return changed - (top + np.log(np.exp(changed - top).sum()))

    def _refuse(self, log_probs, given):
        """Raises ValueError, as no token may be given, with what stands in the way."""
        if given < self._min_length and np.isfinite(log_probs[self._end]):
            raise ArgumentError(
                "min_length",
                f"is {self._min_length}, and after {given} new tokens the model is sure that all "
                "ends: no token may be given. Choose a smaller one.",
                "If <UNK> is probable too, allow_unknown=True lets it be given.",
            )
        raise ValueError(
            "No token may be given: those that may have no probability. The model is sure of "
            "<UNK>, which is given only where that is allowed, or of what a repetition excludes. "
            "Try another prompt."
        )


def _require_least(min_length, max_length, end):
    require_count("min_length", min_length, least=0)
    if min_length and end is None:
        raise ArgumentError("min_length", "is for answers that end; leave it out where none does.")
    if max_length is not None and min_length > max_length:
        raise ArgumentError(
            "min_length", f"must not be above the most tokens, {max_length}; received {min_length}."
        )
