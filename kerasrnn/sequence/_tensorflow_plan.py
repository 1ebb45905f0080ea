"""What of a step must be kept for its gradient: found out by looking at the gradient's graph."""

from typing import NamedTuple

import tensorflow as tf

from kerasrnn.sequence._tensorflow_check import reason_against_step

# Of these a tensor's shape alone goes on.
_SHAPES = (
    "BroadcastGradientArgs",
    "ConcatOffset",
    "OnesLike",
    "Rank",
    "Shape",
    "Size",
    "ZerosLike",
)


class Plan(NamedTuple):
    """What one step of a cell is made of, and what its gradient reads of it.

    Args:
        product_widths, activation_widths: widths of the step's products and replayed activations.
        projected, carry, products, activations: whether the gradient reads them; `projected` is
            one boolean, the others are lists.
        operand_of: for each product the place in the carry of its left operand, or `None`.
        slope_is_projected: for each product whether its slope is that of the projected input.
        alias: for each of the new carry the place of the first that is the same tensor.
        shown: the place in the new carry of the output shown, or `None`.
        inner: places of the weights that a step uses outside of products.
        masked: whether steps may be masked.
        projected_width: width of the projected input.
    """

    product_widths: list
    activation_widths: list
    projected: bool
    carry: list
    products: list
    activations: list
    operand_of: list
    slope_is_projected: list
    alias: list
    shown: int | None
    inner: list
    masked: bool
    projected_width: int

    def kept_carry(self):
        """The places of the carry whose sequences the backward pass reads."""
        places = range(len(self.carry))
        return [place for place in places if self.carry[place] or place in self.operand_of]

    def shown_from(self):
        """A place of the kept carry whose new value is the output shown, or `None`."""
        return next((p for p in self.kept_carry() if self.alias[p] == self.shown), None)


def plan(step, rows, width, weights, dtype, masked, dropped):
    """The `Plan` of a step, or the reason (a string) why its gradient cannot be taken apart.

    Args:
        step: a `Step`.
        rows: of the step that is looked at.
        width: of the projected input.
        weights: the cell's weights as tensors.
        dtype: of the computation.
        masked, dropped: whether steps may be masked, and operands be dropped.
    """
    cell, found = step.cell, {}

    def spec(*shape):
        return tf.TensorSpec(shape, dtype)

    state, packed = spec(rows, cell.units), spec(rows, width)
    carry = [state for _ in (None, *cell.state_names)]
    mask = tf.TensorSpec((rows, 1), "bool") if masked else None
    drop = state if dropped else None
    weights = [tf.TensorSpec(weight.shape, weight.dtype) for weight in weights]

    def forwards(carry, projected, mask, drop, weights):
        new_carry, shown, recording = step.record(carry, projected, mask, drop, weights)
        found["alias"] = [_place(tensor, new_carry) for tensor in new_carry]
        found["shown"] = _place(shown, new_carry)
        return (recording.products, recording.activations), recording.weights

    def backwards(carry, projected, mask, drop, weights, transposed, recorded, upstream):
        gradient = step.gradient(
            carry, projected, mask, drop, weights, transposed, recorded, upstream
        )
        inner = [place for place, to in enumerate(gradient.weights) if to is not None]
        operand_of = [_place(operand, carry) for operand in gradient.operands]
        free = [o for o, j in zip(gradient.operands, operand_of, strict=True) if j is None]
        read = _read(
            [gradient.projected, *gradient.carry, *gradient.slopes, *free]
            + [gradient.weights[place] for place in inner]
        )
        products, activations = recorded
        found.update(
            product_widths=[product.shape[-1] for product in products],
            activation_widths=[activation.shape[-1] for activation in activations],
            projected=projected.ref() in read,
            carry=[tensor.ref() in read for tensor in carry],
            products=[tensor.ref() in read for tensor in products],
            activations=[tensor.ref() in read for tensor in activations],
            operand_of=operand_of,
            slope_is_projected=[slope is gradient.projected for slope in gradient.slopes],
            inner=inner,
        )
        return gradient.projected

    graph = tf.function(forwards, autograph=False).get_concrete_function(
        carry, packed, mask, drop, weights
    )
    reason = _not_replayable(graph)
    reason = reason or reason_against_step(step, width, weights, dtype, masked, dropped)
    if reason is not None:
        return reason
    recorded, right = tf.nest.map_structure(
        lambda tensor: tf.TensorSpec(tensor.shape, tensor.dtype), graph.structured_outputs
    )
    transposed = [tf.TensorSpec(weight.shape[::-1], weight.dtype) for weight in right]
    tf.function(backwards, autograph=False).get_concrete_function(
        carry, packed, mask, drop, weights, transposed, recorded, (carry, state)
    )
    return Plan(**found, masked=masked, projected_width=width)


def _place(tensor, tensors):
    return next((place for place, other in enumerate(tensors) if other is tensor), None)


def _read(results):
    """References to all tensors whose values the results depend on."""
    seen, ahead = set(), list(results)
    while ahead:
        tensor = ahead.pop()
        if tensor.ref() in seen:
            continue
        seen.add(tensor.ref())
        if tensor.op.type == "IdentityN":  # of a custom gradient, which passes all inputs through
            ahead.append(tensor.op.inputs[tensor.value_index])
        elif tensor.op.type not in _SHAPES:
            ahead.extend(tensor.op.inputs)
    return seen


def _not_replayable(function):
    """Why a step cannot be run a second time, or `None`."""
    drawn = sorted(
        {op.type for op in function.graph.get_operations() if op.op_def and op.op_def.is_stateful}
        - {"Placeholder"}
    )
    if drawn:
        return f"its step has effects or draws numbers ({', '.join(drawn)})"
    if function.captured_inputs:
        return "its step uses tensors that are none of its weights"
    return None
