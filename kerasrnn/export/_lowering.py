"""The measured rule: how many steps a file writes out, takes in a round, keeps in an array.

Measured with LiteRT 2.3 on two x86-64 cores of 1 MB second-level cache each, by
`benchmarks/tflite.py`.
"""

import functools
import math

from kerasrnn.sequence._lowering import WRITTEN_OUT, Blocks

# Written out, each step has operators and packed weights of its own: it pays while they are few.
_MOST_WRITTEN_OUT = 128  # steps times gates
_LARGEST_WRITTEN_OUT = 3 * 2**19  # bytes: steps times those of recurrent weights
_NUMBERS_A_PIECE = 6144  # of outputs, which a round of a loop copies
_LARGEST_BLOCK = 2 * 2**20  # bytes: steps² times those of recurrent weights
_MOST_STEPS_A_BLOCK = 16
_LARGEST_PROJECTED = 2**20  # bytes: inputs that are projected in one product


def automatic(sequence, bytes_each=4):
    """The fastest way for a sequence of weights of some bytes: `WRITTEN_OUT` or a `Blocks`."""
    timesteps, cell = sequence.inputs.shape[1], sequence.cell
    gates, weights = len(cell.gates), recurrent_bytes(cell, bytes_each)
    if timesteps * gates <= _MOST_WRITTEN_OUT and timesteps * weights <= _LARGEST_WRITTEN_OUT:
        return WRITTEN_OUT
    return in_a_loop(sequence, bytes_each)


def in_a_loop(sequence, bytes_each=4):
    """The `Blocks` for a sequence of weights of some bytes."""
    rows, timesteps, _ = sequence.inputs.shape
    weights = recurrent_bytes(sequence.cell, bytes_each)
    piece = min(timesteps, max(1, _NUMBERS_A_PIECE // (sequence.cell.units * rows)))
    most = min(_MOST_STEPS_A_BLOCK, math.sqrt(_LARGEST_BLOCK / weights), math.sqrt(0.7 * piece))
    steps = _near_divisor(timesteps, max(1, int(most)))
    count = timesteps // steps
    pieces = max(1, round(count * steps / piece))
    blocks = math.ceil(count / pieces)
    projected = 4 * rows * blocks * steps * sequence.cell.kernel.shape[-1]
    return Blocks(steps, blocks, max(1, _LARGEST_PROJECTED // projected))


def written_out(sequence):
    """`WRITTEN_OUT`, whatever the sequence."""
    return WRITTEN_OUT


def for_weights(choose, quantize):
    """The rule for weights of that quantisation: float16 is multiplied as 32 bits, int8 is not."""
    if quantize in ("dynamic", "int8") and choose in (automatic, in_a_loop):
        return functools.partial(choose, bytes_each=1)
    return choose


def recurrent_bytes(cell, bytes_each=4):
    """Bytes of the weights that each step reads."""
    weights = [w for w in cell.weights if w is not cell.kernel]
    return bytes_each * sum(math.prod(w.shape) for w in weights)


def _near_divisor(number, largest):
    """A divisor of the number of at most `largest` and above half of it; or `largest`."""
    divisors = [n for n in range(largest, largest // 2, -1) if number % n == 0]
    return divisors[0] if divisors else largest
