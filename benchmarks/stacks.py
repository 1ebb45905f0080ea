"""Measures what directions and levels cost: `make bench`.

Writes `stacks.json`: an LSTM, a BRNN of it, and a DeepRNN of three, beside Keras's Bidirectional
and three of Keras's layers. Features are as many as units, so that all levels do the same work.
"""

from pathlib import Path

from kerasrnn.benchmarking import Size, compare
from kerasrnn.benchmarking._rows import read_rows, row, write_rows

SIZES = [
    Size(32, 100, 128, 128),
    Size(64, 200, 256, 256),
    Size(128, 30, 64, 64),
    Size(1, 100, 128, 128),
]
SIDES = ["ours", "ours_brnn", "keras_brnn", "ours_deep", "keras_deep"]


def main():
    path = Path(__file__).with_suffix(".json")
    rows = {(r["mode"], tuple(r["size"])): r for r in read_rows(path)}
    for mode in ("train", "infer"):
        for size in SIZES:
            found = compare("lstm", mode, size, SIDES, rounds=7)
            print(mode, size, {m.side: f"{m.median * 1e3:.2f} ms" for m in found}, flush=True)
            rows[mode, tuple(size)] = row(found)
            write_rows(path, rows.values())


if __name__ == "__main__":
    main()
