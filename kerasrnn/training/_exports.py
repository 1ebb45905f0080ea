"""Exports of a trained model's folder."""

import statistics
import time
from pathlib import Path

from kerasrnn import export as exporting
from kerasrnn.data import TaggingVocabulary, read_conll
from kerasrnn.export import LiteRTModel
from kerasrnn.training import _artefact

FORMATS = ("saved_model", "tflite")
"""The formats that `export` writes."""
_TIMED_RUNS = 100


def export(folder, format, path, sequence_length=None):
    """Exports a trained model and compares the file with Keras on its held-out sentences.

    Args:
        folder: a folder that `train` wrote.
        format: `"saved_model"` or `"tflite"`.
        path: file or folder to write.
        sequence_length: tokens that the TFLite file reads at once; `None` is the recipe's.

    Returns:
        Dictionary of what was measured: `bytes`, `largest_difference` from Keras in units of
        max(1, |y|), and for TFLite `sequence_length` and `milliseconds` a sentence on one thread.

    Raises:
        ValueError: the format is unknown, `sequence_length` is below 1 or given for a SavedModel,
            or `folder` is not a trained model's.
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
    if sequence_length is not None and sequence_length < 1:
        raise ValueError(f"`sequence_length` must be 1 or more; received {sequence_length}.")
    if sequence_length is not None and format != "tflite":
        raise ValueError(
            "A length (`sequence_length`, --length) is for TFLite files; a SavedModel reads any "
            f"length. Received {sequence_length}."
        )
    recipe = _artefact.read_recipe(folder)
    model = _artefact.load_model(folder)
    vocabulary = TaggingVocabulary.load(folder)
    sentences = read_conll(Path(folder) / _artefact.SAMPLES)
    if format == "saved_model":
        return _saved_model(model, vocabulary, sentences, path)
    length = sequence_length or recipe.export["sequence_length"]
    return _tflite(model, vocabulary, sentences, path, length)


def require_format(format):
    """Raises ValueError where there is no such format."""
    if format not in FORMATS:
        raise ValueError(f"`format` must be one of {', '.join(FORMATS)}; received {format!r}.")


def export_name(folder, format):
    """The name of an export of a trained model's folder: `MODEL.tflite` or `saved_model`."""
    model = _artefact.read_json(folder, _artefact.CONFIG, "model")["model"]
    return f"{model}.tflite" if format == "tflite" else _artefact.SAVED_MODEL


def _saved_model(model, vocabulary, sentences, path):
    difference = exporting.to_saved_model(
        model,
        path,
        samples=[vocabulary.encode([sentence]) for sentence in sentences],
        vocabulary=vocabulary,
        texts=[" ".join(sentence.tokens) for sentence in sentences],
    )
    size = sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())
    return {"bytes": size, "largest_difference": difference}


def _tflite(model, vocabulary, sentences, path, length):
    samples = [vocabulary.encode([s.tokens[:length]], length) for s in sentences]
    files = {_artefact.VOCABULARY: vocabulary.to_json()}
    report = exporting.to_tflite(model, path, samples=samples, files=files)
    runtime = LiteRTModel(path)
    times = []
    for run in range(_TIMED_RUNS):
        started = time.perf_counter()
        runtime.run(samples[run % len(samples)])
        times.append(1000 * (time.perf_counter() - started))
    return {
        "bytes": report.bytes,
        "largest_difference": report.largest_difference,
        "sequence_length": length,
        "milliseconds": round(statistics.median(times), 2),
    }
