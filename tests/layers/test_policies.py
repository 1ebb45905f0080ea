"""A layer over a cell whose policy is not the layer's."""

import keras
import pytest

from kerasrnn.cells import FullGRUCell, LSTMCell
from kerasrnn.layers import RNN
from tests.reference.weights import arrays, assert_same, built, normal

SHAPE = (2, 5, 3)


@pytest.mark.parametrize("policy", ["mixed_float16", "float64"])
@pytest.mark.parametrize("cell_class", [LSTMCell, FullGRUCell])
@pytest.mark.parametrize("stateful", [False, True])
def test_the_output_is_of_the_layers_policy_and_the_states_of_the_cells(
    policy, cell_class, stateful
):
    layer = RNN(cell_class(4), dtype=policy, return_state=True, stateful=stateful)
    built(layer, SHAPE)
    x = normal(*SHAPE)
    states = [normal(2, 4, seed=3 + k) for k in range(len(layer.state_size))]
    output, *ends = layer(x, initial_state=states)
    names = [keras.backend.standardize_dtype(t.dtype) for t in (output, *ends)]
    assert names == [layer.compute_dtype, *["float32"] * len(states)]
    plain = built(RNN(layer.cell, return_state=True), SHAPE)
    plain.set_weights(layer.get_weights())
    expected = arrays(plain(x, initial_state=states))
    assert_same([array.astype("float32") for array in arrays([output, *ends])], expected, atol=3e-3)
