"""Sequences that begin with a window, and states that are forgotten before each."""

import keras
import numpy as np

from kerasrnn.training._fresh_windows import Forget, FreshWindows
from kerasrnn.zoo import char_lm_gru

LENGTHS = (9, 4, 5, 1, 8)
STREAMS = [np.array([*range(3, 2 + length), 2], "int32") for length in LENGTHS]


def windows(streams=lambda rng: STREAMS, seed=0):
    return FreshWindows(streams, batch_size=2, window=4, seed=seed)


def sequences_of(dataset):
    """The targets of each sequence, by the windows that begin one."""
    found = []
    for row in range(2):
        for number in range(len(dataset)):
            inputs, targets, weights = dataset[number]
            if dataset.starts(number)[row]:
                assert inputs["tokens"][row, 0] == 2
                found.append([])
            if weights[row].any():
                found[-1] += targets[row][weights[row] > 0].tolist()
    return found


def test_each_sequence_begins_with_a_window_and_is_read_once():
    expected = sorted(stream.tolist() for stream in STREAMS)
    dataset, orders = windows(), []
    for _ in range(4):
        orders.append(sequences_of(dataset))
        dataset.on_epoch_end()
    assert all(sorted(order) == expected for order in orders)
    assert len({str(order) for order in orders}) > 1


def test_inputs_are_the_targets_before():
    dataset = windows()
    for row in range(2):
        inputs = np.concatenate([dataset[n][0]["tokens"][row] for n in range(len(dataset))])
        targets = np.concatenate([dataset[n][1][row] for n in range(len(dataset))])
        begins = np.repeat([dataset.starts(n)[row] for n in range(len(dataset))], 4)
        begins[np.arange(len(begins)) % 4 != 0] = False
        real = targets != 0
        expected = np.where(begins, 2, np.roll(targets, 1))
        np.testing.assert_array_equal(inputs[real], expected[real])


def test_fewer_sequences_than_rows_leave_rows_of_padding():
    dataset = windows(lambda rng: STREAMS[:1])
    assert len(dataset) == 3
    assert sequences_of(dataset) == [STREAMS[0].tolist()]


def test_states_are_forgotten_in_the_rows_that_begin_a_sequence_alone():
    model = char_lm_gru(num_tokens=20, units=3, stateful_batch=2)
    layer = model.get_layer("rnn_1")
    dataset = windows()
    callback = Forget(dataset)
    callback.set_model(model)
    (state,) = keras.tree.flatten(layer.states)
    for number in range(len(dataset)):
        state.assign(np.ones((2, 3)))
        callback.on_train_batch_begin(number)
        forgotten = np.asarray(state).max(axis=1) == 0
        np.testing.assert_array_equal(forgotten, dataset.starts(number))
    starts = [dataset.starts(number).tolist() for number in range(len(dataset))]
    assert [True, False] in starts or [False, True] in starts
