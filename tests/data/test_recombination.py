import numpy as np
import pytest

from kerasrnn.data._recombination import Recombination

TIME = 12
LENGTHS = np.array([12, 12, 12, 7, 7, 7, 12, 12, 5, 1, 1])
LABELS = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0])
ROWS = np.arange(len(LENGTHS))


def numbers():
    """Each sequence is full of its own number, from 1; after its length there are zeros."""
    real = np.arange(TIME) < LENGTHS[:, None]
    return np.where(real, ROWS[:, None] + 1, 0)


def mixed(share=0.9, passes=200, rows=ROWS, seed=0):
    rng, mix = np.random.default_rng(seed), Recombination(numbers(), LABELS, LENGTHS, share)
    return [mix(rows, rng) for _ in range(passes)]


def sources(sequence):
    """The rows that a mixed sequence is made of, in order."""
    real = sequence[sequence > 0] - 1
    return [int(row) for row in real[np.r_[True, real[1:] != real[:-1]]]]


def test_a_sequence_ends_as_one_of_its_label_and_length_does():
    ends = {row: set() for row in ROWS}
    for found in mixed():
        for row, sequence in zip(ROWS, found, strict=True):
            begin, *end = sources(sequence)
            assert begin == row
            assert len(end) <= 1
            ends[row].update(end)
    others = {row: {o for o in ROWS if o != row and alike(row, o)} for row in ROWS}
    others |= {9: set(), 10: set()}  # of one step, which there is nothing to cut of
    assert ends == others


def alike(row, other):
    return LABELS[row] == LABELS[other] and LENGTHS[row] == LENGTHS[other]


def test_lengths_are_kept_and_padded_steps_stay_zero():
    for found in mixed():
        assert found.shape == (len(ROWS), TIME)
        np.testing.assert_array_equal((found > 0).sum(axis=1), LENGTHS)
        assert not found[np.arange(TIME) >= LENGTHS[:, None]].any()


def test_each_cut_is_possible_and_the_first_step_stays():
    found = np.array([sequence for batch in mixed(passes=600) for sequence in batch[:3]])
    begin = (found == found[:, :1]).sum(axis=1)
    assert set(begin) == set(range(1, TIME + 1))  # TIME is a sequence that stayed as it was


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_the_share_of_the_sequences_is_mixed(share):
    rows = np.array([0, 1, 2])
    changed = sum(
        len(sources(sequence)) > 1 for batch in mixed(share, 1000, rows) for sequence in batch
    )
    # Of those drawn a third meets itself: each row has two others and itself.
    assert changed / 3000 == pytest.approx(share * 2 / 3, abs=0.03)


def test_a_sequence_without_another_of_its_label_and_length_stays():
    for batch in mixed(rows=np.array([5, 8])):
        np.testing.assert_array_equal(batch, numbers()[[5, 8]])


def test_the_generator_decides_all():
    first, again, other = mixed(passes=5), mixed(passes=5), mixed(passes=5, seed=1)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first[0], first[1])


def test_the_training_data_stay_as_they_were():
    given = numbers()
    mix = Recombination(given, LABELS, LENGTHS, 0.9)
    for _ in range(20):
        mix(ROWS, np.random.default_rng(0))
    np.testing.assert_array_equal(given, numbers())
