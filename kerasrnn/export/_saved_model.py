"""Export to TensorFlow's SavedModel."""

from pathlib import Path

from kerasrnn._files import atomic_folder, require_writable

# What TensorFlow writes into a SavedModel's folder.
_FILES = ("saved_model.pb", "saved_model.pbtxt", "fingerprint.pb", "keras_metadata.pb")
_FOLDERS = ("variables", "assets", "assets.extra")


def to_saved_model(model, path, *, samples=None, vocabulary=None, texts=(), step="auto"):
    """Writes a SavedModel that runs where this library is not installed.

    Signatures: `serving_default` takes the model's inputs by name, of any batch and time, and gives
    its outputs by name; `step` takes inputs of one time step and the states by name (see
    `kerasrnn.streaming.StepModel`), and gives the outputs and, by the same names, the new states;
    with a vocabulary, `text` takes strings `(batch,)` as `text` and gives `probabilities` and what
    the vocabulary calls them: a tagger's `tokens` and `tags`, padded with empty strings, or a
    classifier's `label`.

    Before the folder counts it is loaded and compared with Keras on random inputs and on the
    samples, and its steps with the whole; a difference above 1e-5·max(1, |y|) is an error and
    leaves what was there before.

    Args:
        model: a functional or built Sequential `keras.Model`.
        path: folder to write; a SavedModel that exists is replaced.
        samples: list of inputs to compare on besides random ones, as the model takes them or as
            dictionaries by name; needed where no random input can be drawn (strings), or `None`.
        vocabulary: an object that has `tokenize`, `encode` and `text_outputs`, and whose
            `to_tensorflow()` has `tokenize`, `encode` and `decode` as a graph, such as
            `kerasrnn.data.TaggingVocabulary` or `TextEncoder`; or `None`.
        texts: strings to compare the `text` signature on; needed with a vocabulary.
        step: `"auto"` writes the `step` signature where the model has a step, `True` raises an
            error where it has none, `False` leaves it out.

    Returns:
        The largest difference met, in units of max(1, |y|).

    Raises:
        ExportError: the file differs from Keras, or there is nothing to compare.
        OSError: there is something at `path` that is no SavedModel, or one with other files
            beside it, or it cannot be written.
        TypeError: the model has no graph of layers.
        ValueError: with `step=True`, the model has no step, and why; or `step` is something else.

    Example:
        >>> import keras, tempfile
        >>> import tensorflow as tf
        >>> from kerasrnn.export import to_saved_model
        >>> from kerasrnn.layers import LSTM
        >>> x = keras.Input((None, 3), name="x")
        >>> model = keras.Model(x, LSTM(4, name="reader")(x))
        >>> path = tempfile.mkdtemp() + "/model"
        >>> to_saved_model(model, path) < 1e-5
        True
        >>> step = tf.saved_model.load(path).signatures["step"]
        >>> sorted(step.structured_input_signature[1])
        ['reader_a', 'reader_c', 'x']
    """
    # Here: who uses a TFLite file alone needs neither TensorFlow nor Keras.
    import tensorflow as tf

    from kerasrnn._model_inputs import graph_of
    from kerasrnn.export import _saved_model_signatures as _signatures
    from kerasrnn.export import _step_signature, _traced

    graph_of(model, "export it")
    _refuse_foreign_folder(Path(path))
    require_writable(path)
    samples = _signatures.comparable(model, samples)
    stepped = _step_signature.step_model_of(model, step, samples)
    module = tf.Module(name="kerasrnn_export")
    # TensorFlow's variables, not the model: of Keras's it would write two each, and TensorFlow 1's
    # loader, which saved_model_cli takes, would fill the ones that no graph reads.
    module.weights = [variable.value for variable in model.variables]
    signatures = {"serving_default": _traced.whole_signature(tf, model)}
    if stepped is not None:
        signatures["step"] = _traced.step_signature(tf, stepped)
    if vocabulary is not None:
        module.text = vocabulary.to_tensorflow()
        signatures["text"] = _signatures.by_text(tf, model, module.text)
    with atomic_folder(path) as temporary:
        tf.saved_model.save(module, str(temporary), signatures=signatures)
        loaded = tf.saved_model.load(str(temporary)).signatures
        differences = [_signatures.check_arrays(model, loaded["serving_default"], samples)]
        if stepped is not None:
            differences.append(_step_signature.check_steps(stepped, loaded["step"], samples))
        if vocabulary is not None:
            differences.append(_signatures.check_text(model, vocabulary, loaded["text"], texts))
    return max(differences)


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
