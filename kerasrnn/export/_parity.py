"""Does an exported file compute what the Keras model computes?"""

from typing import NamedTuple

import numpy as np


class Bound(NamedTuple):
    """How far a file may be from Keras, in units of max(1, |y|).

    Args:
        largest: of any one number.
        typical: the root mean square over all numbers; `None` for no bound.
    """

    largest: float
    typical: float | None = None


TOLERANCE = 1e-5
# Of what is quantised: stated, not promised by the numbers' formats, as errors add up over time.
# With whole numbers one number may be far off, where a value is outside of the range that was seen
# or near a threshold; most are not.
BOUNDS = {None: TOLERANCE, "float16": 5e-3, "dynamic": 0.1, "int8": Bound(1.0, 0.1)}


class ExportError(RuntimeError):
    """An export that failed, or whose file does not compute what the model computes.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.export import ExportError, largest_excess
        >>> try:
        ...     largest_excess(np.ones((2, 3)), np.ones((2, 4)))
        ... except ExportError as error:
        ...     print(error)
        Keras gives shape (2, 3), the file (2, 4).
    """


def largest_excess(expected, received):
    """The largest |received − expected| / max(1, |expected|) of two arrays.

    Args:
        expected: array of the Keras model's output.
        received: array of the same shape.

    Returns:
        A float; infinity where one of the two is not a number.

    Raises:
        ExportError: the shapes differ.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.export import largest_excess
        >>> largest_excess(np.array([0.5, 10.0]), np.array([0.5, 10.5]))
        0.05
    """
    excess = _excess(expected, received)
    return float(np.max(excess)) if excess.size else 0.0


def _excess(expected, received):
    """|received − expected| / max(1, |expected|), of each number."""
    expected, received = np.asarray(expected, "float64"), np.asarray(received, "float64")
    if expected.shape != received.shape:
        raise ExportError(f"Keras gives shape {expected.shape}, the file {received.shape}.")
    with np.errstate(invalid="ignore"):
        excess = np.abs(received - expected) / np.maximum(1.0, np.abs(expected))
    return np.where(np.isnan(excess), np.inf, excess)


def require_parity(what, pairs, tolerance=TOLERANCE):
    """Compares pairs of (expected, received) arrays.

    Args:
        what: what is being compared, for the message.
        pairs: iterable of pairs of arrays.
        tolerance: largest allowed |received − expected| / max(1, |expected|), or a `Bound`.

    Returns:
        The largest difference met.

    Raises:
        ExportError: there was nothing to compare, or a difference is above the tolerance.
    """
    bound = tolerance if isinstance(tolerance, Bound) else Bound(tolerance)
    excesses = [_excess(expected, received) for expected, received in pairs]
    if not excesses:
        raise ExportError(f"{what}: no inputs to compare with Keras; give at least one sample.")
    differences = [float(np.max(excess, initial=0.0)) for excess in excesses]
    worst = int(np.argmax(differences))
    if not differences[worst] <= bound.largest:
        raise ExportError(
            f"{what} differs from Keras by {differences[worst]:.3g}·max(1, |y|) on sample {worst}; "
            f"{bound.largest:g} is allowed. The file was not kept."
        )
    typical = _root_mean_square(excesses)
    if bound.typical is not None and not typical <= bound.typical:
        raise ExportError(
            f"{what} differs from Keras by {typical:.3g}·max(1, |y|) in the root mean square over "
            f"all samples; {bound.typical:g} is allowed. The file was not kept."
        )
    return differences[worst]


def _root_mean_square(arrays):
    squares = np.concatenate([np.ravel(array) ** 2 for array in arrays])
    return float(np.sqrt(np.mean(squares))) if squares.size else 0.0


def require_parity_by_name(what, pairs, tolerance=TOLERANCE):
    """Compares the pairs of each output; `pairs` is a dictionary from names, the rest as above."""
    several = len(pairs) > 1
    return max(
        require_parity(f"{what}'s output '{name}'" if several else what, compared, tolerance)
        for name, compared in pairs.items()
    )
