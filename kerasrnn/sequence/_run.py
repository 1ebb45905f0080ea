"""The way from a cell, which knows one time step, to a sequence."""

from typing import NamedTuple

import keras
from keras import ops

from kerasrnn.cells._cell import masked_matmul
from kerasrnn.sequence import _loops


class SequenceResult(NamedTuple):
    """What `run` returns.

    Args:
        last_output: `(batch, units)`, the output of the last step that was not masked.
        outputs: `(batch, time, units)`, in the order in which the steps ran.
        states: list of tensors `(batch, units)` after the last step.
    """

    last_output: object
    outputs: object
    states: list


def run(
    cell,
    inputs,
    states,
    *,
    mask=None,
    training=False,
    go_backwards=False,
    unroll=False,
    zero_output_for_mask=False,
):
    """Runs a cell over a sequence.

    Equations:

        projected = inputs kernel + bias                             one product for all steps
        y⟨t⟩, s = step(projected⟨t⟩, states⟨t−1⟩)
        states⟨t⟩ = s where mask⟨t⟩, otherwise states⟨t−1⟩
        outputs⟨t⟩ = y⟨t⟩ where mask⟨t⟩, otherwise outputs⟨t−1⟩, which starts at zero

    Args:
        cell: a built `kerasrnn.cells.Cell`.
        inputs: tensor `(batch, time, features)`.
        states: list of tensors `(batch, units)`, the states before the first step.
        mask: boolean tensor `(batch, time)`, false where a step is to be skipped, or `None`.
        training: whether dropout acts; its masks are drawn once and hold for all steps.
        go_backwards: read the last step first; the outputs stay in the order of reading.
        unroll: write the steps out one after the other in place of a loop; needs a known time.
        zero_output_for_mask: put zeros in place of the repeated output at masked steps.

    Returns:
        A `SequenceResult`.

    Example:
        >>> from keras import ops
        >>> from kerasrnn.cells import LSTMCell
        >>> from kerasrnn.sequence import run
        >>> cell = LSTMCell(4)
        >>> cell.build((None, 3))
        >>> result = run(cell, ops.ones((2, 5, 3)), cell.get_initial_state(batch_size=2))
        >>> tuple(result.outputs.shape), tuple(result.last_output.shape)
        ((2, 5, 4), (2, 4))
    """
    inputs, matmul = _dropout(cell, inputs, states, training)
    projected = cell.project(inputs)
    if go_backwards:
        projected = ops.flip(projected, axis=1)
        mask = None if mask is None else ops.flip(mask, axis=1)

    # Read once, before the loop: a loop that reads variables costs more and does not convert.
    weights = [(weight, ops.copy(weight)) for weight in cell.weights]

    def step(carry, projected_t, mask_t):
        previous_output, states = carry
        with keras.StatelessScope(state_mapping=weights):
            output, new_states = cell.step(projected_t, states, matmul)
        if mask_t is None:
            return (output, new_states), output
        return _keep_masked(
            mask_t, (output, new_states), (previous_output, states), zero_output_for_mask
        )

    no_output = ops.zeros((ops.shape(inputs)[0], cell.output_size), dtype=projected.dtype)
    loop = _loops.choose(unroll)
    (last_output, states), outputs = loop(step, (no_output, list(states)), projected, mask)
    return SequenceResult(last_output, outputs, states)


def _dropout(cell, inputs, states, training):
    """The inputs and the `matmul` with this sequence's dropout masks in them."""
    matmul = ops.matmul
    if training and cell.dropout > 0:
        ones = ops.ones_like(inputs[:, :1])  # (batch, 1, features): one mask for all steps
        inputs = inputs * keras.random.dropout(ones, cell.dropout, seed=cell.seed_generator)
    if training and cell.recurrent_dropout > 0:
        ones = ops.ones_like(states[0])
        mask = keras.random.dropout(ones, cell.recurrent_dropout, seed=cell.seed_generator)
        matmul = masked_matmul(mask)
    return inputs, matmul


def _keep_masked(mask_t, new, old, zero_output_for_mask):
    """The carry and the output of a step of which some rows are masked; mask_t `(batch, 1)`."""
    (output, new_states), (previous_output, states) = new, old
    kept = ops.where(mask_t, output, previous_output)
    new_states = [
        ops.where(mask_t, after, before) for after, before in zip(new_states, states, strict=True)
    ]
    shown = ops.where(mask_t, output, ops.zeros_like(output)) if zero_output_for_mask else kept
    return (kept, new_states), shown
