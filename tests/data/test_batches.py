import itertools

import numpy as np
import pytest

from kerasrnn.data import batches

LENGTHS = [3, 16, 17, 1, 64, 30, 2, 5]


def make(lengths=LENGTHS, batch_size=2, time=None, **arguments):
    """A dataset whose tokens are the numbers of their sentence, from 1, and of their step."""
    time = time or max(lengths)
    words = np.zeros((len(lengths), time), "int32")
    for row, length in enumerate(lengths):
        words[row, :length] = row + 1
    steps = np.where(words > 0, np.arange(1, time + 1, dtype="int32"), 0)
    letters = np.repeat(words[:, :, None], 3, axis=2)
    inputs = {"words": words, "characters": letters}
    return batches(inputs, steps, lengths, batch_size, **arguments)


def shapes(dataset):
    return [tuple(inputs["words"].shape) for inputs, _ in dataset]


def order(dataset):
    """The sentences' numbers as one pass brings them, batch by batch."""
    return [[n for n in inputs["words"][:, 0].numpy() if n] for inputs, _ in dataset]


def test_each_batch_is_padded_to_a_boundary():
    # 3, 16, 1, 2, 5 | 17, 30 | 64
    assert shapes(make()) == [(2, 16)] * 3 + [(2, 32), (2, 64)]
    assert shapes(make(boundaries=(4, 100))) == [(2, 4)] * 2 + [(2, 100)] * 3


@pytest.mark.parametrize(("length", "padded"), [(65, 128), (128, 128), (129, 192)])
def test_beyond_the_last_boundary_it_is_padded_to_a_multiple_of_it(length, padded):
    assert shapes(make([length, 3])) == [(2, 16), (2, padded)]


def test_all_inputs_and_targets_of_a_batch_are_cut_to_one_time():
    for inputs, targets in make():
        assert inputs["characters"].shape == (*inputs["words"].shape, 3)
        assert targets.shape == inputs["words"].shape


def test_arrays_that_are_padded_further_than_needed_are_cut_and_keep_every_token():
    for dataset in (make(), make(time=200)):
        found = {}
        for inputs, targets in dataset:
            for words, steps in zip(inputs["words"].numpy(), targets.numpy(), strict=True):
                real = words > 0
                assert steps[real].tolist() == list(range(1, real.sum() + 1))
                if real.any():
                    found[int(words[0])] = int(real.sum())
        assert found == dict(enumerate(LENGTHS, start=1))


def test_a_batch_that_lacks_rows_is_filled_with_empty_ones():
    (inputs, targets), *_ = make([3, 4, 5], batch_size=8)
    assert inputs["words"].shape == (8, 16)
    for array in (inputs["words"], inputs["characters"], targets):
        assert np.any(array[:3], axis=tuple(range(1, array.ndim))).all()
        assert not np.any(array[3:])


def test_the_type_of_each_array_is_kept_and_only_time_is_open():
    inputs, targets = make().element_spec
    assert inputs["words"].shape.as_list() == [2, None]
    assert inputs["characters"].shape.as_list() == [2, None, 3]
    assert targets.dtype == inputs["words"].dtype == "int32"


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_each_pass_brings_every_sentence_once_and_as_many_batches_as_it_says(shuffle, batch_size):
    dataset = make(batch_size=batch_size, shuffle=shuffle)
    for _ in range(2):
        found = order(dataset)
        assert sorted(itertools.chain(*found)) == list(range(1, len(LENGTHS) + 1))
        assert len(found) == int(dataset.cardinality())


def test_without_shuffling_the_order_is_that_of_length_groups_and_rows():
    dataset = make()
    assert order(dataset) == order(dataset) == [[1, 2], [4, 7], [8], [3, 6], [5]]


def test_each_pass_has_an_order_of_its_own_which_the_seed_repeats():
    lengths = [3] * 20 + [20] * 20
    dataset = make(lengths, batch_size=4, shuffle=True, seed=7)
    first, second = order(dataset), order(dataset)
    assert first != second
    assert {frozenset(rows) for rows in first} != {frozenset(rows) for rows in second}
    again = make(lengths, batch_size=4, shuffle=True, seed=7)
    assert [order(again), order(again)] == [first, second]
    assert order(make(lengths, batch_size=4, shuffle=True, seed=8)) not in (first, second)


def test_shuffling_mixes_batches_of_different_length():
    found = shapes(make([3] * 40 + [20] * 40, batch_size=4, shuffle=True))
    assert found != sorted(found)


def test_lengths_may_be_an_array_or_a_list():
    assert order(make(np.array(LENGTHS))) == order(make(LENGTHS))
