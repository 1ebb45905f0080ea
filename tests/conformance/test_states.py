"""States: given, returned, kept between batches."""

import keras
import numpy as np
import pytest

from tests.conformance.registry import (
    BATCH,
    FEATURES,
    FORWARD_LAYERS,
    LAYERS,
    ONE_OF_EACH_KIND,
    TIME,
    named,
)
from tests.reference.weights import arrays, assert_same, built, copy_weights, normal

# On JAX Keras's `predict` writes no variable that is neither trained nor a metric
# (tests/test_upstream.py says when that has ended).
PREDICTIONS_FORGET = keras.backend.backend() == "jax"


def states_of(layer, batch=BATCH):
    return [normal(batch, size, seed=2 + k) for k, size in enumerate(layer.state_size)]


def zeros_of(layer):
    return [np.zeros((BATCH, size)) for size in layer.state_size]


@pytest.fixture
def x():
    return normal(BATCH, TIME, FEATURES)


def make(entry, **arguments):
    return built(entry.factory(**arguments), entry.input_shape)


@pytest.mark.parametrize(**named(LAYERS))
def test_states_start_at_zero(entry, x):
    layer = make(entry)
    assert_same(layer(x, initial_state=zeros_of(layer)), layer(x))


@pytest.mark.parametrize(**named(LAYERS))
def test_every_initial_state_acts(entry, x):
    layer = make(entry)
    states, zeros = states_of(layer), zeros_of(layer)
    plain = arrays(layer(x))[0]
    for k in range(len(states)):
        one = [*zeros[:k], states[k], *zeros[k + 1 :]]
        assert np.abs(arrays(layer(x, initial_state=one))[0] - plain).max() > 1e-4


@pytest.mark.parametrize(**named(FORWARD_LAYERS))
def test_the_returned_states_go_on_where_the_sequence_stopped(entry, x):
    layer = make(entry, return_sequences=True, return_state=True)
    whole, *end = layer(x)
    first, *states = layer(x[:, :2])
    second, *states = layer(x[:, 2:], initial_state=states)
    assert_same([np.concatenate(arrays([first, second]), axis=1), *states], [whole, *end])


@pytest.mark.parametrize(**named(LAYERS))
@pytest.mark.parametrize("kind", [list, tuple])
def test_initial_states_may_be_a_list_or_a_tuple_of_arrays_or_tensors(entry, x, kind):
    layer = make(entry)
    states = states_of(layer)
    tensors = kind(keras.ops.convert_to_tensor(state, "float32") for state in states)
    assert_same(layer(x, initial_state=tensors), layer(x, initial_state=states))


@pytest.mark.parametrize(
    **named([entry for entry in LAYERS if len(getattr(entry.factory(), "state_size", [])) == 1])
)
def test_a_single_initial_state_may_be_given_without_a_list(entry, x):
    layer = make(entry)
    (state,) = states_of(layer)
    assert_same(layer(x, initial_state=state), layer(x, initial_state=[state]))


@pytest.mark.parametrize(**named(LAYERS))
def test_initial_states_may_be_inputs_of_a_model(entry, x, tmp_path):
    layer = entry.factory(return_state=True)
    sequences = keras.Input((None, FEATURES))
    starts = [keras.Input((size,)) for size in layer.state_size]
    model = keras.Model([sequences, *starts], layer(sequences, initial_state=starts))
    built(layer, entry.input_shape)
    states = states_of(layer)
    expected = layer(x, initial_state=states)
    assert_same(model([x, *states]), expected)
    model.save(tmp_path / "model.keras")
    assert_same(keras.models.load_model(tmp_path / "model.keras")([x, *states]), expected)


@pytest.mark.parametrize(**named(LAYERS))
def test_the_states_of_an_encoder_start_a_decoder(entry, x):
    encoder, decoder = entry.factory(return_state=True), entry.factory(return_sequences=True)
    inputs, targets = keras.Input((None, FEATURES)), keras.Input((None, FEATURES))
    _, *states = encoder(inputs)
    model = keras.Model([inputs, targets], decoder(targets, initial_state=states))
    built(encoder, entry.input_shape)
    y = normal(BATCH, 3, FEATURES, seed=9)
    assert_same(model([x, y]), decoder(y, initial_state=encoder(x)[1:]))


@pytest.mark.parametrize(**named(LAYERS))
def test_the_output_is_the_same_with_and_without_returned_states(entry, x):
    with_states = make(entry, return_state=True)
    without = copy_weights(with_states, make(entry))
    output, *states = with_states(x)
    assert_same(output, without(x))
    assert [state.shape for state in states] == [(BATCH, size) for size in with_states.state_size]


@pytest.mark.parametrize(**named(FORWARD_LAYERS))
def test_a_stateful_layer_over_pieces_is_one_long_sequence(entry, x):
    stateful = make(entry, return_sequences=True, stateful=True)
    whole = copy_weights(stateful, make(entry, return_sequences=True))(x)
    pieces = [stateful(x[:, :2]), stateful(x[:, 2:3]), stateful(x[:, 3:])]
    assert_same(np.concatenate(arrays(pieces), axis=1), whole)


@pytest.mark.parametrize(**named(LAYERS))
def test_resetting_a_stateful_layer_starts_it_anew(entry, x):
    layer = make(entry, stateful=True)
    first, second = arrays([layer(x), layer(x)])
    assert np.abs(first - second).max() > 1e-4
    layer.reset_state()
    assert_same(layer.states, zeros_of(layer), atol=0)
    assert_same(layer(x), first)


@pytest.mark.parametrize(**named(LAYERS))
def test_a_stateful_layer_keeps_the_states_it_returns(entry, x):
    layer = make(entry, stateful=True, return_state=True)
    _, *states = layer(x)
    assert_same(layer.states, states)


@pytest.mark.parametrize(
    **named([entry for entry in FORWARD_LAYERS if entry.name in ONE_OF_EACH_KIND])
)
def test_a_stateful_model_keeps_its_states_between_predictions(entry, x):
    inputs = keras.Input(batch_shape=(BATCH, None, FEATURES))
    layer = entry.factory(stateful=True)
    model = keras.Model(inputs, layer(inputs))
    model.compile(jit_compile=False)
    built(layer, entry.input_shape)
    layer.reset_state()
    whole = copy_weights(layer, make(entry))(x)
    if PREDICTIONS_FORGET:
        pytest.skip("Keras's predict keeps no states here (tests/test_upstream.py)")
    model.predict(x[:, :2], batch_size=BATCH, verbose=0)
    assert_same(model.predict(x[:, 2:], batch_size=BATCH, verbose=0), whole)


@pytest.mark.parametrize(**named(LAYERS))
def test_kept_states_are_no_weights(entry):
    layer, plain = make(entry, stateful=True), make(entry)
    assert [w.shape for w in layer.trainable_weights] == [w.shape for w in plain.trainable_weights]
    assert len(layer.get_weights()) == len(plain.get_weights())
    assert layer.states is not None
    assert not plain.stateful
