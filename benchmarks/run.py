"""Measures the speed tables: `make bench`.

    python benchmarks/run.py                 all cells, modes and sizes; about an hour
    python benchmarks/run.py --cells lstm    some of them, kept beside what was measured before

Writes `speed.json`, `speed.png` and, by `docs/tables.py`, the tables of docs/pages/speed.md. Sides
whose package is not installed are left out.
"""

import argparse
import datetime
import importlib.metadata
import json
import platform
from pathlib import Path

from kerasrnn._files import atomic_file
from kerasrnn._machine import cores
from kerasrnn.benchmarking import SIZES, Measurement, Size, compare

HERE = Path(__file__).parent
CELLS = [
    "lstm",
    "peephole_lstm",
    "full_gru",
    "full_gru_reset_after",
    "simplified_gru",
    "basic_rnn",
]
MODES = ["train", "infer", "fit"]
PACKAGES = ["tensorflow", "keras", "torch", "numpy"]


def measured_before():
    """What `speed.json` holds, by cell, mode and size."""
    path = HERE / "speed.json"
    if not path.exists():
        return {}
    return {
        (row["cell"], row["mode"], tuple(row["size"])): row
        for row in json.loads(path.read_text(encoding="utf-8"))
    }


def environment():
    """What the figures hang on."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {"date": datetime.date.today().isoformat(), "machine": machine(), **versions}


def machine():
    """The processor, by the name that Linux gives it, and the number of cores."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        name = next(
            (row.split(":")[1].strip() for row in lines if row.startswith("model name")), name
        )
    return f"{name}, {cores()} cores"


def measurements(rows):
    """The rows of `speed.json` as `Measurement`s."""
    return [
        Measurement(
            side, row["cell"], row["mode"], Size(*row["size"]), made["seconds"], made["memory"]
        )
        for row in rows
        for side, made in row["sides"].items()
    ]


def plot(found, path):
    """A bar a size and side: how many times as long as ours the LSTM's training took."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    found = [m for m in found if (m.cell, m.mode) == ("lstm", "train")]
    sizes = sorted({m.size for m in found}, reverse=True)
    sides = [side for side in ("keras", "keras_jit", "torch") if any(m.side == side for m in found)]
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
    parser.add_argument("--cells", nargs="+", default=CELLS, choices=CELLS)
    parser.add_argument("--modes", nargs="+", default=MODES, choices=MODES)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    rows, where = measured_before(), environment()
    for mode in asked.modes:
        for cell in asked.cells:
            for size in SIZES:
                found = compare(cell, mode, size, rounds=asked.rounds)
                sides = {m.side: {"seconds": m.seconds, "memory": m.memory} for m in found}
                print(
                    cell,
                    mode,
                    size,
                    {m.side: f"{m.median * 1e3:.2f} ms" for m in found},
                    flush=True,
                )
                rows[cell, mode, tuple(size)] = {
                    "cell": cell,
                    "mode": mode,
                    "size": list(size),
                    "environment": where,
                    "sides": sides,
                }
                with atomic_file(HERE / "speed.json") as temporary:
                    temporary.write_text(
                        "[\n" + ",\n".join(map(json.dumps, rows.values())) + "\n]\n",
                        encoding="utf-8",
                    )
    try:
        plot(measurements(rows.values()), HERE / "speed.png")
    except ImportError as error:
        print(f"No plot: {error}. It needs pip install '.[bench]'.")


if __name__ == "__main__":
    main()
