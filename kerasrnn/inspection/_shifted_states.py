"""Running a model with something added to the states of one recurrent layer.

What is added is zero. The gradient with respect to it is that with respect to the states, through
whatever the model makes of them, and no layer or cell has a second form for it.
"""

import contextlib
from typing import NamedTuple

from keras import ops

from kerasrnn.layers._inputs import checked_mask
from kerasrnn.sequence import run
from kerasrnn.sequence._replay import view


class Call(NamedTuple):
    """What a layer was called with.

    Args:
        sizes: batch and time.
        mask: `(batch, time)` or `None`.
    """

    sizes: tuple
    mask: object


@contextlib.contextmanager
def shifted_states(layer, shifts=None):
    """The layer, when it is called inside, adds `shifts` to its states after each step.

    Args:
        layer: a built `kerasrnn.layers.RNN` that reads forwards. A stateful one keeps its states.
        shifts: list of tensors `(time, batch, units)`, one a state; `None` adds nothing.

    Returns:
        A context manager of a list that is filled with a `Call` for each time the layer is called.
    """
    calls = []

    def call(sequences, initial_state=None, mask=None, training=False):
        mask = checked_mask(layer, mask, sequences)
        calls.append(Call(tuple(sequences.shape[:2]), mask))
        result = run(
            _shifted(layer.cell, shifts),
            sequences,
            layer._first_states(sequences, initial_state),
            mask=mask,
            unroll=True,
            zero_output_for_mask=layer.zero_output_for_mask,
            outputs_wanted=layer.return_sequences,
        )
        output = result.outputs if layer.return_sequences else result.last_output
        output = ops.cast(output, layer.compute_dtype)
        return (output, *result.states) if layer.return_state else output

    vars(layer)["call"] = call  # Keras's own __setattr__ would make it a part of the layer
    try:
        yield calls
    finally:
        del vars(layer)["call"]


def _shifted(cell, shifts):
    """A cell like this one whose steps, the first one first, add what belongs to each."""
    if shifts is None:
        return cell
    of_steps = iter(zip(*(ops.unstack(shift, axis=0) for shift in shifts), strict=True))

    def step(projected, states, matmul):
        output, new_states = cell.step(projected, states, matmul)
        moved = [s + shift for s, shift in zip(new_states, next(of_steps), strict=True)]
        # An output that is one of the states moves with it, whatever the state is called.
        same = (moved[k] for k, state in enumerate(new_states) if state is output)
        return next(same, output), moved

    other = view(cell, cell.weights)
    vars(other)["step"] = step
    return other
