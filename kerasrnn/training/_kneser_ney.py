"""The n-gram baseline of language models: interpolated Kneser-Ney smoothing."""

from typing import NamedTuple

import numpy as np

_START = 2  # `<EOS>`, which stands before a stream
_FALLBACK = 0.5  # where no n-gram occurs once, or none twice
_DISCOUNTS = ("modified", "single")


class _Level(NamedTuple):
    """What one length of n-grams has learned."""

    keys: np.ndarray  # of the n-grams, ascending: number of the context × num_tokens + last token
    seen: np.ndarray  # by n-gram: what is left of its count, as a share of its context's
    spare: np.ndarray  # by context: the share taken off, λ; 1 where nothing followed it


class KneserNey:
    """An interpolated Kneser-Ney n-gram model of sequences of tokens' numbers.

    Each probability is a discounted count and, weighted by what the discounts took off, the
    probability of the next shorter context, down to equal shares of all tokens but padding.

    Equations, for a token w after the m - 1 tokens h, and h' which is h without its first::

        p_m(w | h) = (a(hw) - D_m(a(hw))) / A(h)  +  λ(h) p_{m-1}(w | h')
        λ(h)       = Σ_w D_m(a(hw)) / A(h)
        A(h)       = Σ_w a(hw)                          (0: p_m(w | h) = p_{m-1}(w | h'))
        p_0(w)     = 1 / (num_tokens - 1);    D_m(0) = 0

        a(g) = c(g), how often g occurs,                                        |g| = order
        a(g) = |{v : c(vg) > 0}| + how many streams begin with g,               |g| < order

    The second is the continuation count: after how many different tokens g has been seen. What
    begins a stream has nothing before it and is the longest n-gram that ends there, so that it
    counts each time (as n-grams that begin with `<s>` do in KenLM).

    Discounts are from n_k, how many n-grams of the length have the count k::

        single:    D_m(a) = Y = n_1 / (n_1 + 2 n_2)
        modified:  D_m(a) = k - (k + 1) Y n_{k+1} / n_k,    k = min(a, 3)

    Where one of n_1 … n_4 is 0, or one of the three is not positive, `modified` has the single
    discount at that length; where n_1 or n_2 is 0, that is 0.5.

    A stream is preceded by one `<EOS>` (2), which is context and is not predicted; contexts are
    shorter at a stream's beginning and never reach into another stream. `<EOS>` within a stream is
    a token and a context like any other.

    Sources: R. Kneser and H. Ney, "Improved backing-off for m-gram language modeling", ICASSP
    1995; S. F. Chen and J. Goodman, "An empirical study of smoothing techniques for language
    modeling", Harvard TR-10-98, 1998, sections 2.7 and 3 (interpolation; three discounts); K.
    Heafield et al., "Scalable modified Kneser-Ney language model estimation", ACL 2013 (adjusted
    counts at the beginning of a sentence).

    Args:
        order: the longest n-gram, in tokens; 1 has no context.
        num_tokens: how many numbers there are, padding (0) among them: tokens are from 1 to
            `num_tokens - 1`.
        discounts: `"modified"` (three a length) or `"single"` (one).

    Raises:
        ValueError: an argument is not possible.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.training._kneser_ney import KneserNey
        >>> model = KneserNey(2, num_tokens=5, discounts="single").fit([[3, 4, 3, 4, 3, 3, 2]])
        >>> np.exp(model.log_probs([3, 4])).round(3)
        array([0.818, 0.449])
    """

    def __init__(self, order, num_tokens, discounts="modified"):
        if order < 1:
            raise ValueError(f"`order` must be 1 or more; received order={order!r}.")
        if num_tokens <= _START:
            raise ValueError(f"`num_tokens` must be 3 or more; received {num_tokens!r}.")
        if discounts not in _DISCOUNTS:
            raise ValueError(f"`discounts` must be one of {_DISCOUNTS}; received {discounts!r}.")
        self.order, self.num_tokens, self.discounts = order, num_tokens, discounts
        self._levels = ()

    def fit(self, streams):
        """Counts n-grams.

        Args:
            streams: iterable of sequences of tokens' numbers, as `TokenEncoder.encode` gives them.

        Returns:
            The model itself.

        Raises:
            ValueError: there is no token, or a number is none of a token.
        """
        tokens, at = self._joined(streams)
        if not at.any():
            raise ValueError("KneserNey.fit needs at least one token; got none.")
        self._levels = tuple(self._level(*found) for found in self._tables(tokens, at))
        return self

    def log_probs(self, stream):
        """The natural logarithm of each token's probability after those before it.

        Args:
            stream: sequence of tokens' numbers.

        Returns:
            Array of float64, as long as the stream.

        Raises:
            ValueError: a number is none of a token, or the model has not been fitted.
        """
        if not self._levels:
            raise ValueError("KneserNey.log_probs needs a fitted model; call `fit` first.")
        tokens, at = self._joined([stream])
        probs = np.full(len(tokens), 1 / (self.num_tokens - 1))
        context = np.zeros(len(tokens), np.int64)  # its number before each token; -1: not seen
        for length, level in enumerate(self._levels, start=1):
            known = np.flatnonzero((context >= 0) & (at >= length - 1))
            keys = context[known] * self.num_tokens + tokens[known]
            places = np.minimum(np.searchsorted(level.keys, keys), len(level.keys) - 1)
            found = level.keys[places] == keys
            before = context[known]
            probs[known] = (
                np.where(found, level.seen[places], 0) + level.spare[before] * probs[known]
            )
            context = np.full(len(tokens), -1, np.int64)
            ends = known[found]
            ends, places = ends[ends + 1 < len(tokens)], places[found][ends + 1 < len(tokens)]
            context[ends + 1] = places
        return np.log(probs[1:])

    def _joined(self, streams):
        """All streams behind one another, each after its `<EOS>`; and each token's place in its."""
        parts, places = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for stream in streams:
            stream = np.asarray(stream)
            if stream.size == 0:
                stream = stream.astype(np.int64)
            if stream.ndim != 1 or stream.dtype.kind not in "iu":
                raise ValueError(
                    "A stream is a sequence of whole numbers; received an array of "
                    f"{stream.dtype} of shape {stream.shape}."
                )
            wrong = stream[(stream < 1) | (stream >= self.num_tokens)]
            if wrong.size:
                raise ValueError(
                    f"Numbers of tokens are from 1 to {self.num_tokens - 1}; received {wrong[0]}."
                )
            parts.append(np.concatenate([[_START], stream]).astype(np.int64))
            places.append(np.arange(len(stream) + 1))
        return np.concatenate(parts), np.concatenate(places)

    def _tables(self, tokens, at):
        """Of each length: the n-grams' keys, their counts a, and how many contexts there are."""
        found, shorter = [], np.zeros(len(tokens), np.int64)
        for length in range(1, self.order + 1):
            ends = np.flatnonzero(at >= length - 1)
            if not len(ends):  # no stream is as long
                break
            before = shorter[ends - 1] if found else shorter[ends]
            keys, first, inverse = np.unique(
                before * self.num_tokens + tokens[ends], return_index=True, return_inverse=True
            )
            contexts = len(found[-1][0]) if found else 1
            if found:  # each different n-gram is one more token before the n-gram without its first
                counts = found[-1][1]
                counts += np.bincount(shorter[ends[first]], minlength=contexts)
            # The start by itself is never predicted: a context without a count.
            counted = (at[ends] > 0) & ((at[ends] == length - 1) | (length == self.order))
            counts = np.bincount(inverse[counted], minlength=len(keys))
            found.append((keys, counts, contexts))
            shorter = np.full(len(tokens), -1, np.int64)  # numbers of the n-grams by their ends
            shorter[ends] = inverse
        return found

    def _level(self, keys, counts, contexts):
        discounts = self._discounts(counts)
        taken = discounts[np.minimum(counts, 3)]
        context = keys // self.num_tokens
        totals = np.bincount(context, weights=counts, minlength=contexts)
        spare = np.bincount(context, weights=taken, minlength=contexts)
        followed = totals > 0
        spare = np.where(followed, spare / np.where(followed, totals, 1), 1)
        seen = (counts - taken) / np.where(followed, totals, 1)[context]
        return _Level(keys, seen, spare)

    def _discounts(self, counts):
        """What is taken off a count of 0, 1, 2, and 3 or more."""
        n = np.bincount(counts[counts <= 4], minlength=5)
        if n[1] == 0 or n[2] == 0:
            return np.array([0, _FALLBACK, _FALLBACK, _FALLBACK])
        single = n[1] / (n[1] + 2 * n[2])
        if self.discounts == "modified" and n[1:5].all():
            three = [k - (k + 1) * single * n[k + 1] / n[k] for k in (1, 2, 3)]
            if min(three) > 0:
                return np.array([0, *three])
        return np.array([0, single, single, single])
