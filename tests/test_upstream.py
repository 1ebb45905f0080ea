"""Faults of Keras that the tests allow for; each test here fails when its fault is gone."""

import keras
import numpy as np
import pytest

on_jax = pytest.mark.skipif(keras.backend.backend() != "jax", reason="of JAX alone")


@on_jax
def test_keras_computes_the_tanh_of_doubles_in_singles_on_jax():
    """Ends DOUBLES_ARE_WHOLE in tests/reference/weights.py."""
    x = keras.ops.convert_to_tensor(np.array([0.3]))
    assert keras.backend.standardize_dtype(x.dtype) == "float64"
    assert keras.backend.standardize_dtype(keras.ops.tanh(x).dtype) == "float32"


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="of PyTorch alone")
def test_keras_multiplies_doubles_in_singles_on_pytorch():
    """Ends DOUBLES_ARE_WHOLE in tests/reference/weights.py."""
    x = keras.ops.convert_to_tensor(np.array([[0.3]]))
    assert keras.backend.standardize_dtype(x.dtype) == "float64"
    assert keras.backend.standardize_dtype(keras.ops.matmul(x, x).dtype) == "float32"


@on_jax
def test_keras_shows_the_first_state_at_masked_first_steps_on_jax():
    """Ends STATES_STAND_FOR_OUTPUTS in tests/reference/masks.py: elsewhere zeros are shown."""
    layer = keras.layers.SimpleRNN(1, return_sequences=True)
    outputs = layer(
        np.ones((1, 2, 1), "float32"),
        mask=np.array([[False, True]]),
        initial_state=[np.full((1, 1), 0.5, "float32")],
    )
    assert np.asarray(outputs)[0, 0, 0] == 0.5


@on_jax
def test_a_gru_of_keras_without_bias_fails_with_doubles_on_jax():
    """Ends GRU_NEEDS_BIAS in tests/reference/weights.py."""
    with pytest.raises(TypeError, match="carry"):
        keras.layers.GRU(2, use_bias=False)(np.ones((1, 3, 1), "float32"))


@on_jax
def test_predict_forgets_the_states_of_a_stateful_layer_of_keras_on_jax():
    """Ends PREDICTIONS_FORGET in tests/conformance/test_states.py."""
    inputs = keras.Input(batch_shape=(1, 2, 1))
    layer = keras.layers.SimpleRNN(1, stateful=True)
    model = keras.Model(inputs, layer(inputs))
    x = np.ones((1, 2, 1), "float32")
    model.predict(x, verbose=0)
    assert np.asarray(layer.states[0])[0, 0] == 0
    model(x)
    assert np.asarray(layer.states[0])[0, 0] != 0


@pytest.mark.tensorflow
def test_keras_exports_no_lstm_of_an_unknown_batch_to_builtin_operators_of_litert(tmp_path):
    """Ends the need of an `input_signature` in docs/pages/streaming.md, "By Keras's own export".

    TensorFlow's converter takes arrays of a loop apart where their elements' shape is known.
    """
    from kerasrnn.export._litert import operator_names

    x = keras.Input((3, 1), name="x")
    path = str(tmp_path / "model.tflite")
    keras.Model(x, keras.layers.LSTM(2)(x)).export(path, format="litert", verbose=False)
    assert "CUSTOM:FlexTensorListReserve" in operator_names(path)


@pytest.mark.tensorflow
def test_tensorflows_analyser_finds_nothing_against_a_loop_on_a_gpu():
    """Ends the need of kerasrnn/export/_gpu.py.

    The check was taken out of it in tensorflow/tensorflow pull request 74830 (issue 77042).
    """
    import tensorflow as tf

    from kerasrnn.export._targets import gpu_warnings

    @tf.function(input_signature=[tf.TensorSpec((1, 2))], autograph=False)
    def doubled(x):
        return tf.while_loop(lambda x: tf.reduce_sum(x) < 9, lambda x: [2 * x], [x])[0]

    converter = tf.lite.TFLiteConverter.from_concrete_functions([doubled.get_concrete_function()])
    content = converter.convert()
    assert "WHILE" in _operators(content)
    assert gpu_warnings(content) == []


def _operators(content):
    from kerasrnn.export._flatbuffer import BUILTINS, unpacked

    codes = unpacked(content).operatorCodes
    return {BUILTINS[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in codes}
