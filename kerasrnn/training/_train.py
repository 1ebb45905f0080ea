"""The whole job: from a recipe to a trained, measured, exported model in a folder."""

import os
import platform
import time
from dataclasses import asdict
from importlib.metadata import version

from kerasrnn._files import atomic_folder, require_writable
from kerasrnn._version import __version__
from kerasrnn.data import write_conll
from kerasrnn.training import _artefact
from kerasrnn.training._exports import FORMATS, export, export_name, require_format
from kerasrnn.training._recipe import fit_to_size
from kerasrnn.training._scores import entity_scores
from kerasrnn.training._sources import absolute, describe, load_splits, require_entities


def train(recipe, output, *, formats=FORMATS, callbacks=(), report=lambda message: None):
    """Trains a model by a recipe, measures it, exports it, and writes its folder.

    The folder appears when all is done; until then an older one stays as it was.

    Args:
        recipe: a `Recipe`.
        output: folder to write; an older model's folder is replaced.
        formats: which of `"saved_model"` and `"tflite"` to export.
        callbacks: Keras callbacks for `fit`.
        report: function that is told what begins, a short string.

    Returns:
        The content of metrics.json, a dictionary.

    Raises:
        OSError: `output` is there and is no model's folder, or cannot be written.
        ValueError: a format is unknown, or the recipe's arguments are not the model's.
        DataError: the data cannot be read, or have no entity to learn.
        ExportError: an exported file does not compute what Keras computes.

    Example:
        >>> import tempfile
        >>> from kerasrnn.training import load_recipe, train
        >>> recipe = load_recipe("ner_bilstm").override("training.epochs", 1)
        >>> for split, size in {"train": 60, "validation": 10, "test": 10}.items():
        ...     recipe = recipe.override(f"data.{split}", size)
        >>> metrics = train(recipe, tempfile.mkdtemp() + "/tagger", formats=["tflite"])
        >>> metrics["test"]["support"] > 0
        True
    """
    import keras

    from kerasrnn.training import _tagging

    _artefact.refuse_foreign_folder(output)
    require_writable(output)
    for name in formats:
        require_format(name)
    _tagging.require_known_entries(recipe)
    report("Reading the data")
    if recipe.data["source"].startswith("tfds:"):
        report("TFDS downloads them unless it has them; without a network it tries for minutes")
    splits = load_splits(recipe.data, seed=recipe.seed)
    require_entities(recipe.data, splits.train)
    recipe = fit_to_size(recipe, len(splits.train))
    keras.utils.set_random_seed(recipe.seed)
    vocabulary, model, arguments = _tagging.build(recipe, splits.train)
    vocabulary.encode_tags(splits.validation)  # an unknown tag is an error before training
    vocabulary.encode_tags(splits.test)
    samples = _artefact.choose_samples(splits.test)
    replaced = _artefact.describe_older(output)
    if replaced:
        report(f"Replacing {replaced}")
    report(
        f"Training {recipe.model} on {len(splits.train)} sentences, "
        f"{recipe.training['batch_size']} a step, for {recipe.training['epochs']} epochs at most"
    )
    started = time.monotonic()
    history = _tagging.fit(model, vocabulary, recipe, splits, callbacks)
    seconds = time.monotonic() - started
    if max(history["val_f1"]) == 0:
        report(
            "Warning: no validation entity was found in any epoch. Train longer (such as --epochs "
            f"{3 * recipe.training['epochs']}), in smaller steps (--batch-size 4), or on more "
            "sentences; and see that the validation sentences have entities."
        )
    report("Measuring on the test sentences")
    scores = entity_scores(splits.test, _tagging.predict(model, vocabulary, splits.test))
    with atomic_folder(output) as folder:
        _artefact.save_weights(folder, recipe.model, arguments, model)
        vocabulary.save(folder / _artefact.VOCABULARY)
        write_conll(folder / _artefact.SAMPLES, samples)
        stored = {**asdict(recipe), "data": absolute(recipe.data)}
        config = {"model": recipe.model, "arguments": arguments, "recipe": stored}
        _artefact.write_json(folder, _artefact.CONFIG, config)
        exports = {}
        for name in formats:
            report(f"Exporting {name} and comparing it with Keras")
            exports[name] = export(folder, name, folder / export_name(folder, name))
        metrics = {
            "model": recipe.model,
            "version": __version__,
            "seed": recipe.seed,
            "parameters": model.count_params(),
            "data": describe(recipe.data, splits),
            "training": {"epochs": len(history["loss"]), "seconds": round(seconds, 1)},
            "validation": {"f1": max(history["val_f1"])},
            "test": scores,
            "exports": exports,
            "environment": environment(),
        }
        _artefact.write_json(folder, _artefact.METRICS, metrics)
        _artefact.write_sums(folder)
    return metrics


def environment():
    """What figures depend on: versions, processor kind and the number of its cores."""
    packages = ("tensorflow", "keras", "numpy", "ai-edge-litert")
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        **{package: version(package) for package in packages},
    }
