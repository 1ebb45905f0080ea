"""Export to TensorFlow's SavedModel."""

from pathlib import Path

import numpy as np

from kerasrnn._files import atomic_folder, require_writable
from kerasrnn._model_inputs import (
    as_arrays,
    graph_of,
    name_inputs,
    name_outputs,
    output_names,
    pack_inputs,
    random_inputs,
)
from kerasrnn.export._parity import ExportError, require_parity, require_parity_by_name
from kerasrnn.export._step_signature import (
    check_steps,
    loop,
    step_model_of,
    step_signature,
)

# What TensorFlow writes into a SavedModel's folder.
_FILES = ("saved_model.pb", "saved_model.pbtxt", "fingerprint.pb", "keras_metadata.pb")
_FOLDERS = ("variables", "assets", "assets.extra")
# Batch and time of the random inputs; a shape of each kind that a graph could get wrong.
_DRAWN = ((2, 7), (1, 1), (3, 12))


def to_saved_model(model, path, *, samples=None, vocabulary=None, texts=(), step="auto"):
    """Writes a SavedModel that runs where this library is not installed.

    Signatures: `serving_default` takes the model's inputs by name, of any batch and time, and gives
    its outputs by name; `step` takes inputs of one time step and the states by name (see
    `kerasrnn.streaming.StepModel`), and gives the outputs and, by the same names, the new states;
    with a vocabulary, `text` takes strings `(batch,)` as `text` and gives `tokens`, `tags` and
    `probabilities`, padded with empty strings.

    Before the folder counts it is loaded and compared with Keras on random inputs and on the
    samples, and its steps with the whole; a difference above 1e-5·max(1, |y|) is an error and
    leaves what was there before.

    Args:
        model: a functional or built Sequential `keras.Model`.
        path: folder to write; a SavedModel that exists is replaced.
        samples: list of inputs to compare on besides random ones, as the model takes them or as
            dictionaries by name; needed where no random input can be drawn (strings), or `None`.
        vocabulary: an object that has `tokenize`, `encode` and `decode`, and whose
            `to_tensorflow()` has the same as a graph, such as `kerasrnn.data.TaggingVocabulary`;
            or `None`.
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
    import tensorflow as tf

    graph_of(model, "export it")
    _refuse_foreign_folder(Path(path))
    require_writable(path)
    samples = _comparable(model, samples)
    stepped = step_model_of(model, step, samples)
    module = tf.Module(name="kerasrnn_export")
    # TensorFlow's variables, not the model: of Keras's it would write two each, and TensorFlow 1's
    # loader, which saved_model_cli takes, would fill the ones that no graph reads.
    module.weights = [variable.value for variable in model.variables]
    signatures = {"serving_default": _by_name(tf, model)}
    if stepped is not None:
        signatures["step"] = step_signature(tf, stepped)
    if vocabulary is not None:
        module.text = vocabulary.to_tensorflow()
        signatures["text"] = _by_text(tf, model, module.text)
    with atomic_folder(path) as temporary:
        tf.saved_model.save(module, str(temporary), signatures=signatures)
        loaded = tf.saved_model.load(str(temporary)).signatures
        differences = [_check_arrays(model, loaded["serving_default"], samples)]
        if stepped is not None:
            differences.append(check_steps(stepped, loaded["step"], samples))
        if vocabulary is not None:
            differences.append(_check_text(model, vocabulary, loaded["text"], texts))
    return max(differences)


def _comparable(model, samples):
    """Dictionaries of inputs to compare on: those that were given, then random ones."""
    rng = np.random.default_rng(0)
    given = [
        {name: np.asarray(array) for name, array in name_inputs(model, sample).items()}
        for sample in samples or ()
    ]
    try:
        drawn = [random_inputs(model, batch, time, rng) for batch, time in _DRAWN]
    except ValueError as error:
        if not given:
            raise ExportError(f"There are no inputs to compare with Keras: {error}") from error
        drawn = []
    return [*given, *drawn]


def _by_name(tf, model):
    specs = {
        tensor.name: tf.TensorSpec(tensor.shape, tensor.dtype, name=tensor.name)
        for tensor in model.inputs
    }

    @tf.function(input_signature=[specs], autograph=False)
    def serve(inputs):
        with loop():
            return name_outputs(model, model(pack_inputs(model, inputs), training=False))

    return serve.get_concrete_function()


def _by_text(tf, model, reader):
    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string, name="text")])
    def tag(text):
        # The model's convolutions take no batch of no rows: it gets one, which is cut off again.
        rows = tf.shape(text)[0]
        tokens = reader.tokenize(tf.pad(text, [[0, tf.maximum(1 - rows, 0)]]))
        with loop():
            found = model(reader.encode(tokens), training=False)
        outputs = reader.decode(tokens, found)
        return {name: output[:rows] for name, output in outputs.items()}

    return tag.get_concrete_function()


def _check_arrays(model, signature, samples):
    """Compares each output on the samples, which are dictionaries of arrays."""
    import tensorflow as tf

    pairs = {name: [] for name in output_names(model)}
    for sample in samples:
        expected = name_outputs(model, model(pack_inputs(model, sample), training=False))
        received = signature(**{name: tf.constant(array) for name, array in sample.items()})
        for name, compared in pairs.items():
            compared.append((as_arrays(expected[name])[0], received[name]))
    return require_parity_by_name("The SavedModel", pairs)


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
