"""Whether a cell can be run in shares and differentiated from what was recorded: tried on numbers.

A cell is code of anybody's. What the compiled way takes for granted of it is tried out on one step
of random numbers, once for each graph, before it is relied on.
"""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import tensorflow as tf

from kerasrnn.cells import Cell

_ROWS = 4


def reason_against(cell):
    """Why a cell must run in the plain loop, by what it is made of, or `None`."""
    if type(cell).project is not Cell.project:
        return "its projection is its own"
    parts = keras.tree.flatten(list(cell.__dict__.values()))
    if any(isinstance(part, keras.layers.Layer) for part in parts):
        return "it has layers inside"
    own = {id(part) for part in cell.__dict__.values()}
    if any(id(weight) not in own for weight in cell.weights):
        return "it has weights that are no attributes"
    return None


def reason_against_step(step, width, weights, dtype, masked, dropped):
    """Why a step cannot be taken apart, or `None`.

    Args:
        step: a `Step`.
        width: of the projected input.
        weights: tensors whose shapes and dtypes are the weights'.
        dtype: of the computation.
        masked, dropped: whether steps may be masked, and operands be dropped.
    """
    # In a thread of its own, where no graph is being made and no tape records.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_tried, step, width, weights, dtype, masked, dropped).result()


def _tried(step, width, weights, dtype, masked, dropped):
    rng = np.random.default_rng(0)

    def draw(*shape, dtype=dtype):
        return tf.cast(rng.normal(scale=0.5, size=shape), dtype)

    carry = [draw(_ROWS, step.cell.units) for _ in (None, *step.cell.state_names)]
    projected = draw(_ROWS, width)
    mask = tf.constant([[True], [False], [True], [True]]) if masked else None
    drop = draw(_ROWS, step.cell.units) if dropped else None
    weights = [draw(*weight.shape, dtype=weight.dtype) for weight in weights]
    upstream = [draw(_ROWS, step.cell.units) for _ in carry], draw(_ROWS, step.cell.units)
    try:
        if not _rows_are_apart(step, carry, projected, mask, drop, weights):
            return "its rows are not independent of each other"
        if not _slopes_agree(step, carry, projected, mask, drop, weights, upstream):
            return "its gradient is not that of its recorded products and activations"
    except Exception as error:  # of a cell that does what the compiled way does not know
        return f"its step cannot be taken apart ({type(error).__name__}: {error})"
    return None


def _rows_are_apart(step, carry, projected, mask, drop, weights):
    def results(rows):
        def cut(tensor):
            return None if tensor is None else tensor[rows]

        new, shown, _ = step.record(
            [cut(tensor) for tensor in carry], cut(projected), cut(mask), cut(drop), weights
        )
        return [*new, shown]

    whole = results(slice(None))
    return all(
        _close(together[row : row + 1], alone)
        for row in range(_ROWS)
        for together, alone in zip(whole, results(slice(row, row + 1)), strict=True)
    )


def _slopes_agree(step, carry, projected, mask, drop, weights, upstream):
    sources = [projected, *carry, *weights]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(sources)
        new, shown, recording = step.record(carry, projected, mask, drop, weights)
    of_carry, of_shown = upstream
    expected = tape.gradient([shown, *new], sources, output_gradients=[of_shown, *of_carry])
    recorded = recording.products, recording.activations
    transposed = [tf.transpose(weight) for weight in recording.weights]
    found = step.gradient(carry, projected, mask, drop, weights, transposed, recorded, upstream)
    of_products = [
        tf.matmul(operand, slope, transpose_a=True)
        for operand, slope in zip(found.operands, found.slopes, strict=True)
    ]
    through = [None] * len(weights)
    if of_products:
        through = tape.gradient(recording.weights, weights, output_gradients=of_products)
    totals = [
        [tf.convert_to_tensor(part) for part in pair if part is not None]
        for pair in zip(found.weights, through, strict=True)
    ]
    pairs = zip(
        [found.projected, *found.carry, *(tf.add_n(t) if t else None for t in totals)],
        expected,
        strict=True,
    )
    return all(_close(_or_zero(ours, theirs), _or_zero(theirs, ours)) for ours, theirs in pairs)


def _or_zero(tensor, like):
    if tensor is not None:
        return tf.convert_to_tensor(tensor)
    return None if like is None else tf.zeros_like(like)


def _close(ours, theirs):
    if ours is None and theirs is None:
        return True
    error = {tf.float64: 1e-6, tf.float32: 1e-3}.get(ours.dtype, 0.1)
    ours, theirs = (tf.cast(tensor, "float64").numpy() for tensor in (ours, theirs))
    return ours.shape == theirs.shape and bool(
        np.all(np.abs(ours - theirs) <= error * (1 + np.abs(theirs).max(initial=0)))
    )
