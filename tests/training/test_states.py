"""The states that stateful layers keep, wherever in a model they are."""

import keras
import numpy as np
import pytest

from kerasrnn.layers import BRNN, LSTM, DeepRNN, FullGRU
from kerasrnn.training._states import kept_states
from kerasrnn.training._truncated import Carry

X = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
STATEFUL = {
    "a layer": (lambda: LSTM(5, stateful=True), 2),
    "BRNN": (lambda: BRNN(FullGRU(5, stateful=True)), 2),
    "DeepRNN": (lambda: DeepRNN([LSTM(5), FullGRU(5)], stateful=True), 3),
    "Keras's Bidirectional": (lambda: keras.layers.Bidirectional(FullGRU(5, stateful=True)), 2),
    "a layer without": (lambda: LSTM(5), 0),
}


def model_of(layer):
    inputs = keras.Input((None, 4), 2)
    return keras.Model(inputs, layer(inputs))


def nested(layer):
    inputs = keras.Input((None, 4), 2)
    return keras.Model(inputs, model_of(layer)(inputs))


@pytest.mark.parametrize("build", [model_of, nested], ids=["plain", "nested"])
@pytest.mark.parametrize("name", STATEFUL)
def test_each_state_is_found_once_and_forgotten_before_an_epoch(build, name):
    layer, count = STATEFUL[name]
    model = build(layer())
    first = np.array(model(X))
    states = kept_states(model)
    assert len(states) == len({id(state) for state in states}) == count
    assert all(np.any(np.array(state)) for state in states)
    callback = Carry(model)
    callback.set_model(model)
    callback.on_epoch_begin(0)
    assert not any(np.any(np.array(state)) for state in kept_states(model))
    np.testing.assert_array_equal(np.array(model(X)), first)


def test_a_layer_that_is_not_built_has_no_states_yet():
    assert kept_states(keras.Sequential([LSTM(5, stateful=True)])) == []
