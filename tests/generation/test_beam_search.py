"""Beam search finds the best answer that there is, and stops when it has it."""

import numpy as np
import pytest

from kerasrnn.generation import Beam, BeamSearch, Greedy, Repetition, generate
from tests.generation.chains import END, Chain, Remembering, answers, log_prob, matrix

LENGTH = 4
ALL = 3**LENGTH  # beginnings that there are of three tokens


@pytest.mark.parametrize("kind", [Chain, Remembering])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("alpha", [0.0, 0.6, 2.0])
def test_a_wide_search_finds_the_best_of_all_answers(kind, seed, alpha):
    chain, prompt = kind(matrix(seed=seed, power=2.0)), [3, 5]
    search = BeamSearch(ALL, alpha)
    every = {answer: log_prob(chain, prompt, answer, LENGTH) for answer in answers(6, LENGTH)}
    scores = {a: search.score(p, min(len(a) + 1, LENGTH)) for a, p in every.items()}
    best = max(scores, key=scores.get)
    found = search.search(chain, prompt, LENGTH)[0]
    assert tuple(found.tokens) == best
    assert found.log_prob == pytest.approx(every[best])
    assert found.score == pytest.approx(scores[best])
    assert found.finished == (len(best) < LENGTH)
    assert generate(chain, prompt, LENGTH, search).tolist() == list(best)


def test_all_answers_that_may_come_sum_to_one():
    """So that what is compared above is a distribution."""
    chain = Remembering(matrix())
    total = sum(np.exp(log_prob(chain, [4], answer, LENGTH)) for answer in answers(6, LENGTH))
    assert total == pytest.approx(1)


def test_a_width_of_one_without_an_early_end_is_greedy():
    endless = matrix(seed=1)
    endless[:, END] = 0
    chain = Chain(endless)
    assert (
        generate(chain, [3], 9, BeamSearch(1)).tolist()
        == generate(chain, [3], 9, Greedy()).tolist()
    )


def test_a_wider_search_gives_a_more_probable_answer_where_greed_goes_wrong():
    greedy_loses = np.zeros((6, 6))
    greedy_loses[END, [3, 4]] = 0.6, 0.4
    greedy_loses[3, [2, 3, 4, 5]] = 0.25
    greedy_loses[4, END] = greedy_loses[5, END] = 1.0
    assert BeamSearch(2).search(Chain(greedy_loses), [], 3)[0] == Beam(
        [4], pytest.approx(np.log(0.4)), pytest.approx(np.log(0.4)), True
    )
    assert generate(Chain(greedy_loses), [], 3, Greedy()).tolist() == [3]


def test_answers_come_best_first_and_each_once():
    found = BeamSearch(5, 3.0).search(Remembering(matrix(seed=3)), [4], LENGTH)
    assert len(found) == 5
    assert [beam.score for beam in found] == sorted((b.score for b in found), reverse=True)
    assert len({tuple(beam.tokens) for beam in found}) == 5


def test_it_stops_when_no_open_answer_can_win():
    sure = np.tile([0, 0, 0.9, 0.1, 0, 0], (6, 1))
    chain = Chain(sure)
    assert generate(chain, [3], 1000, BeamSearch(2)).tolist() == []
    assert len(chain.advances) == 2  # `<EOS>` and the prompt


def test_a_length_penalty_prefers_a_longer_answer():
    split = np.zeros((6, 6))
    split[END, [2, 3]] = 0.52, 0.48
    split[3, 4] = split[4, 5] = split[5, 3] = 1.0
    assert generate(Chain(split), [], 6, BeamSearch(2)).tolist() == []
    assert generate(Chain(split), [], 6, BeamSearch(2, 1.0)).tolist() == [3, 4, 5, 3, 4, 5]


def test_each_prompt_of_several_is_searched_for_itself():
    chain, search = Remembering(matrix(seed=4)), BeamSearch(3, 0.6)
    prompts = [[3], [4, 5, 3], []]
    together = generate(chain, prompts, 6, search)
    assert [a.tolist() for a in together] == [
        generate(chain, prompt, 6, search).tolist() for prompt in prompts
    ]


def test_the_prefix_is_read_once():
    endless = matrix(seed=1)
    endless[:, END] = 0
    chain = Chain(endless)
    generate(chain, [3, 4, 5], 7, BeamSearch(2))
    assert [len(tokens) for tokens in chain.advances] == [1] * 4 + [2] * 6


def test_the_states_go_with_their_beams():
    """`Remembering` knows all that each row has read; a mixed-up state changes probabilities."""
    chain = Remembering(matrix(seed=5))
    for beam in BeamSearch(4).search(chain, [3], LENGTH):
        assert beam.log_prob == pytest.approx(log_prob(chain, [3], beam.tokens, LENGTH))


def test_each_beam_is_told_of_its_own_tokens_by_a_repetition():
    endless = matrix(seed=1)
    endless[:, END] = 0
    control = Repetition(1, no_repeat=1)
    for beam in BeamSearch(3).search(Chain(endless), [], 3, repetition=control):
        assert sorted(beam.tokens) == [3, 4, 5]


@pytest.mark.parametrize("width", [0, -2, 1.5])
def test_a_width_that_counts_nothing_is_refused(width):
    with pytest.raises(ValueError, match="`width` must be a whole number from 1; received"):
        BeamSearch(width)


@pytest.mark.parametrize("alpha", [-0.1, float("nan")])
def test_a_length_penalty_below_zero_is_refused(alpha):
    with pytest.raises(ValueError, match="`length_penalty` must be a number from 0; received"):
        BeamSearch(2, alpha)


@pytest.mark.parametrize("values", [[1], [1, 2, 3]])
def test_each_prompt_has_a_condition_of_its_own(values):
    with pytest.raises(ValueError, match="'k' must have a value for each of 2 rows"):
        generate(Chain(np.eye(6)), [[3], [4]], 3, BeamSearch(2), conditions={"k": values})
