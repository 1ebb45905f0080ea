"""One step of a cell in TensorFlow, forwards with what is to be kept, and its gradient."""

import tensorflow as tf
from keras import ops

from kerasrnn.cells._cell import masked_matmul
from kerasrnn.cells._steps import take_step
from kerasrnn.sequence import _replay
from kerasrnn.sequence._masks import kept


class Step:
    """A step over a carry `[output, *states]`, of a cell whose weights are all its attributes.

    Args:
        cell: a built cell.
        zero_output_for_mask: as in `kerasrnn.sequence.run`.
    """

    def __init__(self, cell, zero_output_for_mask):
        self.cell = cell
        self.zero_output_for_mask = zero_output_for_mask

    def project(self, inputs, weights):
        """What the cell projects the inputs to, in the cell's dtype."""
        projected = _replay.view(self.cell, weights).project(inputs)
        return ops.cast(projected, self.cell.compute_dtype)

    def record(self, carry, projected, mask, drop, weights):
        """The new carry, the output shown, and a `Recording`."""
        recording = _replay.Recording(ops.matmul)
        cell = _replay.view(self.cell, weights, recording.activation)
        result = self._take(cell, carry, projected, mask, drop, recording.matmul)
        return *result, recording

    def _take(self, cell, carry, projected, mask, drop, matmul):
        if drop is not None:
            matmul = masked_matmul(drop, matmul)
        output, *states = carry
        new = take_step(cell, projected, states, matmul)
        (output, states), shown = kept(mask, new, (output, states), self.zero_output_for_mask)
        return [output, *states], shown

    def gradient(self, carry, projected, mask, drop, weights, transposed, recorded, upstream):
        """The gradient of one step, from what was recorded of it.

        Args:
            carry, projected, mask, drop, weights: as the step had them.
            transposed: the transposes of its products' right operands, in order.
            recorded: lists of the products' and of the activations' values.
            upstream: gradients of the new carry (a list) and of the output shown.

        Returns:
            A `StepGradient`.
        """
        replay = _Replay(transposed, *recorded)
        cell = _replay.view(self.cell, weights, replay.activation)
        sources = [projected, *carry, *weights]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(sources)
            new_carry, shown = self._take(cell, carry, projected, mask, drop, replay.matmul)
            of_carry, of_shown = upstream
            found = tape.gradient(
                [shown, *new_carry], sources, output_gradients=[of_shown, *of_carry]
            )
        first_weight = 1 + len(carry)
        to_projected, *to_carry = (
            tf.zeros_like(source) if gradient is None else gradient
            for source, gradient in zip(sources[:first_weight], found[:first_weight], strict=True)
        )
        return StepGradient(to_projected, to_carry, found[first_weight:], replay)


class StepGradient:
    """Gradients of one step.

    Args:
        projected: of the projected input `(batch, G·units)`.
        carry: of the carry, a list.
        weights: of each of the cell's weights but for the products; `None` where there is none.
        replay: whose `operands` and `slopes` are those of the step's products, in order.
    """

    def __init__(self, projected, carry, weights, replay):
        self.projected, self.carry, self.weights = projected, carry, weights
        self.operands = replay.operands
        self.slopes = [replay.slopes[number] for number in range(len(replay.operands))]


class _Replay:
    """Products and activations that are known; their gradients, without the weights'."""

    def __init__(self, transposed, products, activations):
        self._transposed = iter(transposed)
        self._products, self._activations = iter(products), iter(activations)
        self.operands, self.slopes = [], {}

    def matmul(self, operand, weight):
        number, product = len(self.operands), next(self._products)
        transposed = next(self._transposed)
        self.operands.append(operand)

        @tf.custom_gradient
        def known(operand):
            def gradient(slope):
                self.slopes[number] = slope
                return tf.matmul(slope, transposed)

            return tf.identity(product), gradient

        return known(operand)

    def activation(self, activation, z):
        value = next(self._activations)

        @tf.custom_gradient
        def known(z):
            return tf.identity(value), lambda upstream: _replay.slope(activation, value, upstream)

        return known(z)
