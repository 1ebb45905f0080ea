"""Less of what was there already."""

import numpy as np

from kerasrnn._arguments import ArgumentError
from kerasrnn.generation._samplers import require_count


class Repetition:
    """Makes tokens less probable that occur among the last ones.

    Equations:

        log p'(v) = penalty·log p(v)    where v is among the last `window` tokens

    This is the penalised sampling of Keskar et al., CTRL (2019), with log-probabilities for scores:
    all are below zero, so that a factor above 1 makes the token less probable. Then all are made to
    sum to one. It comes before the sampler's temperature. The prompt counts as what was there; the
    first `<EOS>` does not, and the probability of `<EOS>` is never changed by this.

    Args:
        penalty: a number from 1, which changes nothing.
        window: how many of the last tokens count.
        no_repeat: no run of so many tokens is given that is in the window already; 0 bans none.
            Where every token would be banned, none is.

    Raises:
        ValueError: an argument is outside these bounds, or `no_repeat` is above `window`.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.generation import Repetition
        >>> changed = Repetition(penalty=2.0).adjust(np.log([0.2, 0.3, 0.5]), [2, 2])
        >>> np.exp(changed).round(2).tolist()
        [0.2, 0.3, 0.25]
        >>> changed = Repetition(1, no_repeat=2).adjust(np.log([0.2, 0.3, 0.5]), [0, 1, 2, 0])
        >>> np.exp(changed).round(2).tolist()
        [0.2, 0.0, 0.5]
    """

    def __init__(self, penalty=1.2, window=64, no_repeat=0):
        if not 1 <= penalty < np.inf:
            raise ArgumentError("penalty", f"must be a number from 1; received {penalty}.")
        require_count("window", window)
        require_count("no_repeat", no_repeat, least=0)
        if no_repeat > window:
            raise ArgumentError(
                "no_repeat",
                f"must not be above the window, {window} tokens; received {no_repeat}.",
            )
        self.penalty, self.window, self.no_repeat = penalty, window, no_repeat

    def adjust(self, log_probs, last):
        """The changed log-probabilities, which need not sum to one.

        Args:
            log_probs: float array `(num_tokens,)`.
            last: the last tokens, of which those beyond the window do not count.
        """
        last = list(last)[-self.window :]
        changed = np.array(log_probs, "float64")
        seen = np.unique(np.array(last, "int64"))
        changed[seen] *= self.penalty
        free = changed.copy()
        free[self._banned(last)] = -np.inf
        return free if np.isfinite(free).any() else changed

    def _banned(self, last):
        """The tokens that would end a run of `no_repeat` tokens which is there already."""
        size = self.no_repeat
        if not size:
            return []
        begun = last[len(last) - size + 1 :]
        return [
            last[place + size - 1]
            for place in range(len(last) - size + 1)
            if last[place : place + size - 1] == begun
        ]
