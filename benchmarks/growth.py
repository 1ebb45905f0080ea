"""Measures how time and memory grow with length, batch and units: `make bench`.

Writes `growth.json` and `growth.png`. Of an LSTM's training step, ours and Keras's; and ours
recomputing, which at 5,000 steps is set beside the others.
"""

from pathlib import Path

from kerasrnn._files import atomic_file
from kerasrnn.benchmarking import Size, compare
from kerasrnn.benchmarking._rows import measurements_of, read_rows, row, write_rows

HERE = Path(__file__).parent
BASE = Size(batch=32, time=100, features=64, units=64)
GRID = {
    "time": [50, 100, 200, 400, 800, 1600, 5000],
    "batch": [8, 16, 32, 64, 128, 256],
    "units": [32, 64, 128, 256, 512],
}
SIDES = ["ours", "keras", "recompute"]


def sizes():
    """Every size that is measured, once."""
    found = [BASE._replace(**{axis: value}) for axis, values in GRID.items() for value in values]
    return list(dict.fromkeys(found))


def plot(found, path):
    """Time against each of the three, and memory against the length, on logarithmic axes."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 4, figsize=(14, 3.5), layout="constrained")
    wanted = [*((axis, "milliseconds") for axis in GRID), ("time", "megabytes")]
    for axes, (axis, unit) in zip(panels, wanted, strict=True):
        for side in SIDES:
            points = {
                getattr(m.size, axis): m.median * 1e3 if unit == "milliseconds" else m.memory / 1e6
                for m in found
                if m.side == side and m.size == BASE._replace(**{axis: getattr(m.size, axis)})
            }
            places = sorted(points)
            axes.loglog(places, [points[place] for place in places], marker="o", label=side)
        axes.set_xlabel(axis)
        axes.set_ylabel(f"{unit} of a training step")
        axes.grid(True, which="both", alpha=0.3)
    panels[0].legend()
    with atomic_file(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def main():
    path = HERE / "growth.json"
    rows = {tuple(r["size"]): r for r in read_rows(path)}
    for size in sizes():
        found = compare("lstm", "train", size, SIDES, rounds=5)
        figures = {m.side: f"{m.median * 1e3:.2f} ms, {m.memory / 1e6:.0f} MB" for m in found}
        print(size, figures, flush=True)
        rows[tuple(size)] = row(found)
        write_rows(path, rows.values())
    plot(measurements_of(rows.values()), HERE / "growth.png")


if __name__ == "__main__":
    main()
