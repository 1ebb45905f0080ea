"""Times TFLite files by LiteRT.js in headless Chromium, on one thread.

    make test-browser                            installs LiteRT.js, which this needs
    python -m benchmarks.browser                 the files that ship with the library
    python -m benchmarks.browser FILE.tflite ...

Prints for each file the median of its first signature's runs, of inputs that are ones.
"""

import sys
from pathlib import Path

import numpy as np

from kerasrnn.export import LiteRTModel
from kerasrnn.zoo import list_models, shipped_folder
from tests.browser.chromium import Job, run_jobs

RUNS = 100


def shipped_files():
    """The TFLite file of each model in the zoo."""
    return [shipped_folder(name) / f"{name}.tflite" for name in list_models()]


def job(path):
    """A file and its inputs."""
    shapes = LiteRTModel(path).input_shapes
    return Job(str(path), path, [{k: np.ones(s) for k, s in shapes.items()}], runs=RUNS)


def main():
    paths = [Path(argument) for argument in sys.argv[1:]] or shipped_files()
    for name, answer in run_jobs([job(path) for path in paths]).items():
        if answer.error:
            sys.exit(f"{name}: LiteRT.js refuses it:\n{answer.error}")
        print(f"{Path(name).name}: {answer.median:.2f} ms, the median of {RUNS} runs")


if __name__ == "__main__":
    main()
