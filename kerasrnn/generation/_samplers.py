"""From the log-probabilities of the next token to the probabilities with which it is drawn."""

from abc import ABC, abstractmethod

import numpy as np

from kerasrnn._arguments import ArgumentError


class Sampler(ABC):
    """Says with which probability each token is drawn.

    `generate` draws from what `probabilities` gives, one row at a time, by the row's own generator
    of random numbers, so that a sampler has no randomness of its own.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.generation import Sampler
        >>> class OfAtLeast(Sampler):
        ...     def __init__(self, least):
        ...         self.least = least
        ...     def probabilities(self, log_probs):
        ...         kept = np.exp(log_probs) * (np.exp(log_probs) >= self.least)
        ...         return kept / kept.sum()
        >>> OfAtLeast(0.2).probabilities(np.log([0.1, 0.3, 0.6])).round(2).tolist()
        [0.0, 0.33, 0.67]
    """

    @abstractmethod
    def probabilities(self, log_probs):
        """The probabilities to draw from.

        Args:
            log_probs: log-probabilities, float64 `(num_tokens,)`, minus infinity for tokens that
                may not be given.

        Returns:
            Array `(num_tokens,)` of numbers from zero, which sum to one.
        """


class Greedy(Sampler):
    """Always the most probable token; the one of the smallest number where several are.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.generation import Greedy
        >>> Greedy().probabilities(np.log([0.1, 0.3, 0.6])).tolist()
        [0.0, 0.0, 1.0]
    """

    def probabilities(self, log_probs):
        """See `Sampler.probabilities`."""
        chosen = np.zeros(len(log_probs))
        chosen[np.argmax(log_probs)] = 1
        return chosen


class Temperature(Sampler):
    """Probabilities to the power of 1/temperature, made to sum to one again.

    Args:
        temperature: 1 leaves them as they are; below 1 the probable tokens gain, above 1 the
            others do.

    Raises:
        ValueError: the temperature is not above 0.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.generation import Temperature
        >>> Temperature(0.5).probabilities(np.log([0.25, 0.75])).round(3).tolist()
        [0.1, 0.9]
    """

    def __init__(self, temperature=1.0):
        if not 0 < temperature < np.inf:
            raise ArgumentError(
                "temperature",
                f"must be above 0; received {temperature}.",
                "Greedy() always takes the most probable token.",
            )
        self.temperature = temperature

    def probabilities(self, log_probs):
        """See `Sampler.probabilities`."""
        powers = np.exp((log_probs - np.max(log_probs)) / self.temperature)
        return powers / powers.sum()


class TopK(Sampler):
    """The k most probable tokens alone; of equally probable ones those of smaller numbers.

    Args:
        k: how many.
        temperature: as in `Temperature`.

    Raises:
        ValueError: `k` is not a whole number from 1, or the temperature is not above 0.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.generation import TopK
        >>> TopK(2).probabilities(np.log([0.1, 0.3, 0.6])).round(2).tolist()
        [0.0, 0.33, 0.67]
    """

    def __init__(self, k, temperature=1.0):
        require_count("k", k)
        self.k, self._heated = k, Temperature(temperature)

    def probabilities(self, log_probs):
        """See `Sampler.probabilities`."""
        return _only(_by_probability(log_probs)[: self.k], self._heated.probabilities(log_probs))


class TopP(Sampler):
    """The fewest tokens, from the most probable on, whose probabilities sum to p or more.

    The "nucleus" of Holtzman et al., The Curious Case of Neural Text Degeneration (2020). The
    temperature comes first.

    Args:
        p: a number above 0, up to 1.
        temperature: as in `Temperature`.

    Raises:
        ValueError: `p` is not above 0 and up to 1, or the temperature is not above 0.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.generation import TopP
        >>> TopP(0.8).probabilities(np.log([0.1, 0.3, 0.6])).round(2).tolist()
        [0.0, 0.33, 0.67]
    """

    def __init__(self, p, temperature=1.0):
        if not 0 < p <= 1:
            raise ArgumentError("p", f"must be above 0 and up to 1; received {p}.")
        self.p, self._heated = p, Temperature(temperature)

    def probabilities(self, log_probs):
        """See `Sampler.probabilities`."""
        heated = self._heated.probabilities(log_probs)
        order = _by_probability(log_probs)
        count = np.searchsorted(np.cumsum(heated[order]), self.p) + 1
        return _only(order[:count], heated)


def draw(probabilities, random):
    """A token of that probability, by one number of a `numpy.random.Generator`."""
    sums = np.cumsum(probabilities)
    return int(np.searchsorted(sums, random.random() * sums[-1], side="right"))


def require_count(name, count, least=1):
    """Raises ValueError for what is not a whole number from `least`."""
    whole = isinstance(count, (int, np.integer)) and not isinstance(count, bool)
    if not whole or count < least:
        raise ArgumentError(name, f"must be a whole number from {least}; received {count!r}.")


def _by_probability(log_probs):
    return np.argsort(-log_probs, kind="stable")


def _only(kept, probabilities):
    chosen = np.zeros(len(probabilities))
    chosen[kept] = probabilities[kept]
    return chosen / chosen.sum()
