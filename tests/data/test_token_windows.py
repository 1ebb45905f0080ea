"""Windows of tokens that follow each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data import DataError, TokenWindows, token_windows

SIZES = st.integers(1, 7)


@st.composite
def documents(draw):
    """Documents of tokens that occur once in all, but for their ends."""
    lengths = draw(st.lists(st.integers(0, 12), min_size=1, max_size=6))
    starts = np.cumsum([3, *lengths])
    return [np.array([*range(a, a + n), 2], "int32") for a, n in zip(starts, lengths, strict=False)]


def rows(windows):
    """What each row reads from the first window to the last: inputs, targets and weights."""
    return [np.concatenate(arrays, axis=1) for arrays in zip(*windows, strict=True)]


def sequence(windows):
    """The tokens of all rows, one row after another, without padding: inputs and targets."""
    inputs, targets, weights = rows(windows)
    assert set(np.unique(weights)) <= {0.0, 1.0}
    assert not inputs[weights == 0].any()
    assert not targets[weights == 0].any()
    return inputs[weights == 1], targets[weights == 1]


@given(documents(), SIZES, SIZES)
def test_each_token_is_a_target_once_and_in_its_order(streams, batch_size, window):
    windows = token_windows(streams, batch_size, window)
    inputs, targets = sequence(windows)
    np.testing.assert_array_equal(targets, np.concatenate(streams))
    # What is read before each is the token before it, or an <EOS> before a document's first.
    assert inputs[0] == 2
    np.testing.assert_array_equal(inputs[1:], targets[:-1])


@given(documents(), SIZES, SIZES)
def test_windows_are_of_one_shape_and_rows_have_padding_at_their_ends_alone(
    streams, batch_size, window
):
    windows = token_windows(streams, batch_size, window)
    assert windows.num_tokens == sum(map(len, streams))
    assert len(list(windows)) == len(windows)
    for inputs, targets, weights in windows:
        assert inputs.shape == targets.shape == weights.shape == (batch_size, window)
        assert (inputs.dtype, targets.dtype, weights.dtype) == ("int32", "int32", "float32")
    _, _, weights = rows(windows)
    assert (np.diff(weights, axis=1) <= 0).all()
    lengths = weights.sum(axis=1)
    longest = -(-windows.num_tokens // batch_size)
    assert len(windows) == -(-longest // window)
    full = windows.num_tokens // longest
    assert (lengths[:full] == longest).all()  # rows are of equal length, but for what is left over


@given(documents(), SIZES, SIZES, st.integers(0, 5))
def test_other_epochs_have_each_token_once_too_after_the_one_before_it(
    streams, batch_size, window, seed
):
    windows = token_windows(streams, batch_size, window)
    before = [array.copy() for array in rows(windows)]
    shifted = windows.shifted(seed)
    assert sorted(sequence(shifted)[1]) == sorted(np.concatenate(streams))
    pairs = []
    for stream in streams:
        pairs += zip([2, *stream[:-1].tolist()], stream.tolist(), strict=True)
    inputs, targets = sequence(shifted)
    assert sorted(zip(inputs.tolist(), targets.tolist(), strict=True)) == sorted(pairs)
    for array, kept in zip(rows(windows), before, strict=True):
        np.testing.assert_array_equal(array, kept)
    again = windows.shifted(seed)
    for one, other in zip(rows(shifted), rows(again), strict=True):
        np.testing.assert_array_equal(one, other)


def test_epochs_differ_in_the_documents_order_and_in_where_rows_are_cut():
    windows = TokenWindows([np.arange(10 * n, 10 * n + 10) for n in range(1, 9)], 2, 5)
    firsts = {windows.shifted(seed)[0][1][0, 0] for seed in range(20)}
    assert len({first // 10 for first in firsts}) > 3
    assert len({first % 10 for first in firsts}) > 3


def test_a_single_document_is_cut_elsewhere_too():
    windows = TokenWindows([np.arange(3, 103)], 4, 5)
    assert len({windows.shifted(seed)[0][1][0, 0] for seed in range(20)}) > 10


def test_a_document_without_an_end_is_still_begun_by_one():
    windows = TokenWindows([[3, 4], [5, 6]], 1, 4)
    assert windows[0][0].tolist() == [[2, 3, 2, 5]]


def test_windows_are_numbered_from_either_end():
    windows = TokenWindows([np.arange(3, 13)], 1, 4)
    assert windows[-1][1].tolist() == windows[2][1].tolist() == [[11, 12, 0, 0]]
    with pytest.raises(IndexError):
        windows[3]


@pytest.mark.parametrize("sizes", [(0, 3), (2, -1), (True, 3), (2, 1.5)])
def test_sizes_must_be_positive_integers(sizes):
    with pytest.raises(ValueError, match="must be a positive integer"):
        token_windows([[3, 2]], *sizes)


@pytest.mark.parametrize("stream", [[0.5], [[3, 2]], ["a"]])
def test_streams_must_be_rows_of_whole_numbers(stream):
    with pytest.raises(ValueError, match="Stream 1 must be an array"):
        token_windows([[3, 2], stream], 2, 3)


@pytest.mark.parametrize("streams", [[], [[]]])
def test_there_must_be_a_token(streams):
    with pytest.raises(DataError, match="no token to learn from"):
        token_windows(streams, 2, 3)
