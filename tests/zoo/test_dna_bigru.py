"""dna_bigru: shapes, cells, padding, ambiguity codes, pools and files."""

import keras
import numpy as np
import pytest

from kerasrnn.data import DnaEncoder, Labelled
from kerasrnn.data._dna_encoder import LETTER_SHARES
from kerasrnn.export import to_saved_model, to_tflite
from kerasrnn.layers import BRNN, FullGRU, cell_names
from kerasrnn.zoo import dna_bigru
from kerasrnn.zoo._members import members_of

SIZES = {"num_letters": 16, "num_classes": 3, "units": 3, "filters": 4, "hidden": 5}
LENGTHS = (7, 4, 1, 2)
POOLINGS = ("middle", "middle_last", "last", "mean", "max")


def make(seed=0, **arguments):
    keras.utils.set_random_seed(seed)
    return dna_bigru(**{**SIZES, **arguments})


def example(lengths=LENGTHS, time=7, most=16, seed=0):
    rng = np.random.default_rng(seed)
    real = np.arange(time) < np.asarray(lengths)[:, None]
    return as_input(np.where(real, rng.integers(1, most, real.shape), 0))


def as_input(letters):
    return {"letters": np.asarray(letters, "int32")}


def part(model, layer, letters, output=True):
    """What a layer of the model gives, or what it gets."""
    layer = model.get_layer(layer)
    inputs = {"letters": model.inputs[0]}
    return keras.Model(inputs, layer.output if output else layer.input)(letters)


def test_it_is_a_functional_model_of_letters_of_any_length():
    model = make()
    assert isinstance(model, keras.Model)
    assert {t.name: (t.shape, t.dtype) for t in model.inputs} == {
        "letters": ((None, None), "int32")
    }
    assert model.output_shape == (None, 3)
    assert not model.compiled
    assert model.name == "dna_bigru"


@pytest.mark.parametrize(
    ("cell", "layers"), [*((cell, 1) for cell in cell_names()), ("full_gru", 2)]
)
def test_each_sequence_gets_one_probability_a_class(cell, layers):
    model = make(cell=cell, layers=layers)
    assert sum(isinstance(layer, BRNN) for layer in model.layers) == layers
    outputs = np.asarray(model(example()))
    assert outputs.shape == (4, 3)
    assert np.all(outputs > 0)
    np.testing.assert_allclose(outputs.sum(-1), 1, atol=1e-6)


def test_a_cell_may_be_a_function_that_makes_the_layer():
    by_name, by_function = make(cell="full_gru"), make(cell=FullGRU)
    np.testing.assert_array_equal(by_function(example()), by_name(example()))


@pytest.mark.parametrize(
    ("pooling", "numbers", "layers"),
    [("middle_last", 18, 2), *((pooling, 16, 1) for pooling in POOLINGS)],
)
def test_padding_changes_nothing(pooling, numbers, layers):
    model = make(pooling=pooling, num_letters=numbers, layers=layers)
    letters = example()["letters"]
    expected = np.asarray(model(as_input(letters)))
    longer = np.pad(letters, [(0, 0), (0, 5)])
    np.testing.assert_allclose(model(as_input(longer)), expected, atol=1e-6)
    for place, length in enumerate(LENGTHS):
        alone = model(as_input(letters[[place], :length]))
        np.testing.assert_allclose(alone[0], expected[place], atol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_letter_counts(pooling):
    model = make(pooling=pooling, filters=0, units=16, hidden=0)
    letters = np.full((8, 7), 2)
    letters[np.arange(7), np.arange(7)] = 3
    outputs = np.asarray(model(as_input(letters)))
    assert np.all(np.max(np.abs(outputs[:7] - outputs[7]), axis=1) > 1e-7)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_pool_is_what_the_docstring_says(pooling):
    lengths = (1, 2, 5, 6)
    model, steps = make(pooling=pooling), make(pooling="mean")
    for layer in ("convolution", "brnn_1"):
        steps.get_layer(layer).set_weights(model.get_layer(layer).get_weights())
    letters = example(lengths)
    states = np.asarray(part(steps, "brnn_1", letters))
    pooled = part(model, "dropout_hidden", letters, output=False)
    for a, length, found in zip(states, lengths, pooled, strict=True):
        a = a[:length]
        middle, last = [a[(length - 1) // 2], a[length // 2]], [a[-1, :3], a[0, 3:]]
        expected = {
            "middle": np.concatenate(middle),
            "middle_last": np.concatenate([*middle, *last]),
            "last": np.concatenate(last),
            "mean": a.mean(axis=0),
            "max": a.max(axis=0),
        }[pooling]
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_letters_are_read_as_their_shares_which_training_leaves_as_they_are():
    model = make()
    shares = model.get_layer("shares")
    np.testing.assert_array_equal(shares.embeddings, LETTER_SHARES)
    assert not shares.trainable_weights
    model.compile(keras.optimizers.SGD(1.0), "sparse_categorical_crossentropy", jit_compile=False)
    before = model.get_layer("classes").get_weights()[0]
    model.fit(example(), np.array([0, 1, 2, 0]), verbose=0)
    np.testing.assert_array_equal(shares.embeddings, LETTER_SHARES)
    assert np.max(np.abs(model.get_layer("classes").get_weights()[0] - before)) > 1e-4


def test_an_unsure_letter_is_the_mean_of_what_it_stands_for():
    letters = DnaEncoder(("a", "b")).encode(["NRACGT"])
    n, r, a, c, g, t = part(make(), "shares", letters)[0]
    np.testing.assert_allclose(n, (a + c + g + t) / 4)
    np.testing.assert_allclose(r, (a + g) / 2)


def test_words_have_vectors_that_are_learned():
    encoder = DnaEncoder.build([Labelled("ACGT", "x"), Labelled("AA", "y")], kmer=2)
    model = dna_bigru(**encoder.sizes, units=3, filters=4, letter_dim=5)
    words = model.get_layer("words")
    assert words.embeddings.shape == (18, 5)
    assert words.trainable
    assert model(encoder.encode(["ACGTN", "A"])).shape == (2, 2)


@pytest.mark.parametrize(("filters", "hidden"), [(0, 0), (4, 0), (0, 5)])
def test_the_convolution_and_the_hidden_layer_may_be_left_out(filters, hidden):
    model = make(filters=filters, hidden=hidden)
    names = {layer.name for layer in model.layers}
    assert ("convolution" in names, "hidden" in names) == (filters > 0, hidden > 0)
    assert model(example()).shape == (4, 3)


def test_letters_are_hidden_in_training_alone():
    model = make(dropout=0.0, letter_dropout=0.5)
    letters = example()
    np.testing.assert_array_equal(model(letters), model(letters))
    hidden = model(letters, training=True)
    assert np.max(np.abs(hidden - model(letters))) > 1e-4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layers": 0}, "`layers` must be a positive integer; received 0"),
        (
            {"pooling": "first"},
            "`pooling` must be one of 'middle', .*, 'max'; received 'first'",
        ),
        ({"cell": "gru"}, "`cell` must be one of basic_rnn, .*; received 'gru'"),
        ({"num_letters": None}, "needs `num_letters`, unless `weights`"),
    ],
)
def test_what_is_not_possible_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make(**arguments)


def test_a_saved_model_loads_without_its_builder(tmp_path):
    model = make()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(example()), model(example()))


@pytest.mark.parametrize(
    ("pooling", "target", "quantize"),
    [("middle_last", "mobile", None), ("middle_last", "gpu", "float16")],
)
def test_a_tflite_file_gives_what_keras_gives(tmp_path, pooling, target, quantize):
    samples = [example()]
    report = to_tflite(
        make(pooling=pooling),
        tmp_path / "model.tflite",
        target=target,
        quantize=quantize,
        samples=samples,
    )
    assert report.largest_difference < (1e-5 if quantize is None else 5e-3)


@pytest.mark.long
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("target", ["mobile", "gpu"])
@pytest.mark.parametrize("quantize", [None, "float16", "dynamic"])
def test_every_pool_exports_to_every_target(tmp_path, pooling, target, quantize):
    samples = [example()]
    path = tmp_path / "model.tflite"
    to_tflite(make(pooling=pooling), path, target=target, quantize=quantize, samples=samples)
    assert path.stat().st_size > 0


def test_a_saved_model_of_tensorflow_gives_what_keras_gives(tmp_path):
    assert to_saved_model(make(), tmp_path / "saved", samples=[example()]) <= 1e-5


def test_members_differ_and_the_model_gives_the_mean_of_their_probabilities():
    model = make(members=3)
    parts = members_of(model)
    assert [part.name for part in parts] == ["member_1", "member_2", "member_3"]
    each = [np.asarray(part(example())) for part in parts]
    assert np.abs(each[0] - each[1]).max() > 1e-4
    np.testing.assert_allclose(model(example()), np.mean(each, axis=0), rtol=1e-5, atol=1e-7)


def test_a_model_without_members_is_its_only_one():
    model = make()
    assert members_of(model) == [model]


def test_members_are_exported_and_their_weights_read_again(tmp_path):
    model = make(members=2)
    samples = [example((7,)), example((5,), seed=1)]
    assert to_tflite(model, tmp_path / "dna.tflite", samples=samples).largest_difference < 1e-5
    model.save_weights(tmp_path / "model.weights.h5")
    again = make(seed=1, members=2, weights=tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(model(example()), again(example()))


@pytest.mark.parametrize("members", [0, -1, 2.0])
def test_a_number_of_members_that_is_none_is_refused(members):
    with pytest.raises(ValueError, match="`members` must be a positive integer"):
        make(members=members)
