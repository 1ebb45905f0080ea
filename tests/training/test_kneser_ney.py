"""Interpolated Kneser-Ney n-grams: against sums done by hand, and against their equations."""

import doctest
from collections import Counter, defaultdict
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasrnn.training import _kneser_ney
from kerasrnn.training._kneser_ney import KneserNey

END, A, B, C = 2, 3, 4, 5
STREAMS = st.lists(st.lists(st.integers(1, 6), max_size=25), min_size=1, max_size=4).filter(any)
DISCOUNTS = st.sampled_from(["modified", "single"])


def probability(model, context, token):
    """Of a token after the tokens that a stream begins with."""
    return np.exp(model.log_probs([*context, token])[-1])


class Slow:
    """The equations by dictionaries, a token at a time, in fractions."""

    def __init__(self, order, num_tokens, streams, discounts):
        self.num_tokens, self.order = num_tokens, order
        padded = [(END, *stream) for stream in streams]
        counts = defaultdict(Counter)  # by length, of n-grams that end in a predicted token
        for stream in padded:
            for end in range(1, len(stream)):
                for start in range(max(0, end - order + 1), end + 1):
                    counts[end - start + 1][stream[start : end + 1]] += 1
        self.a = {order: counts[order]}
        for length in range(1, order):
            self.a[length] = Counter(gram[1:] for gram in counts[length + 1])
            if length > 1:
                self.a[length].update(stream[:length] for stream in padded if len(stream) >= length)
        self.taken = {length: self._discounts(a, discounts) for length, a in self.a.items()}

    @staticmethod
    def _discounts(a, kind):
        n = Counter(a.values())
        if not n[1] or not n[2]:
            return dict.fromkeys((1, 2, 3), F(1, 2))
        y = F(n[1], n[1] + 2 * n[2])
        if kind == "modified" and n[3] and n[4]:
            three = {k: k - (k + 1) * y * F(n[k + 1], n[k]) for k in (1, 2, 3)}
            if min(three.values()) > 0:
                return three
        return dict.fromkeys((1, 2, 3), y)

    def probability(self, context, token):
        if len(context) > self.order - 1:
            return self.probability(context[1:], token)
        shorter = self.probability(context[1:], token) if context else F(1, self.num_tokens - 1)
        length = len(context) + 1
        grams = {g: n for g, n in self.a[length].items() if g[:-1] == tuple(context)}
        total = sum(grams.values())
        if not total:
            return shorter
        taken = {g: self.taken[length][min(n, 3)] for g, n in grams.items()}
        gram = (*context, token)
        left = grams[gram] - taken[gram] if gram in grams else 0
        return (left + sum(taken.values()) * shorter) / total

    def log_probs(self, stream):
        padded = (END, *stream)
        return [
            float(np.log(float(self.probability(padded[:place], padded[place]))))
            for place in range(1, len(padded))
        ]


def test_bigrams_by_hand():
    """The stream a b a b a a . after the start: 2 a b a b a a 2."""
    model = KneserNey(2, 5, "single").fit([[A, B, A, B, A, A, END]])
    # Different tokens before a: 2, b, a. Before b: a. Before 2: a. Together 5, of which one n-gram
    # has the count 3, two have 1, none has 2: the discount is 1/2, and λ = 3 · 1/2 / 5 = 3/10.
    # All tokens but padding are 1, 2, 3, 4: p_0 = 1/4.
    one = {
        1: F(3, 10) / 4,
        END: F(1, 10) + F(3, 40),
        A: F(5, 10) + F(3, 40),
        B: F(1, 10) + F(3, 40),
    }
    assert sum(one.values()) == 1
    # Bigrams: 2a 1, ab 2, ba 2, aa 1, a2 1. n_1 = 3, n_2 = 2: D = 3 / (3 + 2 · 2) = 3/7.
    d = F(3, 7)
    # After a: b twice, a once, 2 once; A = 4, λ = 3D / 4.
    assert probability(model, [A], B) == pytest.approx(float((2 - d) / 4 + 3 * d / 4 * one[B]))
    assert probability(model, [A], END) == pytest.approx(float((1 - d) / 4 + 3 * d / 4 * one[END]))
    assert probability(model, [A], 1) == pytest.approx(float(3 * d / 4 * one[1]))
    # After b: a twice; A = 2, λ = D / 2. At the start: a once; A = 1, λ = D.
    assert probability(model, [A, B], A) == pytest.approx(float((2 - d) / 2 + d / 2 * one[A]))
    assert probability(model, [], A) == pytest.approx(float((1 - d) + d * one[A]))
    # Nothing followed the unknown token 1: the shorter context alone.
    assert probability(model, [1], A) == pytest.approx(float(one[A]))


def test_trigrams_of_two_streams_by_hand():
    """The streams 2 | a b 2 and 2 | a b c 2, where `|` is after what is not predicted."""
    model = KneserNey(3, 6, "single").fit([[A, B, END], [A, B, C, END]])
    # One token: before a stands 2; b: a; 2: b, c; c: b. a(·) = 1, 1, 2, 1; A = 5, n_1 = 3, n_2 = 1,
    # D = 3 / (3 + 2) = 3/5, λ = 4D / 5 = 12/25, p_0 = 1/5.
    d, spare = F(3, 5), F(12, 25) / 5
    one = {A: (1 - d) / 5 + spare, B: (1 - d) / 5 + spare, C: (1 - d) / 5 + spare, 1: spare,
           END: (2 - d) / 5 + spare}  # fmt: skip
    assert sum(one.values()) == 1
    # Two tokens: ab after 2; b2, bc after a; c2 after b: 1 each. 2a begins both streams: 2.
    # n_1 = 4, n_2 = 1, D = 4 / (4 + 2) = 2/3.
    d = F(2, 3)
    two = {
        (END, A): (2 - d) / 2 + d / 2 * one[A],
        (A, B): (1 - d) + d * one[B],
        (B, C): (1 - d) / 2 + 2 * d / 2 * one[C],
        (A, C): d * one[C],
    }
    # Three tokens: 2ab twice; ab2, abc, bc2 once. n_1 = 3, n_2 = 1, D = 3 / (3 + 2) = 3/5.
    d = F(3, 5)
    expected = [
        two[END, A],  # at the beginning a context of one token is the longest there is
        (2 - d) / 2 + d / 2 * two[A, B],
        (1 - d) / 2 + 2 * d / 2 * two[B, C],
    ]
    np.testing.assert_allclose(np.exp(model.log_probs([A, B, C])), [float(p) for p in expected])
    # After 2 a comes b alone; c shares in what was taken off.
    assert probability(model, [A], C) == pytest.approx(float(d / 2 * two[A, C]))


def test_three_discounts_by_hand():
    """Single tokens that occur 1, 1, 1, 2, 2, 3, 4 times: n = 3, 2, 1, 1."""
    counts = {3: 1, 4: 1, 5: 1, 6: 2, 7: 2, 8: 3, 9: 4}
    model = KneserNey(1, 10).fit([[token for token, n in counts.items() for _ in range(n)]])
    # Y = 3 / (3 + 4) = 3/7; D_1 = 1 - 2Y · 2/3 = 3/7; D_2 = 2 - 3Y · 1/2 = 19/14;
    # D_3 = 3 - 4Y · 1/1 = 9/7. λ = (3 · 3/7 + 2 · 19/14 + 2 · 9/7) / 14.
    spare = (3 * F(3, 7) + 2 * F(19, 14) + 2 * F(9, 7)) / 14
    left = {1: 1 - F(3, 7), 2: 2 - F(19, 14), 3: 3 - F(9, 7), 4: 4 - F(9, 7), 0: 0}
    for token in range(1, 10):
        expected = left[counts.get(token, 0)] / F(14) + spare / 9
        assert probability(model, [], token) == pytest.approx(float(expected))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), STREAMS, DISCOUNTS, st.lists(st.integers(1, 7), max_size=8))
def test_the_arrays_agree_with_the_equations(order, streams, discounts, stream):
    model = KneserNey(order, 8, discounts).fit(streams)
    slow = Slow(order, 8, streams, discounts)
    for read in (stream, streams[0]):
        np.testing.assert_allclose(model.log_probs(read), slow.log_probs(read), rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), STREAMS, DISCOUNTS, st.lists(st.integers(1, 7), max_size=6))
def test_probabilities_sum_to_one_after_seen_and_unseen_contexts(
    order, streams, discounts, context
):
    model = KneserNey(order, 8, discounts).fit(streams)
    for before in (context, streams[0], streams[0][:2], []):
        shares = [probability(model, before, token) for token in range(1, 8)]
        assert min(shares) > 0
        assert sum(shares) == pytest.approx(1)


def test_many_n_grams_agree_with_the_equations():
    rng = np.random.default_rng(0)
    streams = [(rng.geometric(0.3, size) % 9 + 1).tolist() for size in (300, 200)]
    slow = Slow(3, 10, streams, "modified")
    assert all(len(set(taken.values())) == 3 for length, taken in slow.taken.items() if length > 1)
    read = (rng.geometric(0.3, 30) % 9 + 1).tolist()
    fast = KneserNey(3, 10).fit(streams)
    np.testing.assert_allclose(fast.log_probs(read), slow.log_probs(read), rtol=1e-9)


def test_order_one_has_no_context():
    model = KneserNey(1, 6, "single").fit([[A, A, B, END]])
    # Counts 2, 1, 1 of 4; n_1 = 2, n_2 = 1, D = 1/2; λ = 3 · 1/2 / 4, p_0 = 1/5.
    expected = (2 - 0.5) / 4 + 1.5 / 4 / 5
    assert probability(model, [], A) == pytest.approx(expected)
    assert probability(model, [B, A, A], A) == pytest.approx(expected)


def test_contexts_do_not_reach_across_streams():
    apart, joined = [[A, B], [C, C]], [[A, B, END, C, C]]
    model = KneserNey(2, 6).fit(apart)
    seen, other = probability(model, [A], B), probability(model, [B], C)
    assert other < seen
    # C after B is no bigram of theirs: it has what C has after a token that nothing followed.
    assert other == pytest.approx(probability(model, [1], C))
    assert not np.allclose(
        model.log_probs([A, B, C]), KneserNey(2, 6).fit(joined).log_probs([A, B, C])
    )


def test_a_longer_context_helps_where_it_tells():
    stream = [A, B, C, B] * 50
    bits = [-KneserNey(order, 6).fit([stream]).log_probs(stream).mean() for order in (1, 2, 3)]
    assert bits[0] > bits[1] > bits[2]


def test_streams_may_be_iterated_once_and_be_empty():
    model = KneserNey(3, 6).fit(iter([np.array([A, B], "int32"), np.array([], "int32")]))
    assert model.log_probs([]).shape == (0,)
    assert model.log_probs(np.array([A, B], "int32")).dtype == "float64"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 5), "`order` must be 1 or more"),
        ((2, 2), "`num_tokens` must be 3 or more"),
        ((2, 5, "double"), "`discounts` must be one of"),
    ],
)
def test_impossible_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        KneserNey(*arguments)


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ([0], "from 1 to 4; received 0"),
        ([3, 5], "from 1 to 4; received 5"),
        ([[3]], "of shape"),
        ([0.5], "whole numbers"),
    ],
)
def test_what_is_no_tokens_number_is_refused(stream, message):
    with pytest.raises(ValueError, match=message):
        KneserNey(2, 5).fit([stream])
    with pytest.raises(ValueError, match=message):
        KneserNey(2, 5).fit([[3]]).log_probs(stream)


def test_nothing_to_count_and_nothing_counted_are_refused():
    with pytest.raises(ValueError, match="at least one token"):
        KneserNey(2, 5).fit([[], []])
    with pytest.raises(ValueError, match="call `fit` first"):
        KneserNey(2, 5).log_probs([3])


def test_the_example_runs():
    assert doctest.testmod(_kneser_ney).failed == 0
