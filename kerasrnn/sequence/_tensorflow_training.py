"""A cell over a sequence with a backward pass of its own, compiled, on all cores.

The rows of a batch know nothing of each other. Each core takes a share of them through functions
that XLA compiles (`_tensorflow_share.py`); the graph around is not compiled, so that TensorFlow
runs the shares at once.
"""

import tensorflow as tf

from kerasrnn.sequence._tensorflow_rows import cut
from kerasrnn.sequence._tensorflow_share import Rows

_SECOND = (
    "kerasrnn's recurrent layers in a compiled training step have no second derivatives. Take them "
    'inside `with kerasrnn.sequence.engine("loop"):`, in which the layer is called.'
)


def run_shares(share, keeper, parts, states, mask, drop, weights):
    """Outputs `(time, rows, units)` of each share, the last output, and the last states.

    Args:
        share: a `Share`.
        keeper: one of those of `_tensorflow_keep.py`.
        parts: for each share of the rows its inputs `(time, rows, features)`, of at least one step.
        states: list of tensors `(batch, units)`.
        mask: `(time, batch)` or `None`.
        drop: a dropout mask of left operands `(batch, units)`, or `None`.
        weights: the cell's weights as tensors.
    """
    count, number = len(parts), len(states)
    masks = cut(mask, count, axis=1)

    @tf.custom_gradient
    def differentiable(*originals):
        # No tape shall look inside: one that is persistent, or one of two, would ask XLA for what
        # second derivatives read.
        tensors = [tf.stop_gradient(tensor) for tensor in originals]
        parts, tensors = tensors[:count], tensors[count:]
        states, weights = tensors[:number], tensors[number:]
        carries = _cut_all([tf.zeros_like(states[0]), *states], count)
        shares = list(map(Rows, parts, carries, masks, cut(drop, count)))
        results, kept = zip(*(keeper.run(share, rows, weights) for rows in shares), strict=True)

        def gradient(*of_results):
            upstream = [tf.stop_gradient(tensor) for tensor in of_results]
            of_outputs, of_carries = upstream[:count], _cut_all(upstream[count:], count)
            transposed = share.transposed(shares[0], weights)
            found = [
                keeper.gradient(share, rows, weights, transposed, of_rows, [of_part, *of_carry])
                for rows, of_rows, of_part, of_carry in zip(
                    shares, kept, of_outputs, of_carries, strict=True
                )
            ]
            to_rows, to_weights = zip(*found, strict=True)
            to_states = _joined([to_carry for _, _, *to_carry in to_rows], _concatenated)
            to_inputs = [to_part for to_part, *_ in to_rows]
            return [
                _without_further(tensor, [*originals, *of_results])
                for tensor in (*to_inputs, *to_states, *_joined(to_weights, tf.add_n))
            ]

        last = _joined([carry for _, *carry in results], _concatenated)
        return [*(outputs for outputs, *_ in results), *last], gradient

    results = differentiable(*parts, *states, *weights)
    outputs, (last_output, *last_states) = results[:count], results[count:]
    return list(outputs), last_output, last_states


def _without_further(gradient, sources):
    """A gradient whose own derivative with respect to any of its sources is refused."""

    @tf.custom_gradient
    def refusing(gradient, *sources):
        def refuse(*_):
            raise LookupError(_SECOND)

        return tf.identity(gradient), refuse

    return refusing(gradient, *sources)


def _cut_all(tensors, count):
    """For each share the list of its rows of tensors `(batch, …)`."""
    return [list(part) for part in zip(*(cut(tensor, count) for tensor in tensors), strict=True)]


def _joined(parts, join):
    """Of lists with one item a share, the list of joined items."""
    return [join(list(same)) if len(same) > 1 else same[0] for same in zip(*parts, strict=True)]


def _concatenated(tensors):
    return tf.concat(tensors, 0)
