"""What is equal in a TFLite file is kept once, and it still computes the same."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from kerasrnn import layers
from kerasrnn.export._convert import Conversion
from kerasrnn.export._flatbuffer import packed, unpacked
from kerasrnn.export._merge import merge_equal
from kerasrnn.export._outputs import separate_outputs, trim
from kerasrnn.export._signatures import signatures_of
from kerasrnn.sequence._lowering import Blocks

FEATURES, UNITS = 3, 8


def converted(time, layer=None):
    """The bytes that the converter makes of a layer in loops, and the layer."""
    layer = layer or layers.LSTM(UNITS, return_sequences=True)
    x = keras.Input((time, FEATURES), name="x")
    shapes = {"x": (1, time, FEATURES)}
    return Conversion(keras.Model(x, layer(x)), shapes, lambda _: Blocks(2, 3)).converted(), layer


def from_function(function, *specs):
    concrete = tf.function(function, autograph=False).get_concrete_function(*specs)
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module()).convert()


def run(content, x):
    runner = Interpreter(model_content=content).get_signature_runner()
    return next(iter(runner(x=x).values()))


def changed(content, *passes):
    model = unpacked(content)
    for change in passes:
        change(model)
    return packed(model), model


def test_loops_of_one_body_share_it():
    few, _ = converted(12)  # two loops
    many, layer = converted(36)  # six
    (few, small), (many, large) = changed(few, merge_equal), changed(many, merge_equal)
    assert len(small.subgraphs) == len(large.subgraphs)
    x = np.random.default_rng(0).normal(size=(1, 36, FEATURES)).astype("float32")
    np.testing.assert_allclose(run(many, x), layer(x), atol=1e-6)


def test_bodies_that_differ_stay_apart():
    layer = layers.DeepRNN([layers.BasicRNN(UNITS), layers.BasicRNN(UNITS)], return_sequences=True)
    content, layer = converted(12, layer=layer)
    merged, _ = changed(content, merge_equal)
    x = np.random.default_rng(0).normal(size=(1, 12, FEATURES)).astype("float32")
    np.testing.assert_allclose(run(merged, x), layer(x), atol=1e-6)
    weights = [w for w in layer.get_weights() if w.shape == (UNITS, UNITS)]
    assert not np.array_equal(*weights[-2:])  # else they might as well be one


def test_equal_buffers_are_kept_once_and_nothing_is_lost():
    content, layer = converted(36)
    merged, model = changed(content, merge_equal)
    contents = [b.data.tobytes() for b in model.buffers if b.data is not None and len(b.data)]
    assert len(contents) == len(set(contents))
    kernel = layer.cell.recurrent_kernel.numpy().T.tobytes()
    assert contents.count(kernel) == 1
    assert len(merged) < len(content)


def test_names_between_operators_are_dropped_and_those_of_signatures_kept():
    content, layer = converted(12)
    smaller, model = changed(content, merge_equal, trim)
    assert len(smaller) < len(changed(content, merge_equal)[0])
    (signature,) = signatures_of(model).values()
    assert list(signature.inputs) == ["x"]
    x = np.random.default_rng(0).normal(size=(1, 12, FEATURES)).astype("float32")
    np.testing.assert_allclose(run(smaller, x), layer(x), atol=1e-6)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: {"a": x * 2, "b": x * 2},
        lambda x: {"a": x * 2, "b": x},
        lambda x: {"a": x * 2, "b": tf.zeros((1, FEATURES)) + 3},
    ],
    ids=["one tensor twice", "an input", "a constant"],
)
def test_each_output_is_a_tensor_of_its_own(function):
    content = from_function(function, tf.TensorSpec((1, FEATURES), name="x"))
    separate, model = changed(content, separate_outputs)
    (subgraph,) = model.subgraphs
    numbers = [entry.tensorIndex for entry in model.signatureDefs[0].outputs]
    assert len(set(numbers)) == 2
    assert sorted(subgraph.outputs) == sorted(numbers)
    assert not set(numbers) & set(subgraph.inputs)
    x = np.arange(FEATURES, dtype="float32")[None]
    made = Interpreter(model_content=separate).get_signature_runner()(x=x)
    for name, expected in function(tf.constant(x)).items():
        np.testing.assert_array_equal(made[name], keras.ops.convert_to_numpy(expected))


def test_buffers_are_aligned_as_the_schema_demands():
    content, layer = converted(12)
    kernel = layer.cell.recurrent_kernel.numpy().T.tobytes()
    merged, _ = changed(content, merge_equal)
    assert merged.count(kernel) == 1
    assert merged.index(kernel) % 16 == 0
