"""Keras's own check of a layer, `run_layer_test`, on every recurrent layer; summaries; time."""

import keras
import numpy as np
import pytest

from kerasrnn import layers
from tests.conformance.registry import BATCH, FEATURES, LAYERS, TIME, UNITS, named
from tests.reference.weights import arrays, assert_same, built, normal

# Weights of a layer of UNITS over FEATURES: (kernel + recurrent + bias) per gate.
PER_GATE = (FEATURES + UNITS + 1) * UNITS
COUNTS = {
    layers.BasicRNN: PER_GATE,
    layers.SimplifiedGRU: 2 * PER_GATE,
    layers.FullGRU: 3 * PER_GATE,
    layers.LSTM: 4 * PER_GATE,
    layers.PeepholeLSTM: 4 * PER_GATE + 3 * UNITS,
}
SINGLE = [entry for entry in LAYERS if entry.covers in COUNTS and "-" not in entry.name]


# `run_layer_test` trains on a generator that shuffles nothing.
KERAS_OWN = pytest.mark.filterwarnings("ignore:`shuffle=True` was passed:UserWarning")


@pytest.mark.long
@KERAS_OWN
@pytest.mark.tensorflow
@pytest.mark.parametrize("flags", [{}, {"return_sequences": True}, {"unroll": True}], ids=str)
@pytest.mark.parametrize(**named(SINGLE))
def test_keras_own_layer_test_passes(entry, flags):
    from keras.src.testing import TestCase

    shape = (BATCH, TIME, UNITS) if "return_sequences" in flags else (BATCH, UNITS)
    TestCase().run_layer_test(
        entry.covers,
        init_kwargs={"units": UNITS, "dropout": 0.1, "recurrent_dropout": 0.1, **flags},
        input_shape=(BATCH, TIME, FEATURES),
        call_kwargs={"training": True},
        expected_output_shape=shape,
        expected_num_trainable_weights=4 if entry.covers is layers.PeepholeLSTM else 3,
        expected_num_non_trainable_weights=0,
        expected_num_non_trainable_variables=1,  # the state of the dropout's seed
        expected_num_seed_generators=1,
        supports_masking=True,
        run_mixed_precision_check=True,
    )


@pytest.mark.long
@KERAS_OWN
@pytest.mark.tensorflow
@pytest.mark.parametrize("merge_mode", ["concat", "sum", "mul", "ave"])
def test_keras_own_layer_test_passes_for_both_directions(merge_mode):
    from keras.src.testing import TestCase

    width = 2 * UNITS if merge_mode == "concat" else UNITS
    TestCase().run_layer_test(
        layers.BRNN,
        init_kwargs={"layer": layers.FullGRU(UNITS), "merge_mode": merge_mode},
        input_shape=(BATCH, TIME, FEATURES),
        expected_output_shape=(BATCH, width),
        expected_num_trainable_weights=6,
        expected_num_non_trainable_weights=0,
        supports_masking=True,
        custom_objects={},
    )


@pytest.mark.parametrize(**named(SINGLE))
def test_parameters_are_counted(entry):
    layer = built(entry.factory(), entry.input_shape)
    assert layer.count_params() == COUNTS[entry.covers]


@pytest.mark.parametrize(**named(LAYERS))
def test_a_summary_names_the_layer_and_its_parameters(entry):
    inputs = keras.Input((None, FEATURES))
    layer = entry.factory(name="subject")
    model = keras.Model(inputs, layer(inputs))
    lines = []
    model.summary(print_fn=lambda line, line_break=None: lines.append(line))
    text = "\n".join(lines)
    assert "subject" in text
    assert f"{layer.count_params():,}" in text
    assert layer.count_params() == sum(int(np.prod(w.shape)) for w in layer.weights) > 0


@pytest.mark.long
@pytest.mark.parametrize(**named(LAYERS))
def test_a_layer_in_a_sequential_model_learns_its_shapes_late(entry):
    model = keras.Sequential([entry.factory(return_sequences=True), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    x = normal(BATCH, TIME, FEATURES)
    assert model.predict(x, verbose=0).shape == (BATCH, TIME, 1)


@pytest.mark.parametrize(**named([entry for entry in LAYERS if entry.name != "BRNN"]))
def test_an_encoder_hands_its_states_to_a_decoder_of_more_steps(entry):
    encoder = built(entry.factory(return_state=True), entry.input_shape)
    decoder = built(entry.factory(return_sequences=True), entry.input_shape, seed=1)
    _, *states = encoder(normal(*entry.input_shape))
    decoded = decoder(normal(BATCH, 2 * TIME, FEATURES, seed=4), initial_state=states)
    from_zero = decoder(normal(BATCH, 2 * TIME, FEATURES, seed=4))
    assert decoded.shape == (BATCH, 2 * TIME, UNITS)
    assert np.abs(np.subtract(*arrays([decoded, from_zero]))).max() > 1e-3


@pytest.mark.parametrize(
    "kind", ["relu", "softsign", keras.activations.tanh], ids=["relu", "softsign", "function"]
)
@pytest.mark.parametrize(**named(SINGLE))
def test_any_activation_is_taken_by_name_or_function(entry, kind):
    layer = built(entry.factory(activation=kind), entry.input_shape)
    plain = built(entry.factory(), entry.input_shape)
    result, usual = arrays([layer(normal(*entry.input_shape)), plain(normal(*entry.input_shape))])
    assert (np.abs(result - usual).max() > 1e-4) == (kind is not keras.activations.tanh)
    assert_same(layer(normal(*entry.input_shape)), result, rtol=0, atol=0)
