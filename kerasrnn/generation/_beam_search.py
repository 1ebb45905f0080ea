"""The most probable answer, looked for among several at a time."""

from typing import NamedTuple

import numpy as np

from kerasrnn._arguments import ArgumentError
from kerasrnn.data._token_encoder import END
from kerasrnn.generation._control import Control
from kerasrnn.generation._prompts import conditions_of, require_token, sequences_of
from kerasrnn.generation._samplers import require_count
from kerasrnn.generation._steps import steps_of


class Beam(NamedTuple):
    """An answer that a `BeamSearch` found.

    Args:
        tokens: the new tokens, without the one that ends it.
        log_prob: sum of the tokens' log-probabilities, that of the end among them.
        score: by which answers are compared: `log_prob` divided by the length penalty.
        finished: whether it ended, rather than having come to the limit.

    Example:
        >>> from kerasrnn.generation import Beam
        >>> Beam([5, 3], -1.5, -1.2, True).finished
        True
    """

    tokens: list
    log_prob: float
    score: float
    finished: bool


class BeamSearch:
    """Looks for the most probable answer, with the `width` most probable beginnings at a time.

    Equations:

        score(y) = log p(y) / ((5 + n)/6)^α        n tokens, the end among them; α `length_penalty`

    The length penalty is that of Wu et al., Google's Neural Machine Translation System (2016). An
    answer ends with `<EOS>`, or is cut at the limit. Ended ones are kept; the search ends when none
    of the open ones can get a better score than the best ended one, or at the limit. With α = 0
    and a width of all beginnings there are, the answer is the most probable of all.

    Args:
        width: how many beginnings are kept open.
        length_penalty: α, from 0; above 0 long answers gain.

    Raises:
        ValueError: `width` is not a whole number from 1, or `length_penalty` is below 0.

    Example:
        >>> import keras
        >>> from kerasrnn.generation import BeamSearch, generate
        >>> from kerasrnn.layers import LSTM
        >>> tokens = keras.Input((None,), dtype="int32", name="tokens")
        >>> y = LSTM(4, return_sequences=True)(keras.layers.Embedding(9, 3)(tokens))
        >>> y = keras.layers.Dense(9, activation="softmax")(y)
        >>> model = keras.Model(tokens, y)
        >>> len(generate(model, [5, 3], max_length=4, sampler=BeamSearch(width=3))) <= 4
        True
    """

    def __init__(self, width, length_penalty=0.0):
        require_count("width", width)
        if not 0 <= length_penalty < np.inf:
            raise ArgumentError(
                "length_penalty", f"must be a number from 0; received {length_penalty}."
            )
        self.width, self.length_penalty = width, length_penalty

    def search(
        self,
        model,
        prompt,
        max_length,
        *,
        end=END,
        conditions=None,
        repetition=None,
        allow_unknown=False,
        min_length=0,
    ):
        """The best answers to one prompt.

        Args:
            model, prompt, max_length, end, conditions, repetition, allow_unknown, min_length: as in
                `generate`.

        Returns:
            List of up to `width` `Beam`s, the best first.
        """
        steps = steps_of(model)
        (prompt,), _ = sequences_of([prompt], steps.num_tokens, "prompt")
        require_count("max_length", max_length)
        require_token("end", end, steps.num_tokens)
        control = Control(end, repetition, allow_unknown, min_length, max_length)
        state = steps.start(1, conditions_of(conditions, alone=True))
        for token in (end, *prompt):
            log_probs, state = steps.advance(np.array([token]), state)
        beams, ended = [_Open(0.0, None, control.window_of(prompt.tolist()))], []
        for count in range(1, max_length + 1):
            beams, parents, ended = self._grown(beams, ended, log_probs, control, end, count)
            if count == max_length or self._is_settled(beams, ended, max_length):
                break
            log_probs, state = self._advanced(steps, state, beams, parents, end)
        if count == max_length:
            ended += [(self.score(beam.log_prob, count), beam, False) for beam in beams]
        return [
            Beam(_tokens_of(beam.tail), float(beam.log_prob), float(score), finished)
            for score, beam, finished in self._best(ended)
        ]

    def score(self, log_prob, count):
        """The score of an answer of so many tokens."""
        return log_prob / ((5 + count) / 6) ** self.length_penalty

    def _grown(self, beams, ended, log_probs, control, end, count):
        """The best beginnings of one token more, the rows they grew from, and what ended so far."""
        found = np.array(
            [
                beam.log_prob + control.log_probs(row, beam.last, count - 1)
                # Rows beyond the beams are repeated ones.
                for beam, row in zip(beams, log_probs, strict=False)
            ]
        )
        ended = ended + [
            (self.score(log_prob, count), beam._replace(log_prob=log_prob), True)
            for beam, log_prob in zip(beams, found[:, end], strict=True)
            if np.isfinite(log_prob)
        ]
        found[:, end] = -np.inf
        grown, parents = [], []
        for place in np.argsort(-found, axis=None, kind="stable")[: self.width]:
            row, token = (int(number) for number in np.unravel_index(place, found.shape))
            if np.isfinite(found[row, token]):
                tail = (token, beams[row].tail)
                last = control.window_of((*beams[row].last, token))
                grown.append(_Open(found[row, token], tail, last))
                parents.append(row)
        return grown, parents, self._best(ended)

    def _best(self, ended):
        return sorted(ended, key=lambda item: -item[0])[: self.width]

    def _is_settled(self, beams, ended, max_length):
        """Whether no open answer can get a better score than the best ended one.

        More tokens make no answer more probable, and the length penalty is the least at the limit.
        """
        if not beams:
            return True
        most = self.score(max(beam.log_prob for beam in beams), max_length)
        return bool(ended) and ended[0][0] >= most

    def _advanced(self, steps, state, beams, parents, end):
        """The steps' answer to the beams' last tokens. There are always `width` rows."""
        missing = self.width - len(beams)
        state = steps.select(state, np.array(parents + [0] * missing))
        tokens = [beam.tail[0] for beam in beams] + [end] * missing
        return steps.advance(np.array(tokens), state)


class _Open(NamedTuple):
    """A beginning: its log-probability, its tokens as (last, tokens before), the window's."""

    log_prob: float
    tail: tuple | None
    last: tuple


def _tokens_of(tail):
    tokens = []
    while tail is not None:
        token, tail = tail
        tokens.append(token)
    return tokens[::-1]
