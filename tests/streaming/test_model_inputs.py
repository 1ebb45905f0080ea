"""Random inputs are such as the model takes, and cover what it can do with them."""

import keras
import numpy as np
import pytest

from kerasrnn import layers
from kerasrnn._model_inputs import name_inputs, output_names, pack_inputs, random_inputs


def drawn(model, batch=64, time=9):
    return random_inputs(model, batch, time, np.random.default_rng(0))


def test_numbers_reach_up_to_what_the_embedding_that_reads_them_takes():
    few = keras.Input((None,), dtype="int32", name="few")
    many = keras.Input((None,), dtype="int32", name="many")
    letters = keras.Input((None, None), dtype="int32", name="letters")
    flags = keras.Input((3,), dtype="int32", name="flags")
    joined = keras.layers.Concatenate()(
        [
            keras.layers.Embedding(3, 2)(few),
            keras.layers.Embedding(11, 2)(layers.WordDropout(0.1)(many)),
            layers.CharacterFeatures(7, 2, 2)(letters),
        ]
    )
    inputs = drawn(keras.Model([few, many, letters, flags], [joined, flags]))
    largest = {name: (array.min(), array.max()) for name, array in inputs.items()}
    assert largest == {"few": (0, 2), "many": (0, 10), "letters": (0, 6), "flags": (0, 1)}
    assert inputs["many"].shape == (64, 9)
    assert inputs["letters"].shape[:2] == (64, 9)
    assert inputs["flags"].shape == (64, 3)
    assert {array.dtype for array in inputs.values()} == {np.dtype("int32")}


def test_embeddings_within_models_within_models_are_found():
    word = keras.Input((None,), dtype="int32")
    inner = keras.Model(word, keras.layers.Embedding(4, 2)(word))
    pair = keras.Input((None,), dtype="int64", name="pair")
    sequential = keras.Sequential([keras.Input((None,), dtype="int64"), inner])
    (array,) = drawn(keras.Model(pair, sequential(pair))).values()
    assert (array.min(), array.max(), array.dtype) == (0, 3, np.dtype("int64"))
    (array,) = drawn(sequential).values()
    assert array.max() == 3


def test_some_steps_are_such_that_a_masking_layer_skips_them():
    x = keras.Input((None, 3), name="x")
    model = keras.Model(x, layers.LSTM(2)(keras.layers.Masking(-2.0)(x)))
    skipped = (drawn(model)["x"] == -2).all(axis=-1)
    assert 0.15 < skipped.mean() < 0.35


def test_what_no_one_can_draw_is_named():
    text = keras.Input((None,), dtype="string", name="text")
    with pytest.raises(ValueError, match="No random string can be drawn for the input 'text'"):
        drawn(keras.Model(text, text))


@pytest.mark.parametrize("pack", [list, tuple, lambda pair: dict(zip("ab", pair, strict=True))])
def test_inputs_are_packed_as_the_model_was_built_and_named_again(pack):
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    model = keras.Model(pack([a, b]), a - b)
    named = {"a": np.full((1, 2), 3.0), "b": np.ones((1, 2))}
    np.testing.assert_array_equal(model(pack_inputs(model, named)), [[2, 2]])
    assert name_inputs(model, pack_inputs(model, named)) == named
    with pytest.raises(ValueError, match=r"has the inputs \['a', 'b'\]; received 1"):
        name_inputs(model, [named["a"]])


def test_outputs_have_the_keys_of_a_dictionary_or_the_layers_names_each_once():
    x = keras.Input((2,), name="x")
    layer = keras.layers.Dense(2, name="y")
    assert output_names(keras.Model(x, {"second": layer(x), "first": x})) == ["first", "second"]
    assert output_names(keras.Model(x, [layer(x), layer(layer(x))])) == ["y", "y_2"]
    assert output_names(keras.Sequential([x, layer])) == ["y"]
