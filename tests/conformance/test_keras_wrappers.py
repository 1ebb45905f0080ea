"""Cells and layers inside Keras's own wrappers."""

import keras
import numpy as np
import pytest

from kerasrnn import cells
from tests.conformance.registry import BATCH, CELLS, FEATURES, LAYERS, TIME, named
from tests.reference.weights import arrays, assert_same, built, copy_weights, normal, randomise

MASK = np.array([[True, True, True, False, False], [True, False, True, True, True]])
SINGLE = [entry for entry in LAYERS if "BRNN" not in entry.name and "Deep" not in entry.name]


@pytest.fixture
def x():
    return normal(BATCH, TIME, FEATURES)


@pytest.mark.parametrize(**named(CELLS))
def test_a_cell_in_keras_rnn_is_the_cell_step_by_step(entry, x):
    cell = built(entry.factory(), entry.input_shape)
    states, outputs = cell.get_initial_state(batch_size=BATCH), []
    for t in range(TIME):
        output, states = cell(x[:, t], states)
        outputs.append(output)
    layer = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    assert_same(layer(x), [np.stack(arrays(outputs), axis=1), *states])


@pytest.mark.parametrize(**named(CELLS))
def test_a_cell_stacks_with_others(entry, x):
    """As in `DeepRNN`: the levels one after the other."""
    lower, upper = cells.LSTMCell(2), entry.factory()
    stacked = keras.layers.RNN(keras.layers.StackedRNNCells([lower, upper]), return_sequences=True)
    randomise_after_call(stacked, x)
    below = keras.layers.RNN(lower, return_sequences=True)(x, mask=MASK)
    above = keras.layers.RNN(upper, return_sequences=True)(below, mask=MASK)
    assert_same(stacked(x, mask=MASK), above)


@pytest.mark.parametrize(**named(CELLS))
def test_a_cell_runs_both_ways_in_keras_bidirectional(entry, x):
    layer = keras.layers.Bidirectional(
        keras.layers.RNN(entry.factory(), return_sequences=True), merge_mode=None
    )
    randomise_after_call(layer, x)
    forward, backward = layer(x)
    assert_same(forward, keras.layers.RNN(layer.forward_layer.cell, return_sequences=True)(x))
    reading = keras.layers.RNN(layer.backward_layer.cell, return_sequences=True)
    assert_same(backward, arrays(reading(x[:, ::-1]))[0][:, ::-1])


@pytest.mark.parametrize(**named(SINGLE))
def test_a_layer_runs_both_ways_in_keras_bidirectional(entry, x):
    layer = keras.layers.Bidirectional(entry.factory(return_sequences=True), merge_mode=None)
    randomise_after_call(layer, x)
    forward, backward = layer(x, mask=MASK)
    same = [
        built(entry.factory(return_sequences=True, zero_output_for_mask=True, **arguments), x.shape)
        for arguments in ({}, {"go_backwards": True})
    ]
    copy_weights(layer.forward_layer, same[0])
    copy_weights(layer.backward_layer, same[1])
    assert_same(forward, same[0](x, mask=MASK))
    assert_same(backward, arrays(same[1](x, mask=MASK))[0][:, ::-1])


@pytest.mark.parametrize(**named(LAYERS))
def test_a_layer_is_distributed_over_time(entry):
    x = normal(BATCH, 3, TIME, FEATURES)
    layer = built(entry.factory(), entry.input_shape)
    outputs = keras.layers.TimeDistributed(layer)(x)
    for position in range(3):
        assert_same(outputs[:, position], layer(x[:, position]))


def randomise_after_call(layer, x):
    layer(x)
    return randomise(layer)
