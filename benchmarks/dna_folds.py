"""Measures dna_bigru and its baselines on ten folds of the splice-junction sequences.

    python -m benchmarks.dna_folds              # what dna_folds.json lacks, fold by fold
    python -m benchmarks.dna_folds --folds 0-2  # these alone
    python -m benchmarks.dna_folds --table      # trains nothing, prints what is there

The folds are `StratifiedKFold(10, shuffle=True, random_state=0)` of the 3,001 unique sequences. All
sides learn from all the rest of a fold: none chooses anything by sequences that it is measured on.
Ours trains by the recipe of zoo/dna_bigru for all of its epochs, since no sequences are left for
validation. That recipe's settings were chosen on other draws (`random_state` 1 and 2). The forest
and the regression are the recipe's baselines. What one forest gets right hangs on its seed by up to
five sequences a fold, more than what is between the sides in half of the folds; so ten are grown.
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
# How often each side is trained, each time from another seed; the regression has no chance in it.
SEEDS = {"dna_bigru": 1, "random_forest": 10, "logistic_regression": 1}
SETTINGS = {
    "folds": FOLDS,
    "seeds": SEEDS,
    **{name: asdict(RECIPE)[name] for name in ("seed", "vocabulary", "arguments", "training")},
}
SIDES = {
    "dna_bigru": "dna_bigru",
    "random_forest": "forest of 500",
    "logistic_regression": "logistic",
}
# Between the seeds of one fold, so that no two folds share one. Members of ours add their number to
# the seed, so that those of neighbouring folds begin alike, on other sequences.
_APART = 100


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folds", default=f"0-{FOLDS['splits'] - 1}", help="such as 3 or 0-2")
    parser.add_argument("--table", action="store_true", help="train nothing")
    arguments = parser.parse_args()
    found = read()
    if not arguments.table:
        first, _, last = arguments.folds.partition("-")
        measure(range(int(first), int(last or first) + 1), found)
    print(table(complete(found)))


def complete(found):
    """The folds of which all sides are measured."""
    return {fold: row for fold, row in found.items() if row["right"].keys() == SIDES.keys()}


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
        "summary": summary(complete(found)),
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
        right = found.get(fold, {}).get("right", {})
        if fold not in folds or fold in complete(found):
            continue
        splits = Splits(tuple(examples[n] for n in train), (), tuple(examples[n] for n in test))
        right = {side: right.get(side) or counts_right(side, splits, fold) for side in SIDES}
        found[fold] = {"fold": fold, "train": len(train), "test": len(test), "right": right}
        print(json.dumps(found[fold]), flush=True)
        # Others may have measured other folds meanwhile.
        found.update({**read(), **found})
        write(found)


def counts_right(side, splits, fold):
    """How many test sequences get their label from a side, a number for each seed."""
    seeds = [RECIPE.seed + fold + _APART * number for number in range(SEEDS[side])]
    return [count_right(side, splits, seed) for seed in seeds]


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
    """A side's accuracy in each fold, an array `(folds, seeds)`."""
    rows = [found[fold] for fold in sorted(found)]
    return np.array([[count / row["test"] for count in row["right"][side]] for row in rows])


def summary(found):
    """Mean and deviation over folds of each side, and in how many ours is above each other.

    `ours_wins` and `ties` are beside the mean of a side's seeds, `by_seed` beside each alone.
    """
    ours = accuracies(found, "dna_bigru").mean(axis=1)
    rows = {}
    for side in SIDES:
        theirs = accuracies(found, side)
        means = theirs.mean(axis=1).tolist()
        rows[side] = {
            "mean": statistics.mean(means),
            "deviation": statistics.stdev(means) if len(means) > 1 else 0.0,
        }
        if side != "dna_bigru":
            rows[side]["ours_wins"], rows[side]["ties"] = _above(ours, theirs.mean(axis=1))
            rows[side]["by_seed"] = [
                dict(zip(("ours_wins", "ties"), _above(ours, of_seed), strict=True))
                for of_seed in theirs.T
            ]
    return rows


def _above(ours, theirs):
    """In how many folds ours is above theirs, and in how many they are equal."""
    equal = np.isclose(ours, theirs, rtol=0, atol=1e-9)
    return int((~equal & (ours > theirs)).sum()), int(equal.sum())


def table(found):
    if not found:
        return "No fold is measured."
    lines = ["fold  " + "  ".join(f"{name:>14}" for name in SIDES.values())]
    by_side = {side: accuracies(found, side).mean(axis=1) for side in SIDES}
    for place, fold in enumerate(sorted(found)):
        lines.append(f"{fold:>4}  " + "  ".join(f"{by_side[s][place]:14.4f}" for s in SIDES))
    rows = summary(found)
    for figure in ("mean", "deviation"):
        lines.append(f"{figure[:4]}  " + "  ".join(f"{rows[s][figure]:14.4f}" for s in SIDES))
    for side in ("random_forest", "logistic_regression"):
        row = rows[side]
        lines.append(
            f"ours wins {row['ours_wins']} of {len(found)} folds over {SIDES[side]} (the mean of "
            f"{SEEDS[side]}), ties: {row['ties']}; over each alone "
            f"{', '.join(str(each['ours_wins']) for each in row['by_seed'])}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
