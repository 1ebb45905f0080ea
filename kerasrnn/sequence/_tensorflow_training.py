"""A cell over a sequence with a backward pass of its own, compiled, on all cores.

The rows of a batch know nothing of each other. Each core takes a share of them through functions
that XLA compiles (`_tensorflow_share.py`); the graph around is not compiled, so that TensorFlow
runs the shares at once.
"""

import tensorflow as tf

from kerasrnn.sequence._tensorflow_share import Rows

_SECOND = (
    "kerasrnn's recurrent layers in a compiled training step have no second derivatives. Take them "
    'inside `with kerasrnn.sequence.engine("loop"):`, in which the layer is called.'
)


def run_shares(share, keeper, inputs, states, mask, drop, weights, count):
    """Outputs `(batch, time, units)`, the last output, and the last states.

    Args:
        share: a `Share`.
        keeper: one of those of `_tensorflow_keep.py`.
        inputs: `(batch, time, features)`, with at least one step.
        states: list of tensors `(batch, units)`.
        mask: `(batch, time)` or `None`.
        drop: a dropout mask of left operands `(batch, units)`, or `None`.
        weights: the cell's weights as tensors.
        count: the number of shares of rows.
    """
    number = len(states)

    @tf.custom_gradient
    def differentiable(inputs, *others):
        states, weights = list(others[:number]), list(others[number:])
        whole = Rows(inputs, [tf.zeros_like(states[0]), *states], mask, drop)
        parts = _cut(whole, count)
        results = [keeper.run(share, rows, weights) for rows in parts]

        def gradient(*upstream):
            transposed = share.transposed(parts[0], weights)
            found = [
                keeper.gradient(share, rows, weights, transposed, kept, of_part)
                for rows, (_, kept), of_part in zip(
                    parts, results, _cut(list(upstream), count), strict=True
                )
            ]
            to_inputs, _, *to_states = _joined([of_rows for of_rows, _ in found], _concatenated)
            to_weights = _joined([of_weights for _, of_weights in found], tf.add_n)
            return [
                tf.raw_ops.PreventGradient(input=tensor, message=_SECOND)
                for tensor in (to_inputs, *to_states, *to_weights)
            ]

        return _joined([result for result, _ in results], _concatenated), gradient

    outputs, last_output, *last_states = differentiable(inputs, *states, *weights)
    return outputs, last_output, last_states


def _cut(tensors, count):
    """A structure of tensors `(rows, …)`, and of `None`, as `count` structures of fewer rows."""
    cuts = [_pieces(tensor, count) for tensor in tf.nest.flatten(tensors)]
    return [tf.nest.pack_sequence_as(tensors, list(part)) for part in zip(*cuts, strict=True)]


def _pieces(tensor, count):
    """A tensor `(rows, …)` in `count` pieces of whole rows."""
    if count == 1 or tensor is None:
        return [tensor] * count
    rows = tf.shape(tensor)[0] if tensor.shape[0] is None else tensor.shape[0]
    ends = [rows * k // count for k in range(count + 1)]
    return [tensor[start:end] for start, end in zip(ends, ends[1:], strict=False)]


def _joined(parts, join):
    """Of lists with one item a share, the list of joined items."""
    return [join(list(same)) if len(same) > 1 else same[0] for same in zip(*parts, strict=True)]


def _concatenated(tensors):
    return tf.concat(tensors, 0)
