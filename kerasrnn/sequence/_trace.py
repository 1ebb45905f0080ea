"""What went on inside a sequence: gates and states at each step."""

import contextlib
import contextvars
from typing import NamedTuple

from keras import ops

_traces = contextvars.ContextVar("kerasrnn_traces", default=None)


class Trace(NamedTuple):
    """The gates and states of a cell over a sequence, step t being x⟨t⟩'s.

    The steps are in the order of the input, also where the layer read it backwards. At a masked
    step there is no gate, which is shown as NaN; the states are those that the step kept.

    Args:
        gates: dictionary from a gate's letter in the equations (`"u"`, `"f"`, `"r"`, `"o"`; what
            the cell passed to `gate`) to Γ⟨t⟩, `(batch, time, units)`.
        states: dictionary from a state's letter (`"a"`, `"c"`) to the state after each step,
            `(batch, time, units)`.
        outputs: the outputs, `(batch, time, units)`.

    Example:
        >>> from keras import ops
        >>> from kerasrnn.layers import FullGRU
        >>> trace = FullGRU(4).trace(ops.ones((2, 5, 3)))
        >>> sorted(trace.gates), sorted(trace.states), tuple(trace.states["c"].shape)
        (['r', 'u'], ['c'], (2, 5, 4))
    """

    gates: dict
    states: dict
    outputs: object

    def __repr__(self):
        def shapes(tensors):
            inside = ", ".join(f"{name!r}: {tuple(t.shape)}" for name, t in tensors.items())
            return f"{{{inside}}}"

        gates, states, outputs = shapes(self.gates), shapes(self.states), tuple(self.outputs.shape)
        return f"Trace(gates={gates}, states={states}, outputs={outputs})"


@contextlib.contextmanager
def traced():
    """Yields a list that is filled with a pair (layer, `Trace`) by each layer called inside."""
    traces = []
    token = _traces.set(traces)
    try:
        yield traces
    finally:
        _traces.reset(token)


def open_traces():
    """The list that `traced` fills, or `None` where nothing is traced."""
    return _traces.get()


class StepTrace:
    """Carries gates and states out of the loop: side by side in one tensor, cut up afterwards.

    Args:
        cell: the cell whose steps are traced.
        gate_names: names of the gates that a step shows.
    """

    def __init__(self, cell, gate_names):
        self.state_names = cell.state_names
        self.gate_names = tuple(gate_names)
        self.width = cell.units * (1 + len(self.state_names) + len(self.gate_names))

    def pack(self, gates, states, output, mask_t):
        """All of one step as `(batch, width)`; mask_t `(batch, 1)` or `None`."""
        gates = [gates[name] for name in self.gate_names]
        if mask_t is not None:
            gates = [ops.where(mask_t, gate, float("nan")) for gate in gates]
        return ops.concatenate([output, *states, *gates], axis=-1)

    def unpack(self, packed):
        """The `Trace` of `(batch, time, width)`."""
        parts = 1 + len(self.state_names) + len(self.gate_names)
        outputs, *rest = ops.split(packed, parts, axis=-1)
        states, gates = rest[: len(self.state_names)], rest[len(self.state_names) :]
        return Trace(
            dict(zip(self.gate_names, gates, strict=True)),
            dict(zip(self.state_names, states, strict=True)),
            outputs,
        )
