"""Timing sides against each other, in turns."""

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
from typing import NamedTuple

from kerasrnn._machine import cores
from kerasrnn.benchmarking._sides import CELLS, MODES, MORE_SIDES, SIDES, steps_of_a_run
from kerasrnn.benchmarking._size import Size


class SideError(RuntimeError):
    """A side failed, which is named by `side`."""

    def __init__(self, side, said):
        super().__init__(f"The side {side!r} ended: {said}")
        self.side = side


class Measurement(NamedTuple):
    """What was measured of one side.

    Args:
        side: one of those of `compare`.
        cell: name of the cell.
        mode: `"train"` (forwards and backwards), `"fit"` (a step of `model.fit`) or `"infer"`.
        size: a `Size`.
        seconds: list of the seconds that the work took in each round.
        memory: bytes that the process grew by at its peak, from before its first run.
        first: seconds of the first run, which makes the graph and compiles it (of `fit` an epoch);
            `None` if they were not kept.

    Example:
        >>> from kerasrnn.benchmarking import Measurement, Size
        >>> made = Measurement("ours", "lstm", "train", Size(2, 3, 4, 5), [1.0, 2.0, 3.0], 8)
        >>> made.median, made.spread
        (2.0, 0.5)
    """

    side: str
    cell: str
    mode: str
    size: Size
    seconds: list
    memory: int
    first: float | None = None

    @property
    def median(self):
        """The median of the seconds."""
        return statistics.median(self.seconds)

    @property
    def spread(self):
        """Half the distance of the quartiles, as a share of the median."""
        low, _, high = statistics.quantiles(self.seconds, n=4)
        return (high - low) / 2 / self.median

    @property
    def wait(self):
        """By how many seconds the first step took longer than later ones, or `None`."""
        if self.first is None:
            return None
        return max(0.0, self.first - self.median * steps_of_a_run(self.mode, self.size))


def compare(cell, mode, size, sides=SIDES, rounds=15, threads=None):
    """Times the same work by several sides, each in a process of its own.

    First every side gets warm, and its first run is timed by itself. Then in each round every side
    does the work once untimed and three times more, of which the mean is kept; an epoch of `fit` is
    run once. They run in turns, while the others wait: what else the machine does meets all of
    them, and each is as warm as in a training loop.

    Args:
        cell: one of `"basic_rnn"`, `"simplified_gru"`, `"full_gru"`, `"full_gru_reset_after"`,
            `"lstm"`, `"peephole_lstm"`.
        mode: `"train"`, `"fit"` (a step of `model.fit`, as the mean of an epoch of 20 to 200 steps)
            or `"infer"`.
        size: a `Size`.
        sides: `"ours"`, `"keras"` (Keras's nearest layer), `"keras_jit"` (with
            `jit_compile=True`), `"cell_in_keras"` (our cell in `keras.layers.RNN`), `"torch"`,
            `"arithmetic"` (as many multiplications and additions as the layer's products have, in
            one large product); also `"recompute"` (ours, in `engine("recompute")`),
            `"ours_lstm"` and `"ours_full_gru"` (our layers of those cells), `"ours_brnn"` and
            `"keras_brnn"` (both directions), `"ours_deep"` and `"keras_deep"` (three levels).
        rounds: how many; two or more.
        threads: threads of each side; default all cores.

    The layers run on Keras's backend, TensorFlow or JAX, and on a GPU where the backend has one; so
    does PyTorch.

    Returns:
        List of a `Measurement` for each side that can do it, in the order of `sides`.

    Raises:
        ValueError: an argument is none of those.
        RuntimeError: a side failed; the message has what it said.

    Example:
        >>> from kerasrnn.benchmarking import Size, compare
        >>> (ours,) = compare("lstm", "infer", Size(2, 3, 4, 5), sides=["ours"], rounds=2)
        >>> len(ours.seconds)
        2
    """
    for name, value, known in (("cell", cell, CELLS), ("mode", mode, MODES)):
        if value not in known:
            raise ValueError(f"`{name}` must be one of {', '.join(known)}; received {value!r}.")
    known = (*SIDES, *MORE_SIDES)
    if not sides or any(side not in known for side in sides):
        raise ValueError(f"`sides` must be of {', '.join(known)}; received {list(sides)}.")
    if rounds < 2:
        raise ValueError(f"`rounds` must be 2 or more; received {rounds}.")
    threads = threads or cores()
    with contextlib.ExitStack() as stack:
        workers = []
        for side in sides:
            said = stack.enter_context(tempfile.TemporaryFile("w+"))
            worker = _Worker(side, cell, mode, size, threads, said)
            workers.append(stack.enter_context(worker))
        workers = [worker for worker in workers if worker.is_there()]
        for worker in workers:
            worker.warm_up()
        for _ in range(rounds):
            for worker in workers:
                worker.run()
        return [worker.finish() for worker in workers]


class _Worker:
    """A process that does one side's work when it is told to."""

    def __init__(self, side, cell, mode, size, threads, said):
        self._what = {"side": side, "cell": cell, "mode": mode, "size": size}
        self._seconds = []
        self._first = None
        self._said = said
        asked = json.dumps({**self._what, "threads": threads})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kerasrnn.benchmarking._worker", asked],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def is_there(self):
        """Waits until the side is ready to begin; false where it cannot do the work."""
        return self._read() == "ready"

    def warm_up(self):
        self._first = self._asked()

    def run(self):
        self._seconds.append(self._asked())

    def finish(self):
        self._process.stdin.close()
        memory = int(self._read())
        return Measurement(**self._what, seconds=self._seconds, memory=memory, first=self._first)

    def _asked(self):
        with contextlib.suppress(BrokenPipeError):  # what ended it is read below
            print(file=self._process.stdin, flush=True)
        return float(self._read())

    def _read(self):
        line = self._process.stdout.readline().strip()
        if not line:
            self._said.seek(0)
            said = self._said.read().strip().splitlines() or ["without a word"]
            raise SideError(self._what["side"], said[-1])
        return line
