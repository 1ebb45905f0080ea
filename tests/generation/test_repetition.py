"""A repetition control makes what was there less probable, and bans runs of tokens."""

import numpy as np
import pytest

from kerasrnn.generation import BeamSearch, Greedy, Repetition, Temperature, generate
from tests.generation.chains import END, Chain, matrix

LOG_PROBS = np.log([0.1, 0.2, 0.3, 0.4])


def test_seen_tokens_alone_are_penalised_once_each():
    changed = Repetition(1.5).adjust(LOG_PROBS, [3, 1, 3])
    np.testing.assert_allclose(changed, LOG_PROBS * [1, 1.5, 1, 1.5])


def test_what_it_is_given_stays_as_it_was():
    given = LOG_PROBS.copy()
    Repetition(2, no_repeat=1).adjust(given, [3])
    np.testing.assert_array_equal(given, LOG_PROBS)


def test_tokens_before_the_window_do_not_count():
    changed = Repetition(1.5, window=2).adjust(LOG_PROBS, [3, 1, 0])
    np.testing.assert_allclose(changed, LOG_PROBS * [1.5, 1.5, 1, 1])


def banned(size, last, window=64):
    changed = Repetition(1, window, no_repeat=size).adjust(LOG_PROBS, last)
    return np.flatnonzero(np.isinf(changed)).tolist()


@pytest.mark.parametrize(
    ("size", "last", "expected"),
    [
        (0, [1, 2, 1], []),
        (1, [1, 2, 1], [1, 2]),
        (2, [1, 2, 1], [2]),
        (2, [1, 2, 1, 3, 1], [2, 3]),
        (2, [1, 2, 3], []),
        (3, [1, 2, 3, 1, 2], [3]),
        (3, [1, 2, 3, 2], []),
        (3, [1], []),
        (2, [], []),
        (2, [1, 1], [1]),
    ],
)
def test_no_run_of_tokens_comes_twice(size, last, expected):
    assert banned(size, last) == expected


def test_runs_before_the_window_may_come_again():
    assert banned(2, [1, 2, 0, 1], window=4) == [2]
    assert banned(2, [1, 2, 0, 1], window=3) == []


def test_where_all_are_banned_none_is():
    assert banned(1, [0, 1, 2, 3]) == []


def runs(tokens, size):
    return [tuple(tokens[place : place + size]) for place in range(len(tokens) - size + 1)]


@pytest.mark.parametrize("sampler", [Greedy(), Temperature(0.3), BeamSearch(3)])
@pytest.mark.parametrize("size", [2, 3])
def test_no_sampler_repeats_what_is_banned(sampler, size):
    endless = matrix(8, seed=2)
    endless[:, END] = 0
    prompt = [3, 4, 5]
    given = generate(
        Chain(endless), prompt, 12, sampler, repetition=Repetition(1, no_repeat=size)
    ).tolist()
    found = runs(prompt + given, size)
    assert len(given) == 12
    assert len(set(found)) == len(found)


def test_without_it_greedy_repeats_itself():
    endless = matrix(8, seed=2)
    endless[:, END] = 0
    found = runs(generate(Chain(endless), [3, 4, 5], 12, Greedy()).tolist(), 2)
    assert len(set(found)) < len(found)


def test_a_penalty_changes_what_greedy_takes():
    nearly = np.tile([0, 0, 0, 0.4, 0.35, 0.25], (6, 1))
    assert generate(Chain(nearly), [], 3, Greedy()).tolist() == [3, 3, 3]
    control = Repetition(2.0, window=1)
    assert generate(Chain(nearly), [], 3, Greedy(), repetition=control).tolist() == [3, 4, 3]
    # The prompt counts.
    assert generate(Chain(nearly), [3], 3, Greedy(), repetition=control).tolist() == [4, 3, 4]


def test_the_end_is_never_penalised_nor_banned():
    ending = np.tile([0, 0, 0.5, 0.45, 0.05], (5, 1))
    control = Repetition(10.0, no_repeat=1)
    given = generate(Chain(ending), [END, 4, END], 5, Greedy(), repetition=control)
    assert given.tolist() == []


def test_nor_is_it_where_it_ends_nothing():
    ending = np.tile([0, 0, 0.5, 0.45, 0.05], (5, 1))
    control = Repetition(10.0, no_repeat=1)
    given = generate(Chain(ending), [], 3, Greedy(), repetition=control, end=None)
    assert given.tolist() == [END, END, END]


@pytest.mark.parametrize("penalty", [0.9, 0, -1, float("inf"), float("nan")])
def test_a_penalty_below_one_is_refused(penalty):
    with pytest.raises(ValueError, match="`penalty` must be a number from 1; received"):
        Repetition(penalty)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 0}, "`window` must be a whole number from 1; received 0"),
        ({"no_repeat": -1}, "`no_repeat` must be a whole number from 0; received -1"),
        ({"no_repeat": 5, "window": 4}, "must not be above the window, 4 tokens; received 5"),
    ],
)
def test_bounds_are_kept(options, message):
    with pytest.raises(ValueError, match=message):
        Repetition(**options)
