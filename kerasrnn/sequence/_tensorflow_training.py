"""A cell over a sequence in training: a backward pass of its own, compiled, on all cores.

Forwards, a loop keeps what the gradient reads (`_tensorflow_plan.py`). Backwards, a loop collects
the slopes dz⟨t⟩ alone; the gradients of the weights and of the input are then one product each.

The rows of a batch know nothing of each other. Each core takes a share of them through a function
that XLA compiles; the graph around is not compiled, so that TensorFlow runs the shares at once.
"""

import tensorflow as tf

_ROWS_OF_A_STEP = 16  # from which on the inputs are projected in each step, and not all at once
_SECOND = (
    "kerasrnn's recurrent layers in a compiled training step have no second derivatives. Take them "
    'inside `with kerasrnn.sequence.engine("loop"):`, in which the layer is called.'
)


class Training:
    """The training way of one cell with one set of options.

    Args:
        step: a `Step`.
        plan: its `Plan`.
    """

    def __init__(self, step, plan):
        self.step, self.plan = step, plan
        options = {"jit_compile": True, "autograph": False}
        self._forwards = tf.function(self._run_forwards, **options)
        self._backwards = tf.function(self._run_backwards, **options)

    def run(self, inputs, states, mask, drop, weights, shares):
        """Outputs `(batch, time, units)`, the last output, and the last states.

        Args:
            inputs: `(batch, time, features)`, with at least one step.
            states: list of tensors `(batch, units)`.
            mask: `(batch, time)` or `None`.
            drop: a dropout mask of left operands `(batch, units)`, or `None`.
            weights: the cell's weights as tensors.
            shares: the number of shares of rows.
        """
        count = len(states)
        rest = {"mask": mask, "drop": drop}
        rest = {name: tensor for name, tensor in rest.items() if tensor is not None}

        @tf.custom_gradient
        def differentiable(inputs, *others):
            states, weights = list(others[:count]), list(others[count:])
            rows = (inputs, *states, *rest.values())
            calls = []
            for part, *parts in zip(*(_shares(t, shares) for t in rows), strict=True):
                of_rest = dict(zip(rest, parts[count:], strict=True))
                mask_part, drop_part = of_rest.get("mask"), of_rest.get("drop")
                calls.append((part, parts[:count], mask_part, drop_part, weights))
            results = [self._forwards(*call) for call in calls]

            def gradient(*upstream):
                transposed = self._transposed(calls[0])
                parts = zip(*(_shares(t, shares) for t in upstream), strict=True)
                found = [
                    self._backwards(*call, transposed, saved, list(part))
                    for call, (_, saved), part in zip(calls, results, parts, strict=True)
                ]
                of_rows = _joined(
                    [
                        [self._to_inputs(call, to_projected), *to_states]
                        for call, (to_projected, to_states, _) in zip(calls, found, strict=True)
                    ],
                    lambda same: tf.concat(same, 0),
                )
                of_weights = _joined([weights for *_, weights in found], tf.add_n)
                return [
                    tf.raw_ops.PreventGradient(input=tensor, message=_SECOND)
                    for tensor in (*of_rows, *of_weights)
                ]

            return _joined([r for r, _ in results], lambda same: tf.concat(same, 0)), gradient

        outputs, last_output, *last_states = differentiable(inputs, *states, *weights)
        return outputs, last_output, last_states

    def _transposed(self, call):
        """The transposes of the right operands of a step's products.

        Made before the compiled function, not in it: products with a transposed operand, into which
        XLA folds the transpose, take one and a half times as long in every step.
        """
        _, states, _, drop, weights = call
        recording = self._recording(states, drop, weights)
        return [tf.transpose(weight) for weight in recording.weights]

    def _recording(self, states, drop, weights):
        """A `Recording` of a step of which only the weights in it matter."""
        first = self._first(states)
        rows = tf.shape(first[0])[0]
        projected = tf.zeros((rows, self.plan.projected_width), first[0].dtype)
        mask = tf.ones((rows, 1), "bool") if self.plan.masked else None
        return self.step.record(first, projected, mask, drop, weights)[-1]

    def _to_inputs(self, call, to_projected):
        """The gradient of the inputs of a share. Not compiled, so that TensorFlow leaves it out
        where nothing asks for it, as in a first layer.
        """
        inputs, *_, weights = call
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(inputs)
            projected = self.step.project(tf.transpose(inputs, (1, 0, 2)), weights)
        return tape.gradient(projected, inputs, output_gradients=to_projected)

    def _run_forwards(self, inputs, states, mask, drop, weights):
        """The outputs and the last carry, batch first; and what the backward pass reads."""
        projected, read = self._projection(tf.transpose(inputs, (1, 0, 2)), weights)
        length = inputs.shape[1] or tf.shape(inputs)[1]
        masks = None if mask is None else _steps(time_major_mask(mask))
        carry = self._first(states)
        found = self.step.record(carry, read(0), _at(masks, 0), drop, weights)
        arrays = [_array(tensor, length) for tensor in self._written(*found)]

        def body(t, carry, arrays):
            new, shown, recording = self.step.record(carry, read(t), _at(masks, t), drop, weights)
            _keep_shapes(new, carry)
            return t + 1, new, _write(arrays, t, self._written(new, shown, recording))

        _, carry, arrays = tf.while_loop(
            lambda t, *_: t < length, body, (0, carry, arrays), maximum_iterations=length
        )
        outputs, *saved = (array.stack() for array in arrays)
        if self.plan.projected:
            saved.append(projected)
        return [tf.transpose(outputs, (1, 0, 2)), *carry], [outputs, *saved]

    def _projection(self, inputs, weights):
        """The projected sequence, if it is needed as one, and a function that gives a step of it.

        Of inputs `(time, batch, features)`. Of enough rows a step's product is as fast as one for
        all steps, whose result has to be written and read again.
        """
        rows = inputs.shape[1]
        if not self.plan.projected and (rows is None or rows >= _ROWS_OF_A_STEP):
            steps = _steps(inputs)
            return None, lambda t: self.step.project(steps.read(t), weights)
        projected = self.step.project(inputs, weights)
        return projected, _steps(projected).read

    def _first(self, states):
        return [tf.zeros_like(states[0]), *states]

    def _written(self, carry, shown, recording):
        """What a step writes down: the output shown, then what the gradient reads."""
        plan = self.plan
        return [
            shown,
            *(carry[place] for place in plan.written_carry()),
            *_where(recording.products, plan.products),
            *_where(recording.activations, plan.activations),
        ]

    def _read(self, saved, states):
        """What `_run_forwards` saved, by kind: what the steps started from, and recorded."""
        plan, saved = self.plan, list(saved)
        projected = saved.pop() if plan.projected else None
        outputs, *saved = saved
        places = plan.written_carry()
        after = dict(zip(places, saved, strict=False))
        after[plan.shown] = outputs
        first = self._first(states)
        before = {
            place: tf.concat([first[place][None], after[plan.alias[place]][:-1]], 0)
            for place in plan.kept_carry()
        }
        rest = saved[len(places) :]
        return before, rest[: sum(plan.products)], rest[sum(plan.products) :], projected

    def _run_backwards(
        self, inputs, states, mask, drop, weights, transposed, saved, upstream
    ):
        """Gradients of the projected inputs, of the states, and of the weights."""
        plan, first = self.plan, self._first(states)
        before, products, activations, projected = self._read(saved, states)
        of_outputs, *of_carry = upstream
        of_outputs = tf.transpose(of_outputs, (1, 0, 2))
        length, of_steps = _length(of_outputs), _steps(of_outputs)
        steps = {place: _steps(sequence) for place, sequence in before.items()}
        products, activations = map(_steps, products), map(_steps, activations)
        products = _spread(products, plan.products)
        activations = _spread(activations, plan.activations)
        projected = None if projected is None else _steps(projected)
        masks = None if mask is None else _steps(time_major_mask(mask))

        def nothing(width):
            zeros = tf.zeros((tf.shape(first[0])[0], width), first[0].dtype)
            zeros.set_shape((first[0].shape[0], width))
            return zeros

        def read(arrays, widths, t):
            pairs = zip(arrays, widths, strict=True)
            return [nothing(width) if a is None else a.read(t) for a, width in pairs]

        def gradient(t, of_carry):
            carry = [
                steps[place].read(t) if plan.carry[place] or place in plan.operand_of else zeros
                for place, zeros in enumerate(map(tf.zeros_like, first))
            ]
            return self.step.gradient(
                carry,
                nothing(plan.projected_width) if projected is None else projected.read(t),
                _at(masks, t),
                drop,
                weights,
                transposed,
                (
                    read(products, plan.product_widths, t),
                    read(activations, plan.activation_widths, t),
                ),
                (of_carry, of_steps.read(t)),
            )

        def written(found):
            slopes = _where(found.slopes, [not same for same in plan.slope_is_projected])
            operands = _where(found.operands, [place is None for place in plan.operand_of])
            return [found.projected, *slopes, *operands]

        def body(t, of_carry, of_inner, arrays):
            found = gradient(t, of_carry)
            _keep_shapes(found.carry, of_carry)
            of_inner = [
                total + tf.convert_to_tensor(found.weights[place])
                for place, total in zip(plan.inner, of_inner, strict=True)
            ]
            return t - 1, found.carry, of_inner, _write(arrays, t, written(found))

        arrays = [_array(tensor, length) for tensor in written(gradient(length - 1, of_carry))]
        of_inner = [tf.zeros_like(weights[place]) for place in plan.inner]
        _, of_carry, of_inner, arrays = tf.while_loop(
            lambda t, *_: t >= 0,
            body,
            (length - 1, of_carry, of_inner, arrays),
            maximum_iterations=length,
        )
        to_projected, *rest = (array.stack() for array in arrays)
        totals = self._products(inputs, states, drop, weights, before, to_projected, iter(rest))
        for place, total in zip(plan.inner, of_inner, strict=True):
            totals[place].append(total)
        to_weights = [
            tf.add_n(found) if found else tf.zeros_like(weight)
            for weight, found in zip(weights, totals, strict=True)
        ]
        return to_projected, of_carry[1:], to_weights

    def _products(self, inputs, states, drop, weights, before, to_projected, rest):
        """For each weight a list of gradients to add up."""
        plan = self.plan
        slopes = [to_projected if same else next(rest) for same in plan.slope_is_projected]
        operands = [next(rest) if place is None else before[place] for place in plan.operand_of]
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(weights)
            # XLA leaves out what is not read of these.
            projected = self.step.project(tf.transpose(inputs, (1, 0, 2)), weights)
            recording = self._recording(states, drop, weights)
        to_weights = tape.gradient(projected, weights, output_gradients=to_projected)
        of_products = [
            tf.matmul(_flat(operand), _flat(slope), transpose_a=True)
            for operand, slope in zip(operands, slopes, strict=True)
        ]
        recurrent = tape.gradient(recording.weights, weights, output_gradients=of_products)
        return [
            [tf.convert_to_tensor(found) for found in pair if found is not None]
            for pair in zip(to_weights, recurrent, strict=True)
        ]


def _joined(parts, join):
    """Of lists with one item a share, the list of joined items."""
    return [join(list(same)) if len(same) > 1 else same[0] for same in zip(*parts, strict=True)]


def time_major_mask(mask):
    """`(time, batch, 1)` of a mask `(batch, time)`."""
    return tf.transpose(mask)[..., None]


def _length(sequence):
    return tf.shape(sequence)[0] if sequence.shape[0] is None else sequence.shape[0]


def _steps(sequence):
    array = tf.TensorArray(sequence.dtype, size=_length(sequence), element_shape=sequence.shape[1:])
    return array.unstack(sequence)


def _at(steps, t):
    return None if steps is None else steps.read(t)


def _array(tensor, length):
    return tf.TensorArray(tensor.dtype, size=length, element_shape=tensor.shape)


def _write(arrays, t, values):
    return [array.write(t, value) for array, value in zip(arrays, values, strict=True)]


def _where(values, wanted):
    return [value for value, is_wanted in zip(values, wanted, strict=True) if is_wanted]


def _spread(values, present):
    """The values at the places where `present` is true, and `None` elsewhere."""
    values = iter(values)
    return [next(values) if is_present else None for is_present in present]


def _keep_shapes(new, old):
    # A `while` refuses tensors whose static shape differs from round to round.
    for after, before in zip(new, old, strict=True):
        after.set_shape(before.shape)


def _flat(sequence):
    return tf.reshape(sequence, (-1, sequence.shape[-1]))


def _shares(tensor, count):
    """A tensor `(rows, …)` in `count` pieces of whole rows."""
    if count == 1:
        return [tensor]
    rows = tf.shape(tensor)[0] if tensor.shape[0] is None else tensor.shape[0]
    ends = [rows * k // count for k in range(count + 1)]
    return [tensor[start:end] for start, end in zip(ends, ends[1:], strict=False)]
