"""Loops over blocks of steps, for runtimes that copy what a round of a loop has changed.

LiteRT copies every tensor that a round of a WHILE changes, so that an array of all outputs would
cost time × time. Here a sequence is read in pieces, each a loop over an array of its own piece's
outputs, and a round takes several steps. What a loop does not change is not copied.
"""

import tensorflow as tf
from keras import ops, tree


def in_blocks(plan, outputs_wanted):
    """The loop of a plan, a `Blocks`; see `kerasrnn.sequence._loops` for what a loop is.

    Args:
        plan: how many steps a round takes, how many rounds a loop, and of how many loops the
            inputs are projected at once; what is projected is read soon, from the cache.
        outputs_wanted: whether to return the outputs of all steps; `None` stands for them if not.
    """

    def loop(step, carry, projected, mask, width=None):
        mask = _numbers(mask)
        rows, timesteps, _ = projected.shape
        count, together = timesteps // plan.steps, plan.blocks * plan.loops
        found = []
        for first in range(0, count, together):
            last = min(first + together, count)
            part = slice(first * plan.steps, last * plan.steps)
            parts = projected[:, part], None if mask is None else mask[:, part]
            blocks = [_blocks(x, plan) for x in parts]
            for start in range(0, last - first, plan.blocks):
                piece = [None if x is None else x[start : start + plan.blocks] for x in blocks]
                rounds = min(plan.blocks, last - first - start)
                carry, outputs = _piece(step, carry, *piece, rounds, plan.steps, outputs_wanted)
                found.append(outputs)
        rest = slice(count * plan.steps, timesteps)
        if count * plan.steps < timesteps:
            steps = _steps(projected[:, rest], None if mask is None else mask[:, rest])
            carry, outputs = _written_out(step, carry, *steps)
            found += outputs
        return carry, _joined(found, rows) if outputs_wanted else None

    loop.projects = True
    return loop


def written_out(outputs_wanted):
    """The loop that is none: all steps one after the other."""

    def loop(step, carry, projected, mask, width=None):
        carry, outputs = _written_out(step, carry, *_steps(projected, _numbers(mask)))
        return carry, _joined(outputs, projected.shape[0]) if outputs_wanted else None

    return loop


def _numbers(mask):
    """A mask `(batch, time, 1)` as numbers, which every runtime gathers and splits."""
    return None if mask is None else tf.cast(mask, tf.float32)[..., None]


def _blocks(sequence, plan):
    """Tensor `(blocks, steps·batch, width)`; empty blocks at its end fill the last piece."""
    if sequence is None:
        return None
    rows, timesteps, width = sequence.shape
    count = timesteps // plan.steps
    blocks = tf.reshape(_time_major(sequence), (count, plan.steps * rows, width))
    missing = -count % plan.blocks
    return tf.pad(blocks, [[0, missing], [0, 0], [0, 0]]) if missing else blocks


def _piece(step, carry, projected, mask, rounds, steps, outputs_wanted):
    """One loop: the carry after it, and its outputs `(rounds·steps·batch, units)`."""
    units = carry[0].shape[-1]
    carried = _Carried(carry, keeps_output=mask is not None or not outputs_wanted)
    array = tf.TensorArray(
        carry[0].dtype, projected.shape[0], element_shape=(projected.shape[1], units)
    )
    # Any tensor of that shape will do to start with; zeros would be stored in the file.
    arrays = (array.unstack(projected[..., :units]),) if outputs_wanted else ()

    def body(number, carry, arrays):
        block = _split(tf.gather(projected, number), steps)
        masks = None if mask is None else _split(tf.gather(mask, number), steps)
        carry, outputs = _written_out(step, carried.whole(carry), block, masks)
        arrays = tuple(a.write(number, tf.concat(outputs, 0)) for a in arrays)
        return number + 1, carried.kept(carry), arrays

    _, kept, arrays = tf.while_loop(
        lambda number, *_: number < rounds,
        body,
        (tf.constant(0), carried.kept(carry), arrays),
    )
    if not outputs_wanted:
        return carried.whole(kept), None
    outputs = tf.reshape(arrays[0].stack(), (-1, units))[: rounds * projected.shape[1]]
    carry = carried.whole(kept)
    if not carried.keeps_output:
        carry = (outputs[-carry[0].shape[0] :], carry[1])
    return carry, outputs


class _Carried:
    """What a round hands to the next: of the carry, the last output only where it is read."""

    def __init__(self, carry, keeps_output):
        self.keeps_output, self._first = keeps_output, carry

    def kept(self, carry):
        return tree.flatten(carry if self.keeps_output else carry[1])

    def whole(self, kept):
        kept = list(kept)
        output = kept.pop(0) if self.keeps_output else self._first[0]
        return output, kept


def _steps(projected, mask):
    """Lists of the steps `(batch, width)` and their masks `(batch, 1)`."""
    count = projected.shape[1]
    if count == 0:
        return [], None
    masks = None if mask is None else _split(_time_major(mask), count)
    return _split(_time_major(projected), count), masks


def _written_out(step, carry, projected, masks):
    outputs = []
    for number, projected_t in enumerate(projected):
        mask_t = None if masks is None else masks[number] > 0.5
        carry, output = step(carry, projected_t, mask_t)
        outputs.append(output)
    return carry, outputs


def _split(flat, count):
    """The steps `(batch, width)` of `(steps·batch, width)`."""
    return [flat] if count == 1 else tf.split(flat, count)


def _time_major(sequence):
    """`(time·batch, width)` of `(batch, time, width)`; of one row nothing moves."""
    if sequence.shape[0] != 1:
        sequence = ops.swapaxes(sequence, 0, 1)
    return tf.reshape(sequence, (-1, sequence.shape[-1]))


def _joined(outputs, rows):
    """`(batch, time, units)` of pieces `(steps·batch, units)`."""
    flat = outputs[0] if len(outputs) == 1 else tf.concat(outputs, 0)
    if rows == 1:
        return flat[None]
    return ops.swapaxes(tf.reshape(flat, (-1, rows, flat.shape[-1])), 0, 1)
