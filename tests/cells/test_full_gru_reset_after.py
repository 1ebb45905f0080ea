"""`FullGRUCell(reset_after=True)` against its equations in NumPy, and against the other form."""

import numpy as np
import pytest

from kerasrnn.cells import FullGRUCell
from tests.reference import equations
from tests.reference.weights import EXACT, arrays, assert_same, built, normal, weights_of

BATCH, FEATURES, UNITS = 3, 4, 5
SHAPE = (BATCH, FEATURES)


def make(reset_after=True, **arguments):
    return built(FullGRUCell(UNITS, reset_after=reset_after, dtype="float64", **arguments), SHAPE)


@pytest.fixture
def x():
    return normal(*SHAPE, seed=1)


@pytest.fixture
def c():
    return normal(BATCH, UNITS, seed=2)


def columns(gate):
    first = "urc".index(gate) * UNITS
    return slice(first, first + UNITS)


def with_bias(cell, row, gate, value):
    """The cell with one gate's part of one of its two biases moved by a value."""
    kernel, recurrent_kernel, bias = cell.get_weights()
    bias[row, columns(gate)] += value
    cell.set_weights([kernel, recurrent_kernel, bias])
    return cell


def test_the_weights_have_two_biases():
    shapes = {"kernel": (FEATURES, 15), "recurrent_kernel": (UNITS, 15), "bias": (2, 15)}
    weights = weights_of(make())
    assert {name: array.shape for name, array in weights.items()} == shapes
    assert not np.isclose(weights["bias"][0], weights["bias"][1]).any()


def test_one_step_follows_the_equations(x, c):
    cell = make()
    assert_same(cell(x, [c]), equations.full_gru_reset_after(x, [c], weights_of(cell)), **EXACT)


def test_one_step_without_bias_follows_the_equations(x, c):
    cell = make(use_bias=False)
    weights = weights_of(cell)
    assert list(weights) == ["kernel", "recurrent_kernel"]
    assert_same(cell(x, [c]), equations.full_gru_reset_after(x, [c], weights), **EXACT)


def test_the_projection_adds_the_first_bias_alone(x):
    cell = make()
    weights = weights_of(cell)
    assert_same(cell.project(x), x @ weights["kernel"] + weights["bias"][0], **EXACT)


def test_the_relevance_gate_acts_after_the_product(x, c):
    """The same weights, and biases of zero, in both forms: they are two functions."""
    before, after = make(reset_after=False), make()
    kernel, recurrent_kernel, _ = after.get_weights()
    before.set_weights([kernel, recurrent_kernel, np.zeros(15)])
    after.set_weights([kernel, recurrent_kernel, np.zeros((2, 15))])
    (a_before, _), (a_after, _) = before(x, [c]), after(x, [c])
    assert np.abs(arrays(a_before)[0] - arrays(a_after)[0]).max() > 1e-2


@pytest.mark.parametrize("form", [False, True])
def test_both_forms_are_one_where_the_relevance_gate_is_open(x, c, form):
    """With Γ_r = 1 it does not matter where it acts."""
    weights = make().get_weights()
    weights[2][0, columns("r")] = 1000
    bias = weights[2] if form else weights[2].sum(axis=0)
    cell = make(reset_after=form)
    cell.set_weights([*weights[:2], bias])
    w = equations.affine(
        {"kernel": weights[0], "recurrent_kernel": weights[1], "bias": weights[2].sum(axis=0)},
        "urc",
    )
    u = equations.sigmoid(w("u", c, x))
    expected = u * np.tanh(w("c", c, x)) + (1 - u) * c
    assert_same(cell(x, [c])[0], expected, **EXACT)


def test_a_closed_relevance_gate_hides_the_second_bias_of_the_candidate(x, c):
    def closed():
        return with_bias(make(), 0, "r", -1000)

    plain, _ = closed()(x, [c])
    assert_same(with_bias(closed(), 1, "c", 3)(x, [c])[0], plain, **EXACT)
    moved, _ = with_bias(closed(), 0, "c", 3)(x, [c])
    assert np.abs(arrays(moved)[0] - arrays(plain)[0]).max() > 1e-2


@pytest.mark.parametrize("gate", ["u", "r"])
def test_the_two_biases_of_a_gate_add_up(x, c, gate):
    moved = [with_bias(make(), row, gate, 0.7)(x, [c])[0] for row in range(2)]
    assert_same(moved[0], moved[1], **EXACT)
