"""Exports every model that ships in every target, and writes benchmarks/zoo_exports.json.

    python -m benchmarks.zoo_exports [--examples 2000] [--models NAME ...]

Fails where an export does, or where a quantised one loses more than a point (0.01) of its metric,
or has a hundredth more bits. Whole numbers of models of the next token are measured, and fail
nothing: their probabilities are 256ths, which their cards tell. With `--models` the others stay as
they were measured before.
`python docs/tables.py` makes the tables of the model cards of it.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from kerasrnn.training import export
from kerasrnn.training._task import get_task
from kerasrnn.training._train import environment

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "benchmarks" / "zoo_exports.json"
MOST_LOST = 0.01
EXPORTS = [
    {"target": "mobile"},
    {"target": "mobile", "lowering": "unrolled"},
    {"target": "mobile", "quantize": "float16"},
    {"target": "mobile", "quantize": "dynamic"},
    {"target": "mobile", "quantize": "int8"},
    {"target": "gpu"},
    {"target": "gpu", "quantize": "float16"},
    {"target": "micro"},
]


def task_of(folder):
    return get_task(json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["task"])


def exports_of(folder):
    """All options; how sequences are written is left out where the model has none."""
    if task_of(folder).has_steps:
        return EXPORTS
    return [options for options in EXPORTS if "lowering" not in options]


def rows_of(folder, examples):
    """What each export of a trained model's folder is like."""
    with tempfile.TemporaryDirectory() as place:
        for options in exports_of(folder):
            path = Path(place) / "model.tflite"
            row = export(folder, "tflite", path, examples=examples, **options)
            yield {"asked": options, **row}


def _measured_before(models):
    """What is kept where some models alone are to be measured."""
    return json.loads(OUTPUT.read_text(encoding="utf-8"))["models"] if models else {}


def may_lose(folder, row):
    """Whether it is known that such a file is no good, and told."""
    return task_of(folder).small_probabilities and row["quantize"] == "int8"


def lost(folder, score):
    """How much of its metric a quantised file loses: points, or the share that bits grow by."""
    if task_of(folder).lower_is_better:
        return score["after"] / score["before"] - 1
    return score["before"] - score["after"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=2000, help="most examples to measure on")
    folders = {path.parent.name: path.parent for path in ROOT.glob("saved_models/*/metrics.json")}
    parser.add_argument(
        "--models", nargs="*", choices=sorted(folders), metavar="NAME", help="measure these alone"
    )
    arguments = parser.parse_args()
    examples, found, failed = arguments.examples, _measured_before(arguments.models), False
    for name in sorted(arguments.models or folders):
        rows = []
        for row in rows_of(folders[name], examples):
            rows.append(row)
            print(json.dumps(row), flush=True)
            if "score" in row and not may_lose(folders[name], row):
                failed |= lost(folders[name], row["score"]) > MOST_LOST
        found[name] = rows
    content = {"models": dict(sorted(found.items())), "environment": environment()}
    OUTPUT.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
