"""Measures the speed tables: `make bench`.

    python benchmarks/run.py                 all cells, modes and sizes; some hours
    python benchmarks/run.py --cells lstm    some of them, kept beside what was measured before

Writes `speed.json` and `speed.png`; `docs/tables.py` makes the tables of docs/pages/speed.md and
docs/pages/speed_tables.md of it. Sides whose package is not installed are left out.
"""

import argparse
from pathlib import Path

from kerasrnn._files import atomic_file
from kerasrnn.benchmarking import SIZES, compare
from kerasrnn.benchmarking._rows import measurements_of, read_rows, row, write_rows

HERE = Path(__file__).parent
# For each cell the sides that are measured beside the usual ones.
CELLS = {
    "lstm": [],
    "peephole_lstm": ["ours_lstm"],
    "full_gru": [],
    "full_gru_reset_after": [],
    "simplified_gru": ["ours_full_gru"],
    "basic_rnn": ["ours_full_gru"],
}
SIDES = {
    "train": ["ours", "keras", "keras_jit", "cell_in_keras", "torch", "arithmetic"],
    "infer": ["ours", "keras", "keras_jit", "cell_in_keras", "torch", "arithmetic"],
    "fit": ["ours", "keras", "keras_jit"],
}


def plot(found, path):
    """A bar a size and side: how many times as long as ours the LSTM's training took."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    found = [m for m in found if (m.cell, m.mode) == ("lstm", "train")]
    sizes = sorted({m.size for m in found}, reverse=True)
    sides = ["keras", "keras_jit", "torch", "arithmetic"]
    sides = [side for side in sides if any(m.side == side for m in found)]
    ours = {m.size: m.median for m in found if m.side == "ours"}
    figure, axes = pyplot.subplots(figsize=(8, 4), layout="constrained")
    for number, side in enumerate(sides):
        times = {m.size: m.median for m in found if m.side == side}
        places = [place + 0.8 * number / len(sides) for place in range(len(sizes))]
        heights = [times.get(size, 0) / ours[size] for size in sizes]
        axes.bar(places, heights, 0.8 / len(sides), label=side)
    axes.axhline(1, color="black", linewidth=1)
    axes.set_xticks([place + 0.3 for place in range(len(sizes))], map(str, sizes), fontsize=8)
    axes.set_ylabel("time of an LSTM's training step\n(kerasrnn = 1)")
    axes.legend()
    with atomic_file(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", nargs="+", default=list(CELLS), choices=list(CELLS))
    parser.add_argument("--modes", nargs="+", default=list(SIDES), choices=list(SIDES))
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    path = HERE / "speed.json"
    rows = {(r["cell"], r["mode"], tuple(r["size"])): r for r in read_rows(path)}
    for mode in asked.modes:
        for cell in asked.cells:
            for size in SIZES:
                sides = SIDES[mode] + (CELLS[cell] if mode == "train" else [])
                found = compare(cell, mode, size, sides, asked.rounds)
                times = {m.side: f"{m.median * 1e3:.2f} ms" for m in found}
                print(cell, mode, size, times, flush=True)
                rows[cell, mode, tuple(size)] = row(found)
                write_rows(path, rows.values())
    try:
        plot(measurements_of(rows.values()), HERE / "speed.png")
    except ImportError as error:
        print(f"No plot: {error}. It needs pip install '.[bench]'.")


if __name__ == "__main__":
    main()
