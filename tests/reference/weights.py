"""Random weights for a layer, and the weights of a cell for the equations in NumPy."""

import keras
import numpy as np

# How close float64 must come to the equations. On JAX Keras computes the `tanh` of float64 in
# float32, on PyTorch `matmul` (tests/test_upstream.py says when that has ended).
DOUBLES_ARE_WHOLE = keras.backend.backend() == "tensorflow"
EXACT = {"rtol": 1e-10, "atol": 1e-12} if DOUBLES_ARE_WHOLE else {"rtol": 1e-5, "atol": 1e-6}

# On JAX with doubles a GRU of Keras without biases fails (tests/test_upstream.py).
GRU_NEEDS_BIAS = keras.backend.backend() == "jax"


def randomise(layer, seed=0):
    """Gives every weight of a built layer normal values (std 0.5); returns the layer.

    Random and asymmetric, so that a swapped gate or a forgotten term changes the output.
    """
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(scale=0.5, size=w.shape) for w in layer.get_weights()])
    return layer


def built(layer, input_shape, seed=0):
    """A layer built for an input shape, with random weights."""
    layer.build(input_shape)
    layer.built = True
    return randomise(layer, seed)


def weights_of(cell):
    """The weights of a cell as float64 arrays by name."""
    return {w.name: keras.ops.convert_to_numpy(w).astype("float64") for w in cell.trainable_weights}


def copy_weights(source, target):
    """Gives `target` the weights of `source`; returns `target`."""
    target.set_weights(source.get_weights())
    return target


def normal(*shape, seed=0):
    """Random inputs or states."""
    return np.random.default_rng(seed).normal(size=shape)


def arrays(result):
    """The tensors of any (nested) result as a flat list of NumPy arrays."""
    return [keras.ops.convert_to_numpy(tensor) for tensor in keras.tree.flatten(result)]


def assert_same(actual, expected, rtol=1e-5, atol=1e-6):
    """Same structure length, shapes and (nearly) same values."""
    actual, expected = arrays(actual), arrays(expected)
    assert len(actual) == len(expected)
    for a, e in zip(actual, expected, strict=True):
        assert a.shape == e.shape
        np.testing.assert_allclose(a, e, rtol=rtol, atol=atol)
