"""Gradients against central differences of the layer itself: each element of each array alone."""

import keras
import numpy as np
import pytest

from kerasrnn.layers import BRNN, DeepRNN
from tests.reference.cases import CASES
from tests.reference.differences import CLOSE, central_differences
from tests.reference.gradients import value_and_gradients
from tests.reference.weights import assert_same, built, normal

pytestmark = pytest.mark.skipif(
    keras.backend.backend() == "torch",
    reason="Keras multiplies doubles in singles on PyTorch (tests/test_upstream.py)",
)

BATCH, TIME, FEATURES, UNITS = 3, 3, 2, 2
SHAPE = (BATCH, TIME, FEATURES)
# A row with a gap, one padded at the left, one without a real step.
MASK = np.array([[True, False, True], [False, True, True], [False, False, False]])
DOUBLE = {"dtype": "float64"}
FLAGS = {"return_sequences": True, "return_state": True, **DOUBLE}

both_masks = pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
all_cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def check(layer, mask):
    """Of a loss that sees each output by a weight of its own, and the last states."""
    built(layer, SHAPE)
    inputs = [normal(*SHAPE, seed=1)]
    inputs += [normal(BATCH, size, seed=10 + k) for k, size in enumerate(layer.state_size)]

    def loss(x, *states):
        results = layer(x, mask=mask, initial_state=list(states))
        probes = [normal(*tensor.shape, seed=20 + k) for k, tensor in enumerate(results)]
        return sum(
            keras.ops.sum(probe * tensor + tensor**2 / 2)
            for probe, tensor in zip(probes, results, strict=True)
        )

    to_inputs, to_weights = central_differences(loss, layer, inputs)
    _, *gradients = value_and_gradients(lambda *at: (loss(*at), None), layer, inputs)
    assert all(np.any(slope != 0) for slope in [*to_inputs, *to_weights])
    assert_same(gradients, [to_inputs, to_weights], **CLOSE)


@both_masks
@pytest.mark.parametrize("go_backwards", [False, True], ids=["forwards", "backwards"])
@all_cases
def test_gradients_of_a_layer_are_its_slopes(case, go_backwards, mask):
    check(case.layer(UNITS, go_backwards=go_backwards, **FLAGS), mask)


@all_cases
def test_gradients_of_a_layer_without_bias_are_its_slopes(case):
    check(case.layer(UNITS, use_bias=False, **FLAGS), MASK)


@both_masks
@all_cases
def test_gradients_of_both_directions_are_their_slopes(case, mask):
    check(BRNN(case.layer(UNITS, **FLAGS), **DOUBLE), mask)


@pytest.mark.parametrize("return_sequences", [False, True], ids=["last", "sequences"])
@both_masks
@pytest.mark.parametrize("layer_norm", [False, True], ids=["plain", "layer_norm"])
@pytest.mark.parametrize("residual", [False, True], ids=["stacked", "residual"])
def test_gradients_of_levels_are_their_slopes(residual, layer_norm, mask, return_sequences):
    levels = [
        CASES[name].layer(3, **DOUBLE) for name in ("peephole_current", "full_gru_reset_after")
    ]
    arguments = {"residual": residual, "layer_norm": layer_norm}
    check(DeepRNN(levels, **arguments, **{**FLAGS, "return_sequences": return_sequences}), mask)
