"""The bars that the library's speed is held to, and what was measured of each."""

import math
import statistics


def bars_table(measurements):
    """A table in Markdown: each bar, the figure, and whether it is met.

    Figures are geometric means, over the sizes, of how many times as long as ours a side took.
    """
    found = {}
    for m in measurements:
        found.setdefault((m.cell, m.mode), {}).setdefault(m.side, {})[m.size] = m
    rows = ["| bar | measured | met |", "|---|---|---|"]
    for text, (cell, mode, side), reads, least in _BARS:
        ratios = _ratios(found.get((cell, mode), {}), side, reads)
        if not ratios:
            continue
        sizes = len(found[cell, mode]["ours"])
        if len(ratios) < sizes:
            text += f" ({len(ratios)} of {sizes} sizes)"
        figure = min(ratios) if least == "every size" else statistics.geometric_mean(ratios)
        bar = 1 if least == "every size" else least
        shown = math.floor(figure * 100) / 100  # so that what falls short looks short
        rows.append(f"| {text} | {shown:.2f} | {'yes' if figure >= bar else 'no'} |")
    return "\n".join(rows)


def _ratios(sides, side, reads):
    """At each size another side's figure, divided by ours."""
    ours = sides.get("ours", {})
    names = ("keras", "keras_jit") if side == "the faster Keras" else (side,)
    return [
        min(reads(sides[name][size]) for name in names) / reads(mine)
        for size, mine in ours.items()
        if all(size in sides.get(name, {}) for name in names)
    ]


def _time(measurement):
    return measurement.median


def _memory(measurement):
    return measurement.memory


def _bars():
    names = {
        "lstm": "LSTM",
        "peephole_lstm": "PeepholeLSTM",
        "full_gru": "FullGRU",
        "full_gru_reset_after": "FullGRU(reset_after=True)",
        "simplified_gru": "SimplifiedGRU",
        "basic_rnn": "BasicRNN",
    }
    for cell in ("lstm", "peephole_lstm"):
        for mode, what in (("train", "training step"), ("fit", "step of `fit`")):
            keras = (cell, mode, "the faster Keras")
            text = f"{names[cell]}, {what}, beside the faster of Keras's two modes"
            yield f"{text}: at least 2", keras, _time, 2
            yield f"{text}: at no size below 1", keras, _time, "every size"
        text = f"{names[cell]}, training step, beside PyTorch's LSTM: at least 1"
        yield text, (cell, "train", "torch"), _time, 1
    text = "FullGRU, training step, beside the faster `keras.layers.GRU(reset_after=False)`"
    yield f"{text}: at least 2", ("full_gru", "train", "the faster Keras"), _time, 2
    text = "FullGRU(reset_after=True), training step, beside PyTorch's GRU: at least 1"
    yield text, ("full_gru_reset_after", "train", "torch"), _time, 1
    text = "our PeepholeLSTM beside our LSTM, training step: at least 1/1.10"
    yield text, ("peephole_lstm", "train", "ours_lstm"), _time, 1 / 1.10
    for cell in ("simplified_gru", "basic_rnn"):
        text = f"our {names[cell]} beside our FullGRU, training step: at least 1"
        yield text, (cell, "train", "ours_full_gru"), _time, 1
    for cell, name in names.items():
        text = f"{name}, inference, beside Keras as `predict` runs it: at least 1.2"
        yield text, (cell, "infer", "keras"), _time, 1.2
        text = f"{name}, inference, beside the faster of Keras's two modes: at least 1.2"
        yield text, (cell, "infer", "the faster Keras"), _time, 1.2
    for cell, name in names.items():
        text = f"{name}, peak memory of a training step, beside Keras as `fit` runs it: at least 1"
        yield text, (cell, "train", "keras"), _memory, 1


_BARS = list(_bars())
