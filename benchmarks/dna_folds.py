"""Measures dna_bigru beside a random forest and a logistic regression: ten folds of sequences.

    python benchmarks/dna_folds.py              # what dna_folds.json lacks, fold by fold
    python benchmarks/dna_folds.py --folds 0-2  # these alone
    python benchmarks/dna_folds.py --table      # trains nothing, prints what is there

The folds are `StratifiedKFold(10, shuffle=True, random_state=0)` of the 3,001 unique
splice-junction sequences. All three learn from all the rest of a fold: none chooses anything by
sequences that it is measured on. Ours trains for a fixed number of epochs with a rate that falls to
zero and is measured with the moving average of its weights, so that there is no epoch to choose.
Its settings were chosen beforehand by cross-entropy on five folds of another draw
(`random_state=1`). The forest and the regression read one-hot letters, with scikit-learn's own
settings but for the number of trees and of iterations.
"""

import argparse
import json
import statistics
from importlib.metadata import version
from pathlib import Path

import numpy as np

from kerasrnn._files import atomic_file
from kerasrnn.data import DnaEncoder, splice_junctions
from kerasrnn.training._train import environment

FILE = Path(__file__).with_suffix(".json")
FOLDS = {"splits": 10, "random_state": 0}
TREES = 500
ARGUMENTS = {
    "cell": "full_gru",
    "layers": 1,
    "units": 48,
    "filters": 64,
    "window": 5,
    "pooling": "middle_last",
    "hidden": 64,
    "dropout": 0.3,
    "letter_dropout": 0.1,
}
TRAINING = {
    "epochs": 36,
    "batch_size": 64,
    "learning_rate": 0.004,  # falls to zero by half a cosine
    "clip_norm": 5.0,
    "average": 0.98,  # momentum of the moving average of the weights
    "seed": 0,  # and the fold's number
}
SETTINGS = {"folds": FOLDS, "trees": TREES, "arguments": ARGUMENTS, "training": TRAINING}
SIDES = {"dna_bigru": "dna_bigru", "forest": f"forest of {TREES}", "logistic": "logistic"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folds", default=f"0-{FOLDS['splits'] - 1}", help="such as 3 or 0-2")
    parser.add_argument("--table", action="store_true", help="train nothing")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    found = read()
    if not arguments.table:
        first, _, last = arguments.folds.partition("-")
        measure(range(int(first), int(last or first) + 1), found, arguments.threads)
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


def measure(folds, found, threads):
    import tensorflow as tf
    from sklearn.model_selection import StratifiedKFold

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    examples = splice_junctions()
    encoder = DnaEncoder.build(examples)
    letters = encoder.encode([example.content for example in examples])["letters"]
    labels = encoder.encode_labels(examples)
    one_hot = (letters[..., None] == np.arange(2, 6)).reshape(len(letters), -1).astype("float32")
    draw = StratifiedKFold(FOLDS["splits"], shuffle=True, random_state=FOLDS["random_state"])
    for fold, (train, test) in enumerate(draw.split(letters, labels)):
        if fold not in folds or fold in found:
            continue
        classes = {
            "dna_bigru": ours(encoder.sizes, letters[train], labels[train], letters[test], fold),
            "forest": forest(one_hot[train], labels[train], one_hot[test]),
            "logistic": logistic(one_hot[train], labels[train], one_hot[test]),
        }
        right = {side: int((answer == labels[test]).sum()) for side, answer in classes.items()}
        found[fold] = {"fold": fold, "train": len(train), "test": len(test), "right": right}
        print(json.dumps(found[fold]), flush=True)
        # Others may have measured other folds meanwhile.
        found.update({**read(), **found})
        write(found)


def ours(sizes, letters, labels, asked, fold):
    """The classes that a freshly trained dna_bigru gives."""
    import keras

    from kerasrnn.zoo import dna_bigru

    keras.utils.set_random_seed(TRAINING["seed"] + fold)
    model = dna_bigru(**sizes, **ARGUMENTS)
    epochs, batch = TRAINING["epochs"], TRAINING["batch_size"]
    steps = epochs * -(-len(letters) // batch)
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(TRAINING["learning_rate"], steps),
        clipnorm=TRAINING["clip_norm"],
        use_ema=True,
        ema_momentum=TRAINING["average"],
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    model.fit({"letters": letters}, labels, batch_size=batch, epochs=epochs, verbose=0)
    optimizer.finalize_variable_values(model.trainable_variables)
    return model.predict({"letters": asked}, batch_size=512, verbose=0).argmax(axis=-1)


def forest(one_hot, labels, asked):
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(TREES, random_state=0).fit(one_hot, labels).predict(asked)


def logistic(one_hot, labels, asked):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000).fit(one_hot, labels).predict(asked)


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
    for side in ("forest", "logistic"):
        row = rows[side]
        lines.append(
            f"ours wins {row['ours_wins']} of {len(found)} folds over {SIDES[side]}; "
            f"ties: {row['ties']}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
