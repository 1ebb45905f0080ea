"""Keras's own `model.export` on this library's layers, each file run by its runtime."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import layers
from kerasrnn.export._litert import operator_names

BATCH, TIME, FEATURES = 2, 6, 3
LENGTHS = (6, 4)
LAYERS = {
    "LSTM": lambda: layers.LSTM(4, return_sequences=True),
    "FullGRU": lambda: layers.FullGRU(4),
    "BRNN": lambda: layers.BRNN(layers.PeepholeLSTM(4, return_sequences=True)),
}


@pytest.fixture
def x():
    x = np.random.default_rng(1).normal(size=(BATCH, TIME, FEATURES)).astype("float32")
    for row, length in enumerate(LENGTHS):
        x[row, length:] = 0
    return x


@pytest.fixture(params=LAYERS)
def model(request):
    """The layer over sequences of any length, masked where they are zero."""
    inputs = keras.Input((None, FEATURES), name="x")
    read = LAYERS[request.param]()(keras.layers.Masking()(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2, name="y")(read))
    rng = np.random.default_rng(2)
    model.set_weights([rng.normal(0, 0.6, w.shape) for w in model.get_weights()])
    return model


def assert_parity(received, model, x):
    expected = np.asarray(model(x))
    assert np.abs(expected).max() > 0.05
    assert np.all(np.abs(received - expected) <= 1e-5 * np.maximum(1, np.abs(expected)))


def test_a_saved_model_computes_what_the_model_computes(model, x, tmp_path):
    model.export(tmp_path / "model", format="tf_saved_model", verbose=False)
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    assert_parity(loaded.serve(x).numpy(), model, x)
    assert_parity(loaded.serve(x[:1, :2]).numpy(), model, x[:1, :2])


# Keras looks whether NumPy still has np.object, which tf2onnx used to need.
@pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")
def test_an_onnx_file_computes_what_the_model_computes(model, x, tmp_path):
    pytest.importorskip("tf2onnx", reason="the `test` extra has it; Keras needs it for ONNX")
    onnxruntime = pytest.importorskip("onnxruntime")
    path = str(tmp_path / "model.onnx")
    model(x)  # Keras exports to ONNX what was called
    model.export(path, format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (name,) = (entry.name for entry in session.get_inputs())
    assert_parity(session.run(None, {name: x})[0], model, x)
    assert_parity(session.run(None, {name: x[:1, :2]})[0], model, x[:1, :2])


def test_a_litert_file_of_one_shape_computes_what_the_model_computes(model, x, tmp_path):
    """Of an unknown batch no recurrent layer converts: see tests/test_upstream.py."""
    from ai_edge_litert.interpreter import Interpreter

    path = str(tmp_path / "model.tflite")
    shape = keras.InputSpec(dtype="float32", shape=(BATCH, TIME, FEATURES), name="x")
    model.export(path, format="litert", input_signature=[shape], verbose=False)
    assert not [name for name in operator_names(path) if name.startswith("CUSTOM")]
    runtime = Interpreter(path)
    runtime.allocate_tensors()
    runtime.set_tensor(runtime.get_input_details()[0]["index"], x)
    runtime.invoke()
    received = runtime.get_tensor(runtime.get_output_details()[0]["index"])
    assert_parity(received, model, x)
