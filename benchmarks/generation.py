"""Measures what a token costs after ten tokens and after thousands.

    python -m benchmarks.generation [FOLDER] [--rounds 5]

FOLDER is that of a trained model of the next token, with its TFLite file; by default the
`char_lm_gru` that ships, or, where none does, an untrained model of its size.

Writes `generation.json`: the milliseconds of a token, drawn at batch 1, by the Keras model's steps
and by those of the TFLite file. A figure is the median of the tokens around a place and of all
rounds; sides and places take turns at each token, so that whatever slows the machine slows all.
`resident` is the memory of the process in the last round, when a side had come to a place.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from kerasrnn._machine import memory
from kerasrnn.benchmarking._rows import environment, read_rows, write_rows
from kerasrnn.generation import KerasSteps, LiteRTSteps, Steps, Temperature, stream

OUTPUT = Path(__file__).with_suffix(".json")
PLACES = (10, 100, 1000, 5000)
WINDOW = 16  # tokens around each place
END = 2
UNTRAINED = {"num_tokens": 100, "token_dim": 64, "units": 320}  # as zoo/char_lm_gru


class Endless(Steps):
    """Steps in which no answer ends."""

    def __init__(self, steps):
        self._steps, self.num_tokens = steps, steps.num_tokens

    def start(self, batch, conditions=None):
        return self._steps.start(batch, conditions)

    def advance(self, tokens, state):
        log_probs, state = self._steps.advance(tokens, state)
        log_probs[:, END] = -np.inf
        return log_probs, state

    def select(self, state, rows):
        return self._steps.select(state, rows)


def shipped():
    """The folder of the character model that ships, or `None`."""
    from kerasrnn.zoo import shipped_folder

    try:
        return shipped_folder("char_lm_gru")
    except ValueError:
        return None


def trained(folder):
    """A trained model's name, the model, and the path of its file."""
    from kerasrnn.training._artefact import load_model

    model = load_model(folder)
    return model.name, model, folder / f"{model.name}.tflite"


def untrained(place):
    """The same of a model that has learnt nothing."""
    import keras

    from kerasrnn.export import to_tflite
    from kerasrnn.layers import FullGRU

    tokens = keras.Input((None,), dtype="int32", name="tokens")
    y = keras.layers.Embedding(UNTRAINED["num_tokens"], UNTRAINED["token_dim"])(tokens)
    y = FullGRU(UNTRAINED["units"], return_sequences=True)(y)
    y = keras.layers.Dense(UNTRAINED["num_tokens"], activation="softmax")(y)
    model, path = keras.Model(tokens, y, name="untrained"), Path(place) / "untrained.tflite"
    to_tflite(model, path, sequence_length=4, step=True)
    return model.name, model, path


def measured(sides, seed):
    """One round: seconds of each side's tokens around each place, and the memory there."""
    streams = {
        (name, place): stream(Endless(steps), [], sampler=Temperature(), seed=seed)
        for name, steps in sides.items()
        for place in PLACES
    }
    resident = {}
    for (name, place), tokens in streams.items():
        for _ in range(place - WINDOW // 2):
            next(tokens)
        resident[f"{name} {place}"] = memory("VmRSS")
    seconds = {key: [] for key in streams}
    order = np.random.default_rng(seed)
    for _ in range(WINDOW):
        for name in sides:
            # In another order each time: who comes after the other side finds its caches lost.
            for place in order.permutation(PLACES).tolist():
                before = time.perf_counter()
                next(streams[name, place])
                seconds[name, place].append(time.perf_counter() - before)
    return seconds, resident


def row_of(name, model, path, rounds):
    """What is known of one model, over all rounds."""
    sides = {"keras": KerasSteps(model, check=False), "litert": LiteRTSteps(path)}
    measured(sides, 0)  # what is made at the first call is not counted
    found = [measured(sides, seed) for seed in range(1, rounds + 1)]
    milliseconds = {
        side: {
            place: 1e3 * statistics.median(s for seconds, _ in found for s in seconds[side, place])
            for place in PLACES
        }
        for side in sides
    }
    return {
        "model": name,
        "parameters": model.count_params(),
        "num_tokens": sides["keras"].num_tokens,
        "window": WINDOW,
        "rounds": rounds,
        "milliseconds": milliseconds,
        "resident": found[-1][1],
        "environment": environment(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    folder = options.folder or shipped()
    with tempfile.TemporaryDirectory() as place:
        model = trained(folder) if folder else untrained(place)
        row = row_of(*model, options.rounds)
    for side, places in row["milliseconds"].items():
        print(side, {place: f"{found:.3f} ms" for place, found in places.items()}, flush=True)
    rows = {r["model"]: r for r in read_rows(OUTPUT)}
    write_rows(OUTPUT, {**rows, row["model"]: row}.values())


if __name__ == "__main__":
    main()
