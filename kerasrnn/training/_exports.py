"""Exports of a trained model's folder."""

import statistics
import time
from pathlib import Path

from kerasrnn import export as exporting
from kerasrnn.export import LiteRTModel
from kerasrnn.training import _artefact
from kerasrnn.training._quantised import HeldOut, loss

FORMATS = ("saved_model", "tflite")
"""The formats that `export` writes."""
_TIMED_RUNS = 100


def export(
    folder,
    format,
    path,
    sequence_length=None,
    *,
    target="mobile",
    lowering="auto",
    quantize=None,
    train=None,
    test=None,
    examples=500,
    report=lambda message: None,
):
    """Exports a trained model and compares the file with Keras on its held-out examples.

    A quantised TFLite file is also measured: its score (a tagger's F1 of entities, a classifier's
    accuracy) by Keras before and by the file after, on the first test examples. With `"int8"` a
    hundred training examples, and a hundred rows of sentences or sequences joined, say what its
    whole numbers stand for.

    Args:
        folder: a folder that `train` wrote.
        format: `"saved_model"` or `"tflite"`.
        path: file or folder to write.
        sequence_length: time steps (tokens, letters, frames) that the TFLite file reads at once;
            `None` is the recipe's.
        target: `"mobile"`, `"gpu"` or `"micro"`, as `kerasrnn.export.to_tflite` knows it.
        lowering: `"auto"`, `"loop"`, `"unrolled"` or `"fused"`.
        quantize: `None`, `"float16"`, `"dynamic"` or `"int8"`; the recipe's is for training alone.
        train: a file in place of the recipe's training examples, for `"int8"`.
        test: a file in place of the recipe's test examples, to measure on.
        examples: how many are measured on at most.
        report: function that is told what makes a figure mean less, a short string.

    Returns:
        Dictionary of what was measured: `bytes`, `largest_difference` from Keras in units of
        max(1, |y|), and for TFLite `sequence_length`, `target`, `lowering`, `quantize`, the
        `runtimes` that it was run in, `milliseconds` an example on one thread of LiteRT's
        interpreter, and of a quantised file `score`: a dictionary of `metric`, `before`, `after`
        and `examples`, how many; not of a model of the next token where the file has no steps.

    Raises:
        ValueError: an option is unknown or does not fit the others, or is given for a SavedModel,
            or `folder` is not a trained model's, or there are no examples to learn ranges from.
        ExportError: the file does not compute what Keras computes.

    Example:
        >>> import tempfile
        >>> from kerasrnn.training import export
        >>> from kerasrnn.zoo import shipped_folder
        >>> path = tempfile.mkdtemp() + "/short.tflite"
        >>> report = export(shipped_folder("ner_bilstm"), "tflite", path, sequence_length=24)
        >>> report["largest_difference"] < 1e-5
        True
    """
    require_format(format)
    _require_sizes(sequence_length, examples)
    options = {"target": target, "lowering": lowering, "quantize": quantize}
    if format == "saved_model":
        _refuse_for_saved_model(sequence_length, options)
    model = _artefact.load_model(folder)
    task = _artefact.task_of(folder)
    vocabulary = task.vocabulary.load(folder)
    samples = task.read_samples(Path(folder) / task.samples)
    if format == "saved_model":
        return _saved_model(model, task, vocabulary, samples, path)
    length = sequence_length or _artefact.read_recipe(folder).export["sequence_length"]
    held_out = HeldOut(folder, train, test, report)
    inputs = [task.sample(vocabulary, sample, length) for sample in samples]
    learned = held_out.representative(length) if _learns(options) else None
    files = {_artefact.VOCABULARY: vocabulary.to_json()}
    measured = _tflite(model, inputs, learned, path, options, files)
    measured["sequence_length"] = length
    if measured["quantize"] == "int8" and task.small_probabilities:
        report(
            "Warning: whole numbers give probabilities in 256ths, and rarer tokens none; "
            '"dynamic" keeps them.'
        )
    if measured["quantize"] is not None and task.is_measurable(path):
        runtime = measured["runtimes"][-1]  # of the target's own, where it is installed
        measured["score"] = loss(task, folder, path, runtime, held_out.to_measure_on(examples))
    return measured


def _learns(options):
    """Whether the file computes in whole numbers, whose ranges it learns."""
    from kerasrnn.export._targets import require_target  # imports Keras

    return require_target(**options)[2] == "int8"


def _require_sizes(sequence_length, examples):
    if sequence_length is not None and sequence_length < 1:
        raise ValueError(f"`sequence_length` must be 1 or more; received {sequence_length}.")
    if examples < 1:
        raise ValueError(f"`examples` must be 1 or more; received {examples}.")


def _refuse_for_saved_model(sequence_length, options):
    if sequence_length is not None:
        raise ValueError(
            "A length (`sequence_length`, --length) is for TFLite files; a SavedModel reads any "
            f"length. Received {sequence_length}."
        )
    plain = {"target": "mobile", "lowering": "auto", "quantize": None}
    given = {name: value for name, value in options.items() if value != plain[name]}
    if given:
        said = ", ".join(f"`{name}={value!r}`" for name, value in given.items())
        raise ValueError(f"{said}: such options are for TFLite files, not for a SavedModel.")


def require_format(format):
    """Raises ValueError where there is no such format."""
    if format not in FORMATS:
        raise ValueError(f"`format` must be one of {', '.join(FORMATS)}; received {format!r}.")


def export_name(folder, format):
    """The name of an export of a trained model's folder: `MODEL.tflite` or `saved_model`."""
    model = _artefact.read_json(folder, _artefact.CONFIG, "model")["model"]
    return f"{model}.tflite" if format == "tflite" else _artefact.SAVED_MODEL


def _saved_model(model, task, vocabulary, examples, path):
    texts = {}
    if task.text_of:
        texts = {"vocabulary": vocabulary, "texts": [task.text_of(example) for example in examples]}
    difference = exporting.to_saved_model(
        model,
        path,
        samples=[task.sample(vocabulary, example, None) for example in examples],
        **texts,
    )
    size = sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())
    return {"bytes": size, "largest_difference": difference}


def _tflite(model, samples, learned, path, options, files):
    from kerasrnn.export._targets import require_target  # imports Keras

    report = exporting.to_tflite(
        model, path, samples=samples, representative_data=learned, files=files, **options
    )
    return {
        "bytes": report.bytes,
        "largest_difference": report.largest_difference,
        "target": options["target"],
        "lowering": "; ".join(sorted(set(report.lowerings.values()))),
        "quantize": require_target(**options)[2],
        "runtimes": list(report.runtimes),
        "milliseconds": round(_milliseconds(LiteRTModel(path), samples), 2),
    }


def _milliseconds(runtime, samples):
    times = []
    for run in range(_TIMED_RUNS):
        started = time.perf_counter()
        runtime.run(samples[run % len(samples)])
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)
