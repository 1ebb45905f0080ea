"""How sequences are written into a graph that is made for another runtime."""

import contextlib
import contextvars
from typing import NamedTuple

_choice = contextvars.ContextVar("kerasrnn_lowering", default=None)
WRITTEN_OUT = "written out"
"""All steps, one after the other."""


class Blocks(NamedTuple):
    """Loops one after the other, each over an array of its own.

    Args:
        steps: steps that are written out in one round of a loop.
        blocks: rounds of each loop; the last one may have fewer.
        loops: how many loops' inputs are projected in one product.
    """

    steps: int
    blocks: int
    loops: int = 1


class Projected:
    """A projected sequence of which only what is read is made.

    Args:
        inputs: tensor `(batch, time, features)`.
        project: function from such a tensor to its projection `(batch, time, G·units)`.
    """

    def __init__(self, inputs, project):
        self._inputs, self._project = inputs, project
        self.shape = (*inputs.shape[:2], None)

    def __getitem__(self, index):
        return self._project(self._inputs[index])


class Sequence(NamedTuple):
    """What a lowering is chosen for.

    Args:
        cell: a built cell.
        inputs: tensor `(batch, time, features)`, of known shape.
        states: list of tensors `(batch, units)` before the first step; all zero if `at_rest`.
        mask: boolean tensor `(batch, time)` or `None`.
        go_backwards: whether the last step is read first.
        at_rest: whether the sequence is known to start at the cell's own initial states.
        unroll: whether the layer asks for its steps to be written out.
    """

    cell: object
    inputs: object
    states: list
    mask: object
    go_backwards: bool
    at_rest: bool
    unroll: bool = False


@contextlib.contextmanager
def lowered(choose):
    """Sequences of known shape that are traced inside are written in the way that `choose` says.

    Args:
        choose: function from a `Sequence` to a `Blocks`, to `WRITTEN_OUT`, or to a function from
            the sequence to `(last output, outputs, states)`, which stands for all of it.
    """
    token = _choice.set(choose)
    try:
        yield
    finally:
        _choice.reset(token)


def lowering_of(sequence):
    """The way for one sequence; `None` outside of `lowered` and where a size is not known."""
    choose = _choice.get()
    rows, timesteps, _ = sequence.inputs.shape
    if choose is None or rows is None or not timesteps:
        return None
    return choose(sequence)
