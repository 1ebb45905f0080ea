"""The way in which a sequence is read changes no value: unrolled, looped, compiled, backwards."""

import keras
import numpy as np
import pytest

from kerasrnn import layers
from tests.conformance.registry import (
    BATCH,
    CELLS,
    FEATURES,
    FORWARD_LAYERS,
    LAYERS,
    ONE_OF_EACH_KIND,
    TIME,
    MinimalGatedCell,
    named,
)
from tests.reference.gradients import gradients_of_squares
from tests.reference.masks import STATES_STAND_FOR_OUTPUTS, as_keras_shows
from tests.reference.weights import arrays, assert_same, built, copy_weights, normal, weights_of

MASK = np.array([[True, True, True, False, False], [True, False, True, True, True]])
MASKS = [None, MASK]
MASK_IDS = ["unmasked", "masked"]


def twins(entry, given, other):
    """Two layers of the same weights and different arguments."""
    both = {"return_sequences": True, "return_state": True}
    first = built(entry.factory(**both, **given), entry.input_shape)
    return first, copy_weights(first, built(entry.factory(**both, **other), entry.input_shape))


def value_and_gradients(layer, x, mask):
    return gradients_of_squares(layer, x.astype("float32"), mask=mask)


def compiled(layer, x, mask, **options):
    """The same in one graph of TensorFlow's."""
    import tensorflow as tf

    @tf.function(**options)
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            result = layer(x, mask=mask)
            loss = tf.add_n([tf.reduce_sum(tensor**2) for tensor in tf.nest.flatten(result)])
        weights = [weight.value for weight in layer.trainable_weights]
        return result, tape.gradient(loss, [x, *weights])

    return run(tf.constant(x, "float32"))


@pytest.mark.parametrize(**named(LAYERS))
@pytest.mark.parametrize("mask", MASKS, ids=MASK_IDS)
def test_unrolling_changes_no_value_and_no_gradient(entry, mask):
    looped, unrolled = twins(entry, {}, {"unroll": True})
    x = normal(*entry.input_shape)
    assert_same(value_and_gradients(unrolled, x, mask), value_and_gradients(looped, x, mask))


@pytest.mark.tensorflow
@pytest.mark.parametrize(**named(LAYERS))
def test_a_graph_changes_no_value_and_no_gradient(entry):
    layer, _ = twins(entry, {}, {})
    x = normal(*entry.input_shape)
    assert_same(compiled(layer, x, MASK), value_and_gradients(layer, x, MASK))


@pytest.mark.tensorflow
@pytest.mark.parametrize(**named([entry for entry in LAYERS if entry.name in ONE_OF_EACH_KIND]))
def test_jit_compilation_changes_no_value_and_no_gradient(entry):
    layer, _ = twins(entry, {}, {})
    x = normal(*entry.input_shape)
    jitted = compiled(layer, x, MASK, jit_compile=True)
    assert_same(jitted, value_and_gradients(layer, x, MASK), atol=1e-5)


@pytest.mark.tensorflow
def test_a_model_of_unknown_time_trains_the_same_with_jit_compilation():
    x, y = normal(BATCH, TIME, FEATURES), normal(BATCH, 2, seed=1)
    inputs = keras.Input((None, FEATURES))
    start = keras.Model(inputs, layers.LSTM(2)(keras.layers.Masking()(inputs)))
    trained = []
    for jit_compile in (False, True):
        model = copy_weights(start, keras.models.clone_model(start))
        model.compile("sgd", "mse", jit_compile=jit_compile)
        model.train_on_batch(x, y)
        trained.append(model.get_weights())
    assert np.abs(trained[0][0] - start.get_weights()[0]).max() > 1e-6
    assert_same(trained[1], trained[0])


@pytest.mark.parametrize(**named([entry for entry in LAYERS if entry.name != "BRNN"]))
@pytest.mark.parametrize("mask", MASKS, ids=MASK_IDS)
def test_going_backwards_is_reading_the_flipped_input(entry, mask):
    forwards, backwards = twins(entry, {}, {"go_backwards": True})
    x = normal(*entry.input_shape)
    flipped_mask = None if mask is None else mask[:, ::-1]
    assert_same(backwards(x, mask=mask), forwards(x[:, ::-1], mask=flipped_mask))
    assert np.abs(arrays(backwards(x))[0] - arrays(forwards(x))[0]).max() > 1e-3


@pytest.mark.parametrize(**named(FORWARD_LAYERS))
def test_a_forward_layer_does_not_look_ahead(entry):
    layer = built(entry.factory(return_sequences=True), entry.input_shape)
    x = normal(*entry.input_shape)
    assert_same(layer(x[:, :3]), layer(x)[:, :3])


@pytest.mark.parametrize(**named([entry for entry in LAYERS if not entry.forward_only]))
def test_a_bidirectional_layer_looks_ahead(entry):
    layer = built(entry.factory(return_sequences=True), entry.input_shape)
    x = normal(*entry.input_shape)
    assert np.abs(arrays(layer(x[:, :3]))[0] - arrays(layer(x))[0][:, :3]).max() > 1e-3


def mask_for(cell, mask):
    """The mask by which `keras.layers.RNN` can be compared."""
    if mask is None:
        return None
    if STATES_STAND_FOR_OUTPUTS and isinstance(cell, MinimalGatedCell):
        pytest.skip("Keras shows the state for this cell's output here (tests/test_upstream.py)")
    return as_keras_shows(mask)


@pytest.mark.parametrize(**named(CELLS))
@pytest.mark.parametrize("mask", MASKS, ids=MASK_IDS)
@pytest.mark.parametrize(
    "arguments",
    [{}, {"go_backwards": True}, {"zero_output_for_mask": True}, {"unroll": True}],
    ids=["plain", "go_backwards", "zero_output_for_mask", "unroll"],
)
def test_the_engine_gives_what_the_cell_gives_in_keras(entry, mask, arguments):
    arguments = {"return_sequences": True, "return_state": True, **arguments}
    cell = built(entry.factory(), entry.input_shape)
    mask = mask_for(cell, mask)
    x = normal(BATCH, TIME, FEATURES)
    states = [normal(BATCH, size, seed=2 + k) for k, size in enumerate(cell.state_size)]
    ours = layers.RNN(cell, **arguments)(x, mask=mask, initial_state=states)
    keras_own = keras.layers.RNN(cell, **arguments)(x, mask=mask, initial_state=states)
    assert_same(ours, keras_own)


@pytest.mark.parametrize(**named(CELLS))
def test_the_last_output_is_that_of_the_cell_in_keras(entry):
    cell = built(entry.factory(), entry.input_shape)
    x, mask = normal(BATCH, TIME, FEATURES), mask_for(cell, MASK)
    assert_same(layers.RNN(cell)(x, mask=mask), keras.layers.RNN(cell)(x, mask=mask))


@pytest.mark.parametrize(**named(CELLS))
def test_the_engine_gives_the_gradients_of_the_cell_in_keras(entry):
    cell = built(entry.factory(), entry.input_shape)
    x, mask = normal(BATCH, TIME, FEATURES), mask_for(cell, MASK)
    ours = value_and_gradients(layers.RNN(cell, return_sequences=True), x, mask)
    keras_own = value_and_gradients(keras.layers.RNN(cell, return_sequences=True), x, mask)
    assert len(weights_of(cell)) + 2 == len(arrays(ours))
    assert_same(ours, keras_own)
