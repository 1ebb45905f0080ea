"""Each cell against its equations in NumPy, with random weights, inputs and states."""

import functools

import keras
import numpy as np
import pytest

from kerasrnn import cells
from tests.reference import equations
from tests.reference.weights import EXACT, arrays, assert_same, built, normal, weights_of

BATCH, FEATURES, UNITS = 3, 4, 5


def relu(z):
    return np.maximum(z, 0)


# (cell, arguments, equations, number of states)
CELLS = {
    "basic_rnn": (cells.BasicRNNCell, {}, equations.basic_rnn, 1),
    "basic_rnn_relu": (
        cells.BasicRNNCell,
        {"activation": "relu"},
        functools.partial(equations.basic_rnn, g=relu),
        1,
    ),
    "simplified_gru": (cells.SimplifiedGRUCell, {}, equations.simplified_gru, 1),
    "full_gru": (cells.FullGRUCell, {}, equations.full_gru, 1),
    "lstm": (cells.LSTMCell, {}, equations.lstm, 2),
    "peephole_default": (cells.PeepholeLSTMCell, {}, equations.peephole_lstm_previous, 2),
    "peephole_previous": (
        cells.PeepholeLSTMCell,
        {"output_peephole": "previous"},
        equations.peephole_lstm_previous,
        2,
    ),
    "peephole_current": (
        cells.PeepholeLSTMCell,
        {"output_peephole": "current"},
        equations.peephole_lstm_current,
        2,
    ),
}
GATES = {
    cells.BasicRNNCell: "a",
    cells.SimplifiedGRUCell: "uc",
    cells.FullGRUCell: "urc",
    cells.LSTMCell: "ufco",
    cells.PeepholeLSTMCell: "ufco",
}


@pytest.fixture(params=CELLS)
def case(request):
    return CELLS[request.param]


def make(cell_class, **arguments):
    return built(cell_class(UNITS, dtype="float64", **arguments), (BATCH, FEATURES))


def states_of(count):
    return [normal(BATCH, UNITS, seed=10 + k) for k in range(count)]


@pytest.mark.parametrize("use_bias", [True, False])
def test_one_step_follows_the_equations(case, use_bias):
    cell_class, arguments, equation, count = case
    cell = make(cell_class, use_bias=use_bias, **arguments)
    x, states = normal(BATCH, FEATURES, seed=1), states_of(count)
    assert_same(cell(x, states), equation(x, states, weights_of(cell)), **EXACT)


def test_call_is_step_of_project(case):
    cell_class, arguments, _, count = case
    cell = make(cell_class, **arguments)
    x, states = normal(BATCH, FEATURES, seed=1), [keras.ops.array(s) for s in states_of(count)]
    stepped = cell.step(cell.project(x), states, keras.ops.matmul)
    assert_same(cell(x, states), stepped, rtol=0, atol=0)


def test_projecting_a_sequence_projects_each_step(case):
    cell_class, arguments, _, _ = case
    cell = make(cell_class, **arguments)
    x = normal(BATCH, 6, FEATURES, seed=1)
    projected = keras.ops.convert_to_numpy(cell.project(x))
    weights = weights_of(cell)
    for t in range(6):
        assert_same(projected[:, t], x[:, t] @ weights["kernel"] + weights["bias"], **EXACT)


def test_states_start_at_zero(case):
    cell_class, arguments, _, count = case
    start = cell_class(UNITS, **arguments).get_initial_state(batch_size=BATCH)
    assert_same(start, [np.zeros((BATCH, UNITS)) for _ in range(count)], atol=0)


@pytest.mark.parametrize("cell_class", GATES)
def test_weights_have_the_names_and_shapes_of_the_specification(cell_class):
    width = len(GATES[cell_class]) * UNITS
    expected = {
        "kernel": (FEATURES, width),
        "recurrent_kernel": (UNITS, width),
        "bias": (width,),
    }
    if cell_class is cells.PeepholeLSTMCell:
        expected["peephole_kernel"] = (3, UNITS)
    cell = make(cell_class)
    assert {w.name: tuple(w.shape) for w in cell.weights} == expected
    assert [w.name for w in cell.weights] == list(expected)  # the order of set_weights


@pytest.mark.parametrize("cell_class", GATES)
def test_the_stated_gate_order_is_that_of_the_specification(cell_class):
    assert tuple(cell_class.gates) == tuple(GATES[cell_class])


def test_the_stated_peephole_order_is_that_of_the_specification():
    assert tuple(cells.PeepholeLSTMCell.peepholes) == tuple(equations.PEEPHOLES)


@pytest.mark.parametrize("cell_class", GATES)
@pytest.mark.parametrize("gate", ["a", "u", "r", "f", "c", "o"])
def test_split_and_columns_give_the_part_of_the_stated_gate(cell_class, gate):
    if gate not in GATES[cell_class]:
        with pytest.raises(ValueError, match=f"`columns` of {cell_class.__name__} .* {gate!r}"):
            cell_class(UNITS).columns(np.zeros((2, 4 * UNITS)), gate)
        return
    cell = cell_class(UNITS)
    position = GATES[cell_class].index(gate)
    packed = np.repeat(np.arange(len(cell.gates)), UNITS)[None]
    assert_same(cell.split(packed)[position], np.full((1, UNITS), position))
    assert_same(cell.columns(packed, gate), np.full((1, UNITS), position))


def test_columns_refuses_gates_that_are_not_neighbours():
    with pytest.raises(ValueError, match=r"\('u', 'o'\).*\('u', 'f', 'c', 'o'\)"):
        cells.LSTMCell(2).columns(np.zeros((1, 8)), "u", "o")


@pytest.mark.parametrize("cell_class", [cells.LSTMCell, cells.PeepholeLSTMCell])
@pytest.mark.parametrize("unit_forget_bias", [True, False])
def test_the_forget_gate_alone_starts_open(cell_class, unit_forget_bias):
    cell = cell_class(3, unit_forget_bias=unit_forget_bias)
    cell.build((None, 2))
    start = 1.0 if unit_forget_bias else 0.0
    assert_same(cell.bias, np.array([0, 0, 0, start, start, start, 0, 0, 0, 0, 0, 0]))


@pytest.mark.parametrize("gate", [0, 1, 2])
def test_a_peephole_touches_only_its_own_element(gate):
    cell = make(cells.PeepholeLSTMCell)
    x, states = normal(BATCH, FEATURES, seed=1), states_of(2)
    before = keras.ops.convert_to_numpy(cell(x, states)[0])
    peepholes = keras.ops.convert_to_numpy(cell.peephole_kernel).copy()
    peepholes[gate, 2] += 1.0
    cell.peephole_kernel.assign(peepholes)
    changed = np.any(keras.ops.convert_to_numpy(cell(x, states)[0]) != before, axis=0)
    assert changed.tolist() == [False, False, True, False, False]


def test_peepholes_of_zero_give_the_plain_lstm():
    plain = make(cells.LSTMCell)
    peephole = make(cells.PeepholeLSTMCell)
    peephole.set_weights([*plain.get_weights(), np.zeros((3, UNITS))])
    x, states = normal(BATCH, FEATURES, seed=1), states_of(2)
    assert_same(peephole(x, states), plain(x, states), **EXACT)


def test_the_two_peephole_forms_differ():
    previous = make(cells.PeepholeLSTMCell, output_peephole="previous")
    current = make(cells.PeepholeLSTMCell, output_peephole="current")
    x, states = normal(BATCH, FEATURES, seed=1), states_of(2)
    (a_previous, (_, c_previous)), (a_current, (_, c_current)) = (
        previous(x, states),
        current(x, states),
    )
    assert_same(c_previous, c_current, **EXACT)
    assert np.abs(np.subtract(*arrays([a_previous, a_current]))).max() > 1e-3


@pytest.mark.parametrize("gate_value", [0, 1])
@pytest.mark.parametrize("cell_class", [cells.SimplifiedGRUCell, cells.FullGRUCell])
def test_the_update_gate_multiplies_the_candidate(cell_class, gate_value):
    cell = make(cell_class)
    weights = weights_of(cell)
    weights["bias"][:UNITS] = 1000.0 * (2 * gate_value - 1)
    cell.set_weights(list(weights.values()))
    x, (c_before,) = normal(BATCH, FEATURES, seed=1), states_of(1)
    c, _ = cell(x, [c_before])
    kept = np.isclose(arrays(c)[0], c_before)
    assert kept.all() if gate_value == 0 else not kept.any()


def test_a_single_state_may_be_given_without_a_list():
    cell = make(cells.FullGRUCell)
    x, (c,) = normal(BATCH, FEATURES, seed=1), states_of(1)
    output, state = cell(x, c)
    assert_same([output, state], [cell(x, [c])[0], cell(x, [c])[1][0]])


def test_activations_are_used():
    cell = make(cells.LSTMCell, activation="linear", recurrent_activation="linear")
    x, states = normal(BATCH, FEATURES, seed=1), states_of(2)
    w = equations.affine(weights_of(cell), "ufco")
    u, f, c, o = (w(gate, states[0], x) for gate in "ufco")
    memory = u * c + f * states[1]
    assert_same(cell(x, states), [o * memory, o * memory, memory], **EXACT)
