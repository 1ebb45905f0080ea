"""Measures TFLite files beside those of other ways to make them: `make bench-tflite`.

    python benchmarks/tflite.py --files-only        makes the files, once; about half an hour
    python benchmarks/tflite.py                     makes what is missing, and measures
    python benchmarks/tflite.py --cells lstm        some of it, kept beside what was measured before
    python benchmarks/tflite.py --quick             a look: few sizes, into build/

One sequence at a time, of 64 features, with all outputs. Writes `tflite.json` and `tflite.png`;
`docs/tables.py` makes the tables of docs/pages/export_speed.md of it. Of each size all sides run
in one process in short bursts, in turns, and a ratio is that of one process. Where a process's
memory lies changes how long the same file takes, so that five processes measure each size, and
the median of their ratios counts. The machine must be idle. What a side is, `tflite_sides.py` says.
"""

import argparse
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tflite_files import FOLDER, facts_of, file_of, note
from tflite_sides import CELLS, FEATURES, TIMESTEPS, UNITS, ZOO, Case, Side, cases, short_of, sides

from kerasrnn._files import atomic_file
from kerasrnn.benchmarking._rows import environment, read_rows, write_rows

HERE = Path(__file__).parent
THREADS = (1, 2)
PROCESSES = 5  # that measure each size
_BUSY = 0.5  # of a core
_RUNTIMES = ("ai-edge-litert", "onnxruntime")
_QUIET = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}


def make_files(case):
    """Makes the files of a case that are not there; each process makes as many as it survives."""
    while missing := [s for s in sides(case) if facts_of(file_of(case, s)) is None]:
        command = [sys.executable, HERE / "tflite_files.py", case.model]
        command += [str(case.units), str(case.timesteps), *map(str, missing)]
        ended = subprocess.run(command, capture_output=True, text=True, env=_QUIET)
        left = [s for s in missing if facts_of(file_of(case, s)) is None]
        if left:
            note(file_of(case, left[0]), {"refused": f"making it, {_why(ended)}"})
    for side in sides(case):
        _note_memory(file_of(case, side))


def _note_memory(path):
    facts = facts_of(path)
    if "refused" in facts or "memory" in facts:
        return
    command = [sys.executable, HERE / "tflite_runs.py", path]
    ended = subprocess.run(command, capture_output=True, text=True, env=_QUIET)
    if ended.returncode:
        note(path, {"refused": f"running it, {_why(ended)}"})
    else:
        note(path, {**facts, "memory": int(ended.stdout)})


def _why(ended):
    """How a process failed, in words."""
    if ended.returncode < 0:
        return f"the process died of {signal.Signals(-ended.returncode).name}"
    return "the process said: " + (ended.stderr.strip().splitlines() or [""])[-1]


def measure(case, threads, seconds):
    """A row: of each side the seconds of a run, by process, and what is known of its file."""
    facts = {str(side): facts_of(file_of(case, side)) for side in sides(case)}
    paths = {
        str(side): file_of(case, side) for side in sides(case) if "refused" not in facts[str(side)]
    }
    paths |= _short_files(case)
    for found in [_timed(paths, threads, seconds / PROCESSES) for _ in range(PROCESSES)]:
        for name, path in paths.items():
            took = float(f"{found[str(path)]:.4g}")
            facts.setdefault(name, {}).setdefault("seconds", []).append(took)
    versions = {name: importlib.metadata.version(name) for name in _RUNTIMES}
    return {
        **case._asdict(),
        "features": FEATURES,
        "threads": threads,
        "environment": {**environment(), **versions},
        "sides": facts,
    }


def _timed(paths, threads, seconds):
    """Dictionary from the files of `paths` to seconds a run in a process of its own."""
    command = [sys.executable, HERE / "tflite_runs.py", str(threads), str(seconds)]
    command += map(str, paths.values())
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=_QUIET)
    return json.loads(ended.stdout)


def _short_files(case):
    """Files of a quarter of the steps, to run in the same turns: their ratio is of one run."""
    short = short_of(case)
    if short is None:
        return {}
    make_files(short)
    defaults = (Side("auto"), Side("auto", "dynamic"))
    return {f"{side}_of_a_quarter": file_of(short, side) for side in defaults}


def key_of(row):
    """What a row is of."""
    return Case(row["model"], row["units"], row["timesteps"]), row["threads"]


def plot(rows, path):
    """Time of one thread against steps, a panel for each number of units, of LSTMs."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(UNITS), figsize=(13, 4), layout="constrained")
    for axes, units in zip(panels, UNITS, strict=True):
        for side in ("auto", "plain", "fused", "onnx", "auto_dynamic", "plain_dynamic"):
            points = points_of(rows, "lstm", units, side)
            style = {"marker": "o", "linestyle": "--" if side.endswith("dynamic") else "-"}
            axes.loglog(list(points), list(points.values()), label=side, **style)
        axes.set_title(f"LSTM, {units} units")
        axes.set_xlabel("steps")
        axes.grid(True, which="both", alpha=0.3)
    panels[0].set_ylabel("milliseconds a sequence, one thread")
    panels[0].legend()
    with atomic_file(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def points_of(rows, model, units, side):
    """Dictionary from steps to milliseconds on one thread."""
    return {
        row["timesteps"]: 1e3 * middle(row["sides"][side]["seconds"])
        for row in sorted(rows, key=lambda row: row["timesteps"])
        if (row["model"], row["units"], row["threads"]) == (model, units, 1)
        and "seconds" in row["sides"].get(side, {})
    }


def middle(seconds):
    """The median."""
    return sorted(seconds)[len(seconds) // 2]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    models = [*CELLS, *ZOO]
    parser.add_argument("--cells", nargs="+", default=models, choices=models)
    parser.add_argument("--units", nargs="+", type=int, default=UNITS)
    parser.add_argument("--timesteps", nargs="+", type=int, default=TIMESTEPS)
    parser.add_argument("--threads", nargs="+", type=int, default=THREADS)
    parser.add_argument("--seconds", type=float, default=4, help="for each row")
    parser.add_argument("--quick", action="store_true", help="few sizes, half a second each")
    parser.add_argument("--files-only", action="store_true", help="make the files; measure nothing")
    parser.add_argument("--output", type=Path, default=HERE / "tflite.json")
    asked = parser.parse_args()
    if asked.quick:
        asked.units, asked.timesteps, asked.seconds = (128,), (100, 400), 0.5
        asked.output = FOLDER / "quick.json"
    return asked


def warn_if_busy():
    """Says so where others use the machine."""
    load = os.getloadavg()[0]
    if load > _BUSY:
        print(f"Warning: load average {load:.2f}; figures need an idle machine.", file=sys.stderr)


def main():
    asked = arguments()
    found = cases(asked.cells, asked.units, asked.timesteps)
    for case in found:
        make_files(case)
        print(case, "made", flush=True)
    if asked.files_only:
        return
    warn_if_busy()
    rows = {key_of(row): row for row in read_rows(asked.output)}
    for case in found:
        for threads in asked.threads:
            row = measure(case, threads, asked.seconds)
            rows[key_of(row)] = row
            write_rows(asked.output, rows.values())
            times = {
                side: f"{1e3 * middle(made['seconds']):.3g} ms"
                for side, made in row["sides"].items()
                if "seconds" in made
            }
            print(case, f"{threads} threads", times, flush=True)
    plot(rows.values(), asked.output.with_suffix(".png"))


if __name__ == "__main__":
    main()
