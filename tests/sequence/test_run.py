"""The engine: one projection, every recurrent product through the handed matmul, masks."""

import keras
import numpy as np
import pytest

from kerasrnn import layers
from kerasrnn.sequence import SequenceResult, run
from tests.conformance.registry import CELLS, named
from tests.reference import equations
from tests.reference.weights import arrays, assert_same, built, normal, weights_of

BATCH, TIME, FEATURES = 2, 5, 4
MASK = np.array([[True, True, True, False, False], [True, False, True, True, True]])


@pytest.fixture(params=[False, True], ids=["loop", "unrolled"])
def unroll(request):
    return request.param


@pytest.fixture
def x():
    return keras.ops.convert_to_tensor(normal(BATCH, TIME, FEATURES), "float32")


def cell_of(entry):
    return built(entry.factory(), (BATCH, FEATURES))


def states_of(cell, seed=2):
    return [
        keras.ops.convert_to_tensor(normal(BATCH, size, seed=seed + k), "float32")
        for k, size in enumerate(cell.state_size)
    ]


def spy_on(cell, method):
    """Lists the shapes of what a method of a cell is called with."""
    shapes, original = [], getattr(cell, method)

    def spied(first, *others):
        shapes.append(tuple(first.shape))
        return original(first, *others)

    setattr(cell, method, spied)
    return shapes


@pytest.mark.parametrize(**named(CELLS))
def test_the_projection_is_made_once_for_all_steps(entry, unroll, x):
    cell = cell_of(entry)
    shapes = spy_on(cell, "project")
    run(cell, x, states_of(cell), mask=MASK, unroll=unroll)
    assert shapes == [(BATCH, TIME, FEATURES)]


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize(**named(CELLS))
def test_a_layer_projects_once(entry, go_backwards, x):
    cell = cell_of(entry)
    shapes = spy_on(cell, "project")
    layers.RNN(cell, go_backwards=go_backwards)(x)
    assert shapes == [(BATCH, TIME, FEATURES)]


@pytest.mark.parametrize(**named(CELLS))
def test_a_step_sees_one_row_of_the_projection(entry, unroll, x):
    cell = cell_of(entry)
    shapes = spy_on(cell, "step")
    run(cell, x, states_of(cell), mask=MASK, unroll=unroll)
    assert set(shapes) == {(BATCH, len(cell.gates) * cell.units)}


@pytest.mark.parametrize(**named(CELLS))
def test_every_recurrent_product_goes_through_the_handed_matmul(entry, x):
    """One a step, of the first state and the whole recurrent kernel; the full GRU has two."""
    cell = cell_of(entry)
    states = states_of(cell)
    calls = []

    def matmul(operand, weight):
        calls.append((operand, weight))
        return keras.ops.matmul(operand, weight)

    cell.step(cell.project(x[:, 0]), states, matmul)
    recurrent = weights_of(cell)["recurrent_kernel"]
    if entry.name != "FullGRUCell":
        assert_same(calls, [(states[0], recurrent)])
        return
    units = cell.units
    w = equations.affine(weights_of(cell), "urc")
    gamma_r = equations.sigmoid(w("r", *arrays([states[0], x[:, 0]])))
    assert_same(
        calls,
        [
            (states[0], recurrent[:, : 2 * units]),
            (gamma_r * arrays(states)[0], recurrent[:, 2 * units :]),
        ],
    )


@pytest.mark.parametrize(**named(CELLS))
def test_a_step_without_recurrent_products_knows_the_input_and_the_state_alone(entry, x):
    """No product goes past the matmul: with one that gives zeros, the recurrent kernel is idle."""
    cell = cell_of(entry)
    states = states_of(cell)

    def none(operand, weight):
        return keras.ops.zeros((*operand.shape[:-1], weight.shape[-1]))

    first = cell.step(cell.project(x[:, 0]), states, none)
    cell.recurrent_kernel.assign(cell.recurrent_kernel + 1.0)
    assert_same(cell.step(cell.project(x[:, 0]), states, none), first)


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("zero_output_for_mask", [False, True])
@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
def test_every_loop_follows_the_equations(unroll, x, mask, go_backwards, zero_output_for_mask):
    cell = built(layers.LSTM(3).cell, (BATCH, FEATURES))
    states = states_of(cell)
    arguments = {"go_backwards": go_backwards, "zero_output_for_mask": zero_output_for_mask}
    expected = equations.run(
        equations.lstm,
        arrays(x)[0].astype("float64"),
        [array.astype("float64") for array in arrays(states)],
        weights_of(cell),
        mask=mask,
        **arguments,
    )
    mask = None if mask is None else keras.ops.convert_to_tensor(mask)
    assert_same(run(cell, x, states, mask=mask, unroll=unroll, **arguments)[:3], expected)


@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
@pytest.mark.parametrize(**named(CELLS))
def test_no_step_gives_no_output_and_the_first_states(entry, x, mask):
    cell = cell_of(entry)
    states = states_of(cell)
    mask = None if mask is None else keras.ops.convert_to_tensor(mask[:, :0])
    result = run(cell, x[:, :0], states, mask=mask)
    assert_same(result[:3], [states[0], np.zeros((BATCH, 0, cell.units)), *states])


def test_the_result_names_its_parts(x):
    cell = built(layers.FullGRU(3).cell, (BATCH, FEATURES))
    result = run(cell, x, states_of(cell))
    assert isinstance(result, SequenceResult)
    assert_same(result.last_output, result.outputs[:, -1])
    assert_same(result.states, [result.last_output])


def test_states_given_stay_as_they_were(x):
    cell = built(layers.LSTM(3).cell, (BATCH, FEATURES))
    states = states_of(cell)
    before = [array.copy() for array in arrays(states)]
    run(cell, x, states)
    assert len(states) == 2
    assert_same(states, before, rtol=0, atol=0)


def test_large_values_at_masked_steps_do_not_leak(unroll, x):
    cell = built(layers.LSTM(3).cell, (BATCH, FEATURES))
    mask = keras.ops.convert_to_tensor(MASK)
    spoiled = keras.ops.where(mask[..., None], x, float("nan"))
    expected = run(cell, x, states_of(cell), mask=mask)[:3]
    assert_same(run(cell, spoiled, states_of(cell), mask=mask, unroll=unroll)[:3], expected)
