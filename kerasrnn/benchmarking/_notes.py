"""What to know when reading a table of measurements: its legend, doubts, and first steps."""

import math

from kerasrnn.benchmarking._report import HEADS, grouped

_FEW_ROUNDS = 8  # the quartiles of fewer say little
_LARGE_SPREAD = 0.2
_MODES = {
    "train": "the layer forwards, and backwards from a given gradient of its outputs; no loss",
    "fit": "a step of `model.fit`, with a loss and plain gradient descent",
    "infer": "the layer forwards, as in `model.predict`",
}
_SIDES = {
    "keras": "its nearest layer, as its `fit` and `predict` run it by themselves",
    "keras_jit": "the same, compiled by XLA",
    "cell_in_keras": "the equations of ours in Keras's loop",
    "torch": "its layer of `torch.nn`",
    "arithmetic": "one matrix product with as many multiplications as the layer has",
    "recompute": 'ours in `engine("recompute")`',
}
_NO_RIVALS = ("arithmetic", "recompute")  # nobody chooses between ours and these to save time


def legend(measurements):
    """What the columns and figures of `table` mean.

    Args:
        measurements: list of `Measurement`.

    Returns:
        Lines of Markdown, about the modes and sides that were measured, as a string.

    Example:
        >>> from kerasrnn.benchmarking import Measurement, Size, legend
        >>> made = [Measurement("ours", "lstm", "infer", Size(2, 3, 4, 5), [0.001, 0.001], 0)]
        >>> print(legend(made).splitlines()[-1])
        - infer: the layer forwards, as in `model.predict`
    """
    sides = {m.side for m in measurements}
    lines = [
        "A size is batch×time×features→units. A figure is the median time of a step, ± half the "
        "distance of the quartiles."
    ]
    if "ours" in sides and len(sides) > 1:
        lines[0] += (
            " In brackets: how many times as long as kerasrnn it took; above 1 kerasrnn is faster."
        )
    modes = {m.mode for m in measurements}
    lines += [f"- {mode}: {text}" for mode, text in _MODES.items() if mode in modes]
    lines += [f"- {HEADS[side]}: {text}" for side, text in _SIDES.items() if side in sides]
    return "\n".join(lines)


def doubts(measurements):
    """Why the figures should not be relied on, if there are reasons.

    Args:
        measurements: list of `Measurement`.

    Returns:
        List of strings: one where there were fewer than 8 rounds, and one for each measurement of a
        layer whose spread is above 20 %.

    Example:
        >>> from kerasrnn.benchmarking import Measurement, Size, doubts
        >>> made = [Measurement("ours", "lstm", "infer", Size(2, 3, 4, 5), [0.001, 0.003], 0)]
        >>> print(doubts(made)[0])
        2 rounds are few to tell a median by; take 15 or more.
    """
    found = []
    rounds = min((len(m.seconds) for m in measurements), default=_FEW_ROUNDS)
    if rounds < _FEW_ROUNDS:
        found.append(f"{rounds} rounds are few to tell a median by; take 15 or more.")
    return found + [
        f"{m.cell}, {m.mode}, {m.size}: the times of {HEADS[m.side]} spread by ± "
        f"{m.spread * 100:.0f} %. Measure again, while the machine does nothing else."
        for m in measurements
        if m.spread > _LARGE_SPREAD and m.side != "arithmetic"
    ]


def first_steps(measurements):
    """What making and compiling the graph costs at the first step, and when that has paid.

    Most of it is waited for at each new shape of a batch; some, such as starting the compiler, once
    a process. The first step is made once, so its time is rougher than the medians.

    Args:
        measurements: list of `Measurement`.

    Returns:
        Lines of Markdown as a string, for each cell, mode and size of which the first run of ours
        is known: by how much the first step was longer than later ones; and for each other side
        by how much its own was, and from how many steps on ours has taken less time all in all.

    Example:
        >>> from kerasrnn.benchmarking import Measurement, Size, first_steps
        >>> size = Size(2, 3, 4, 5)
        >>> made = [("ours", [0.01, 0.01], 2.01), ("keras", [0.03, 0.03], 1.03)]
        >>> print(first_steps([Measurement(s, "lstm", "train", size, t, 0, f) for s, t, f in made]))
        lstm, train, 2×3×4→5: kerasrnn's first step took 2.00 s longer than later ones.
        - beside Keras (1.00 s): pays from step 50 on
    """
    lines = []
    for (cell, mode, size), found in grouped(measurements).items():
        ours = found.get("ours")
        if ours is None or ours.wait is None:
            continue
        lines.append(
            f"{cell}, {mode}, {size}: kerasrnn's first step took {ours.wait:.2f} s longer than "
            "later ones."
        )
        lines += [
            f"- beside {HEADS[side]} ({other.wait:.2f} s): {when_it_pays(ours, other)}"
            for side, other in found.items()
            if side not in ("ours", *_NO_RIVALS) and other.wait is not None
        ]
    return "\n".join(lines)


def when_it_pays(ours, other):
    """From which step on, or until which, ours has taken less time than another, in words."""
    more, saved = ours.wait - other.wait, other.median - ours.median
    if abs(saved) <= max(m.spread * m.median for m in (ours, other)):
        return "not to tell, as the times of later steps differ by no more than they spread"
    if saved > 0:
        return f"pays from step {max(1, math.ceil(more / saved))} on"
    if more < 0:
        return f"pays until step {math.floor(more / saved)}, as its later steps are shorter"
    return "does not pay, as its later steps are shorter"
