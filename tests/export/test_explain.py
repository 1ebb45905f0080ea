"""What cannot be exported is named with the layer, the reason and what to change."""

import keras
import pytest
from keras import ops

from kerasrnn.export import ExportError, to_tflite
from kerasrnn.export._explain import not_converted, not_run
from kerasrnn.layers import LSTM

SHAPE = (6, 3)


def model_of(layer, dtype="float32", shape=SHAPE):
    x = keras.Input(shape, name="x", dtype=dtype)
    return keras.Model(x, layer(x), name="toy")


def refusal(model, path):
    with pytest.raises(ExportError) as caught:
        to_tflite(model, path / "model.tflite")
    assert list(path.iterdir()) == []
    message = str(caught.value)
    assert len(message) < 600
    assert "\n" not in message
    return message, caught.value


def test_an_operator_that_is_not_builtin_is_named_with_its_layer(tmp_path):
    message, error = refusal(model_of(keras.layers.Lambda(ops.erfinv, name="inverse")), tmp_path)
    assert "it has none for Erfinv in the layer 'inverse' (Lambda). Compute it with" in message
    assert "Erfinv" in str(error.__cause__)
    assert len(str(error.__cause__)) > 1000  # all that the converter says is kept


def test_it_is_named_in_a_model_in_a_model(tmp_path):
    inner = model_of(keras.layers.Lambda(ops.erfinv, name="inverse"))
    inner.name = "inner"
    message, _ = refusal(model_of(inner), tmp_path)
    assert "Erfinv in the layer 'inverse' (Lambda)" in message


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_a_layer_in_half_precision_is_named(tmp_path, dtype):
    message, _ = refusal(model_of(LSTM(2, dtype=dtype, name="half")), tmp_path)
    assert f"The layer 'half' of 'toy' computes in {dtype.removeprefix('mixed_')}" in message
    assert "dtype='float32'" in message


@pytest.mark.parametrize("dtype", ["int64", "float64"])
def test_an_input_of_another_type_is_named(tmp_path, dtype):
    layer = keras.layers.Activation("relu", dtype=dtype)
    message, _ = refusal(model_of(layer, dtype), tmp_path)
    assert f"The input 'x' of 'toy' is {dtype}" in message


def test_text_is_refused_with_the_way_out(tmp_path):
    lookup = keras.layers.StringLookup(vocabulary=["a", "b"])
    message, _ = refusal(model_of(lookup, "string", (6,)), tmp_path)
    assert "The input 'x' of 'toy' is text" in message
    assert "`files`" in message


def test_an_output_of_another_type_is_named_with_its_layer(tmp_path):
    layer = keras.layers.Lambda(lambda x: ops.cast(x, "float64"), name="wide", dtype="float64")
    message, _ = refusal(model_of(layer), tmp_path)
    assert "float64" in message


def test_random_numbers_are_named(tmp_path):
    noise = keras.layers.Lambda(lambda x: x + keras.random.normal((1, *SHAPE)), name="noise")
    message, _ = refusal(model_of(noise), tmp_path)
    assert "reads something that is no weight of it" in message
    assert "seed_generator_state" in message


def test_of_other_errors_the_line_that_matters_is_kept():
    where = 'loc(callsite(fused["A:", "toy/b/c@f"] at "g")):'
    text = f"first\n<unknown>:0: error: {where} 'tf.X' has no shape\n" + "more\n" * 500
    message = str(not_converted(model_of(keras.layers.Identity()), RuntimeError(text)))
    assert message.endswith("error: 'tf.X' has no shape")
    assert len(message) < 300


def test_what_a_runtime_says_forty_times_is_said_once():
    said = "x.tflite is not a TFLite file that runs: " + "failed to create XNNPACK runtime" * 40
    message = str(not_run("interpreter", ValueError(said), "mobile", "int8"))
    assert message.count("failed to create XNNPACK runtime") == 1
    assert "some that have real values in every step" in message
    assert "every step" not in str(not_run("compiled", ValueError(said), "mobile", None))
