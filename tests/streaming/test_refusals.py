"""A model that has no step is refused, with the layer, the reason and what to change."""

import keras
import numpy as np
import pytest

from kerasrnn import layers
from kerasrnn.streaming import StepModel


def refused(build, match, fixed=None):
    x = keras.Input((fixed, 3), name="x")
    with pytest.raises(ValueError, match=match):
        StepModel(keras.Model(x, build(x), name="toy"))


UNFIT = {
    "both ways": (layers.BRNN(layers.LSTM(2), name="it"), "reads right to left too"),
    "within a stack": (
        layers.DeepRNN([layers.BRNN(layers.LSTM(2), name="it"), layers.LSTM(2)], name="stack"),
        "'stack/it' reads right to left too",
    ),
    "by Keras's wrapper": (
        keras.layers.Bidirectional(layers.LSTM(2), name="it"),
        "reads right to left too",
    ),
    "backwards": (layers.LSTM(2, go_backwards=True, name="it"), "go_backwards=False"),
    "a stack backwards": (
        layers.DeepRNN("lstm", units=[2], go_backwards=True, name="it"),
        "go_backwards=False",
    ),
    "Keras's own": (keras.layers.GRU(2, name="it"), "Keras's GRU.*from_keras"),
    "our cell in Keras's": (
        keras.layers.RNN(layers.LSTM(2).cell, name="it"),
        "Keras's RNN.*kerasrnn.layers.RNN",
    ),
}


@pytest.mark.parametrize(("layer", "match"), UNFIT.values(), ids=UNFIT)
def test_a_layer_without_a_step_is_named_with_what_to_do(layer, match):
    refused(layer, f"'toy' has no step: .*it' .*{match}|{match}")


def test_a_stateful_layer_is_refused():
    x = keras.Input(batch_shape=(2, None, 3))
    model = keras.Model(x, layers.LSTM(2, stateful=True, name="it")(x))
    with pytest.raises(ValueError, match="'it' has stateful=True, .* Build it with stateful=False"):
        StepModel(model)


def test_states_that_the_model_gives_are_refused():
    x, first = keras.Input((None, 3)), keras.Input((2,))
    model = keras.Model([x, first], layers.FullGRU(2, name="it")(x, initial_state=[first]))
    with pytest.raises(ValueError, match="'it' is called with an `initial_state`.*first step"):
        StepModel(model)


def test_a_model_without_states_is_refused():
    refused(keras.layers.Dense(2), "'toy' has no step: it has no recurrent layer of kerasrnn")


def test_a_model_without_a_graph_is_refused():
    with pytest.raises(TypeError, match="`model` must be a functional keras.Model"):
        StepModel(layers.LSTM(2))
    with pytest.raises(TypeError, match="`model` must be a functional keras.Model"):
        StepModel(keras.Sequential([layers.LSTM(2)]))


def read(x):
    return layers.LSTM(3, return_sequences=True)(x)


MIXERS = {
    "convolution": (
        lambda x: read(keras.layers.Conv1D(3, 3, padding="causal", name="it")(read(x))),
        r"the output of 'it' \(Conv1D\) differs step by step .* a convolution over time reads",
    ),
    "pooling": (
        lambda x: keras.layers.Dense(2)(keras.layers.GlobalMaxPooling1D(name="it")(read(x))),
        r"the output of 'it' \(GlobalMaxPooling1D\) differs .* pooling over time",
    ),
    "attention": (
        lambda x: keras.layers.Attention(name="it")([read(x), read(x)]),
        r"the output of 'it' \(Attention\) .* attention reads all steps",
    ),
    "an operation": (
        lambda x: keras.ops.cumsum(read(x), axis=1),
        r"the output of the operation Cumsum differs .* it mixes time steps",
    ),
    "a convolution too wide for one step": (
        lambda x: read(keras.layers.Conv1D(3, 3, name="it")(x)),
        r"'it' \(Conv1D\) does not run on one time step; a convolution over time.*|"
        r"the output of 'it' \(Conv1D\) has shape",
    ),
    "more steps": (
        lambda x: keras.layers.ZeroPadding1D(1, name="it")(read(x)),
        r"the output of 'it' \(ZeroPadding1D\) has shape \(2, 3, 3\) for one step and \(2, 26, 3\)",
    ),
}


@pytest.mark.parametrize(("build", "match"), MIXERS.values(), ids=MIXERS)
def test_the_first_layer_that_mixes_time_steps_is_named(build, match):
    refused(build, f"'toy' has no step: {match}")


def test_a_difference_is_found_on_the_samples_that_are_given():
    """Steps of 5 alone are mixed, which no random number is."""
    x = keras.Input((None, 3), name="x")
    fives = keras.ops.cast(keras.ops.equal(x, 5.0), "float32")
    model = keras.Model(x, read(x + keras.ops.cumsum(fives, axis=1)))
    StepModel(model)
    with pytest.raises(ValueError, match="Cumsum"):
        StepModel(model, samples=np.full((1, 3, 3), 5.0, "float32"))
    StepModel(model, check=False)
    with pytest.raises(ValueError, match=r"two steps or more .* received lengths \[1\]"):
        StepModel(model, samples={"x": np.ones((1, 1, 3), "float32")})
