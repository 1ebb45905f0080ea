"""New tokens after a prompt, one by one."""

from collections import deque

import numpy as np

from kerasrnn.data._token_encoder import END
from kerasrnn.generation._beam_search import BeamSearch
from kerasrnn.generation._control import Control
from kerasrnn.generation._prompts import conditions_of, require_token, sequences_of
from kerasrnn.generation._samplers import Temperature, draw, require_count
from kerasrnn.generation._steps import arrays_of, steps_of


def generate(
    model,
    prompt,
    max_length,
    sampler=None,
    *,
    seed=0,
    end=END,
    conditions=None,
    repetition=None,
    allow_unknown=False,
    min_length=0,
):
    """New tokens after a prompt, or after each of several.

    The model reads `end`, which stands before every first token, then the prompt, then each new
    token, one at a time: each step goes on from the last one's state, and nothing is read twice.
    Prompts of different lengths run together, each row at its own place. Each row draws by a random
    generator of its own, of the seed and the row's number, so that other rows change nothing in it
    but roundings. The same seed gives the same answer. `<PAD>` is never given.

    Args:
        model: a `Steps`, or a Keras model of the next token, or a `LiteRTModel`. Make a
            `KerasSteps` once for several calls.
        prompt: whole numbers, possibly none; or a list of such.
        max_length: how many new tokens there are at most.
        sampler: a `Sampler`, or what has its `probabilities`; a `BeamSearch`; or `None`, which
            draws from the model's probabilities as they are, `Temperature(1.0)`.
        seed: a whole number from 0.
        end: number of the token that ends an answer, and is not a part of it; `None` goes on
            after each `<EOS>`, which is a part of the answer then, and takes no `BeamSearch`.
        conditions: dictionary from names of the model's other inputs to values: of one prompt its
            own, of several an array with a value for each.
        repetition: a `Repetition`, or `None`.
        allow_unknown: whether `<UNK>` may be given.
        min_length: how many new tokens there are at least: before them `end` has no probability.

    Returns:
        Array int64 of the new tokens, without prompt and `end`; of several prompts a list of such.

    Raises:
        ValueError: a prompt has numbers that are no tokens, a condition is missing or unknown, or
            an argument is out of its bounds.

    Example:
        >>> import keras
        >>> from kerasrnn.generation import KerasSteps, TopP, generate
        >>> from kerasrnn.layers import LSTM
        >>> tokens = keras.Input((None,), dtype="int32", name="tokens")
        >>> y = LSTM(4, return_sequences=True)(keras.layers.Embedding(9, 3)(tokens))
        >>> y = keras.layers.Dense(9, activation="softmax")(y)
        >>> steps = KerasSteps(keras.Model(tokens, y))
        >>> first, second = generate(steps, [[5, 3], [4]], max_length=6, sampler=TopP(0.9))
        >>> alone = generate(steps, [5, 3], max_length=6, sampler=TopP(0.9))
        >>> alone.tolist() == first.tolist()
        True
    """
    steps = steps_of(model)
    prompts, alone = sequences_of(prompt, steps.num_tokens, "prompt")
    require_count("max_length", max_length)
    conditions = conditions_of(conditions, alone)
    arrays_of(conditions, conditions, len(prompts))  # a value for each prompt
    if isinstance(sampler, BeamSearch):
        if end is None:
            raise ValueError("A BeamSearch compares answers that end; give an `end`.")
        answers = [
            sampler.search(
                steps,
                row,
                max_length,
                end=end,
                conditions=_of_row(conditions, number),
                repetition=repetition,
                allow_unknown=allow_unknown,
                min_length=min_length,
            )[0].tokens
            for number, row in enumerate(prompts)
        ]
    else:
        control = Control(end, repetition, allow_unknown, min_length, max_length)
        rows = _rows(steps, prompts, sampler, seed, end, control)
        answers = [[] for _ in rows]
        for number, token in _given(steps, rows, conditions, end, max_length):
            answers[number].append(token)
    answers = [np.array(answer, "int64") for answer in answers]
    return answers[0] if alone else answers


def stream(
    model,
    prompt,
    max_length=None,
    sampler=None,
    *,
    seed=0,
    end=END,
    conditions=None,
    repetition=None,
    allow_unknown=False,
    min_length=0,
):
    """What `generate` gives for one prompt, a token at a time, as soon as it is known.

    Neither the time nor the memory of a token grows with what was given.

    Args:
        model, prompt, sampler, seed, end, conditions, repetition, allow_unknown, min_length: as in
            `generate`; one prompt alone, and no `BeamSearch`, which knows its answer only at the
            end.
        max_length: how many new tokens there are at most; `None` goes on until `end`, and without
            an `end` for ever.

    Returns:
        Iterator of whole numbers.

    Raises:
        ValueError: as in `generate`, at once.

    Example:
        >>> import keras
        >>> from kerasrnn.generation import stream
        >>> from kerasrnn.layers import LSTM
        >>> tokens = keras.Input((None,), dtype="int32", name="tokens")
        >>> y = LSTM(4, return_sequences=True)(keras.layers.Embedding(9, 3)(tokens))
        >>> y = keras.layers.Dense(9, activation="softmax")(y)
        >>> for token in stream(keras.Model(tokens, y), [5, 3], max_length=4):
        ...     assert 2 < token < 9
    """
    steps = steps_of(model)
    prompts, alone = sequences_of(prompt, steps.num_tokens, "prompt")
    if not alone:
        raise ValueError(f"`stream` takes one prompt; received {len(prompts)}.")
    if max_length is not None:
        require_count("max_length", max_length)
    if isinstance(sampler, BeamSearch):
        raise ValueError("A BeamSearch knows its answer only at the end; call `generate`.")
    control = Control(end, repetition, allow_unknown, min_length, max_length)
    rows = _rows(steps, prompts, sampler, seed, end, control)
    given = _given(steps, rows, conditions_of(conditions, alone), end, max_length or np.inf)
    return (token for _, token in given)


class _Row:
    """One row's place in its prompt, and how it draws its next token."""

    def __init__(self, prompt, choose, random, window):
        self._prompt, self._place = prompt, 0
        self._choose, self._random = choose, random
        self._last = deque(maxlen=window)  # what a repetition is told by
        self.count, self.is_open = 0, True

    def next(self, log_probs):
        """The next token, and whether it is new rather than one of the prompt."""
        is_new = self._place == len(self._prompt)
        if is_new:
            token = self._choose(log_probs, self._last, self.count, self._random)
        else:
            token = int(self._prompt[self._place])
            self._place += 1
        self._last.append(token)
        return token, is_new


def _rows(steps, prompts, sampler, seed, end, control):
    if end is not None:
        require_token("end", end, steps.num_tokens)
    require_count("seed", seed, least=0)
    sampler = Temperature(1.0) if sampler is None else sampler
    if not hasattr(sampler, "probabilities"):
        raise ValueError(
            f"`sampler` must be a Sampler, such as Greedy() or TopP(0.9); received {sampler!r}."
        )

    def choose(log_probs, last, given, random):
        return draw(sampler.probabilities(control.log_probs(log_probs, last, given)), random)

    return [
        _Row(prompt, choose, np.random.default_rng([seed, number]), control.window)
        for number, prompt in enumerate(prompts)
    ]


def _given(steps, rows, conditions, end, max_length):
    """Pairs of a row's number and a new token of it. All rows advance together."""
    if not rows:
        return
    state = steps.start(len(rows), conditions)
    first = END if end is None else end
    tokens = np.full(len(rows), first)
    while any(row.is_open for row in rows):
        log_probs, state = steps.advance(tokens, state)
        # Rows that are done read one token on and on: a number of rows that changes is compiled
        # anew.
        tokens = np.full(len(rows), first)
        for number, row in enumerate(rows):
            if row.is_open:
                token, is_new = row.next(log_probs[number])
                tokens[number] = token
                row.count += is_new
                row.is_open = not is_new or (token != end and row.count < max_length)
                if is_new and token != end:
                    yield number, token


def _of_row(conditions, number):
    return {name: values[number] for name, values in conditions.items()}
