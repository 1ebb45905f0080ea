"""Every layer of the registry computes in an exported file what it computes in Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.export import LiteRTModel, to_saved_model, to_tflite
from kerasrnn.export._litert import operator_names
from tests.conformance.registry import FEATURE_LAYERS, LAYERS, TIME, named

EVERY_LAYER = named([*LAYERS, *FEATURE_LAYERS])
LENGTHS = (TIME, 3, 1)


@pytest.fixture
def model(entry):
    """The layer with named inputs, on masked sequences if it is recurrent, and random weights.

    With initial weights, zero biases would hide errors.
    """
    inputs = keras.tree.map_shape_structure(
        lambda shape: keras.Input((None, *shape[2:]), dtype=entry.dtype), entry.input_shape
    )
    if entry in LAYERS:
        outputs = entry.factory(return_sequences=True)(keras.layers.Masking()(inputs))
    else:
        outputs = entry.factory()(inputs)
    tensors = keras.tree.flatten(inputs)
    model = keras.Model({tensor.name: tensor for tensor in tensors}, outputs, name="toy")
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture
def samples(entry, model):
    """Sequences of several lengths, padded with zeros."""
    names = [tensor.name for tensor in model.inputs]
    drawn = []
    for row, length in enumerate(LENGTHS):
        arrays = [array[row % len(array)][None].copy() for array in _arrays(entry)]
        for array in arrays:
            array[:, length:] = 0
        drawn.append(dict(zip(names, arrays, strict=True)))
    return drawn


def _arrays(entry):
    example = entry.example()
    return example if isinstance(example, list) else [example]


def worst_difference(model, run, samples):
    """Computed here again, without the library's own comparison."""
    worst, largest = 0.0, 0.0
    for sample in samples:
        expected, received = np.asarray(model(sample)), np.asarray(run(sample))
        assert received.shape == expected.shape
        difference = np.abs(received - expected) / np.maximum(1, np.abs(expected))
        worst, largest = max(worst, difference.max()), max(largest, np.abs(expected).max())
    assert largest > 0.05  # there was something to compare
    return worst


@pytest.mark.long
@pytest.mark.parametrize("arguments", [{"lowering": "loop"}, {"target": "gpu"}], ids=str)
@pytest.mark.parametrize(**EVERY_LAYER)
def test_every_layer_computes_in_litert_what_it_computes_in_keras(
    entry, model, samples, arguments, tmp_path
):
    path = tmp_path / "model.tflite"
    if entry in FEATURE_LAYERS and "lowering" in arguments:
        arguments = {}  # they have no sequence to write
    report = to_tflite(model, path, samples=samples, step=False, **arguments)
    runtime = LiteRTModel(path)
    assert runtime.input_shapes == {name: array.shape for name, array in samples[0].items()}
    worst = worst_difference(model, runtime.run, samples)
    assert worst <= report.largest_difference <= 1e-5
    assert not [name for name in operator_names(path) if name.startswith(("CUSTOM", "Flex"))]


@pytest.mark.long
@pytest.mark.parametrize(**EVERY_LAYER)
def test_every_layer_computes_in_a_saved_model_what_it_computes_in_keras(model, samples, tmp_path):
    difference = to_saved_model(model, tmp_path / "model", samples=samples)
    signature = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"]

    def run(sample):
        (output,) = signature(
            **{name: tf.constant(array) for name, array in sample.items()}
        ).values()
        return output

    # The export compares random inputs, and steps, besides these.
    assert worst_difference(model, run, samples) <= difference + 1e-9 <= 1e-5
    # of any batch and time
    longer = {
        name: np.tile(np.concatenate([sample[name] for sample in samples]), (2, 2, *rest))
        for name, rest in ((t.name, (1,) * (len(t.shape) - 2)) for t in model.inputs)
    }
    np.testing.assert_allclose(run(longer), model(longer), atol=1e-5)
