"""Values that are no numbers stay where they are: rows, and masked steps, are apart."""

import numpy as np
import pytest

from tests.conformance.registry import FEATURES, LAYERS, named
from tests.reference.gradients import sum_of_squares, value_and_gradients
from tests.reference.weights import arrays, assert_same, built, normal

BATCH, TIME = 3, 5
SHAPE = (BATCH, TIME, FEATURES)
BROKEN = 1
OTHERS = [0, 2]
MASK = np.array(
    [
        [True, True, True, False, False],
        [False, True, True, True, False],
        [True, False, True, True, True],
    ]
)
BAD = pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf], ids=str)


def make(entry, return_sequences=True):
    layer = entry.factory(return_sequences=return_sequences, return_state=True)
    return built(layer, SHAPE)


def random():
    return normal(*SHAPE, seed=1).astype("float32")


@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
@pytest.mark.parametrize("return_sequences", [False, True])
@BAD
@pytest.mark.parametrize(**named(LAYERS))
def test_a_broken_row_touches_no_other_row(entry, bad, return_sequences, mask):
    layer = make(entry, return_sequences)
    x = random()
    broken = x.copy()
    broken[BROKEN] = bad
    whole, apart = arrays(layer(x, mask=mask)), arrays(layer(broken, mask=mask))
    assert_same([array[OTHERS] for array in apart], [array[OTHERS] for array in whole])
    if np.isnan(bad):
        assert np.isnan(apart[0][BROKEN]).any()


@pytest.mark.parametrize(**named(LAYERS))
def test_a_broken_initial_state_touches_no_other_row(entry):
    layer = make(entry)
    x = random()
    states = [normal(BATCH, n, seed=k).astype("float32") for k, n in enumerate(layer.state_size)]
    whole = arrays(layer(x, initial_state=[state.copy() for state in states]))
    for state in states:
        state[BROKEN] = np.nan
    apart = arrays(layer(x, initial_state=states))
    assert_same([array[OTHERS] for array in apart], [array[OTHERS] for array in whole])
    assert np.isnan(apart[0][BROKEN]).any()


@pytest.mark.parametrize(**named(LAYERS))
def test_a_broken_row_touches_no_gradient_of_another_row(entry):
    layer = make(entry)

    def loss(x):
        results = layer(x, mask=MASK)
        return sum_of_squares([tensor[row] for tensor in results for row in OTHERS]), None

    def to_inputs(x):
        _, (to_x,), _ = value_and_gradients(loss, layer, [x])
        return to_x[OTHERS]

    x = random()
    broken = x.copy()
    broken[BROKEN] = np.nan
    assert_same(to_inputs(broken), to_inputs(x))


@pytest.mark.parametrize("return_sequences", [False, True])
@BAD
@pytest.mark.parametrize(**named(LAYERS))
def test_broken_masked_steps_are_not_seen(entry, bad, return_sequences):
    layer = make(entry, return_sequences)
    x = random()
    broken = np.where(MASK[..., None], x, bad).astype("float32")
    assert_same(layer(broken, mask=MASK), layer(x, mask=MASK))
