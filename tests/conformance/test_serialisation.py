"""Configs, `.keras` files and weights files bring back the same layer."""

import inspect
import json

import keras
import numpy as np
import pytest

from kerasrnn import layers
from tests.conformance.registry import BATCH, CELLS, ENTRIES, UNITS, named
from tests.reference.weights import arrays, assert_same, built, copy_weights, normal, randomise

# A value other than the default for every argument that a cell may take.
CELL_ARGUMENTS = {
    "activation": "softsign",
    "recurrent_activation": "hard_sigmoid",
    "use_bias": False,
    "unit_forget_bias": False,
    "output_peephole": "current",
    "reset_after": True,
    "kernel_initializer": keras.initializers.RandomNormal(stddev=0.3, seed=4),
    "recurrent_initializer": "glorot_normal",
    "bias_initializer": "ones",
    "peephole_initializer": "ones",
    "kernel_regularizer": keras.regularizers.L1(0.1),
    "recurrent_regularizer": keras.regularizers.L2(0.2),
    "bias_regularizer": keras.regularizers.L2(0.3),
    "peephole_regularizer": keras.regularizers.L2(0.4),
    "kernel_constraint": keras.constraints.MaxNorm(1.5),
    "recurrent_constraint": keras.constraints.NonNeg(),
    "bias_constraint": keras.constraints.NonNeg(),
    "peephole_constraint": keras.constraints.NonNeg(),
    "dropout": 0.25,
    "recurrent_dropout": 0.5,
    "seed": 7,
}
FLAGS = {
    "return_sequences": True,
    "return_state": True,
    "go_backwards": True,
    "stateful": True,
    "unroll": True,
    "zero_output_for_mask": True,
}
OF_LAYER = {
    "name": "mine",
    "trainable": False,
    "dtype": "mixed_bfloat16",
    "activity_regularizer": keras.regularizers.L2(0.5),
}
FEATURE_ARGUMENTS = {
    "merge_mode": "sum",
    "num_characters": 9,
    "embedding_dim": 5,
    "filters": 8,
    "window": 2,
    "rate": 0.1,
    "unknown": 3,
}
# Not in the config: Keras's Bidirectional keeps initial weights out of it as well.
NOT_IN_CONFIG = {"weights", "kwargs"}


def arguments_of(entry):
    return [
        name
        for name, parameter in inspect.signature(entry.covers).parameters.items()
        if name not in NOT_IN_CONFIG and parameter.kind != parameter.VAR_KEYWORD
    ]


def through_json(config):
    return json.loads(json.dumps(config))


def call(entry, layer):
    """Cells are called with states, layers without."""
    if entry not in CELLS:
        return layer(entry.example())
    states = [normal(BATCH, UNITS, seed=2 + k) for k in range(len(layer.state_size))]
    return layer(entry.example(), states)


@pytest.mark.parametrize(**named(ENTRIES))
def test_a_config_that_went_through_json_makes_the_same_layer(entry):
    layer = entry.factory()
    config = through_json(layer.get_config())
    again = type(layer).from_config(through_json(config))
    assert through_json(again.get_config()) == config
    built(layer, entry.input_shape)
    copy_weights(layer, built(again, entry.input_shape, seed=1))
    assert_same(call(entry, again), call(entry, layer), rtol=0, atol=0)


@pytest.mark.parametrize(**named(ENTRIES))
def test_every_argument_is_in_the_config(entry):
    assert set(arguments_of(entry)) <= set(entry.factory().get_config())


@pytest.mark.parametrize(**named([entry for entry in ENTRIES if entry.name != "BRNN"]))
def test_values_other_than_the_defaults_survive_the_config(entry):
    known = {**CELL_ARGUMENTS, **FLAGS, **FEATURE_ARGUMENTS, **OF_LAYER}
    if "current" in entry.name:
        del known["output_peephole"]
    if "reset_after" in entry.name:
        del known["reset_after"]
    if entry.covers is layers.DeepRNN:  # the registry hands these to its cells
        del known["dropout"], known["seed"]
    given = {name: known[name] for name in [*arguments_of(entry), *OF_LAYER] if name in known}
    if entry.name == "CharacterFeatures":
        del given["num_characters"]
    default = entry.factory().get_config()
    layer = entry.factory(**given)
    config = through_json(layer.get_config())
    assert [name for name in given if config[name] == default.get(name)] == []
    assert through_json(type(layer).from_config(through_json(config)).get_config()) == config


@pytest.mark.parametrize(**named(ENTRIES))
def test_a_keras_file_brings_the_model_back(entry, tmp_path):
    model = randomise(entry.model())
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert through_json(again.get_config()) == through_json(model.get_config())
    x = entry.model_example()
    assert_same(again(x), model(x), rtol=0, atol=0)


@pytest.mark.parametrize(**named([entry for entry in ENTRIES if entry.has_weights]))
def test_a_weights_file_brings_the_weights_back(entry, tmp_path):
    model, other = randomise(entry.model(), seed=0), randomise(entry.model(), seed=1)
    x = entry.model_example()
    assert np.abs(arrays(model(x))[0] - arrays(other(x))[0]).max() > 1e-3
    model.save_weights(tmp_path / "model.weights.h5")
    other.load_weights(tmp_path / "model.weights.h5")
    assert_same(other(x), model(x), rtol=0, atol=0)


@pytest.mark.parametrize(**named(ENTRIES))
def test_a_clone_has_weights_of_its_own(entry):
    model = entry.model()
    clone = keras.models.clone_model(model)
    assert [w.shape for w in clone.weights] == [w.shape for w in model.weights]
    assert not {id(w) for w in clone.weights} & {id(w) for w in model.weights}


@pytest.mark.parametrize(**named(ENTRIES))
def test_weight_paths_are_unique(entry):
    paths = [w.path for w in entry.model().weights]
    assert len(set(paths)) == len(paths)
