"""Measures the speed tables of a GPU: `make bench-gpu`, on a machine that has one.

    python benchmarks/gpu.py                  what fits into five minutes, what matters most first
    python benchmarks/gpu.py --minutes 60     all of it
    python benchmarks/gpu.py --more           what the file does not have yet of this GPU

Writes `gpu.json`, after each row; `docs/tables.py` makes the tables of docs/pages/speed_tables.md
of it. Layers run on Keras's backend `KERAS_BACKEND`, by default JAX, beside Keras's own and those
of PyTorch if it is installed. A side that fails is left out of the rows to come, and said at the
end.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from kerasrnn.benchmarking import SIZES, compare
from kerasrnn.benchmarking._compare import SideError
from kerasrnn.benchmarking._rows import measurements_of, read_rows, row, write_rows

BACKENDS = ("jax", "tensorflow")
SIDES = {
    "train": ["ours", "keras", "cell_in_keras", "torch"],
    "infer": ["ours", "keras", "cell_in_keras", "torch"],
    "fit": ["ours", "keras"],
}
# Cells and modes, each at every size, in the order in which they are measured.
ORDER = [
    ("lstm", "train"),
    ("full_gru_reset_after", "train"),
    ("lstm", "infer"),
    ("peephole_lstm", "train"),
    ("full_gru_reset_after", "infer"),
    ("full_gru", "train"),
    ("lstm", "fit"),
    ("peephole_lstm", "infer"),
    ("full_gru", "infer"),
]


def gpu_of(backend):
    """The name of the GPU, asked for in a process of its own, which then leaves the GPU alone."""
    ask = f"from kerasrnn.benchmarking._on_{backend} import gpu; print('GPU', gpu() or '')"
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    names = [line[4:] for line in said.stdout.splitlines() if line.startswith("GPU ")]
    if not names or not names[0]:
        sys.stderr.write(said.stderr)
        raise SystemExit(f"Keras's backend {backend} sees no GPU; see above, if it said why.")
    return names[0]


def key_of(found):
    """What tells rows apart."""
    made_with = found["environment"]
    size = tuple(found["size"])
    return made_with["backend"], made_with["gpu"], found["cell"], found["mode"], size


def measured(cell, mode, size, rounds, failed):
    """What `compare` gives, without the sides in `failed`, to which one that fails now is added."""
    while True:
        sides = [side for side in SIDES[mode] if side not in failed]
        if "ours" not in sides:
            raise SystemExit(f"Our own side failed: {failed['ours']}")
        try:
            return compare(cell, mode, size, sides, rounds)
        except SideError as error:
            print(error, flush=True)
            failed[error.side] = str(error)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--minutes", type=float, default=5, help="no row begins that would end later"
    )
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--more", action="store_true", help="leave out what the file has already")
    asked = parser.parse_args(arguments)
    start = time.monotonic()
    backend = os.environ.setdefault("KERAS_BACKEND", "jax")
    if backend not in BACKENDS:
        raise SystemExit(f"KERAS_BACKEND must be one of {', '.join(BACKENDS)}; it is {backend!r}.")
    made_with = {"backend": backend, "gpu": gpu_of(backend)}
    print(made_with, flush=True)
    rows, failed, longest = {key_of(r): r for r in read_rows(asked.output)}, {}, 0.0
    for cell, mode, size in [(*what, size) for what in ORDER for size in SIZES]:
        if asked.more and (*made_with.values(), cell, mode, tuple(size)) in rows:
            continue
        begun = time.monotonic()
        if begun - start + longest > 60 * asked.minutes:
            print(f"The {asked.minutes:g} minutes are spent; what is left: --more.")
            break
        found = row(measured(cell, mode, size, asked.rounds, failed))
        found["environment"].update(made_with)
        rows[key_of(found)] = found
        write_rows(asked.output, rows.values())
        longest = max(longest, time.monotonic() - begun)
        times = {m.side: f"{m.median * 1e3:.2f} ms" for m in measurements_of([found])}
        print(cell, mode, size, times, f"{time.monotonic() - start:.0f} s", flush=True)
    for said in failed.values():
        print(said)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
