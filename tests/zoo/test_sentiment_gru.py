"""sentiment_gru: shapes, cells, padding, poolings and files."""

import keras
import numpy as np
import pytest

from kerasrnn.export import to_saved_model, to_tflite
from kerasrnn.layers import BRNN, FullGRU, cell_names
from kerasrnn.zoo import sentiment_gru

SIZES = {"vocab_size": 20, "num_classes": 3, "units": 4, "word_dim": 5}
LENGTHS = (7, 4, 1, 2)
POOLINGS = ("last", "mean")


def make(seed=0, **arguments):
    keras.utils.set_random_seed(seed)
    return sentiment_gru(**{**SIZES, **arguments})


def example(lengths=LENGTHS, time=7, seed=0):
    real = np.arange(time) < np.asarray(lengths)[:, None]
    numbers = np.random.default_rng(seed).integers(1, SIZES["vocab_size"], real.shape)
    return as_input(np.where(real, numbers, 0))


def as_input(words):
    return {"words": np.asarray(words, "int32")}


def states(model, layer, words):
    inputs = {"words": model.inputs[0]}
    return np.asarray(keras.Model(inputs, model.get_layer(layer).output)(words))


def pooled(model, words):
    """What the layer of labels is given, dropout aside."""
    inputs = {"words": model.inputs[0]}
    return np.asarray(keras.Model(inputs, model.get_layer("dropout").input)(words))


def test_it_is_a_functional_model_of_words_of_any_length():
    model = make()
    assert {t.name: (t.shape, t.dtype) for t in model.inputs} == {"words": ((None, None), "int32")}
    assert model.output_shape == (None, 3)
    assert not model.compiled
    assert model.name == "sentiment_gru"


@pytest.mark.parametrize(
    ("cell", "layers"), [*((cell, 1) for cell in cell_names()), ("full_gru", 2)]
)
@pytest.mark.parametrize("bidirectional", [True, False])
def test_each_text_gets_one_probability_a_label(cell, layers, bidirectional):
    model = make(cell=cell, layers=layers, bidirectional=bidirectional)
    assert sum(isinstance(layer, BRNN) for layer in model.layers) == layers * bidirectional
    outputs = np.asarray(model(example()))
    assert outputs.shape == (4, 3)
    assert np.all(outputs > 0)
    np.testing.assert_allclose(outputs.sum(-1), 1, atol=1e-6)


def test_a_cell_may_be_a_function_that_makes_the_layer():
    by_name, by_function = make(cell="full_gru"), make(cell=FullGRU)
    np.testing.assert_array_equal(by_function(example()), by_name(example()))


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_padding_changes_nothing(pooling, bidirectional, layers):
    model = make(pooling=pooling, bidirectional=bidirectional, layers=layers)
    words = example()["words"]
    expected = np.asarray(model(as_input(words)))
    longer = np.pad(words, [(0, 0), (0, 9)])
    np.testing.assert_allclose(model(as_input(longer)), expected, atol=1e-6)
    for place, length in enumerate(LENGTHS):
        alone = model(as_input(words[[place], :length]))
        np.testing.assert_allclose(alone[0], expected[place], atol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("bidirectional", [True, False])
def test_a_pool_is_what_the_docstring_says(pooling, bidirectional):
    model = make(pooling=pooling, bidirectional=bidirectional)
    mean = make(pooling="mean", bidirectional=bidirectional)
    mean.set_weights(model.get_weights())  # a pool has none
    steps = states(mean, "brnn_1" if bidirectional else "rnn_1", example())
    for a, length, found in zip(steps, LENGTHS, pooled(model, example()), strict=True):
        a = a[:length]
        last = np.concatenate([a[-1, :4], a[0, 4:]]) if bidirectional else a[-1]
        np.testing.assert_allclose(found, a.mean(0) if pooling == "mean" else last, atol=1e-6)


def test_the_order_of_words_counts():
    words = example([7])["words"]
    assert np.max(np.abs(make()(as_input(words)) - make()(as_input(words[:, ::-1])))) > 1e-5


def test_words_and_features_are_dropped_in_training_alone():
    for dropped in ({"word_dropout": 0.9, "dropout": 0.0}, {"word_dropout": 0.0, "dropout": 0.9}):
        model = make(**dropped)
        expected = np.asarray(model(example()))
        np.testing.assert_array_equal(model(example()), expected)
        assert np.max(np.abs(model(example(), training=True) - expected)) > 1e-4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layers": 0}, "`layers` must be a positive integer; received 0"),
        ({"layers": True}, "`layers` must be a positive integer; received True"),
        ({"pooling": "max"}, "`pooling` must be one of 'last', 'mean'; received 'max'"),
        ({"cell": "gru"}, "`cell` must be one of basic_rnn, .*; received 'gru'"),
        ({"vocab_size": None}, "needs `vocab_size`, unless `weights`"),
        ({"num_classes": None}, "needs `num_classes`, unless `weights`"),
    ],
)
def test_what_is_not_possible_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make(**arguments)


def test_a_keras_file_loads_without_its_builder(tmp_path):
    model = make(layers=2, bidirectional=False)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(example()), model(example()))


def test_weights_of_a_file_are_those_of_the_model(tmp_path):
    model, other = make(layers=2), make(seed=1, layers=2)
    model.save_weights(tmp_path / "model.weights.h5")
    assert np.max(np.abs(other(example()) - model(example()))) > 1e-4
    again = make(seed=2, layers=2, weights=tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(again(example()), model(example()))


@pytest.mark.parametrize(
    ("target", "quantize", "arguments"),
    [
        ("mobile", None, {}),
        ("mobile", None, {"pooling": "mean", "bidirectional": False}),
        ("gpu", None, {"bidirectional": False}),
        ("gpu", "float16", {"pooling": "mean"}),
    ],
)
def test_a_tflite_file_gives_what_keras_gives(tmp_path, target, quantize, arguments):
    report = to_tflite(
        make(**arguments),
        tmp_path / "model.tflite",
        target=target,
        quantize=quantize,
        samples=[example()],
    )
    assert report.largest_difference < (1e-5 if quantize is None else 5e-3)


@pytest.mark.long
@pytest.mark.parametrize("cell", cell_names())
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("target", ["mobile", "gpu"])
def test_every_cell_and_pool_exports_to_every_target(
    tmp_path, cell, pooling, bidirectional, target
):
    model = make(cell=cell, pooling=pooling, bidirectional=bidirectional)
    report = to_tflite(model, tmp_path / "model.tflite", target=target, samples=[example()])
    assert report.largest_difference < 1e-4


def test_a_saved_model_of_tensorflow_gives_what_keras_gives(tmp_path):
    assert to_saved_model(make(), tmp_path / "saved", samples=[example()]) <= 1e-5
