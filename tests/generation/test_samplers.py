"""Samplers draw what they say, and refuse what they cannot mean."""

import numpy as np
import pytest

from kerasrnn.generation import Greedy, Sampler, Temperature, TopK, TopP, generate
from tests.generation.chains import Chain

PROBABILITIES = np.array([0.0, 0.0, 0.05, 0.4, 0.1, 0.25, 0.2])
with np.errstate(divide="ignore"):
    LOG_PROBS = np.log(PROBABILITIES)
ALL = [Greedy(), Temperature(0.7), Temperature(3.0), TopK(3), TopK(2, 0.5), TopP(0.6), TopP(0.9, 2)]


@pytest.mark.parametrize("sampler", ALL)
def test_probabilities_sum_to_one_and_are_never_those_of_impossible_tokens(sampler):
    made = sampler.probabilities(LOG_PROBS)
    assert isinstance(sampler, Sampler)
    assert made.shape == PROBABILITIES.shape
    assert made.sum() == pytest.approx(1)
    assert made.min() >= 0
    assert made[:2].tolist() == [0, 0]


def test_a_temperature_is_a_power_of_the_probabilities():
    np.testing.assert_allclose(Temperature(1).probabilities(LOG_PROBS), PROBABILITIES, atol=1e-12)
    squares = PROBABILITIES**2
    made = Temperature(0.5).probabilities(LOG_PROBS)
    np.testing.assert_allclose(made, squares / squares.sum())


def test_a_very_low_temperature_is_as_good_as_greedy():
    made = Temperature(1e-4).probabilities(LOG_PROBS)
    np.testing.assert_array_equal(made, Greedy().probabilities(LOG_PROBS))


def support(sampler, log_probs=LOG_PROBS):
    return np.flatnonzero(sampler.probabilities(log_probs)).tolist()


@pytest.mark.parametrize(
    ("k", "kept"), [(1, [3]), (2, [3, 5]), (4, [3, 4, 5, 6]), (99, [2, 3, 4, 5, 6])]
)
def test_top_k_keeps_the_k_most_probable(k, kept):
    assert support(TopK(k)) == kept
    expected = PROBABILITIES[kept] / PROBABILITIES[kept].sum()
    np.testing.assert_allclose(TopK(k).probabilities(LOG_PROBS)[kept], expected)


def test_top_k_keeps_k_where_all_are_equal():
    assert support(TopK(2), np.log(np.full(5, 0.2))) == [0, 1]


@pytest.mark.parametrize(
    ("p", "kept"),
    [(0.1, [3]), (0.39, [3]), (0.41, [3, 5]), (0.84, [3, 5, 6]), (0.9, [3, 4, 5, 6])],
)
def test_top_p_keeps_the_fewest_that_sum_to_p(p, kept):
    assert support(TopP(p)) == kept


def test_top_p_of_one_keeps_all():
    assert support(TopP(1.0)) == [2, 3, 4, 5, 6]


def test_top_p_is_of_the_probabilities_at_the_temperature():
    assert support(TopP(0.41, temperature=0.1)) == [3]
    assert len(support(TopP(0.41, temperature=100))) == 3


@pytest.mark.parametrize("sampler", [Temperature(1), Temperature(2), TopK(3), TopP(0.7)])
def test_tokens_are_drawn_as_often_as_they_are_probable(sampler):
    """Pearson's statistic is below the 99.9th percentile of χ² with 4 degrees of freedom."""
    always = PROBABILITIES.copy()
    always[2] = 0  # no end
    always /= always.sum()
    chain = Chain(np.tile(always, (7, 1)))
    drawn = generate(chain, [], 4000, sampler, seed=1)
    with np.errstate(divide="ignore"):
        expected = 4000 * sampler.probabilities(np.log(always))
    counts = np.bincount(drawn, minlength=7)
    possible = expected > 0
    assert counts[~possible].sum() == 0
    assert ((counts - expected)[possible] ** 2 / expected[possible]).sum() < 18.47


def test_greedy_takes_the_smallest_of_equally_probable_tokens():
    assert support(Greedy(), np.log([0.2, 0.4, 0.4])) == [1]


@pytest.mark.parametrize("temperature", [0, 0.0, -1, float("inf"), float("nan")])
@pytest.mark.parametrize(
    "make", [Temperature, lambda t: TopK(2, t), lambda t: TopP(0.5, temperature=t)]
)
def test_a_temperature_that_is_none_is_refused_and_points_to_greedy(make, temperature):
    with pytest.raises(ValueError, match=r"temperature.* above 0; received .*Greedy\(\)"):
        make(temperature)


@pytest.mark.parametrize("k", [0, -1, 2.5, True, None])
def test_a_k_that_counts_nothing_is_refused(k):
    with pytest.raises(ValueError, match="`k` must be a whole number from 1; received"):
        TopK(k)


@pytest.mark.parametrize("p", [0, -0.1, 1.1, float("nan")])
def test_a_p_that_is_no_share_is_refused(p):
    with pytest.raises(ValueError, match="`p` must be above 0 and up to 1; received"):
        TopP(p)
