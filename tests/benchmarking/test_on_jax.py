"""The benchmark's sides on JAX: `make test-jax` runs these."""

import keras
import numpy as np
import pytest

from kerasrnn.benchmarking import Size
from kerasrnn.benchmarking._sides import work

pytestmark = pytest.mark.skipif(keras.backend.backend() != "jax", reason="the backend is not JAX")
TINY = Size(2, 3, 4, 5)


@pytest.mark.parametrize("side", ["ours", "keras", "cell_in_keras"])
def test_layers_are_run_forwards_and_backwards(side):
    assert work(side, "lstm", TINY, "infer")().shape == (2, 3, 5)
    to_x, *to_weights = work(side, "lstm", TINY, "train")()
    assert to_x.shape == (2, 3, 4)
    assert len(to_weights) == 3
    assert all(np.abs(gradient).max() > 0 for gradient in (to_x, *to_weights))


def test_the_arithmetic_is_run():
    assert work("arithmetic", "lstm", Size(32, 64, 16, 16), "train")().shape == (12, 1024)


@pytest.mark.parametrize("side", ["keras_jit", "recompute"])
def test_ways_of_tensorflow_are_absent(side):
    with pytest.raises(LookupError, match=f"no {side}"):
        work(side, "lstm", TINY, "train")


def test_a_processor_is_no_gpu():
    import jax

    from kerasrnn.benchmarking._on_jax import gpu

    assert (gpu() is None) == (jax.devices()[0].platform == "cpu")
