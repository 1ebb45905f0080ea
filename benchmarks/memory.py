"""Measures where the memory of a training step goes: `make bench`.

    python benchmarks/memory.py                       all sides and sizes; some minutes
    python benchmarks/memory.py SIDE B,T,F,U          one of them, as JSON

Writes `memory.json`: by how much each kind of a process's memory grew by its runs of an LSTM's
training step. `RssAnon` is what it allocated, `RssFile` are pages of files, such as the code of
TensorFlow's library, that were read for the first time. At the smallest size the arrays are
nothing, and what is left is the compiler and its programs.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from kerasrnn._machine import memory
from kerasrnn.benchmarking import Size
from kerasrnn.benchmarking._rows import environment, write_rows
from kerasrnn.benchmarking._sides import work

SIZES = [
    Size(1, 2, 8, 8),
    Size(32, 100, 128, 128),
    Size(64, 200, 64, 256),
    Size(32, 5000, 64, 64),
]
SIDES = ["ours", "keras", "keras_jit", "recompute"]
KINDS = ["RssAnon", "RssFile"]
RUNS = 5


def grown(side, size):
    """Bytes by which each kind of memory of this process grew, after its runs."""
    run = work(side, "lstm", size, "train")
    before = {kind: memory(kind) for kind in KINDS}
    for _ in range(RUNS):
        run()
    return {kind: memory(kind) - before[kind] for kind in KINDS}


def main():
    if len(sys.argv) == 3:
        print(json.dumps(grown(sys.argv[1], Size(*map(int, sys.argv[2].split(","))))))
        return
    rows = []
    for size in SIZES:
        for side in SIDES:
            command = [sys.executable, __file__, side, ",".join(map(str, size))]
            quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
            said = subprocess.run(
                command, capture_output=True, text=True, check=True, env=quiet
            ).stdout
            found = {"side": side, "size": list(size), "bytes": json.loads(said)}
            print(found, flush=True)
            rows.append({**found, "environment": environment()})
    write_rows(Path(__file__).with_suffix(".json"), rows)


if __name__ == "__main__":
    main()
