"""One side in a process of its own: `python -m kerasrnn.benchmarking._worker JSON`.

Says `ready` or `absent REASON`. For the first line that it reads it does the work a few times to
get warm, and says the seconds of the first time, which makes graphs and compiles them. For each
line after that it does the work once untimed, then a few times (an epoch of `fit` once), and says
the mean of a step's seconds. At the end of its input it says how many bytes the work needed at its
peak.
"""

import json
import os
import sys
import time

from kerasrnn._machine import memory
from kerasrnn.benchmarking._sides import steps_of_a_run, work
from kerasrnn.benchmarking._size import Size

# Runs before the first round, untimed ones of a round, and timed ones. A run of `fit` is an epoch.
_RUNS = {"train": (3, 1, 3), "infer": (3, 1, 3), "fit": (1, 0, 1)}


def main(argument):
    said = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    asked = json.loads(argument)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # The sides share a GPU: each takes of its memory what it needs, not most of it at once.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    _use_threads(asked["threads"], asked["side"])
    size, mode = Size(*asked["size"]), asked["mode"]
    try:
        run = work(asked["side"], asked["cell"], size, mode)
    except (ImportError, LookupError) as error:
        print(f"absent {error}", file=said)
        return
    before = memory("VmRSS")
    warm_up, untimed, timed = _RUNS[mode]
    steps = timed * steps_of_a_run(mode, size)
    print("ready", file=said)
    if sys.stdin.readline():
        first = _seconds(run)
        for _ in range(warm_up - 1):
            run()
        _forget_peak()
        print(first, file=said)
    for _ in sys.stdin:
        for _ in range(untimed):
            run()
        print(_seconds(run, timed) / steps, file=said)
    print(memory("VmHWM") - before, file=said)


def _seconds(run, times=1):
    start = time.perf_counter()
    for _ in range(times):
        run()
    return time.perf_counter() - start


def _use_threads(threads, side):
    if side == "torch":
        try:
            import torch
        except ImportError:  # said when the work is asked for
            return
        torch.set_num_threads(threads)
        return
    import keras

    if keras.backend.backend() != "tensorflow":  # the others take all cores
        return
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def _forget_peak():
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
    except OSError:
        pass


if __name__ == "__main__":
    main(sys.argv[1])
