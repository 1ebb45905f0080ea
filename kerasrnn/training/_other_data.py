"""Recipes for other data than those that they are tuned to, which may be small."""

import math
from dataclasses import replace

from kerasrnn.training._recipe import MOVED_BY
from kerasrnn.training._recipe_entries import RecipeError

# A shipped recipe is tuned to its own data, of known size. Other data may be small: they need
# small batches, more passes, and all words that occur twice. How small and how many depends on
# how many examples there are, which `fit_to_size` learns when they are read.
_OTHER_DATA = {
    "vocabulary": {"min_count": 2},
    "training": {
        "batch_size": 32,
        "epochs": 30,
        "patience": 6,
        "least_epoch_steps": 50,
        "least_steps": 600,
        "least_patient_steps": 300,
        "least_averages": 20,
    },
}
_SMALLEST_BATCH = 4


def for_small_data(content):
    """What a shipped recipe changes for other data; of the vocabulary only what it has."""
    known = content.get("vocabulary", {})
    counts = {k: v for k, v in _OTHER_DATA["vocabulary"].items() if k in known}
    changed = {**_OTHER_DATA, "vocabulary": counts}
    training = content.get("training", {})
    if "recombine" in training:  # what is so of splice sites may not be of others
        changed["training"] = {**changed["training"], "recombine": 0.0}
    # A tagger's file reads long sentences in pieces, a model of the next token goes on by steps.
    if content.get("task") != "tagging" and "window" not in training:
        changed["export"] = {"sequence_length": 0}
    if "quantize" in content.get("export", {}):
        changed["export"] = {**changed.get("export", {}), "quantize": ""}
    return changed


def with_data(recipe, source=None, files=None):
    """The recipe with other data.

    A shipped recipe is tuned to its own data, so it brings settings for others, its `other_data`.
    A recipe of your own stays as you wrote it, and so does each entry that `override` set.

    Args:
        recipe: a `Recipe`.
        source: `"offline"`, `"tfds:NAME"`, or `None` for the recipe's or the files.
        files: dictionary of paths: `train` and perhaps `validation` and `test`; or `None`.

    Returns:
        A new `Recipe`.

    Raises:
        RecipeError: both are given, or files without one to train on.

    Example:
        >>> from kerasrnn.training import load_recipe, with_data
        >>> with_data(load_recipe("ner_bilstm"), files={"train": "my.conll"}).data["source"]
        'files'
    """
    if files and source:
        raise RecipeError(f"Give files or a data source, not both; received {source!r} and files.")
    if files and "train" not in files:
        raise RecipeError(f"Files to train on are missing; received only {', '.join(files)}.")
    if files:
        return for_other_data(recipe, {"source": "files", **files})
    if source and source != recipe.data["source"]:
        return for_other_data(recipe, {"source": source})
    return recipe


def for_other_data(recipe, data):
    """The recipe with a `data` section of other data, and what it changes for those."""
    changed = {
        section: {**getattr(recipe, section), **entries}
        for section, entries in recipe.other_data.items()
    }
    return replace(recipe, data=data, **changed, other_data={})


def fit_to_size(recipe, examples):
    """The recipe with batch size, epochs, patience and averages for so many training examples.

    A few dozen examples in batches of 32 are a step or two an epoch, and 30 epochs are over
    before anything is learnt. So batches shrink, to 4 at least, until an epoch has
    `least_epoch_steps`; then epochs and patience grow until they have `least_steps` and
    `least_patient_steps`. A moving average of the weights that remembers more than a part of the
    steps would be of first weights for the most part: it remembers the part of `least_averages` at
    most. A recipe without these entries stays as it is.

    Args:
        recipe: a `Recipe`.
        examples: how many examples there are to train on.

    Returns:
        A `Recipe` without these four entries.
    """
    training = dict(recipe.training)
    least = {entry: training.pop(name, 0) for entry, name in MOVED_BY.items()}
    epoch_steps = least["batch_size"]
    if epoch_steps:
        fitting = max(_SMALLEST_BATCH, examples // epoch_steps)
        training["batch_size"] = min(training["batch_size"], fitting)
    found = math.ceil(examples / training["batch_size"])
    for entry in ("epochs", "patience"):
        training[entry] = max(training[entry], math.ceil(least[entry] / found))
    if training.get("average_weights") and least["average_weights"]:
        longest = max(0.0, 1 - least["average_weights"] / (found * training["epochs"]))
        training["average_weights"] = min(training["average_weights"], longest)
    return replace(recipe, training=training)
