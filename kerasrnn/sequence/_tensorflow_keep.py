"""What is kept between the forward pass of a share and its gradient: all of it, nothing, or pieces.

Each keeper has `run(share, rows, weights)`, which gives the result and what is kept, and
`gradient(share, rows, weights, transposed, kept, upstream)`, which gives the gradients of the
inputs and of each tensor of the carry, and those of the weights.
"""

import tensorflow as tf

from kerasrnn.sequence._tensorflow_arrays import empty_array, length_of, write


class Everything:
    """Keeps what the gradient reads, for training."""

    def run(self, share, rows, weights):
        carry, saved = share.recorded(rows, weights)
        return [share.outputs_of(saved), *carry], saved

    def gradient(self, share, rows, weights, transposed, kept, upstream):
        to_carry, *found = share.backwards(rows, weights, transposed, kept, upstream)
        to_inputs, to_weights = share.to_inputs_and_weights(rows, weights, kept, *found)
        return [to_inputs, *to_carry], to_weights


class Nothing:
    """Keeps nothing, for inference; for a gradient the share is run again."""

    def run(self, share, rows, weights):
        return share.outputs(rows, weights), []

    def gradient(self, share, rows, weights, transposed, kept, upstream):
        _, saved = share.recorded(rows, weights)
        return Everything().gradient(share, rows, weights, transposed, saved, upstream)


class Pieces:
    """Keeps the carry at the start of each piece of the sequence, which the gradient runs again.

    Args:
        length: steps of a piece, of which the sequence has a whole number.
    """

    def __init__(self, length):
        self.length = length
        self._known_length = length if isinstance(length, int) else None

    def run(self, share, rows, weights):
        count = self._count(rows)
        starts = [empty_array(tensor, count) for tensor in rows.carry]
        outputs = self._array(rows.carry[0], count)

        def body(k, carry, starts, outputs):
            piece = self._piece(rows, k, carry)
            of_piece, *new = share.outputs(piece, weights)
            return k + 1, new, write(starts, k, carry), outputs.write(k, of_piece)

        _, carry, starts, outputs = tf.while_loop(
            lambda k, *_: k < count,
            body,
            (0, list(rows.carry), starts, outputs),
            parallel_iterations=1,  # so that one piece at a time takes memory
            maximum_iterations=count,
        )
        outputs = _joined(outputs)
        outputs.set_shape((*rows.inputs.shape[:2], rows.carry[0].shape[-1]))
        return [outputs, *carry], [start.stack() for start in starts]

    def gradient(self, share, rows, weights, transposed, kept, upstream):
        count = self._count(rows)
        of_outputs, *of_carry = upstream
        to_inputs = self._array(rows.inputs[0], count)

        def body(k, of_carry, to_weights, to_inputs):
            piece = self._piece(rows, k, [start[k] for start in kept])
            of_piece = [self._cut(of_outputs, k), *of_carry]
            (to_piece, *to_carry), more = Nothing().gradient(
                share, piece, weights, transposed, [], of_piece
            )
            to_weights = [total + part for total, part in zip(to_weights, more, strict=True)]
            return k - 1, to_carry, to_weights, to_inputs.write(k, to_piece)

        _, to_carry, to_weights, to_inputs = tf.while_loop(
            lambda k, *_: k >= 0,
            body,
            (count - 1, of_carry, [tf.zeros_like(weight) for weight in weights], to_inputs),
            parallel_iterations=1,
            maximum_iterations=count,
        )
        to_inputs = _joined(to_inputs)
        to_inputs.set_shape(rows.inputs.shape)
        return [to_inputs, *to_carry], to_weights

    def _array(self, step, count):
        """An array of pieces `(time, rows, …)`, of steps that are like a tensor `(rows, …)`."""
        shape = (self._known_length, *step.shape)
        return tf.TensorArray(step.dtype, size=count, element_shape=shape)

    def _count(self, rows):
        return length_of(rows.inputs) // self.length

    def _piece(self, rows, k, carry):
        mask = None if rows.mask is None else self._cut(rows.mask, k)
        return rows._replace(inputs=self._cut(rows.inputs, k), carry=carry, mask=mask)

    def _cut(self, sequence, k):
        # By its place among the pieces: XLA knows no slice whose ends it does not know.
        shape = tf.shape(sequence)
        pieces = tf.concat([[shape[0] // self.length, self.length], shape[1:]], 0)
        piece = tf.reshape(sequence, pieces)[k]
        piece.set_shape((self._known_length, *sequence.shape[1:]))
        return piece


def _joined(array):
    """The pieces of an array one after the other."""
    pieces = array.stack()
    shape = tf.shape(pieces)
    return tf.reshape(pieces, tf.concat([[shape[0] * shape[1]], shape[2:]], 0))
