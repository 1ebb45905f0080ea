"""What measurements say: tables in Markdown."""

import statistics

HEADS = {
    "ours": "kerasrnn",
    "keras": "Keras",
    "keras_jit": "Keras, `jit_compile=True`",
    "cell_in_keras": "our cell in `keras.layers.RNN`",
    "torch": "PyTorch",
    "arithmetic": "its arithmetic alone",
    "recompute": "kerasrnn, recomputing",
    "ours_lstm": "our LSTM",
    "ours_full_gru": "our FullGRU",
    "ours_brnn": "our BRNN",
    "keras_brnn": "Keras's Bidirectional",
    "ours_deep": "our DeepRNN of three",
    "keras_deep": "three of Keras's",
}


def table(measurements):
    """A table in Markdown, a row for each cell, mode and size.

    Milliseconds are medians, with half the distance of the quartiles; a ratio says how many times
    as long as ours a side took.

    Args:
        measurements: list of `Measurement`.

    Returns:
        The table as a string.

    Example:
        >>> from kerasrnn.benchmarking import Measurement, Size, table
        >>> size = Size(2, 3, 4, 5)
        >>> made = [("ours", [0.001, 0.001]), ("keras", [0.002, 0.002])]
        >>> print(table([Measurement(s, "lstm", "train", size, t, 0) for s, t in made]))
        | cell | mode | size | kerasrnn | Keras |
        |---|---|---|---|---|
        | lstm | train | 2×3×4→5 | 1.00 ms ± 0 % | 2.00 ms ± 0 % (2.00) |
    """
    sides = [side for side in HEADS if any(m.side == side for m in measurements)]
    heads = ["cell", "mode", "size", *(HEADS[side] for side in sides)]
    rows = [
        [cell, mode, str(size), *(_shown(found.get(side), found.get("ours")) for side in sides)]
        for (cell, mode, size), found in grouped(measurements).items()
    ]
    return _markdown(heads, rows)


def summary(measurements, memory=True):
    """A table in Markdown of geometric means over the sizes.

    Args:
        measurements: list of `Measurement`.
        memory: whether to say how much memory they needed, which is the computer's, not a GPU's.

    Returns:
        The table as a string: for each cell, mode and other side how many times as long as ours it
        took, on average and at the size where it did best; and how much memory it needed.

    Example:
        >>> from kerasrnn.benchmarking import Measurement, Size, summary
        >>> size = Size(2, 3, 4, 5)
        >>> made = [("ours", [0.001, 0.001], 8), ("keras", [0.002, 0.002], 12)]
        >>> print(summary([Measurement(s, "lstm", "train", size, t, m) for s, t, m in made]))
        | cell | mode | beside | time | least | memory |
        |---|---|---|---|---|---|
        | lstm | train | Keras | 2.00 | 2.00 (2×3×4→5) | 1.50 |
    """
    ratios = {}
    for (cell, mode, size), found in grouped(measurements).items():
        ours = found.get("ours")
        faster = [found[side] for side in ("keras", "keras_jit") if side in found]
        sides = {HEADS[side]: m for side, m in found.items() if side != "ours"}
        if len(faster) == 2:
            sides["the faster Keras"] = min(faster, key=lambda m: m.median)
        for head, other in sides.items():
            if ours is not None:
                ratios.setdefault((cell, mode, head), []).append(
                    (other.median / ours.median, size, other.memory / max(ours.memory, 1))
                )
    heads, rows = ["cell", "mode", "beside", "time", "least", "memory"], []
    for (cell, mode, head), found in ratios.items():
        times, _, memories = zip(*found, strict=True)
        least, size, _ = min(found)
        needed = statistics.geometric_mean(memories) if min(memories) > 0 else float("nan")
        mean = statistics.geometric_mean(times)
        rows.append([cell, mode, head, f"{mean:.2f}", f"{least:.2f} ({size})", f"{needed:.2f}"])
    if not memory:
        heads, rows = heads[:-1], [cells[:-1] for cells in rows]
    return _markdown(heads, rows)


def grouped(measurements):
    """For each cell, mode and size a dictionary from side to measurement."""
    found = {}
    for m in measurements:
        found.setdefault((m.cell, m.mode, m.size), {})[m.side] = m
    return found


def _shown(measurement, ours):
    if measurement is None:
        return ""
    text = f"{measurement.median * 1e3:.2f} ms ± {measurement.spread * 100:.0f} %"
    if ours is None or measurement is ours:
        return text
    return f"{text} ({measurement.median / ours.median:.2f})"


def _markdown(heads, rows):
    def line(cells):
        return f"| {' | '.join(cells)} |"

    return "\n".join([line(heads), "|" + "---|" * len(heads), *map(line, rows)])
