"""The signatures of a SavedModel, and how each is compared with Keras."""

import numpy as np

from kerasrnn._model_inputs import (
    as_arrays,
    name_inputs,
    name_outputs,
    output_names,
    pack_inputs,
    random_inputs,
)
from kerasrnn.export._parity import ExportError, require_parity, require_parity_by_name
from kerasrnn.export._traced import loop

# Batch and time of the random inputs; a shape of each kind that a graph could get wrong.
_DRAWN = ((2, 7), (1, 1), (3, 12))


def comparable(model, samples):
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


def by_text(tf, model, reader):
    """The model as a function of texts, which `reader` reads and whose outputs it names."""

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string, name="text")])
    def read(text):
        # The model's convolutions take no batch of no rows: it gets one, which is cut off again.
        rows = tf.shape(text)[0]
        tokens = reader.tokenize(tf.pad(text, [[0, tf.maximum(1 - rows, 0)]]))
        with loop():
            found = model(reader.encode(tokens), training=False)
        outputs = reader.decode(tokens, found)
        return {name: output[:rows] for name, output in outputs.items()}

    return read.get_concrete_function()


def check_arrays(model, signature, samples):
    """Compares each output on the samples, which are dictionaries of arrays."""
    import tensorflow as tf

    pairs = {name: [] for name in output_names(model)}
    for sample in samples:
        expected = name_outputs(model, model(pack_inputs(model, sample), training=False))
        received = signature(**{name: tf.constant(array) for name, array in sample.items()})
        for name, compared in pairs.items():
            compared.append((as_arrays(expected[name])[0], received[name]))
    return require_parity_by_name("The SavedModel", pairs)


def check_text(model, vocabulary, signature, texts):
    """Compares with the Python reading of the texts, which shares no code with the graph's."""
    import tensorflow as tf

    def pairs():
        for text in texts:
            result = signature(text=tf.constant([text]))
            tokens = vocabulary.tokenize(text)
            expected = np.asarray(model(vocabulary.encode([tokens]), training=False))
            for name, strings in vocabulary.text_outputs(tokens, expected[0]).items():
                _require_same(text, name, strings, result)
            yield expected, result["probabilities"]

    return require_parity("The SavedModel's text signature", pairs())


def _require_same(text, name, expected, result):
    received = [value.decode() for value in np.ravel(result[name].numpy()[0])]
    if received != expected:
        raise ExportError(
            f"The SavedModel's {name} of {text!r} are {received}, those of the library {expected}."
        )
