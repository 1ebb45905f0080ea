import json
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.layers import BRNN, FullGRU, cell_names
from kerasrnn.zoo import TokenClassifier, ner_bilstm

VOCAB, TAGS, LETTERS = 30, 4, 9
SIZES = {
    "vocab_size": VOCAB,
    "num_tags": TAGS,
    "num_characters": LETTERS,
    "units": 3,
    "word_dim": 4,
    "character_dim": 2,
    "character_filters": 5,
}
LENGTHS = np.array([5, 2, 4, 1, 5, 3])


def make(seed=0, **arguments):
    keras.utils.set_random_seed(seed)
    return ner_bilstm(**{**SIZES, **arguments})


def example(lengths=LENGTHS, time=5, letters=6, seed=0):
    """Random words and letters, padded with zeros after each sentence and each word."""
    rng = np.random.default_rng(seed)
    lengths = np.asarray(lengths)
    real = np.arange(time) < lengths[:, None]
    words = np.where(real, rng.integers(1, VOCAB, real.shape), 0)
    sizes = np.where(real, rng.integers(1, letters + 1, real.shape), 0)
    spelt = np.arange(letters) < sizes[..., None]
    characters = np.where(spelt, rng.integers(1, LETTERS, spelt.shape), 0)
    return {"words": words.astype("int32"), "characters": characters.astype("int32")}


def targets(lengths=LENGTHS, time=5):
    return np.random.default_rng(1).integers(0, TAGS, (len(lengths), time)).astype("int32")


def pad(inputs, time=0, letters=0):
    return {
        "words": np.pad(inputs["words"], [(0, 0), (0, time)]),
        "characters": np.pad(inputs["characters"], [(0, 0), (0, time), (0, letters)]),
    }


def compiled(model, rate=0.1):
    model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy", jit_compile=False)
    return model


def test_it_is_a_functional_model_with_two_named_inputs_of_any_size():
    model = make()
    assert type(model) is TokenClassifier
    assert {t.name: t.shape for t in model.inputs} == {
        "words": (None, None),
        "characters": (None, None, None),
    }
    assert {t.dtype for t in model.inputs} == {"int32"}
    assert model.output_shape == (None, None, TAGS)
    assert not model.compiled


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", cell_names())
def test_each_token_gets_one_probability_a_tag(cell, layers):
    model = make(cell=cell, layers=layers)
    brnns = [layer for layer in model.layers if isinstance(layer, BRNN)]
    assert [layer.name for layer in brnns] == [f"brnn_{n}" for n in range(1, layers + 1)]
    outputs = np.asarray(model(example()))
    assert outputs.shape == (6, 5, TAGS)
    assert outputs.dtype == "float32"
    assert np.all(outputs > 0)
    np.testing.assert_allclose(outputs.sum(-1), 1, atol=1e-6)


def test_a_cell_may_be_a_function_that_makes_the_layer():
    by_name, by_function = make(cell="full_gru"), make(cell=FullGRU)
    assert [w.shape for w in by_name.weights] == [w.shape for w in by_function.weights]
    by_function.set_weights(by_name.get_weights())
    np.testing.assert_array_equal(by_function(example()), by_name(example()))


def test_an_unknown_cell_is_refused_and_the_known_ones_listed():
    with pytest.raises(ValueError, match="`cell` must be one of basic_rnn, .*; received 'gru'"):
        make(cell="gru")


def test_missing_sizes_are_asked_for():
    with pytest.raises(ValueError, match="needs `vocab_size` and `num_tags`, unless `weights`"):
        ner_bilstm()
    with pytest.raises(ValueError, match="needs `num_tags`, unless"):
        ner_bilstm(vocab_size=5)


@pytest.mark.parametrize("cell", cell_names())
def test_more_padding_in_time_and_letters_changes_no_real_token(cell):
    model = make(cell=cell)
    inputs = example()
    real = inputs["words"] != 0
    expected = np.asarray(model(inputs))[real]
    for more in ({"letters": 3}, {"time": 11, "letters": 1}):
        outputs = np.asarray(model(pad(inputs, **more)))[:, :5]
        np.testing.assert_allclose(outputs[real], expected, atol=1e-6)


def test_a_sentence_has_the_same_tags_alone_and_in_a_batch():
    model = make()
    inputs = example()
    together = np.asarray(model(inputs))
    for row, length in enumerate(LENGTHS):
        alone = {name: array[row : row + 1, :length] for name, array in inputs.items()}
        np.testing.assert_allclose(model(alone)[0], together[row, :length], atol=1e-6)


def test_a_tag_depends_on_words_and_letters_on_both_sides():
    model = make()
    inputs = example([5])
    before = np.asarray(model(inputs))[0]
    for name, place in (("words", (0, 2)), ("characters", (0, 2, 0))):
        changed = {key: array.copy() for key, array in inputs.items()}
        changed[name][place] = 1 + inputs[name][place] % (LETTERS - 1)
        after = np.asarray(model(changed))[0]
        assert np.all(np.max(np.abs(after - before), axis=-1) > 1e-6), name


@pytest.mark.parametrize("form", ["arrays", "dataset"])
def test_fit_lowers_the_loss(form):
    model = compiled(make(cell="basic_rnn", dropout=0.0, word_dropout=0.0), rate=1.0)
    data = example(), targets()
    if form == "dataset":
        data = (tf.data.Dataset.from_tensor_slices(data).batch(3),)
    losses = model.fit(*data, epochs=8, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < 0.9 * losses[0]


@pytest.mark.long
def test_sample_weights_weigh_each_real_token_in_the_loss():
    inputs, y = example(), targets()
    weights = np.random.default_rng(2).integers(0, 3, y.shape).astype("float32")
    model = compiled(make())
    expected = model.evaluate(inputs, y, sample_weight=weights, batch_size=6, verbose=0)
    taken = np.take_along_axis(np.asarray(model(inputs)), y[..., None], -1)[..., 0]
    real = inputs["words"] != 0
    # Keras divides by the number of real tokens, not by the sum of their weights
    by_hand = np.sum(-np.log(taken[real]) * weights[real]) / np.sum(real)
    np.testing.assert_allclose(expected, by_hand, rtol=1e-5)
    dataset = tf.data.Dataset.from_tensor_slices((inputs, y, weights)).batch(6)
    np.testing.assert_allclose(model.evaluate(dataset, verbose=0), expected, rtol=1e-6)


def test_the_loss_is_that_of_the_real_tokens_alone():
    model = compiled(make())
    inputs, y = example(), targets()
    probabilities = np.asarray(model(inputs))
    taken = np.take_along_axis(probabilities, y[..., None], -1)[..., 0]
    expected = -np.log(taken[inputs["words"] != 0])  # one number a real token
    loss = model.evaluate(inputs, y, batch_size=6, verbose=0)
    np.testing.assert_allclose(loss, expected.mean(), rtol=1e-5)
    padded_y = np.pad(y, [(0, 0), (0, 7)], constant_values=TAGS - 1)
    loss = model.evaluate(pad(inputs, time=7), padded_y, batch_size=6, verbose=0)
    np.testing.assert_allclose(loss, expected.mean(), rtol=1e-5)


@pytest.mark.long
def test_a_batch_filled_up_with_empty_rows_has_the_loss_of_its_real_rows():
    model = compiled(make())
    inputs, y = example(), targets()
    expected = model.evaluate(inputs, y, batch_size=6, verbose=0)
    filled = {name: np.concatenate([a, np.zeros_like(a)]) for name, a in inputs.items()}
    loss = model.evaluate(filled, np.concatenate([y, y]), batch_size=12, verbose=0)
    np.testing.assert_allclose(loss, expected, rtol=1e-6)


@pytest.mark.long
def test_class_weights_train_as_the_weights_of_each_token_do():
    inputs, y = example(), targets()
    table = np.array([0.2, 5.0, 1.0, 2.0], "float32")

    def trained(**arguments):
        model = compiled(make(cell="basic_rnn", dropout=0.0, word_dropout=0.0), rate=1.0)
        model.fit(inputs, y, batch_size=3, epochs=2, shuffle=False, verbose=0, **arguments)
        return np.asarray(model(inputs))

    by_class = trained(class_weight={0: 0.2, 1: 5.0, 3: 2.0})
    np.testing.assert_allclose(by_class, trained(sample_weight=table[y]), atol=1e-6)
    assert np.max(np.abs(by_class - trained())) > 1e-3


def test_dropout_acts_in_training_alone():
    inputs = example()
    still = make(dropout=0.0, word_dropout=0.0)
    np.testing.assert_array_equal(still(inputs, training=True), still(inputs, training=False))
    for arguments in ({"dropout": 0.5, "word_dropout": 0.0}, {"dropout": 0.0, "word_dropout": 0.5}):
        model = make(**arguments)
        model.set_weights(still.get_weights())
        np.testing.assert_array_equal(model(inputs), still(inputs))
        first, second = model(inputs, training=True), model(inputs, training=True)
        assert np.max(np.abs(first - second)) > 1e-4


def test_equal_seeds_give_equal_weights():
    for a, b in zip(make(5).get_weights(), make(5).get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert any(
        not np.array_equal(a, b)
        for a, b in zip(make(5).get_weights(), make(6).get_weights(), strict=True)
    )


def test_a_saved_model_loads_without_its_builder(tmp_path):
    model = compiled(make(cell="peephole_lstm"))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again) is TokenClassifier
    assert again.loss == model.loss
    np.testing.assert_array_equal(again(example()), model(example()))


# weights=


@pytest.fixture
def artefact(tmp_path):
    """A folder like those in saved_models, and the model that it was written from."""
    arguments = {**SIZES, "cell": "simplified_gru", "layers": 2}
    model = make(**arguments)
    folder = tmp_path / "artefact"
    folder.mkdir()
    model.save_weights(folder / "model.weights.h5")
    config = {"model": "ner_bilstm", "arguments": arguments}
    (folder / "config.json").write_text(json.dumps(config))
    return folder, model


def test_without_weights_they_are_fresh():
    one, other = ner_bilstm(**SIZES, weights=None), ner_bilstm(**SIZES)
    assert np.max(np.abs(one(example()) - other(example()))) > 1e-6


def test_a_folder_brings_weights_and_arguments(artefact):
    folder, model = artefact
    for path in (folder, str(folder), folder / "model.weights.h5"):
        np.testing.assert_array_equal(ner_bilstm(weights=path)(example()), model(example()))


def test_arguments_that_the_caller_gives_win_over_those_of_the_folder(artefact):
    folder, model = artefact
    again = ner_bilstm(weights=folder, dropout=0.0, name="mine")
    assert again.name == "mine"
    assert again.get_layer("dropout").rate == 0.0
    np.testing.assert_array_equal(again(example()), model(example()))


def test_a_file_without_a_config_needs_the_sizes(artefact, tmp_path):
    folder, model = artefact
    alone = tmp_path / "alone.weights.h5"
    shutil.copy(folder / "model.weights.h5", alone)
    with pytest.raises(ValueError, match="needs `vocab_size` and `num_tags`"):
        ner_bilstm(weights=alone)
    again = make(cell="simplified_gru", layers=2, weights=alone)
    np.testing.assert_array_equal(again(example()), model(example()))


def test_weights_that_were_saved_with_their_optimizer_load(tmp_path):
    model = make()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    model.save_weights(tmp_path / "mine.weights.h5")
    again = make(weights=tmp_path / "mine.weights.h5")
    np.testing.assert_array_equal(again(example()), model(example()))


@pytest.mark.parametrize("name", ["nowhere", "nowhere.weights.h5", "empty"])
def test_weights_that_are_not_there_are_refused_with_their_path(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        FileNotFoundError, match=rf"`weights` must be None, .* there is no .*{name}"
    ):
        make(weights=tmp_path / name)


@pytest.mark.parametrize(
    ("argument", "value", "old"),
    [
        ("vocab_size", VOCAB + 1, VOCAB),
        ("num_tags", TAGS + 1, TAGS),
        ("num_characters", LETTERS + 1, LETTERS),
        ("units", 8, 3),
        ("word_dim", 8, 4),
        ("layers", 1, 2),
        ("layers", 3, 2),
        ("cell", "lstm", "'simplified_gru'"),
    ],
)
def test_weights_of_other_sizes_are_refused_and_the_argument_named(artefact, argument, value, old):
    folder, _ = artefact
    with pytest.raises(ValueError, match="do not fit this model") as caught:
        ner_bilstm(weights=folder, **{argument: value})
    assert str(folder / "model.weights.h5") in str(caught.value)
    assert f"`{argument}` was {old}, received {value!r}." in str(caught.value)


UNRELATED = [
    '{"colour": "red"}',
    '{"model": "ner_bilstm"}',
    '{"model": "ner_bilstm", "arguments": [1]}',
    '{"model": 3, "arguments": {}}',
    "[1]",
    '"text"',
    '{"model": ',
    "\udcff",
]


@pytest.mark.parametrize("content", UNRELATED)
def test_a_config_of_something_else_beside_a_weights_file_is_not_read(artefact, content):
    folder, model = artefact
    (folder / "config.json").write_bytes(content.encode(errors="surrogateescape"))
    again = make(cell="simplified_gru", layers=2, weights=folder / "model.weights.h5")
    np.testing.assert_array_equal(again(example()), model(example()))


@pytest.mark.parametrize("content", UNRELATED)
def test_a_config_of_something_else_in_a_folder_is_refused_with_its_path(artefact, content):
    folder, _ = artefact
    (folder / "config.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match=r"config\.json does not say what the weights were made"):
        ner_bilstm(weights=folder)


def test_weights_of_another_model_are_refused(artefact):
    folder, _ = artefact
    (folder / "config.json").write_text(json.dumps({"model": "poet", "arguments": {}}))
    with pytest.raises(ValueError, match="is of the model 'poet', not of 'ner_bilstm'"):
        ner_bilstm(weights=folder)
