"""What may be given: the log-probabilities that every way of choosing a token starts from."""

import numpy as np

from kerasrnn.data._token_encoder import END, PADDING, UNKNOWN


class Control:
    """Takes out what is never given, applies a `Repetition`, and makes the rest sum to one.

    Args:
        end: number of the token that ends an answer, or `None`. A repetition never changes it, nor
            `<EOS>` where that is `None`.
        repetition: a `Repetition`, or what has its `adjust` and `window`, or `None`.
        allow_unknown: whether `<UNK>` may be given.
    """

    def __init__(self, end, repetition, allow_unknown):
        self._end = END if end is None else end
        self._repetition = repetition
        self._never = [PADDING] if allow_unknown else [PADDING, UNKNOWN]
        self.window = repetition.window if repetition else 0

    def window_of(self, tokens):
        """Those of the last tokens that count, a tuple."""
        return tuple(tokens[-self.window :]) if self.window else ()

    def log_probs(self, log_probs, last):
        """Log-probabilities `(num_tokens,)` in float64, after the tokens `last`."""
        changed = np.array(log_probs, "float64")
        changed[self._never] = -np.inf
        if self._repetition:
            adjusted = np.array(self._repetition.adjust(changed, last))
            adjusted[self._end] = changed[self._end]
            changed = adjusted
        top = changed.max()
        if not np.isfinite(top):
            raise ValueError(
                "No token may be given: those that may have no probability. Set allow_unknown=True "
                "if the model is sure that <UNK> comes next."
            )
        return changed - (top + np.log(np.exp(changed - top).sum()))
