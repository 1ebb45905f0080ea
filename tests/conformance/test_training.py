"""Training: losses fall, every weight gets a gradient, regularisers and constraints act."""

import keras
import numpy as np
import pytest

from tests.conformance.registry import CELLS, FEATURES, LAYERS, UNITS, named
from tests.reference.gradients import gradients_of_squares
from tests.reference.weights import arrays, assert_same, built, normal

KINDS = ["kernel", "recurrent", "bias"]


def weights_named(layer, kind):
    name = "bias" if kind == "bias" else f"{kind}_kernel".replace("kernel_kernel", "kernel")
    found = [w for w in layer.trainable_weights if w.name == name]
    assert found
    return found


def kinds_of(entry):
    return [*KINDS, "peephole"] if "Peephole" in entry.name else KINDS


KINDS_OF_LAYERS = [(entry, kind) for entry in LAYERS for kind in kinds_of(entry)]
ALL_KINDS = {
    "argnames": ("entry", "kind"),
    "argvalues": KINDS_OF_LAYERS,
    "ids": [f"{entry.name}-{kind}" for entry, kind in KINDS_OF_LAYERS],
}


@pytest.mark.long
@pytest.mark.parametrize(**named(LAYERS))
def test_fit_lowers_the_loss(entry):
    x = normal(8, 4, FEATURES)
    y = np.tanh(x.sum(axis=1, keepdims=True)[..., 0])
    inputs = keras.Input((None, FEATURES))
    model = keras.Model(inputs, keras.layers.Dense(1)(entry.factory()(inputs)))
    model.compile(keras.optimizers.Adam(0.05), "mse", jit_compile=False)
    before = [w.copy() for w in model.get_weights()]
    losses = model.fit(x, y, batch_size=8, epochs=12, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]
    pairs = zip(model.weights, arrays(model.weights), before, strict=True)
    unmoved = [w.path for w, new, old in pairs if np.all(new == old)]
    assert unmoved == []


@pytest.mark.parametrize(**named(LAYERS))
def test_every_weight_gets_a_gradient(entry):
    layer = built(entry.factory(), entry.input_shape)
    x = normal(*entry.input_shape).astype("float32")
    _, _, gradients = gradients_of_squares(layer, x)
    for weight, gradient in zip(layer.trainable_weights, gradients, strict=True):
        assert np.all(np.isfinite(gradient)), weight.path
        assert np.mean(gradient != 0) > 0.9, weight.path


@pytest.mark.parametrize(**ALL_KINDS)
def test_regularisers_add_losses(entry, kind):
    layer = entry.factory(**{f"{kind}_regularizer": keras.regularizers.L2(0.1)})
    built(layer, entry.input_shape)
    weights = weights_named(layer, kind)
    assert len(layer.losses) == len(weights)
    expected = sum(0.1 * np.sum(np.square(array)) for array in arrays(weights))
    assert_same(sum(layer.losses), expected)


@pytest.mark.parametrize(**ALL_KINDS)
def test_constraints_hold_after_an_update(entry, kind):
    inputs = keras.Input((None, FEATURES))
    layer = entry.factory(**{f"{kind}_constraint": keras.constraints.NonNeg()})
    model = keras.Model(inputs, layer(inputs))
    built(layer, entry.input_shape)
    assert all((array < 0).any() for array in arrays(weights_named(layer, kind)))
    model.compile("sgd", "mse", jit_compile=False, run_eagerly=True)
    model.train_on_batch(normal(*entry.input_shape), np.zeros((2, model.output_shape[-1])))
    assert all((array >= 0).all() for array in arrays(weights_named(layer, kind)))


@pytest.mark.parametrize(**named(LAYERS))
def test_initialisers_are_used(entry):
    kinds = kinds_of(entry) if entry.name not in ("BRNN",) else [*KINDS, "peephole"]
    if "LSTM" in entry.name or entry.name in ("BRNN", "DeepRNN", "DeepRNN-residual"):
        kinds = [kind for kind in kinds if kind != "bias"]  # set by unit_forget_bias
    for kind in kinds:
        layer = entry.factory(**{f"{kind}_initializer": keras.initializers.Constant(0.125)})
        layer.build(entry.input_shape)
        assert all((array == 0.125).all() for array in arrays(weights_named(layer, kind)))


@pytest.mark.parametrize(**named(LAYERS))
def test_a_layer_without_bias_has_none(entry):
    layer = built(entry.factory(use_bias=False), entry.input_shape)
    assert [w.name for w in layer.weights if w.name == "bias"] == []
    assert np.isfinite(arrays(layer(normal(*entry.input_shape)))[0]).all()


@pytest.mark.parametrize(**named([*CELLS, *LAYERS]))
@pytest.mark.parametrize("at", ["construction", "later"])
def test_a_frozen_layer_has_no_trainable_weights(entry, at):
    layer = entry.factory(trainable=False) if at == "construction" else entry.factory()
    built(layer, entry.input_shape)
    layer.trainable = False if at == "later" else layer.trainable
    assert layer.trainable_weights == []
    assert len(layer.non_trainable_weights) == len(layer.weights) > 0
    layer.trainable = True
    assert len(layer.trainable_weights) == len(layer.weights)


@pytest.mark.long
@pytest.mark.parametrize(**named(LAYERS))
def test_a_frozen_layer_stays_as_it_is_in_training(entry):
    inputs = keras.Input((None, FEATURES))
    layer = entry.factory(trainable=False)
    model = keras.Model(inputs, keras.layers.Dense(1)(layer(inputs)))
    assert len(model.trainable_weights) == 2  # of the Dense layer
    before = arrays(layer.weights)
    model.compile("sgd", "mse", jit_compile=False)
    model.fit(normal(4, 3, FEATURES), np.ones((4, 1)), verbose=0)
    assert_same(layer.weights, before, rtol=0, atol=0)


@pytest.mark.long
@pytest.mark.parametrize(**named(LAYERS))
def test_a_stateful_layer_trains(entry):
    inputs = keras.Input(batch_shape=entry.input_shape)
    model = keras.Model(inputs, keras.layers.Dense(1)(entry.factory(stateful=True)(inputs)))
    model.compile("sgd", "mse", jit_compile=False)
    x, y = normal(*entry.input_shape), np.ones((entry.input_shape[0], 1))
    before = model.get_weights()
    for _ in range(2):
        model.train_on_batch(x, y)
    assert all(np.any(a != b) for a, b in zip(model.get_weights(), before, strict=True))


@pytest.mark.parametrize(**named(LAYERS))
def test_an_activity_regulariser_adds_the_loss_of_the_output(entry):
    layer = entry.factory(activity_regularizer=keras.regularizers.L1(0.1))
    built(layer, entry.input_shape)
    output = layer(normal(*entry.input_shape))
    plain = keras.layers.Activation("linear", activity_regularizer=keras.regularizers.L1(0.1))
    plain(output)  # Keras divides by the batch from 3.13 on
    assert_same(layer.losses, plain.losses)


@pytest.mark.parametrize(**named(LAYERS))
def test_a_layer_has_the_weights_of_its_cells_alone(entry):
    layer = built(entry.factory(dropout=0.1, recurrent_dropout=0.1), entry.input_shape)
    names = {"kernel", "recurrent_kernel", "bias", "peephole_kernel"}
    if entry.name == "DeepRNN-residual":
        names |= {"gamma", "beta"}
    assert {w.name for w in layer.weights} <= names
    width = layer.compute_output_shape(entry.input_shape)[-1]
    assert width == (2 * UNITS if entry.name == "BRNN" else UNITS)
