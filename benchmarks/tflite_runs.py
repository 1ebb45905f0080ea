"""Runs TFLite and ONNX files in turns, or one alone to see what memory it takes.

python benchmarks/tflite_runs.py FILE                       bytes, as a number
python benchmarks/tflite_runs.py THREADS SECONDS FILE ...   seconds a run of each, as JSON
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from kerasrnn._machine import memory

BURST = 10  # runs of one file before it is another's turn
_BURST_SECONDS = 0.05  # and for how long, as slow files need fewer
_ROUNDS = (8, 40)  # fewest and most
_PAUSE = 0.03  # s in which the threads of the last file stop waiting for work


def runner(path, threads):
    """A function that runs a file once, on inputs that were set before."""
    return (_onnx if Path(path).suffix == ".onnx" else _litert)(path, threads)


def _litert(path, threads):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=threads)
    interpreter.allocate_tensors()
    rng = np.random.default_rng(0)
    for port in interpreter.get_input_details():
        interpreter.set_tensor(port["index"], _some(rng, port["shape"], port["dtype"]))
    return interpreter.invoke


def _some(rng, shape, dtype):
    if np.issubdtype(dtype, np.integer):
        return rng.integers(1, 100, shape).astype(dtype)
    return rng.normal(size=shape).astype(dtype)


def _onnx(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    binding, rng = session.io_binding(), np.random.default_rng(0)
    for port in session.get_inputs():
        binding.bind_cpu_input(port.name, _some(rng, port.shape, np.float32))
    for port in session.get_outputs():
        binding.bind_output(port.name)
    return lambda: session.run_with_iobinding(binding)


def in_turns(runs, seconds, pause=0.0, clock=time.perf_counter):
    """Times functions in short bursts, one function after the other, again and again.

    Args:
        runs: dictionary from names to functions.
        seconds: about how long all of it may take.
        pause: seconds of sleep before each burst.
        clock: function that tells seconds.

    Returns:
        Dictionary from names to lists: seconds a run, one number a burst.
    """
    once = {name: _burst(run, 2, clock) for name, run in runs.items()}
    counts = {name: burst_length(took) for name, took in once.items()}
    a_round = sum(once[name] * counts[name] + pause for name in runs)
    found = {name: [] for name in runs}
    for number in range(rounds_within(seconds, a_round)):
        names = list(runs) if number % 2 == 0 else list(runs)[::-1]
        for name in names:
            time.sleep(pause)
            found[name].append(_burst(runs[name], counts[name], clock))
    return found


def burst_length(took):
    """How often a function that takes some seconds runs before the next one's turn."""
    return max(2, min(BURST, int(_BURST_SECONDS / max(took, 1e-9))))


def rounds_within(seconds, a_round):
    """How many rounds fit, within bounds."""
    fewest, most = _ROUNDS
    return max(fewest, min(most, int(seconds / max(a_round, 1e-9))))


def timed(paths, threads, seconds):
    """Seconds a run of each of some files: the median of the bursts of this process."""
    runs = {path: runner(path, threads) for path in paths}
    found = in_turns(runs, seconds, _PAUSE if threads > 1 else 0.0)
    return {path: statistics.median(bursts) for path, bursts in found.items()}


def _burst(run, count, clock):
    started = clock()
    for _ in range(count):
        run()
    return (clock() - started) / count


def grown(path):
    """Bytes by which this process grew at its peak by loading a file and running it ten times."""
    if Path(path).suffix == ".onnx":
        import onnxruntime  # noqa: F401  what a runtime itself takes is not counted
    else:
        import ai_edge_litert.interpreter  # noqa: F401
    Path("/proc/self/clear_refs").write_text("5")  # the peak is from now on
    before = memory("VmRSS")
    run = runner(path, 1)
    for _ in range(BURST):
        run()
    return memory("VmHWM") - before


def main(arguments):
    if len(arguments) == 1:
        print(grown(*arguments))
    else:
        threads, seconds, *paths = arguments
        print(json.dumps(timed(paths, int(threads), float(seconds))))


if __name__ == "__main__":
    main(sys.argv[1:])
