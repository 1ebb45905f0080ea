"""Tokens are given one by one, each row by itself, each step from the last one's state."""

import itertools
import tracemalloc

import numpy as np
import pytest

from kerasrnn._arguments import ArgumentError
from kerasrnn.generation import (
    BeamSearch,
    Greedy,
    Repetition,
    Temperature,
    TopK,
    TopP,
    generate,
    stream,
)
from tests.generation.chains import END, Chain, Remembering, matrix

SAMPLERS = [None, Greedy(), Temperature(2.0), TopK(2), TopP(0.8)]


def endless(num_tokens=6, seed=0):
    made = matrix(num_tokens, seed)
    made[:, END] = 0
    return made / made.sum(1, keepdims=True)


def as_lists(answers):
    return [answer.tolist() for answer in answers]


@pytest.mark.parametrize("kind", [Chain, Remembering])
@pytest.mark.parametrize("seed", range(4))
def test_greedy_takes_the_most_probable_token_at_each_step(kind, seed):
    chain, read, expected = kind(matrix(8, seed)), [END, 4, 3], []
    for _ in range(10):
        token = int(np.argmax(chain.row(read)))
        if token == END:
            break
        read.append(token)
        expected.append(token)
    assert generate(chain, [4, 3], 10, Greedy()).tolist() == expected


def test_the_end_is_read_first_then_the_prompt_then_what_was_given():
    chain = Chain(endless())
    given = generate(chain, [5, 4, 3], 4).tolist()
    assert chain.advances == [[token] for token in (END, 5, 4, 3, *given[:-1])]


@pytest.mark.parametrize("length", [0, 1, 7])
def test_a_step_is_taken_once_for_each_token(length):
    chain = Chain(endless())
    generate(chain, [3] * length, 20)
    assert (len(chain.advances), len(chain.starts)) == (length + 20, 1)


def test_an_answer_stops_before_the_end_which_is_not_a_part_of_it():
    line = np.zeros((6, 6))
    line[END, 3] = line[3, 4] = line[4, 5] = line[5, END] = 1
    given = generate(Chain(line), [], 9)
    assert given.tolist() == [3, 4, 5]
    assert given.dtype == "int64"
    assert generate(Chain(line), [5], 9).tolist() == []
    assert generate(Chain(line), [], 2).tolist() == [3, 4]


def test_another_token_may_be_the_end():
    line = np.zeros((6, 6))
    line[5, 3] = line[3, 4] = line[4, 5] = 1
    assert generate(Chain(line), [], 9, end=5).tolist() == [3, 4]


@pytest.mark.parametrize("repetition", [None, Repetition(1.5, window=3)])
def test_without_an_end_it_goes_on_after_each(repetition):
    line = np.zeros((6, 6))
    line[END, 3] = line[3, 4] = line[4, END] = 1
    chain = Chain(line)
    given = generate(chain, [], 7, end=None, repetition=repetition).tolist()
    assert given == [3, 4, END, 3, 4, END, 3]
    assert chain.advances[0] == [END]
    told = stream(Chain(line), [4], end=None)
    assert [next(told) for _ in range(5)] == [END, 3, 4, END, 3]
    with pytest.raises(ValueError, match="give an `end`"):
        generate(Chain(line), [], 7, BeamSearch(2), end=None)


def test_a_prompt_may_have_the_end_within():
    chain = Chain(endless())
    generate(chain, [3, END, 4], 1)
    assert chain.advances == [[END], [3], [END], [4]]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_same_seed_gives_the_same_answer(sampler):
    chain = Chain(endless(30))
    first = generate(chain, [3], 20, sampler, seed=7)
    np.testing.assert_array_equal(generate(chain, [3], 20, sampler, seed=7), first)
    assert np.array_equal(generate(chain, [3], 20, sampler, seed=8), first) == isinstance(
        sampler, Greedy
    )


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_rows_answer_is_that_of_the_row_without_the_others(sampler):
    chain = Remembering(matrix(9, seed=3, power=2))
    prompts = [[3, 4], [5], [], [6, 6, 7, 8, 3], [4]]
    together = as_lists(generate(chain, prompts, 12, sampler, seed=5))
    assert together[0] == generate(chain, prompts[0], 12, sampler, seed=5).tolist()
    for row in range(1, 5):
        others = [[7, 7, 7]] * row + [prompts[row]]
        assert generate(chain, others, 12, sampler, seed=5)[row].tolist() == together[row]


def test_a_prompt_that_comes_twice_has_two_answers():
    first, second = as_lists(generate(Chain(endless(30)), [[3], [3]], 20))
    assert first != second


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_streaming_gives_the_same_tokens(sampler):
    chain, control = Remembering(matrix(9, seed=3)), Repetition(1.3, 8, no_repeat=3)
    options = {"seed": 4, "repetition": control}
    expected = generate(chain, [5, 3], 30, sampler, **options).tolist()
    assert list(stream(chain, [5, 3], 30, sampler, **options)) == expected


def test_streaming_gives_each_token_before_the_next_is_asked_for():
    chain = Chain(endless())
    tokens = stream(chain, [3, 4])
    assert chain.advances == []
    next(tokens)
    assert len(chain.advances) == 3
    next(tokens)
    assert len(chain.advances) == 4


def test_streaming_keeps_no_more_memory_however_long_it_goes_on():
    class Forgetful(Chain):
        def advance(self, tokens, state):
            return np.log(self.matrix[tokens] + 1e-30), state

    def kept(count):
        tracemalloc.start()
        tokens = stream(Forgetful(endless()), [3], repetition=Repetition(1.1, 8))
        for _ in itertools.islice(tokens, count):
            pass
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return size

    kept(10)  # what NumPy keeps from the first calls on
    assert kept(500) < kept(50) + 4000


def test_padding_is_never_given_and_the_unknown_token_only_if_allowed():
    likely = np.tile([0.5, 0.4, 0, 0.05, 0.05], (5, 1))
    given = generate(Chain(likely), [], 200)
    assert set(given.tolist()) == {3, 4}
    given = generate(Chain(likely), [], 200, allow_unknown=True)
    assert set(given.tolist()) == {1, 3, 4}
    assert generate(Chain(likely), [], 3, BeamSearch(2), allow_unknown=True).tolist() == [1, 1, 1]
    assert 1 not in generate(Chain(likely), [], 3, BeamSearch(2))


@pytest.mark.parametrize("sampler", [Greedy(), BeamSearch(2), Temperature(1)])
def test_it_is_an_error_where_no_token_may_be_given(sampler):
    unknown = np.tile([0, 1.0, 0, 0, 0], (5, 1))
    with pytest.raises(ValueError, match="No token may be given.*sure of <UNK>"):
        generate(Chain(unknown), [3], 2, sampler)


def test_answers_are_as_frequent_as_they_are_probable():
    """Of 3,000 rows; five deviations is the bound."""
    chain = Chain(matrix(5, seed=2))
    rows = 3000
    found = as_lists(generate(chain, [[3]] * rows, 2))
    for answer in ([], [3], [4], [3, 3], [3, 4], [4, 3], [4, 4]):
        expected, read = 1.0, 3
        for token in answer if len(answer) == 2 else [*answer, END]:
            expected *= chain.matrix[read, token]
            read = token
        deviation = np.sqrt(expected * (1 - expected) / rows)
        assert abs(found.count(answer) / rows - expected) < 5 * deviation


def test_conditions_have_a_value_a_row():
    chain = Chain(endless())
    generate(chain, [3], 2, conditions={"language": 7})
    generate(chain, [[3], [4, 5]], 2, conditions={"language": [7, 8]})
    generate(chain, [[3], [4, 5]], 2, BeamSearch(2), conditions={"language": [7, 8]})
    rows = [(rows, np.asarray(given["language"]).tolist()) for rows, given in chain.starts]
    assert rows == [(1, [7]), (2, [7, 8]), (1, [7]), (1, [8])]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ([], []),
        ([[]], [[]]),
        (np.array([], "int64"), []),
        (np.array([[3, 4], [4, 3]]), [[], []]),
        ((3, 4), []),
        ([np.array([3]), [4, 5], ()], [[], [], []]),
    ],
)
def test_one_prompt_gives_an_array_and_several_a_list(prompt, expected):
    ending = np.tile([0, 0, 1.0, 0, 0, 0], (6, 1))
    given = generate(Chain(ending), prompt, 3)
    assert (as_lists(given) if isinstance(given, list) else given.tolist()) == expected


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ([3, 6], r"`prompt` must have numbers from 1 to 5.*; received 6"),
        ([3, -1], "received -1"),
        ([3.5], "must be a list of whole numbers.*received float64"),
        ("abc", "must be a list of whole numbers"),
        ([True], "must be a list of whole numbers.*received bool"),
    ],
)
@pytest.mark.parametrize("call", [generate, stream])
def test_what_is_no_prompt_is_refused(call, prompt, message):
    with pytest.raises(ValueError, match=message):
        call(Chain(endless()), prompt, 3)


def test_which_of_several_prompts_is_none_is_said():
    with pytest.raises(ValueError, match=r"`prompt\[1\]` must have numbers .*; received 0"):
        generate(Chain(endless()), [[3], [4, 0]], 3)
    with pytest.raises(ValueError, match=r"`prompt\[0\]` must be a list.*of the shape \(1, 1\)"):
        generate(Chain(endless()), [[[3]]], 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_length": 0}, "`max_length` must be a whole number from 1; received 0"),
        ({"end": 9}, "`end` must be a token's number, from 1 to 5; received 9"),
        ({"seed": -1}, "`seed` must be a whole number from 0; received -1"),
        ({"sampler": 0.7}, r"`sampler` must be a Sampler, such as Greedy\(\).*; received 0.7"),
    ],
)
@pytest.mark.parametrize("call", [generate, stream])
def test_bad_arguments_are_refused_at_once(call, options, message):
    with pytest.raises(ValueError, match=message):
        call(Chain(endless()), [3], **{"max_length": 3, **options})


def test_a_stream_is_of_one_prompt_and_not_of_beams():
    with pytest.raises(ValueError, match="`stream` takes one prompt; received 2"):
        stream(Chain(endless()), [[3], [4]])
    with pytest.raises(ValueError, match="knows its answer only at the end; call `generate`"):
        stream(Chain(endless()), [3], sampler=BeamSearch(2))


# At least so many tokens

ENDING = np.tile([0, 0, 0.97, 0.02, 0.01, 0], (6, 1))


@pytest.mark.parametrize("sampler", [*SAMPLERS, BeamSearch(3), BeamSearch(2, 1.0)])
@pytest.mark.parametrize("repetition", [None, Repetition(1.5, no_repeat=1)])
def test_no_answer_ends_before_its_least_length(sampler, repetition):
    options = {"repetition": repetition, "min_length": 2}
    assert len(generate(Chain(ENDING), [5], 9, sampler, **options)) >= 2
    if isinstance(sampler, (Greedy, BeamSearch)) and repetition is None:
        assert generate(Chain(ENDING), [5], 9, sampler, min_length=2).tolist() == [3, 3]
        assert generate(Chain(ENDING), [5], 9, sampler).tolist() == []
        assert generate(Chain(ENDING), [5], 2, sampler, min_length=2).tolist() == [3, 3]


def test_each_row_and_a_stream_have_the_least_length():
    chain = Chain(ENDING)
    rows = as_lists(generate(chain, [[3, 4, 5], [], [4]], 9, Greedy(), min_length=3))
    assert rows == [[3, 3, 3]] * 3
    assert list(stream(chain, [3, 4], sampler=Greedy(), min_length=3)) == [3, 3, 3]


def test_after_the_least_length_the_end_is_as_probable_as_it_is():
    chain = Chain(matrix(5, seed=2))
    rows, most = 2000, 3
    found = as_lists(generate(chain, [[3]] * rows, most, min_length=1))
    first = chain.matrix[3].copy()
    first[END] = 0
    first /= first.sum()
    for token in (3, 4):
        expected = first[token] * chain.matrix[token, END]
        deviation = np.sqrt(expected * (1 - expected) / rows)
        assert abs(found.count([token]) / rows - expected) < 5 * deviation


def test_the_least_length_is_that_of_another_end_too():
    line = np.tile([0, 0, 0.1, 0.1, 0.0, 0.8], (6, 1))
    assert generate(Chain(line), [], 9, Greedy(), end=5, min_length=2).tolist() == [2, 2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_length": -1}, "`min_length` must be a whole number from 0; received -1"),
        ({"min_length": 1.5}, "`min_length` must be a whole number from 0; received 1.5"),
        ({"min_length": 4}, "`min_length` must not be above the most tokens, 3; received 4"),
        ({"min_length": 1, "end": None}, "`min_length` is for answers that end"),
    ],
)
@pytest.mark.parametrize("call", [generate, stream])
def test_a_least_length_that_cannot_be_is_refused(call, options, message):
    with pytest.raises(ValueError, match=message):
        call(Chain(endless()), [3], **{"max_length": 3, **options})
    if "end" not in options:
        with pytest.raises(ValueError, match=message):
            generate(Chain(endless()), [3], 3, BeamSearch(2), **options)


def test_it_is_an_error_where_the_model_is_sure_of_an_end_that_may_not_come():
    sure = np.tile([0, 0, 1.0, 0, 0, 0], (6, 1))
    message = "`min_length` is 1, and after 0 new tokens the model is sure that all ends"
    with pytest.raises(ArgumentError, match=f"{message}.*allow_unknown=True") as caught:
        generate(Chain(sure), [3], 3, Greedy(), min_length=1)
    assert "allow_unknown" not in caught.value.rule  # which a command has no option for


def test_the_least_length_is_not_blamed_where_the_model_is_sure_of_an_unknown_token():
    unknown = np.tile([0, 1.0, 0, 0, 0, 0], (6, 1))
    with pytest.raises(ValueError, match="sure of <UNK>") as caught:
        generate(Chain(unknown), [3], 3, Greedy(), min_length=1)
    assert "min_length" not in str(caught.value)
