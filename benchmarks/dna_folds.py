"""Measures dna_bigru and its baselines on ten folds of the splice-junction sequences.

    python -m benchmarks.dna_folds              # what dna_folds.json lacks, fold by fold
    python -m benchmarks.dna_folds --folds 0-2  # these alone
    python -m benchmarks.dna_folds --table      # trains nothing, prints what is there

The folds are `StratifiedKFold(10, shuffle=True, random_state=0)` of the 3,001 unique sequences. All
sides learn from all the rest of a fold: none chooses anything by sequences that it is measured on.
Ours trains by the recipe of zoo/dna_bigru for all of its epochs, since no sequences are left for
validation. That recipe's settings were chosen on other draws (`random_state` 1 and 2). The forest
and the regression are the recipe's baselines.
"""

import argparse
import json
import statistics
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from kerasrnn._files import atomic_file
from kerasrnn.data import Splits, splice_junctions
from kerasrnn.training import load_recipe
from kerasrnn.training._baselines import BASELINES
from kerasrnn.training._task import get_task
from kerasrnn.training._train import environment

FILE = Path(__file__).with_suffix(".json")
FOLDS = {"splits": 10, "random_state": 0}
RECIPE = load_recipe("dna_bigru")
SETTINGS = {
    "folds": FOLDS,
    **{name: asdict(RECIPE)[name] for name in ("seed", "vocabulary", "arguments", "training")},
}
SIDES = {
    "dna_bigru": "dna_bigru",
    "random_forest": "forest of 500",
    "logistic_regression": "logistic",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folds", default=f"0-{FOLDS['splits'] - 1}", help="such as 3 or 0-2")
    parser.add_argument("--table", action="store_true", help="train nothing")
    arguments = parser.parse_args()
    found = read()
    if not arguments.table:
        first, _, last = arguments.folds.partition("-")
        measure(range(int(first), int(last or first) + 1), found)
    print(table(found))


def read():
    """A dictionary from folds to their rows; empty where the file is of other settings."""
    if not FILE.exists():
        return {}
    content = json.loads(FILE.read_text(encoding="utf-8"))
    if content["settings"] != SETTINGS:
        print(f"{FILE.name} is of other settings; starting anew.")
        return {}
    return {row["fold"]: row for row in content["folds"]}


def write(found):
    content = {
        "environment": {**environment(), "scikit-learn": version("scikit-learn")},
        "settings": SETTINGS,
        "summary": summary(found),
        "folds": [found[fold] for fold in sorted(found)],
    }
    with atomic_file(FILE) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def measure(folds, found):
    from sklearn.model_selection import StratifiedKFold

    examples = splice_junctions()
    labels = [example.label for example in examples]
    draw = StratifiedKFold(FOLDS["splits"], shuffle=True, random_state=FOLDS["random_state"])
    for fold, (train, test) in enumerate(draw.split(labels, labels)):
        if fold not in folds or fold in found:
            continue
        splits = Splits(tuple(examples[n] for n in train), (), tuple(examples[n] for n in test))
        right = {side: count_right(side, splits, RECIPE.seed + fold) for side in SIDES}
        found[fold] = {"fold": fold, "train": len(train), "test": len(test), "right": right}
        print(json.dumps(found[fold]), flush=True)
        # Others may have measured other folds meanwhile.
        found.update({**read(), **found})
        write(found)


def count_right(side, splits, seed):
    """How many test sequences get their label from a side that is trained afresh."""
    task = get_task(RECIPE.task)
    if side == "dna_bigru":
        probabilities = ours(task, splits, seed)
    else:
        probabilities = BASELINES[side].fit(task, splits, replace(RECIPE, seed=seed))
    names = sorted({example.label for example in splits.train})
    answers = [names[number] for number in np.argmax(probabilities, axis=-1)]
    pairs = zip(answers, splits.test, strict=True)
    return sum(answer == example.label for answer, example in pairs)


def ours(task, splits, seed):
    import keras

    from kerasrnn.training._fit import build, fit

    recipe = replace(RECIPE, seed=seed)
    keras.utils.set_random_seed(seed)
    vocabulary, model, _ = build(recipe, splits.train)
    fit(model, vocabulary, recipe, splits)
    return task.predict(model, vocabulary, splits.test)


def accuracies(found, side):
    return [found[fold]["right"][side] / found[fold]["test"] for fold in sorted(found)]


def summary(found):
    """Mean and standard deviation of each side, and how many folds ours wins of each other."""
    ours = accuracies(found, "dna_bigru")
    rows = {}
    for side in SIDES:
        theirs = accuracies(found, side)
        rows[side] = {
            "mean": statistics.mean(theirs),
            "deviation": statistics.stdev(theirs) if len(theirs) > 1 else 0.0,
        }
        if side != "dna_bigru":
            rows[side]["ours_wins"] = sum(a > b for a, b in zip(ours, theirs, strict=True))
            rows[side]["ties"] = sum(a == b for a, b in zip(ours, theirs, strict=True))
    return rows


def table(found):
    if not found:
        return "No fold is measured."
    lines = ["fold  " + "  ".join(f"{name:>14}" for name in SIDES.values())]
    by_side = {side: accuracies(found, side) for side in SIDES}
    for place, fold in enumerate(sorted(found)):
        lines.append(f"{fold:>4}  " + "  ".join(f"{by_side[s][place]:14.4f}" for s in SIDES))
    rows = summary(found)
    for figure in ("mean", "deviation"):
        lines.append(f"{figure[:4]}  " + "  ".join(f"{rows[s][figure]:14.4f}" for s in SIDES))
    for side in ("random_forest", "logistic_regression"):
        row = rows[side]
        lines.append(
            f"ours wins {row['ours_wins']} of {len(found)} folds over {SIDES[side]}; "
            f"ties: {row['ties']}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
