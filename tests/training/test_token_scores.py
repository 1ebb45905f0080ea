"""Log-probabilities of sequences by a model of the next token, and the figures made of them."""

import itertools
import math

import keras
import numpy as np
import pytest

from kerasrnn.training import token_scores
from kerasrnn.training._token_scores import TokenReader
from kerasrnn.zoo import char_lm_gru, name_gru, word_lm_lstm

END, TOKENS = 2, 7
RNG = np.random.default_rng(8)


def randomised(model):
    rng = np.random.default_rng(4)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def model():
    return randomised(char_lm_gru(num_tokens=TOKENS, units=4, token_dim=3))


@pytest.fixture(scope="module")
def of_categories():
    return randomised(name_gru(num_tokens=TOKENS, num_categories=3, units=4, token_dim=3))


def streams(*lengths):
    return [np.append(RNG.integers(1, TOKENS, n - 1), END).astype("int32") for n in lengths]


def by_whole_model(model, stream, **conditions):
    """What the model says of a sequence that it reads at once."""
    tokens = np.array([[END, *stream[:-1]]], "int32")
    given = {name: np.array([value], "int32") for name, value in conditions.items()}
    y = keras.ops.convert_to_numpy(model({"tokens": tokens, **given}))[0]
    return np.log(y[np.arange(len(stream)), stream])


# TokenReader


def test_it_gives_the_logarithm_of_the_whole_models_output(model):
    (stream,) = streams(9)
    (found,) = TokenReader(model).log_probs([stream])
    assert found.shape == (9,)
    assert found.dtype == "float64"
    np.testing.assert_allclose(found, by_whole_model(model, stream), atol=1e-5)


@pytest.mark.parametrize(("rows", "chunk"), [(1, 1), (2, 4), (3, 5), (8, 100)])
def test_chunks_and_rows_change_nothing(model, rows, chunk):
    given = streams(9, 1, 4, 20, 5)
    found = TokenReader(model, rows, chunk).log_probs(given)
    assert [len(row) for row in found] == [9, 1, 4, 20, 5]
    for stream, row in zip(given, found, strict=True):
        np.testing.assert_allclose(row, by_whole_model(model, stream), atol=1e-5)


def test_each_row_is_read_with_its_own_conditions(of_categories):
    given, category = streams(3, 8, 1, 5), np.array([2, 0, 1, 0])
    found = TokenReader(of_categories, rows=3, chunk=4).log_probs(given, {"category": category})
    for stream, number, row in zip(given, category, found, strict=True):
        expected = by_whole_model(of_categories, stream, category=number)
        np.testing.assert_allclose(row, expected, atol=1e-5)
    other = TokenReader(of_categories).log_probs(given, {"category": np.zeros(4, int)})
    assert np.abs(other[0] - found[0]).max() > 1e-3
    np.testing.assert_allclose(other[1], found[1], atol=1e-5)


def test_nothing_to_read_gives_nothing(model):
    assert TokenReader(model).log_probs([]) == []


def test_what_is_rounded_to_nothing_is_still_no_minus_infinity(model):
    sure = char_lm_gru(num_tokens=TOKENS, units=4, token_dim=3)
    weights = [np.zeros(w.shape) for w in sure.get_weights()]
    weights[-1][3] = 500.0
    sure.set_weights(weights)
    (found,) = TokenReader(sure).log_probs([np.array([3, 4])])
    assert found[0] == pytest.approx(0)
    assert -100 < found[1] < -80


@pytest.mark.parametrize("kind", ["plain", "tied", "conditioned"])
def test_the_probabilities_of_all_ways_to_go_on_sum_to_one(kind, model, of_categories):
    """P(y⟨1⟩ … y⟨n⟩) as a product of conditionals is a distribution over sequences."""
    if kind == "tied":
        model = randomised(word_lm_lstm(num_tokens=TOKENS, units=4, token_dim=3))
    prefix, conditions = [3, 5, 4], None
    pairs = list(itertools.product(range(TOKENS), repeat=2))
    if kind == "conditioned":
        model, conditions = of_categories, {"category": np.full(len(pairs), 1)}
    given = [np.array([*prefix, *pair], "int32") for pair in pairs]
    found = TokenReader(model, rows=len(pairs), chunk=5).log_probs(given, conditions)
    assert sum(np.exp(row[3:].sum()) for row in found) == pytest.approx(1, abs=1e-5)
    # The prefix has one probability, whatever comes after it.
    assert np.ptp([row[:3].sum() for row in found]) < 1e-5
    assert np.ptp([row[3:].sum() for row in found]) > 0.1


# token_scores


def test_perplexity_and_bits_of_worked_figures():
    # −log₂ P: 1 + 2 + 1 and 3 bits, seven of five tokens and of eight characters.
    rows = [np.log([1 / 2, 1 / 4, 1 / 2]), np.log([1 / 8, 1])]
    scores = token_scores([[3, 4, 2], [5, 2]], rows, 8, "character")
    assert scores["perplexity"] == pytest.approx(2 ** (7 / 5))
    assert scores["bits"] == pytest.approx(7 / 8)
    assert scores["log_prob"] == pytest.approx(-7 * math.log(2))
    assert (scores["tokens"], scores["units"], scores["unit"]) == (5, 8, "character")
    assert scores["unknown"] == 0
    assert scores["known"] == {"perplexity": pytest.approx(2 ** (7 / 5)), "tokens": 5}


def test_an_unknown_token_counts_in_one_figure_and_is_left_out_of_the_other():
    scores = token_scores([[3, 1, 2]], [np.log([1 / 2, 1 / 16, 1 / 2])], 3, "character")
    assert scores["perplexity"] == pytest.approx(2 ** (6 / 3))
    assert scores["bits"] == pytest.approx(2)
    assert (scores["tokens"], scores["unknown"]) == (3, 1)
    assert scores["known"] == {"perplexity": pytest.approx(2), "tokens": 2}


def test_where_all_tokens_are_unknown_there_is_no_figure_of_known_ones():
    scores = token_scores([[1, 1]], [np.log([0.5, 0.5])], 2, "character")
    assert scores["known"] == {"perplexity": None, "tokens": 0}
    assert scores["perplexity"] == pytest.approx(2)


def test_of_equally_probable_tokens_the_perplexity_is_their_number(model):
    even = char_lm_gru(num_tokens=TOKENS, units=4, token_dim=3)
    even.set_weights([np.zeros(w.shape) for w in even.get_weights()])
    given = streams(5, 3)
    scores = token_scores(given, TokenReader(even).log_probs(given), 8, "character")
    assert scores["perplexity"] == pytest.approx(TOKENS, rel=1e-5)
    assert scores["bits"] == pytest.approx(math.log2(TOKENS), rel=1e-5)


@pytest.mark.parametrize("rows", [[], [[]], [[], []]])
def test_without_a_token_there_is_nothing_to_tell(rows):
    with pytest.raises(ValueError, match="no tokens to score"):
        token_scores(rows, rows, 1, "character")


def test_without_a_unit_there_are_no_bits():
    with pytest.raises(ValueError, match="divided by notes, of which there are 0"):
        token_scores([[3, 2]], [np.log([0.5, 0.5])], 0, "note")
