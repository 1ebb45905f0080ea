"""Export to TensorFlow's SavedModel."""

from pathlib import Path

import numpy as np

from kerasrnn._files import atomic_folder, require_writable
from kerasrnn.export._parity import ExportError, require_parity

# What TensorFlow writes into a SavedModel's folder.
_FILES = ("saved_model.pb", "saved_model.pbtxt", "fingerprint.pb", "keras_metadata.pb")
_FOLDERS = ("variables", "assets", "assets.extra")


def to_saved_model(model, path, *, samples, vocabulary=None, texts=()):
    """Writes a SavedModel that runs where this library is not installed.

    Signatures: `serving_default` takes the model's inputs by name, of any batch and time; with a
    vocabulary, `text` takes strings `(batch,)` as `text` and gives `tokens`, `tags` and
    `probabilities`, padded with empty strings.

    Before the folder counts it is loaded and compared with Keras on the samples; a difference
    above 1e-5·max(1, |y|) is an error and leaves what was there before.

    Args:
        model: a functional `keras.Model` with named inputs.
        path: folder to write; a SavedModel that exists is replaced.
        samples: list of dictionaries of input arrays to compare on.
        vocabulary: an object that has `tokenize`, `encode` and `decode`, and whose
            `to_tensorflow()` has the same as a graph, such as `kerasrnn.data.TaggingVocabulary`;
            or `None`.
        texts: strings to compare the `text` signature on; needed with a vocabulary.

    Returns:
        The largest difference met, in units of max(1, |y|).

    Raises:
        ExportError: the file differs from Keras, or there is nothing to compare.
        OSError: there is something at `path` that is no SavedModel, or one with other files
            beside it, or it cannot be written.

    Example:
        >>> import keras, numpy as np, tempfile
        >>> from kerasrnn.export import to_saved_model
        >>> from kerasrnn.layers import LSTM
        >>> x = keras.Input((None, 3), name="x")
        >>> model = keras.Model({"x": x}, LSTM(4)(x))
        >>> samples = [{"x": np.ones((2, 5, 3), "float32")}]
        >>> to_saved_model(model, tempfile.mkdtemp() + "/model", samples=samples) < 1e-5
        True
    """
    import tensorflow as tf

    _refuse_foreign_folder(Path(path))
    require_writable(path)
    module = tf.Module(name="kerasrnn_export")
    module.model = model
    signatures = {"serving_default": _by_name(tf, model)}
    if vocabulary is not None:
        module.text = vocabulary.to_tensorflow()
        signatures["text"] = _by_text(tf, model, module.text)
    with atomic_folder(path) as temporary:
        tf.saved_model.save(module, str(temporary), signatures=signatures)
        loaded = tf.saved_model.load(str(temporary))
        worst = _check_arrays(model, loaded.signatures["serving_default"], samples)
        if vocabulary is not None:
            check = _check_text(model, vocabulary, loaded.signatures["text"], texts)
            worst = max(worst, check)
    return worst


def _loop():
    """The way that every runtime can read, whatever `engine` the export is called in."""
    from kerasrnn.sequence import engine

    return engine("loop")


def _by_name(tf, model):
    specs = {
        tensor.name: tf.TensorSpec(tensor.shape, tensor.dtype, name=tensor.name)
        for tensor in model.inputs
    }
    name = model.output_names[0]

    @tf.function(input_signature=[specs])
    def serve(inputs):
        with _loop():
            return {name: model(inputs, training=False)}

    return serve.get_concrete_function()


def _by_text(tf, model, reader):
    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string, name="text")])
    def tag(text):
        # The model's convolutions take no batch of no rows: it gets one, which is cut off again.
        rows = tf.shape(text)[0]
        tokens = reader.tokenize(tf.pad(text, [[0, tf.maximum(1 - rows, 0)]]))
        with _loop():
            found = model(reader.encode(tokens), training=False)
        outputs = reader.decode(tokens, found)
        return {name: output[:rows] for name, output in outputs.items()}

    return tag.get_concrete_function()


def _check_arrays(model, signature, samples):
    import tensorflow as tf

    def pairs():
        for sample in samples:
            inputs = {name: tf.constant(array) for name, array in sample.items()}
            yield model(sample, training=False), next(iter(signature(**inputs).values()))

    return require_parity("The SavedModel", pairs())


def _check_text(model, vocabulary, signature, texts):
    """Compares with the Python reading of the texts, which shares no code with the graph's."""
    import tensorflow as tf

    def pairs():
        for text in texts:
            result = signature(text=tf.constant([text]))
            tokens = vocabulary.tokenize(text)
            expected = np.asarray(model(vocabulary.encode([tokens]), training=False))
            _require_same(text, "tokens", tokens, result)
            _require_same(text, "tags", vocabulary.decode(tokens, expected[0]).tags, result)
            yield expected, result["probabilities"]

    return require_parity("The SavedModel's text signature", pairs())


def _require_same(text, name, expected, result):
    received = [value.decode() for value in result[name].numpy()[0]]
    if received != list(expected):
        raise ExportError(
            f"The SavedModel's {name} of {text!r} are {received}, those of the library {expected}."
        )


def _refuse_foreign_folder(path):
    if not path.exists():
        return
    if not path.is_dir() or (any(path.iterdir()) and not (path / "saved_model.pb").exists()):
        raise FileExistsError(f"{path} exists and is no SavedModel; choose another path.")
    foreign = sorted(_foreign_entries(path))
    if foreign:
        raise FileExistsError(
            f"{path} holds files that are not the SavedModel's and would be lost: "
            f"{', '.join(foreign)}. Move them, or choose another path."
        )


def _foreign_entries(path):
    for entry in path.iterdir():
        if entry.name not in (_FOLDERS if entry.is_dir() else _FILES):
            yield entry.name
    for entry in path.glob("variables/*"):
        if not entry.name.startswith("variables."):
            yield f"variables/{entry.name}"
