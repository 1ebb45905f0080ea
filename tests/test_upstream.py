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
    """Ends ROWS_START_REAL in tests/layers/test_against_keras.py: elsewhere zeros are shown."""
    layer = keras.layers.SimpleRNN(1, return_sequences=True)
    outputs = layer(
        np.ones((1, 2, 1), "float32"),
        mask=np.array([[False, True]]),
        initial_state=[np.full((1, 1), 0.5, "float32")],
    )
    assert np.asarray(outputs)[0, 0, 0] == 0.5
