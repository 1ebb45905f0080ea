"""What is done with one share of a batch's rows: forwards, and for the gradient.

Forwards, a loop keeps what the gradient reads (`_tensorflow_plan.py`), or nothing. Backwards, a
loop collects the slopes dz⟨t⟩ alone; the gradients of the weights and of the input are then one
product each. Sequences have time first.
"""

from typing import NamedTuple

import tensorflow as tf

from kerasrnn.sequence._tensorflow_arrays import (
    at,
    empty_array,
    keep_shapes,
    length_of,
    listed_steps,
    mask_steps,
    stacked_steps,
    steps_of,
    write,
)

_ROWS_OF_A_STEP = 16  # from which on the inputs are projected in the loop, and not all at once
# In a round of the loop without a gradient: one product then projects them all, and XLA need not
# copy each state into its place for the next. Training gained nothing.
_STEPS_OF_A_ROUND = 4


class Rows(NamedTuple):
    """What some rows of a batch start from.

    Args:
        inputs: `(time, rows, features)`, with at least one step.
        carry: list of tensors `(rows, units)`: the last output, and the states.
        mask: `(time, rows)` or `None`.
        drop: a dropout mask of left operands `(rows, units)`, or `None`.
    """

    inputs: object
    carry: list
    mask: object
    drop: object


class Saved(NamedTuple):
    """What the gradient of some rows reads: lists of sequences with time first.

    Args:
        before: the carry that each step started from, at the places that the plan keeps, and the
            last one: time + 1 steps.
        shown: the outputs, where they are not in `before`; otherwise none.
        products, activations: what was recorded of each step, where the plan keeps it.
        projected: the projected inputs, if the plan keeps them; otherwise none.
    """

    before: list
    shown: list
    products: list
    activations: list
    projected: list


class Share:
    """A cell with one set of options; each method takes `Rows` and the weights.

    Args:
        step: a `Step`.
        plan: its `Plan`.
    """

    def __init__(self, step, plan):
        self.step, self.plan = step, plan
        options = {"jit_compile": True, "autograph": False}
        self.outputs = tf.function(self._outputs, **options)
        self.recorded = tf.function(self._recorded, **options)
        self.backwards = tf.function(self._backwards, **options)

    def transposed(self, rows, weights):
        """The transposes of the right operands of a step's products.

        Not compiled: products with a transposed operand, into which XLA folds a transpose that it
        sees, take one and a half times as long in every step.
        """
        recording = self._recording(rows, weights)
        return [tf.transpose(weight) for weight in recording.weights]

    def _outputs(self, rows, weights):
        """The outputs `(time, rows, units)`, and each tensor of the last carry."""
        _, read = self._projection(rows, weights, all_at_once=False)
        carry, _, outputs = self._loop(
            rows, weights, read, lambda shown, recording: shown, [], _STEPS_OF_A_ROUND
        )
        return [outputs, *carry]

    def _recorded(self, rows, weights):
        """The last carry, and what was `Saved`."""
        plan = self.plan
        projected, read = self._projection(rows, weights, plan.projected)

        def written(shown, recording):
            return (
                [shown] if plan.shown_from() is None else [],
                _where(recording.products, plan.products),
                _where(recording.activations, plan.activations),
            )

        carry, before, saved = self._loop(rows, weights, read, written, plan.kept_carry())
        return carry, Saved(before, *saved, [projected] if plan.projected else [])

    def outputs_of(self, saved):
        """The outputs `(time, rows, units)` in what was `Saved`.

        Not compiled: TensorFlow takes steps off an end of an array without a copy, where rows fit
        into its units of 64 bytes.
        """
        place = self.plan.shown_from()
        if place is None:
            return saved.shown[0]
        return saved.before[self.plan.kept_carry().index(place)][1:]

    def _projection(self, rows, weights, all_at_once):
        """The projected sequence, if it is made as one, and a function `(t, count)` of its steps.

        Of enough rows a step's product is as fast as one for all steps, whose result has to be
        written and read again.
        """
        count = rows.inputs.shape[1]
        if all_at_once or (count is not None and count < _ROWS_OF_A_STEP):
            projected = self.step.project(rows.inputs, weights)
            return projected, listed_steps(projected)
        steps = stacked_steps(rows.inputs, most=_STEPS_OF_A_ROUND)
        return None, lambda t, count: tf.unstack(self.step.project(steps(t, count), weights))

    def _loop(self, rows, weights, read, written, kept, together=1):
        """The last carry; and sequences of what is kept of the carry, and of what is written down.

        Args:
            read: of `_projection`.
            written: what a step writes down, a function of the output shown and the `Recording`
                that gives a tensor or a structure of tensors.
            kept: places in the carry; their sequences have the first carry too: time + 1 steps.
            together: how many steps a round of the loop takes.
        """
        length = length_of(rows.inputs)
        known = rows.inputs.shape[0]
        together = min(together, known or together)
        masks = mask_steps(rows.mask)

        def record(t, carry, projected):
            return self.step.record(carry, projected, at(masks, t), rows.drop, weights)

        def rounds_of(count, end, variables):
            def body(t, carry, before, arrays):
                for place, projected in enumerate(read(t, count)):
                    new, shown, recording = record(t + place, carry, projected)
                    keep_shapes(new, carry)
                    before = write(before, t + place + 1, [new[state] for state in kept])
                    arrays = write(arrays, t + place, tf.nest.flatten(written(shown, recording)))
                    carry = new
                return t + count, carry, before, arrays

            return tf.while_loop(
                lambda t, *_: t < end, body, variables, maximum_iterations=end // count
            )

        carry = list(rows.carry)
        first = [carry[place] for place in kept]
        before = write([empty_array(tensor, length + 1) for tensor in first], 0, first)
        _, *shown_and_recording = record(0, carry, read(0, 1)[0])
        like = written(*shown_and_recording)
        arrays = [empty_array(tensor, length) for tensor in tf.nest.flatten(like)]
        variables = (0, carry, before, arrays)
        if together > 1 and (known is None or known % together):
            variables = rounds_of(1, length % together, variables)
        _, carry, before, arrays = rounds_of(together, length, variables)
        before, found = ([array.stack() for array in some] for some in (before, arrays))
        return carry, before, tf.nest.pack_sequence_as(like, found)

    def _backwards(self, rows, weights, transposed, saved, upstream):
        """The gradient of the first carry, and what `to_inputs_and_weights` reads.

        Args:
            transposed: what the function of that name gives.
            saved: what `recorded` gives of that name.
            upstream: gradients of what `outputs` gives.

        Returns:
            The gradient of the first carry; sequences of the gradient of the projected input, of
            the slopes of products that differ from it, and of operands that are no states; and
            the gradients of the weights outside of products.
        """
        plan = self.plan
        memory = _Memory(plan, rows.carry, saved)
        of_outputs, *of_carry = upstream
        length, of_steps, masks = length_of(of_outputs), steps_of(of_outputs), mask_steps(rows.mask)

        def gradient(t, of_carry):
            before, projected, recorded = memory.read(t)
            return self.step.gradient(
                before,
                projected,
                at(masks, t),
                rows.drop,
                weights,
                transposed,
                recorded,
                (of_carry, of_steps.read(t)),
            )

        def written(found):
            slopes = _where(found.slopes, [not same for same in plan.slope_is_projected])
            operands = _where(found.operands, [place is None for place in plan.operand_of])
            return [found.projected, *slopes, *operands]

        def body(t, of_carry, of_inner, arrays):
            found = gradient(t, of_carry)
            keep_shapes(found.carry, of_carry)
            of_inner = [
                total + tf.convert_to_tensor(found.weights[place])
                for place, total in zip(plan.inner, of_inner, strict=True)
            ]
            return t - 1, found.carry, of_inner, write(arrays, t, written(found))

        arrays = [empty_array(tensor, length) for tensor in written(gradient(length - 1, of_carry))]
        of_inner = [tf.zeros_like(weights[place]) for place in plan.inner]
        _, of_carry, of_inner, arrays = tf.while_loop(
            lambda t, *_: t >= 0,
            body,
            (length - 1, of_carry, of_inner, arrays),
            maximum_iterations=length,
        )
        return of_carry, [array.stack() for array in arrays], of_inner

    def to_inputs_and_weights(self, rows, weights, saved, sequences, of_inner):
        """The gradients of the inputs `(time, rows, features)` and of each weight.

        Not compiled: TensorFlow's products of long sequences are faster than XLA's, and it takes
        steps off an end of an array without a copy. And it leaves out the gradient of inputs for
        which nothing asks, as in a first layer.

        Args:
            saved: what `recorded` gives of that name.
            sequences, of_inner: of `backwards`.
        """
        plan = self.plan
        to_projected, *rest = sequences
        rest, before = iter(rest), dict(zip(plan.kept_carry(), saved.before, strict=True))
        slopes = [to_projected if same else next(rest) for same in plan.slope_is_projected]
        operands = [
            next(rest) if place is None else before[place][:-1] for place in plan.operand_of
        ]
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch([rows.inputs, weights])
            projected = self.step.project(rows.inputs, weights)
            recording = self._recording(rows, weights)
        to_inputs, *to_weights = tape.gradient(
            projected, [rows.inputs, *weights], output_gradients=to_projected
        )
        of_products = [
            tf.matmul(_flat(operand), _flat(slope), transpose_a=True)
            for operand, slope in zip(operands, slopes, strict=True)
        ]
        recurrent = tape.gradient(recording.weights, weights, output_gradients=of_products)
        inner = dict(zip(plan.inner, of_inner, strict=True))
        totals = [
            [part for part in (of_input, of_steps, inner.get(place)) if part is not None]
            for place, (of_input, of_steps) in enumerate(zip(to_weights, recurrent, strict=True))
        ]
        return to_inputs, [
            tf.add_n(found) if found else tf.zeros_like(weight)
            for weight, found in zip(weights, totals, strict=True)
        ]

    def _recording(self, rows, weights):
        """A `Recording` of a step of which the weights in it alone matter."""
        carry = rows.carry
        count = tf.shape(carry[0])[0]
        projected = tf.zeros((count, self.plan.projected_width), carry[0].dtype)
        mask = tf.ones((count, 1), "bool") if self.plan.masked else None
        return self.step.record(carry, projected, mask, rows.drop, weights)[-1]


class _Memory:
    """What was `Saved`, a step at a time.

    Args:
        plan: the `Plan` by which it was saved.
        carry: of which the first step started.
        saved: what was `Saved`.
    """

    def __init__(self, plan, carry, saved):
        self._plan, self._carry = plan, carry
        self._before = dict(zip(plan.kept_carry(), map(steps_of, saved.before), strict=True))
        self._products = _spread(map(steps_of, saved.products), plan.products)
        self._activations = _spread(map(steps_of, saved.activations), plan.activations)
        (self._projected,) = _spread(map(steps_of, saved.projected), [plan.projected])

    def read(self, t):
        """The carry before step `t`, its projected input, and what was recorded of the step.

        What was not kept, as nothing depends on it, is zero.
        """
        plan = self._plan
        before = [
            self._before[place].read(t) if place in self._before else zeros
            for place, zeros in enumerate(map(tf.zeros_like, self._carry))
        ]
        (projected,) = self._values([self._projected], [plan.projected_width], t)
        products = self._values(self._products, plan.product_widths, t)
        activations = self._values(self._activations, plan.activation_widths, t)
        return before, projected, (products, activations)

    def _values(self, arrays, widths, t):
        pairs = zip(arrays, widths, strict=True)
        return [self._zeros(width) if a is None else a.read(t) for a, width in pairs]

    def _zeros(self, width):
        like = self._carry[0]
        zeros = tf.zeros((tf.shape(like)[0], width), like.dtype)
        zeros.set_shape((like.shape[0], width))
        return zeros


def _where(values, wanted):
    return [value for value, is_wanted in zip(values, wanted, strict=True) if is_wanted]


def _spread(values, present):
    """The values at the places where `present` is true, and `None` elsewhere."""
    values = iter(values)
    return [next(values) if is_present else None for is_present in present]


def _flat(sequence):
    return tf.reshape(sequence, (-1, sequence.shape[-1]))
