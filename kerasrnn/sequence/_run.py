"""The way from a cell, which knows one time step, to a sequence."""

from typing import NamedTuple

import keras
from keras import ops

from kerasrnn.cells._cell import masked_matmul
from kerasrnn.cells._gates import watched_gates
from kerasrnn.cells._steps import take_step
from kerasrnn.sequence import _loops
from kerasrnn.sequence._engine import LOOP, chosen, run_compiled
from kerasrnn.sequence._lowering import Projected, Sequence, lowering_of
from kerasrnn.sequence._masks import kept
from kerasrnn.sequence._trace import StepTrace, Trace


class SequenceResult(NamedTuple):
    """What `run` returns.

    Args:
        last_output: `(batch, units)`, the output of the last step that was not masked.
        outputs: `(batch, time, units)`, in the order in which the steps ran.
        states: list of tensors `(batch, units)` after the last step.
        trace: a `Trace` in the order of the input, or `None` if none was asked for.
        way: the way in which the sequence was run, and why: see `engine`.
    """

    last_output: object
    outputs: object
    states: list
    trace: Trace | None = None
    way: str = ""


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
    trace=False,
    cudnn=True,
    outputs_wanted=True,
    at_rest=False,
):
    """Runs a cell over a sequence.

    Equations:

        projected = inputs kernel + bias                             one product for all steps
        y⟨t⟩, s = step(projected⟨t⟩, states⟨t−1⟩)
        states⟨t⟩ = s where mask⟨t⟩, otherwise states⟨t−1⟩
        outputs⟨t⟩ = y⟨t⟩ where mask⟨t⟩, otherwise outputs⟨t−1⟩, which starts at zero

    A sequence of no steps has no outputs; its last output is the cell's first state.

    Args:
        cell: a built `kerasrnn.cells.Cell`.
        inputs: tensor `(batch, time, features)`.
        states: list of tensors `(batch, units)`, the states before the first step.
        mask: boolean tensor `(batch, time)`, false where a step is to be skipped, or `None`.
        training: whether dropout acts; its masks are drawn once and hold for all steps.
        go_backwards: read the last step first; the outputs stay in the order of reading.
        unroll: write the steps out one after the other in place of a loop; needs a known time.
        zero_output_for_mask: put zeros in place of the repeated output at masked steps.
        trace: whether to return the gates and states of each step too.
        cudnn: whether a GPU may run it by cuDNN, where that has the cell: see `engine`.
        outputs_wanted: false where the last output alone is read: `outputs` may then be `None`.
        at_rest: whether `states` are the cell's own initial states.

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
    sequence = Sequence(cell, inputs, list(states), mask, go_backwards, at_rest, unroll)
    lowering = None if trace else lowering_of(sequence)
    if callable(lowering):
        return SequenceResult(*lowering(sequence), way="loop: as one operation of the runtime")
    loop = _loops.choose(unroll, lowering, outputs_wanted)
    inputs, drop = _dropout(cell, inputs, states, training)
    if go_backwards:
        inputs = ops.flip(inputs, axis=1)
        mask = None if mask is None else ops.flip(mask, axis=1)
    states = list(states)

    def plain():
        return _looped(
            cell, inputs, states, mask, drop, loop, zero_output_for_mask, trace, go_backwards
        )

    way, why = chosen(training=training, unroll=unroll, trace=trace, timesteps=inputs.shape[1])
    if way != LOOP:
        result, how = run_compiled()(
            cell,
            inputs,
            states,
            mask,
            drop,
            zero_output_for_mask,
            way=way,
            training=training,
            turned=go_backwards,
            plain=lambda: tuple(plain()[:3]),
            cudnn=cudnn,
        )
        if result is not None:
            return SequenceResult(*result, way=f"{way}: {why}; {how}")
        why = how
    return plain()._replace(way=f"loop: {why}")


def _looped(cell, inputs, states, mask, drop, loop, zero_output_for_mask, trace, trace_is_turned):
    """The result of the plain loop over inputs that are dropped and turned already.

    Args:
        drop: dropout mask of the left operands of products `(batch, units)`, or `None`.
        loop: one of `kerasrnn.sequence._loops`; one that `projects` reads a `Projected`.
        trace_is_turned: whether to give the trace from the last step to the first.
        cell, inputs, states, mask, zero_output_for_mask, trace: as in `run`.
    """
    matmul = ops.matmul if drop is None else masked_matmul(drop)
    dtype = cell.compute_dtype  # Keras leaves it where a backend's operation knows no doubles

    def project(inputs):
        return ops.cast(cell.project(inputs), dtype)

    projected = Projected(inputs, project) if getattr(loop, "projects", False) else project(inputs)

    # Read once, before the loop: a loop that reads variables costs more and does not convert.
    weights = [(weight, ops.copy(weight)) for weight in cell.weights]
    no_output = ops.zeros((ops.shape(inputs)[0], cell.output_size), dtype=dtype)

    def bare_step(projected_t, states):
        with keras.StatelessScope(state_mapping=weights), watched_gates() as gates:
            output, new_states = take_step(cell, projected_t, states, matmul)
        return output, new_states, gates

    inside = StepTrace(cell, bare_step(_one_step(projected), states)[-1]) if trace else None
    if projected.shape[1] == 0:
        return _no_steps(cell, no_output, states, inside)

    def step(carry, projected_t, mask_t):
        output, new_states, gates = bare_step(projected_t, carry[1])
        carry, shown = kept(mask_t, (output, new_states), carry, zero_output_for_mask)
        return carry, inside.pack(gates, carry[1], shown, mask_t) if trace else shown

    width = inside.width if trace else None
    (last_output, last_states), outputs = loop(step, (no_output, states), projected, mask, width)
    if projected.shape[1] is None:
        real = ops.shape(projected)[1] > 0
        last_output = ops.where(real, last_output, cell.initial_output(states))
    if not trace:
        return SequenceResult(last_output, outputs, last_states)
    found = inside.unpack(ops.flip(outputs, axis=1) if trace_is_turned else outputs)
    return SequenceResult(last_output, outputs[..., : cell.output_size], last_states, found)


def _one_step(projected):
    """Zeros like one step `(batch, G·units)` of a projected sequence that may have none."""
    return ops.zeros_like(ops.sum(projected, axis=1))


def _no_steps(cell, no_output, states, inside):
    """The result of a sequence that is known to have no steps."""
    nothing = ops.expand_dims(no_output, 1)[:, :0]
    parts = 0 if inside is None else inside.width // cell.units
    empty = inside and inside.unpack(ops.concatenate([nothing] * parts, axis=-1))
    return SequenceResult(cell.initial_output(states), nothing, states, empty)


def _dropout(cell, inputs, states, training):
    """The inputs with this sequence's dropout mask in them, and the mask of left operands."""
    drop = None
    if training and cell.dropout > 0:
        ones = ops.ones_like(inputs[:, :1])  # (batch, 1, features): one mask for all steps
        inputs = inputs * keras.random.dropout(ones, cell.dropout, seed=cell.seed_generator)
    if training and cell.recurrent_dropout > 0:
        ones = ops.ones_like(states[0])
        drop = keras.random.dropout(ones, cell.recurrent_dropout, seed=cell.seed_generator)
    return inputs, drop
