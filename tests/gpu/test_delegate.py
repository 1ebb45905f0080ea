"""Files for a GPU run whole in LiteRT's GPU delegate, with Keras's numbers. By `make test-gpu`.

It needs a Vulkan driver, which may be one in software: docs/deploy.md, "On a GPU".
"""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasrnn.data import TaggingVocabulary, read_conll
from kerasrnn.export import to_tflite
from kerasrnn.streaming import StepModel
from kerasrnn.training._artefact import load_model
from kerasrnn.zoo import shipped_folder
from tests.conformance.registry import FEATURE_LAYERS, LAYERS, named

pytestmark = pytest.mark.gpu

SCRIPT = Path(__file__).parent / "delegate.py"
DRIVER = Path("/usr/lib/chromium/vk_swiftshader_icd.json")  # in software, of Debian's chromium
BOUND = 1e-5


def on_gpu(path, inputs, signature="serving_default"):
    """What a file gives on the GPU, as a dictionary of arrays."""
    given, wanted = path.with_suffix(".given.npz"), path.with_suffix(".wanted.npz")
    np.savez(given, **inputs)
    env = dict(os.environ)
    if DRIVER.exists():
        env.setdefault("VK_ICD_FILENAMES", str(DRIVER))
    command = [sys.executable, SCRIPT, path, signature, given, wanted]
    ended = subprocess.run(list(map(str, command)), env=env, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-3000:]
    with np.load(wanted) as arrays:
        return dict(arrays)


def require_close(received, expected):
    expected = np.asarray(expected)
    assert received.shape == expected.shape
    assert np.max(np.abs(received - expected) / np.maximum(1, np.abs(expected))) <= BOUND


def model_of(entry):
    """The layer on masked sequences if it is recurrent, with random weights, biases too."""
    inputs = keras.tree.map_shape_structure(
        lambda shape: keras.Input((None, *shape[2:]), dtype=entry.dtype), entry.input_shape
    )
    masked = keras.layers.Masking()(inputs) if entry in LAYERS else inputs
    arguments = {"return_sequences": True} if entry in LAYERS else {}
    tensors = keras.tree.flatten(inputs)
    model = keras.Model({t.name: t for t in tensors}, entry.factory(**arguments)(masked))
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


@pytest.mark.parametrize(**named([*LAYERS, *FEATURE_LAYERS]))
def test_every_layer_runs_whole_on_the_gpu(entry, tmp_path):
    model, path = model_of(entry), tmp_path / "model.tflite"
    arrays = [array[:1] for array in keras.tree.flatten(entry.example())]
    for array in arrays:
        array[:, 3:] = 0
    sample = {t.name: array for t, array in zip(model.inputs, arrays, strict=True)}
    report = to_tflite(model, path, target="gpu", samples=sample)
    (received,) = on_gpu(path, sample).values()
    require_close(received, model(sample))
    if report.step_difference is not None:
        require_step(model, path, sample)


def require_step(model, path, sample):
    step = StepModel(model)
    rng = np.random.default_rng(2)
    states = {
        name: rng.normal(size=(1, *shape[1:])).astype(dtype)
        for name, (shape, dtype) in step.state_specs.items()
    }
    first = {name: array[:, :1] for name, array in sample.items()}
    received = on_gpu(path, {**first, **states}, signature="step")
    outputs, new_states = step(first, states)
    for name, state in new_states.items():
        require_close(received.pop(name), state)
    (output,) = received.values()
    require_close(output, outputs)


@pytest.mark.parametrize(("quantize", "bound"), [(None, 1e-5), ("float16", 5e-3), ("dynamic", 0.1)])
def test_the_shipped_tagger_runs_whole_on_the_gpu(quantize, bound, tmp_path):
    folder = shipped_folder("ner_bilstm")
    vocabulary = TaggingVocabulary.load(folder / "vocabulary.json")
    tokens = next(iter(read_conll(folder / "samples.conll"))).tokens[:12]
    sample, model = vocabulary.encode([tokens], 12), load_model(folder)
    path = tmp_path / "model.tflite"
    to_tflite(model, path, target="gpu", samples=sample, quantize=quantize)
    (received,) = on_gpu(path, sample).values()
    assert np.max(np.abs(received - np.asarray(model(sample)))) <= bound
