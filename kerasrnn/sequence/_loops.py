"""Loops over time. Each takes `(step, carry, projected, mask, width)` and gives `(carry, outputs)`.

`step(carry, projected_t, mask_t)` returns the next carry and the output of the step. `projected`
is `(batch, time, width)`, `mask` is `(batch, time)` or `None`, `outputs` is
`(batch, time, units)`; a step sees `projected_t` `(batch, width)` and `mask_t` `(batch, 1)`.
`width` is that of the step's output where it is wider than the carry's.
"""

import keras
from keras import ops

from kerasrnn.sequence._lowering import WRITTEN_OUT


def choose(unroll, lowering=None, outputs_wanted=True):
    """The loop for this backend.

    Args:
        unroll: whether the steps are to be written out.
        lowering: what `kerasrnn.sequence._lowering.lowering_of` chose, if anything.
        outputs_wanted: false where the last output alone is read, which a lowering makes use of.
    """
    if lowering is not None:
        from kerasrnn.sequence import _tensorflow_blocks

        if unroll or lowering == WRITTEN_OUT:
            return _tensorflow_blocks.written_out(outputs_wanted)
        return _tensorflow_blocks.in_blocks(lowering, outputs_wanted)
    if unroll:
        return unrolled
    if keras.backend.backend() == "tensorflow":
        from kerasrnn.sequence._tensorflow_loop import while_loop

        return while_loop
    return scanned


def unrolled(step, carry, projected, mask, width=None):
    """The steps written out one after the other; the time must be known."""
    outputs = []
    for t in range(projected.shape[1]):
        mask_t = None if mask is None else mask[:, t, None]
        carry, output = step(carry, projected[:, t], mask_t)
        outputs.append(output)
    return carry, ops.stack(outputs, axis=1)


def scanned(step, carry, projected, mask, width=None):
    """`keras.ops.scan`, which the backend compiles as one loop."""
    projected, mask = time_major(projected, mask)

    def body(carry, x):
        return step(carry, *x) if mask is not None else step(carry, x, None)

    carry, outputs = ops.scan(body, carry, projected if mask is None else (projected, mask))
    return carry, ops.swapaxes(outputs, 0, 1)


def time_major(projected, mask):
    """`(time, batch, width)` and `(time, batch, 1)`."""
    projected = ops.swapaxes(projected, 0, 1)
    if mask is None:
        return projected, None
    return projected, ops.expand_dims(ops.swapaxes(mask, 0, 1), -1)
