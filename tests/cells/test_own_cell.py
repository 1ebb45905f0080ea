"""Mistakes in a cell of one's own are named where they are made, or at the first step."""

import keras
import numpy as np
import pytest

from kerasrnn import layers
from kerasrnn.cells import Cell, GatedCell

X = np.ones((2, 5, 3), "float32")


def cell_whose_step_returns(make):
    class OwnCell(GatedCell):
        gates = ("f", "c")
        state_names = ("a", "c")

        def step(self, projected, states, matmul):
            return make(self, projected, states)

    return OwnCell(4, name="own")


def readers():
    """The three ways into a step: a loop, a loop of Keras's, a call of the cell."""
    return {
        "layer": lambda cell: layers.RNN(cell)(X),
        "layer of Keras": lambda cell: keras.layers.RNN(cell)(X),
        "cell": lambda cell: cell(X[:, 0], cell.get_initial_state(batch_size=2)),
    }


@pytest.mark.parametrize("read", readers().values(), ids=readers())
@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda cell, p, s: s[0], TypeError, "the output and the list of new states"),
        (lambda cell, p, s: (s[0], s[0]), TypeError, r"`return a, \[a\]`"),
        (lambda cell, p, s: (s[0], [s[0]]), ValueError, r"\('a', 'c'\); received 1"),
        (lambda cell, p, s: (s[0], [*s, s[0]]), ValueError, r"\('a', 'c'\); received 3"),
        (lambda cell, p, s: (p, s), ValueError, r"the output has shape \(2, 8\)"),
        (lambda cell, p, s: (s[0], [s[0], p]), ValueError, r"the state 'c' has shape \(2, 8\)"),
    ],
    ids=["bare output", "bare state", "too few", "too many", "wide output", "wide state"],
)
def test_what_a_step_returns_is_checked(make, error, message, read):
    with pytest.raises(error, match=rf"step\(\) of OwnCell must return .*{message}"):
        read(cell_whose_step_returns(make))


@pytest.mark.parametrize("attribute", ["gates", "state_names"])
@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        ("hidden", TypeError, r"tuple of names; received 'hidden' .*\('hidden',\)"),
        (("a", 3), TypeError, "tuple of names"),
        (None, TypeError, "tuple of names"),
        (("a", "a"), ValueError, "must differ from each other"),
    ],
    ids=["a string", "a number", "nothing", "a name twice"],
)
def test_names_are_checked_where_the_class_is_written(attribute, names, error, message):
    with pytest.raises(error, match=f"`{attribute}` of Own .*{message}"):
        type("Own", (Cell,), {attribute: names})


@pytest.mark.parametrize("attribute", ["gates", "state_names"])
def test_a_cell_must_name_its_gates_and_states(attribute):
    names = {"gates": ("a",), "state_names": ("a",), attribute: ()}
    cell = type("Own", (Cell,), names)(4)
    with pytest.raises(ValueError, match=f"`{attribute}` of Own is empty"):
        cell.build((None, 3))


def test_gates_that_are_not_named_are_refused():
    def unknown_gate(cell, projected, states):
        return cell.gate("x", states[0]), states

    def unknown_columns(cell, projected, states):
        return cell.columns(projected, "f", "x"), states

    def twice(cell, projected, states):
        return cell.gate("f", cell.gate("f", states[0])), states

    for make, message in [
        (unknown_gate, r"`gate` of OwnCell .* 'x', .*\('f', 'c'\)"),
        (unknown_columns, r"`columns` of OwnCell .* 'x', .*\('f', 'c'\)"),
        (twice, "the name 'f' twice in one step"),
    ]:
        with pytest.raises(ValueError, match=message):
            layers.RNN(cell_whose_step_returns(make))(X)


class ForgetfulCell(Cell):
    """A cell with an argument that its configuration lacks, which nobody registered."""

    gates = ("a",)
    state_names = ("a",)

    def __init__(self, units, leak=0.5, **kwargs):
        super().__init__(units, **kwargs)
        self.leak = leak

    def step(self, projected, states, matmul):
        a = self.leak * states[0] + projected
        return a, [a]


class LeakyCell(ForgetfulCell):
    def get_config(self):
        return {**super().get_config(), "leak": self.leak}


@pytest.mark.parametrize(
    "copy",
    [
        lambda cell: layers.DeepRNN([cell]),
        lambda cell: layers.DeepRNN([layers.RNN(cell)]),
        lambda cell: layers.BRNN(layers.RNN(cell)),
    ],
    ids=["level", "layer as level", "both ways"],
)
def test_copies_keep_arguments_or_are_refused(copy):
    with pytest.raises(ValueError, match=r"get_config\(\) of ForgetfulCell lacks 'leak'"):
        copy(ForgetfulCell(4, leak=0.9))
    layer = copy(LeakyCell(4, leak=0.9))
    layer(X)
    part = layer.levels[0] if isinstance(layer, layers.DeepRNN) else layer.backward_layer
    assert part.cell.leak == 0.9
