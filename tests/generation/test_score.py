"""Scores by steps are the model's own log-probabilities, and a distribution."""

import itertools

import numpy as np
import pytest
from keras import ops

from kerasrnn.generation import KerasSteps, score
from tests.generation.chains import END, Chain, Remembering, matrix, small_model


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def steps(model):
    return KerasSteps(model)


def whole(model, tokens, **conditions):
    """Log-probabilities of tokens by the model on the whole sequence."""
    inputs = {"tokens": np.array([[END, *tokens[:-1]]], "int32")}
    inputs |= {name: np.array([value], "int32") for name, value in conditions.items()}
    made = ops.convert_to_numpy(model(inputs if conditions else inputs["tokens"]))
    return np.log(made[0, np.arange(len(tokens)), tokens])


def test_they_are_those_of_the_whole_sequence(model, steps):
    tokens = np.random.default_rng(0).integers(1, 7, 40)
    scores = score(steps, tokens)
    assert scores.dtype == "float32"
    np.testing.assert_allclose(scores, whole(model, tokens), rtol=1e-4, atol=1e-5)


def test_sequences_of_several_lengths_are_scored_together(model, steps):
    sequences = [[3, 4, 5, 2], [6], [], [5, 5, 2]]
    scores = score(steps, sequences)
    assert [len(row) for row in scores] == [4, 1, 0, 3]
    for row, tokens in zip(scores, sequences, strict=True):
        if tokens:
            np.testing.assert_allclose(row, whole(model, tokens), rtol=1e-4, atol=1e-5)


def test_conditions_count():
    model = small_model(condition=True)
    steps, tokens = KerasSteps(model), [3, 4, 5, 2]
    for language in (0, 2):
        scores = score(steps, tokens, {"language": language})
        np.testing.assert_allclose(
            scores, whole(model, tokens, language=language), rtol=1e-4, atol=1e-5
        )
    both = score(steps, [tokens, tokens], {"language": [0, 2]})
    assert abs(both[0] - both[1]).max() > 0.01


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("prefix", [[], [4], [3, 6]])
def test_all_continuations_of_a_prefix_sum_to_one(steps, length, prefix):
    """All numbers there are, but for padding, whose share is taken from the last step."""
    numbers = range(1, 7)
    sequences = [[*prefix, *rest] for rest in itertools.product(numbers, repeat=length)]
    total = sum(np.exp(row[len(prefix) :].sum(dtype="float64")) for row in score(steps, sequences))
    assert total + padded(steps, prefix, length) == pytest.approx(1, abs=1e-5)


def padded(steps, prefix, length):
    """The probability that one of the next tokens is padding."""
    numbers, found = range(1, 7), 0.0
    for count in range(length):
        for rest in itertools.product(numbers, repeat=count):
            state = steps.start(1)
            total = 0.0
            for place, token in enumerate([END, *prefix, *rest]):
                log_probs, state = steps.advance(np.array([token]), state)
                if place >= len(prefix) and place < len(prefix) + count:
                    total += log_probs[0, rest[place - len(prefix)]]
            found += np.exp(total + log_probs[0, 0])
    return found


def test_no_step_is_taken_twice():
    chain = Remembering(matrix())
    score(chain, [3, 4, 5])
    assert chain.advances == [[END], [3], [4]]


def test_a_chains_scores_are_its_probabilities():
    chain = Chain(matrix())
    expected = [chain.matrix[END, 3], chain.matrix[3, 5], chain.matrix[5, END]]
    np.testing.assert_allclose(np.exp(score(chain, [3, 5, END])), expected, rtol=1e-5)


def test_what_is_no_token_is_refused():
    with pytest.raises(ValueError, match="`tokens` must have numbers from 1 to 5.*; received 0"):
        score(Chain(matrix()), [3, 0])
    with pytest.raises(ValueError, match="`end` must be a token's number"):
        score(Chain(matrix()), [3], end=99)


def test_nothing_has_no_scores():
    assert score(Chain(matrix()), []).tolist() == []
    chain = Chain(matrix())
    assert score(chain, [[], []])[1].tolist() == []
    assert chain.advances == []
