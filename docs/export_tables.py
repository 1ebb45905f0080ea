"""The tables of docs/pages/export_speed.md, from the rows of benchmarks/tflite.json.

A row is what `benchmarks/tflite.py` measured of one model, size and number of threads, in a few
processes; every ratio is the median of those that the processes found, each of its own times.
"""

import json
import math
import statistics

from kerasrnn.export import _lowering

WEIGHTS = {"": "float", "_dynamic": "int8"}
_GRID = 60  # cells, units and lengths that the bars speak of
_LONG, _SHORT = 1600, 400
_AS_FAST, _LINEAR = 4, 4.5
_BESIDE = {
    "plain": "the plain converter's file",
    "fused": "LiteRT's fused LSTM",
    "keras_plain": "Keras's layer, plainly converted",
    "onnx": "ONNX Runtime",
}
_NOTHING = "Not measured yet: `make bench-tflite`."


def export_sections(rows):
    """The content of each section of the page."""
    cells = [row for row in rows if row["units"]]
    return {
        "export_bars": bars_table(cells),
        "export_losses": losses(cells),
        "export_rule": rule(),
        "export_cells": cells_table(cells),
        "export_linear": linear_table(cells),
        "export_times": times_table(cells),
        "export_forms": forms_table(rows),
        "export_refused": refusals(rows),
        "export_environment": environments(rows),
    }


def ratios(rows, beside, weights, threads=1):
    """Dictionary from a size to how many times as long as the default export another side took."""
    found = {}
    for row in rows:
        ratio = _ratio(row, f"{beside}{weights}", f"auto{weights}")
        if row["threads"] == threads and ratio:
            found[size_of(row)] = ratio
    return found


def growths(rows, weights, threads=1):
    """Dictionary from (cell, units) to the time of all steps divided by that of a quarter."""
    found = {}
    for row in rows:
        ratio = _ratio(row, f"auto{weights}", f"auto{weights}_of_a_quarter")
        if row["threads"] == threads and ratio:
            found[row["model"], row["units"]] = ratio
    return found


def _ratio(row, side, beside):
    """The median of what each process found of one side divided by another, or `None`."""
    pair = [row["sides"].get(name, {}).get("seconds") for name in (side, beside)]
    return statistics.median(a / b for a, b in zip(*pair, strict=True)) if all(pair) else None


def size_of(row):
    return row["model"], row["units"], row["timesteps"]


def median(row, side):
    """Seconds a run; `None` where a side was not measured."""
    seconds = row["sides"].get(side, {}).get("seconds")
    return statistics.median(seconds) if seconds else None


def bars_table(rows):
    """Each bar, the figure, and whether it is met."""
    lines = ["| bar, one thread | measured | met |", "|---|---|---|"]
    lines += filter(None, (_as_fast_bar(rows), _fused_bar(rows), _linear_bar(rows)))
    return "\n".join(lines) if len(lines) > 2 else _NOTHING


def _as_fast_bar(rows):
    found = [ratio for w in WEIGHTS for ratio in ratios(rows, "plain", w).values()]
    if not found:
        return None
    mean = statistics.geometric_mean(found)
    of = "" if len(found) == 2 * _GRID else f" ({len(found)} of {2 * _GRID} measured)"
    text = f"the default export at least {_AS_FAST} times as fast as the plain converter's file{of}"
    return f"| {text}, geometric mean | {down(mean)} | {yes(mean >= _AS_FAST)} |"


def _fused_bar(rows):
    found = [ratio for w in WEIGHTS for ratio in ratios(rows, "fused", w).values()]
    if not found:
        return None
    slower = sum(ratio < 1 for ratio in found)
    figure = f"least {down(min(found))}; slower at {slower} of {len(found)}"
    return f"| nowhere slower than LiteRT's fused LSTM | {figure} | {yes(not slower)} |"


def _linear_bar(rows):
    found = [ratio for w in WEIGHTS for ratio in growths(rows, w).values()]
    if not found:
        return None
    text = f"{_LONG:,} steps at most {_LINEAR} times as long as {_SHORT}"
    above = sum(ratio > _LINEAR for ratio in found)
    figure = f"most {up(max(found))}; above at {above} of {len(found)}"
    return f"| {text} | {figure} | {yes(not above)} |"


def losses(rows):
    """Where the default export was slower than the fused operator, or is not linear."""
    lines = []
    for n in (1, 2):
        threads = f"{n} thread{'s' * (n > 1)}"
        for weights, name in WEIGHTS.items():
            lines += [
                f"- {shown(size)}, {name} weights, {threads}: LiteRT's fused LSTM takes "
                f"{down(ratio)} times as long"
                for size, ratio in ratios(rows, "fused", weights, n).items()
                if ratio < 1
            ]
            lines += [
                f"- {cell}, {units} units, {name} weights, {threads}: {_LONG:,} steps take "
                f"{up(ratio)} times as long as {_SHORT}"
                for (cell, units), ratio in growths(rows, weights, n).items()
                if ratio > _LINEAR
            ]
    return "\n".join(lines) or ("Nowhere." if rows else _NOTHING)


def rule():
    """The constants of the rule, from its source."""
    steps, at_most = _lowering._MOST_STEPS_A_BLOCK, mebibytes(_lowering._LARGEST_BLOCK)
    return (
        "- All steps are written out where steps × gates are at most "
        f"{_lowering._MOST_WRITTEN_OUT} (an LSTM has four gates, a FullGRU three, a SimplifiedGRU "
        "two, a BasicRNN one), and steps × bytes of recurrent weights at most "
        f"{mebibytes(_lowering._LARGEST_WRITTEN_OUT)}. (A weight has four bytes; of int8, one.)\n"
        f"- Otherwise a loop keeps at most {_lowering._NUMBERS_A_PIECE:,} numbers of outputs, and "
        "one loop follows the other.\n"
        f"- A round of a loop takes at most {steps} steps, so many that steps² × bytes of "
        f"recurrent weights are at most {at_most}, and not more than √(0.7 × steps of a loop); "
        "rather a number that divides the length."
    )


def cells_table(rows):
    """For each cell and other side the mean of the ratios, and the least with its size."""
    heads = ["cell", "beside", "weights", "one thread", "least", "two threads", "least"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for cell in [*dict.fromkeys(row["model"] for row in rows), None]:
        of_cell = [row for row in rows if cell in (None, row["model"])]
        for beside, text in _BESIDE.items():
            for weights, name in WEIGHTS.items():
                figures = [_mean_and_least(ratios(of_cell, beside, weights, n)) for n in (1, 2)]
                if any(figures):
                    parts = [part for figure in figures for part in figure or ("–", "–")]
                    lines.append(f"| {cell or '**all**'} | {text} | {name} | {' | '.join(parts)} |")
    return "\n".join(lines) if rows else _NOTHING


def _mean_and_least(found):
    if not found:
        return None
    size = min(found, key=found.get)
    where = f"{size[1]} units, {size[2]:,} steps"
    return down(statistics.geometric_mean(found.values())), f"{down(found[size])} ({where})"


def linear_table(rows):
    """1,600 steps over 400 of the default export."""
    heads = [f"{name}, {n} thread{'s' * (n > 1)}" for n in (1, 2) for name in WEIGHTS.values()]
    lines = [f"| cell | units | {' | '.join(heads)} |", "|---" * (len(heads) + 2) + "|"]
    columns = [growths(rows, weights, n) for n in (1, 2) for weights in WEIGHTS]
    for cell, units in columns[0]:
        figures = [found.get((cell, units)) for found in columns]
        lines.append(f"| {cell} | {units} | {' | '.join(up(f) if f else '–' for f in figures)} |")
    return "\n".join(lines) if len(lines) > 2 else _NOTHING


def times_table(rows):
    """Milliseconds on one thread, and on two where they were measured."""
    sides = [f"{side}{w}" for w in WEIGHTS for side in ("auto", "plain", "fused")]
    sides += ["keras_plain", "onnx"]
    lines = [f"| cell | units | steps | how | {' | '.join(f'`{s}`' for s in sides)} |"]
    lines.append("|---" * (len(sides) + 4) + "|")
    by_size = {}
    for row in rows:
        by_size.setdefault(size_of(row), {})[row["threads"]] = row
    for (cell, units, steps), found in by_size.items():
        how = next(iter(found.values()))["sides"]["auto"].get("lowering", "–")
        figures = " | ".join(_by_threads(found, side) for side in sides)
        lines.append(f"| {cell} | {units} | {steps:,} | {how} | {figures} |")
    return "\n".join(lines) if rows else _NOTHING


def forms_table(rows):
    """Of the models that were measured in every form: time, size, memory, difference from Keras."""
    heads = ["model", "form", "weights", "ms, 1 thread / 2", "file", "memory", "from Keras"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    by_size = {}
    for row in rows:
        if "loop" in row["sides"]:
            by_size.setdefault(size_of(row), {})[row["threads"]] = row
    for (model, units, steps), found in by_size.items():
        name = f"{model}, {units} units, {steps} steps" if units else model
        sides = next(iter(found.values()))["sides"]
        for side, facts in sides.items():
            form, quantize = split(side)
            start = f"| {name} | {form} | {quantize} | "
            if "refused" not in facts:
                lines.append(start + _facts(found, side, facts) + " |")
    return "\n".join(lines) if by_size else _NOTHING


def _facts(found, side, facts):
    difference = f"{facts['difference']:.1e}" if "difference" in facts else "–"
    sizes = [f"{facts['bytes'] / 1e3:.0f} kB", f"{facts['memory'] / 1e6:.1f} MB"]
    return " | ".join([_by_threads(found, side), *sizes, difference])


def _by_threads(found, side):
    figures = [median(row, side) for _, row in sorted(found.items())]
    return " / ".join(f"{1e3 * figure:.3g}" if figure else "–" for figure in figures)


def refusals(rows):
    """What could not be made or run, and why, each reason once."""
    found = {}
    for row in rows:
        for side, facts in row["sides"].items():
            if "refused" in facts:
                found.setdefault((side, facts["refused"]), []).append(row["model"])
    lines = [
        f"- `{side}` of {', '.join(dict.fromkeys(models))}: {' '.join(why.split())}"
        for (side, why), models in found.items()
    ]
    return "\n".join(lines) or ("Nothing." if rows else _NOTHING)


def environments(rows):
    """A line for each environment in which rows were measured."""
    found = {json.dumps(row["environment"]): None for row in rows}
    return "\n".join(
        "- " + ", ".join(f"{name} {value}" for name, value in json.loads(text).items())
        for text in found
    )


def split(side):
    """A side's form, and its weights in words."""
    for ending, words in (("_dynamic", "int8"), ("_float16", "float16"), ("_int8", "all int8")):
        if side.endswith(ending):
            return side.removesuffix(ending), words
    return side, "float"


def shown(size):
    cell, units, steps = size
    return f"{cell}, {units} units, {steps:,} steps"


def mebibytes(count):
    return f"{count / 2**20:g} MiB"


def down(figure):
    """So that what falls short looks short."""
    return f"{math.floor(figure * 100) / 100:.2f}"


def up(figure):
    return f"{math.ceil(figure * 100) / 100:.2f}"


def yes(met):
    return "yes" if met else "no"
