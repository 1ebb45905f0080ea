"""The whole job: from a recipe to a trained, measured, exported model in a folder."""

import os
import platform
import shutil
import time
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

from kerasrnn._counted import counted
from kerasrnn._files import atomic_folder, require_writable
from kerasrnn._version import __version__
from kerasrnn.export import ExportError
from kerasrnn.training import _artefact
from kerasrnn.training._baselines import run_baselines
from kerasrnn.training._exports import FORMATS, export, export_name, require_format
from kerasrnn.training._other_data import fit_to_size
from kerasrnn.training._sources import absolute, absolute_files, describe, load_splits
from kerasrnn.training._task import get_task


def train(recipe, output, *, formats=FORMATS, callbacks=(), report=lambda message: None):
    """Trains a model by a recipe, measures it, exports it, and writes its folder.

    The folder appears when all is done; until then an older one stays as it was.

    Args:
        recipe: a `Recipe`.
        output: folder to write; an older model's folder is replaced.
        formats: which of `"saved_model"` and `"tflite"` to export.
        callbacks: Keras callbacks for `fit`. Of a model of the next token their `model` may be one
            with the same weights that is trained in its place: a stateful twin, or one whose loss
            is a sampled softmax. A `kerasrnn.inspection.GradientFlow` looks at the model itself,
            of several members at each in turn.
        report: function that is told what begins, a short string.

    Returns:
        The content of metrics.json, a dictionary.

    Raises:
        OSError: `output` is there and is no model's folder, or cannot be written.
        ValueError: a format is unknown, or the recipe's arguments are not the model's.
        DataError: the data cannot be read, or have no entity to learn.
        ExportError: an exported file does not compute what Keras computes. The older folder stays;
            the trained model is in a folder beside it, whose name ends in `-not-exported`.

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

    from kerasrnn.training._fit import fit, require_known_entries

    _artefact.refuse_foreign_folder(output)
    require_writable(output)
    for name in formats:
        require_format(name)
    require_known_entries(recipe)
    task, splits = get_task(recipe.task), _read(recipe, report)
    recipe = fit_to_size(recipe, task.count_rows(splits.train, recipe))
    keras.utils.set_random_seed(recipe.seed)
    recipe, vocabulary, model, arguments = _build(recipe, splits, report)
    samples = task.choose_samples(splits.test)
    _tell_plan(recipe, task, splits, output, report)
    started = time.monotonic()
    history, clipping = fit(model, vocabulary, recipe, splits, callbacks)
    seconds = time.monotonic() - started
    metrics = {
        "model": recipe.model,
        "task": recipe.task,
        "version": __version__,
        "seed": recipe.seed,
        "parameters": model.count_params(),
        "data": describe(recipe.data, splits, recipe.task),
        "training": {
            "epochs": len(history["loss"]),
            "seconds": round(seconds, 1),
            **_tell_clipping(clipping),
        },
        **_measure(recipe, task, splits, vocabulary, model, history, report),
    }
    with atomic_folder(output) as folder:
        _artefact.save_weights(folder, recipe.model, arguments, model)
        vocabulary.save(folder / _artefact.VOCABULARY)
        task.write_samples(folder / task.samples, samples)
        stored = {
            **asdict(recipe),
            "data": absolute(recipe.data),
            "files": absolute_files(recipe.files),
        }
        config = {"model": recipe.model, "arguments": arguments, "recipe": stored}
        _artefact.write_json(folder, _artefact.CONFIG, config)
        _artefact.write_json(folder, _artefact.METRICS, metrics)  # by which data are known again
        metrics["exports"], failed = _export_all(recipe, folder, formats, report)
        metrics["environment"] = environment()
        _artefact.write_json(folder, _artefact.METRICS, metrics)
        _artefact.write_sums(folder)
        if failed:
            kept = _kept_beside(folder, output)
            raise ExportError(
                f"{failed} The trained model is in {kept}, without that file; `kerasrnn export "
                f"{kept}` writes it with other options, such as a shorter --length."
            )
    return metrics


def _kept_beside(folder, output):
    """Where a model is kept whose export failed: what took long to train is not lost for it."""
    kept = Path(output).with_name(f"{Path(output).name}-not-exported")
    with atomic_folder(kept) as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
    return kept


def _tell_clipping(found):
    """`clipping`, where gradients were clipped; otherwise the `largest_norm` of one alone."""
    return {"clipping": found} if "by" in found else found


def _build(recipe, splits, report):
    """The recipe with the length of its export, the vocabulary, the model and its arguments."""
    from kerasrnn.training._fit import build

    task = get_task(recipe.task)
    vocabulary, model, arguments = build(recipe, splits.train, report)
    if recipe.export["sequence_length"] == 0:
        longest = {"sequence_length": task.longest(vocabulary, splits.train)}
        recipe = replace(recipe, export={**recipe.export, **longest})
    # What cannot be measured is an error before training, not after.
    task.require_readable(vocabulary, splits.validation, "validation")
    task.require_readable(vocabulary, splits.test, "test")
    return recipe, vocabulary, model, arguments


def _measure(recipe, task, splits, vocabulary, model, history, report):
    """What metrics.json says of the test examples, of the best epoch and of the baselines."""
    decides, name = task.decides(recipe)
    best = (min if task.lower_is_better else max)(history[f"val_{decides}"])
    if best == 0 and (warning := task.found_nothing(recipe.training["epochs"])):
        report(warning)
    report(f"Measuring on the test {task.item}s")
    scores = task.scores(splits.test, task.predict(model, vocabulary, splits.test), vocabulary)
    if warning := task.untested(scores):
        report(warning)
    return {
        "score": {"name": name, "validation": best, "test": scores[decides]},
        "test": scores,
        **task.measured_beside(model, vocabulary, splits, recipe),
        "baselines": run_baselines(recipe, splits, report),
    }


def _read(recipe, report):
    report("Reading the data")
    if recipe.data["source"].startswith("tfds:"):
        report("TFDS downloads them unless it has them; without a network it tries for minutes")
    splits = load_splits(recipe.data, recipe.seed, recipe.task, files=recipe.files, report=report)
    get_task(recipe.task).require_learnable(recipe.data, splits)
    return splits


def _tell_plan(recipe, task, splits, output, report):
    replaced = _artefact.describe_older(output)
    if replaced:
        report(f"Replacing {replaced}")
    rows = recipe.training["batch_size"]
    rows = counted(rows, task.row) if task.row else rows
    report(
        f"Training {recipe.model} on {counted(len(splits.train), task.item)}, {rows} a step, for "
        f"{counted(recipe.training['epochs'], 'epoch')} at most"
    )


def _export_all(recipe, folder, formats, report):
    """What was measured of each export, and the error of the last that failed, or `None`."""
    exports, failed = {}, None
    quantize = recipe.export.get("quantize") or None
    for name in formats:
        report(f"Exporting {name} and comparing it with Keras")
        try:
            options = {"quantize": quantize, "report": report} if name == "tflite" else {}
            exports[name] = export(folder, name, folder / export_name(folder, name), **options)
        except (ExportError, OSError, ValueError) as error:  # whole numbers need data again
            failed = error
    return exports, failed


def environment():
    """What figures depend on: versions, processor kind and the number of its cores."""
    packages = ("tensorflow", "keras", "numpy", "ai-edge-litert")
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        **{package: version(package) for package in packages},
    }
