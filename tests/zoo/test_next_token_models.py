"""The four models of the next token: char_lm_gru, word_lm_lstm, name_gru and music_lstm."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from kerasrnn.data import LanguageEncoder, token_windows
from kerasrnn.export import LiteRTModel, to_tflite
from kerasrnn.layers import cell_names
from kerasrnn.streaming import StepModel
from kerasrnn.zoo import char_lm_gru, get_builder, music_lstm, name_gru, word_lm_lstm

NAMES = ("char_lm_gru", "word_lm_lstm", "name_gru", "music_lstm")
TOKENS, CATEGORIES, BATCH, TIME = 11, 3, 2, 6
SMALL = {"units": 5, "token_dim": 4}
FIXED = {"input_dropout": 0.0, "dropout": 0.0, "recurrent_dropout": 0.0}


def make(name="char_lm_gru", **arguments):
    sizes = {"num_tokens": TOKENS}
    if name == "name_gru":
        sizes["num_categories"] = CATEGORIES
    return get_builder(name)(**{**sizes, **SMALL, **arguments})


def randomised(model):
    """With random weights: fresh ones are near zero, and biases are zero."""
    rng = np.random.default_rng(4)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


def example(name="char_lm_gru", batch=BATCH, time=TIME, seed=0):
    rng = np.random.default_rng(seed)
    inputs = {"tokens": rng.integers(1, TOKENS, (batch, time)).astype("int32")}
    if name == "name_gru":
        inputs["category"] = (np.arange(batch) % CATEGORIES).astype("int32")
    return inputs


def answer(model, inputs, **options):
    return keras.ops.convert_to_numpy(model(inputs, **options))


@pytest.mark.parametrize("name", NAMES)
def test_tokens_go_in_and_probabilities_of_the_next_come_out(name):
    model = randomised(make(name))
    assert model.name == name
    shapes = {tensor.name: (tensor.shape, tensor.dtype) for tensor in model.inputs}
    expected = {"tokens": ((None, None), "int32")}
    if name == "name_gru":
        expected["category"] = ((None,), "int32")
    assert shapes == expected
    assert model.output_shape == (None, None, TOKENS)
    y = answer(model, example(name))
    assert y.shape == (BATCH, TIME, TOKENS)
    assert (y > 0).all()
    np.testing.assert_allclose(y.sum(-1), 1, atol=1e-5)
    assert np.ptp(y, axis=(0, 1)).max() > 0.01  # or this would show little


@pytest.mark.parametrize("name", NAMES)
def test_no_step_knows_of_later_ones(name):
    model = randomised(make(name))
    inputs = example(name)
    before = answer(model, inputs)
    tokens = inputs["tokens"].copy()
    tokens[:, 3] = tokens[:, 3] % (TOKENS - 1) + 1
    after = answer(model, {**inputs, "tokens": tokens})
    np.testing.assert_allclose(after[:, :3], before[:, :3], atol=1e-6)
    assert np.abs(after[:, 3:] - before[:, 3:]).max() > 1e-3


@pytest.mark.parametrize("cell", cell_names())
@pytest.mark.parametrize("layers", [1, 2])
def test_every_cell_reads_alike_whole_and_step_by_step(cell, layers):
    model = randomised(make(cell=cell, layers=layers))
    assert [layer.name for layer in model.layers if layer.name.startswith("rnn_")] == [
        f"rnn_{level}" for level in range(1, layers + 1)
    ]
    inputs, step = example(), StepModel(model, check=False)
    whole, states = answer(model, inputs), step.initial_states(BATCH)
    for t in range(TIME):
        y, states = step({"tokens": inputs["tokens"][:, t : t + 1]}, states)
        np.testing.assert_allclose(y[:, 0], whole[:, t], rtol=1e-5, atol=1e-6)


def test_steps_of_a_model_of_categories_take_the_category_at_each():
    model = randomised(make("name_gru"))
    inputs, step = example("name_gru"), StepModel(model)
    whole, states = answer(model, inputs), step.initial_states(BATCH)
    for t in range(TIME):
        y, states = step({**inputs, "tokens": inputs["tokens"][:, t : t + 1]}, states)
        np.testing.assert_allclose(y[:, 0], whole[:, t], rtol=1e-5, atol=1e-6)


def test_the_category_changes_the_answer_from_the_first_step_on():
    model, inputs = randomised(make("name_gru")), example("name_gru", batch=1)
    found = [answer(model, {**inputs, "category": np.array([k])}) for k in range(CATEGORIES)]
    for one, other in ((0, 1), (1, 2), (0, 2)):
        assert np.abs(found[one][:, 0] - found[other][:, 0]).max() > 1e-3


# How tokens go in and out


def test_one_hot_inputs_are_read_by_the_first_layer_itself():
    model = make(inputs="one_hot", layers=1)
    assert "tokens_in" not in {layer.name for layer in model.layers}
    reader = make(inputs="embedding", token_dim=TOKENS, layers=1)
    reader.set_weights([np.eye(TOKENS), *randomised(model).get_weights()])
    np.testing.assert_allclose(answer(reader, example()), answer(model, example()), atol=1e-6)


def test_tied_weights_are_one_matrix():
    tied, untied = (make(units=4, token_dim=4, tied=each) for each in (True, False))
    assert untied.count_params() - tied.count_params() == TOKENS * 4
    assert sum(weight.shape == (TOKENS, 4) for weight in tied.weights) == 1
    assert "to_tokens" not in {layer.name for layer in tied.layers}


def test_between_units_and_tied_vectors_of_other_sizes_is_a_linear_layer():
    model = randomised(make("word_lm_lstm"))
    assert model.get_layer("to_tokens").kernel.shape == (5, 4)
    matrix = model.get_layer("tokens_in").get_weights()[0]
    body = keras.Model(model.input, model.get_layer("to_tokens").output)
    logits = answer(body, example()) @ matrix.T + model.get_layer("next_bias").get_weights()[0]
    shares = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    np.testing.assert_allclose(answer(model, example()), shares, rtol=1e-4, atol=1e-6)


def test_tied_one_hot_inputs_are_refused():
    with pytest.raises(ValueError, match=r"`tied` weights are those of an embedding; .*one_hot"):
        make(inputs="one_hot", tied=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inputs": "letters"}, "`inputs` must be one of"),
        ({"cell": "gru"}, "`cell` must be one of"),
        ({"layers": 0}, "`layers`"),
        ({"num_tokens": None}, "needs `num_tokens`"),
    ],
)
def test_what_is_not_possible_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make(**arguments)


def test_a_model_of_names_needs_its_categories():
    with pytest.raises(ValueError, match="needs `num_categories`"):
        name_gru(num_tokens=TOKENS)


# Dropout


def test_one_set_of_features_is_dropped_at_all_steps():
    model = make(units=40, dropout=0.5)
    body = keras.Model(model.input, [model.get_layer(n).output for n in ("rnn_1", "dropout_1")])
    given, left = (np.array(y) for y in body(example(time=20), training=True))
    dropped = (left == 0) & (given != 0)
    assert 0.2 < dropped.mean() < 0.8
    for row in dropped:
        assert (row == row[0]).all()
    assert not np.array_equal(dropped[0, 0], dropped[1, 0])  # of each sequence another one
    np.testing.assert_allclose(left[~dropped], 2 * given[~dropped], rtol=1e-5)


@pytest.mark.parametrize("kind", FIXED)
def test_each_dropout_acts_in_training_alone(kind):
    still = randomised(make(**FIXED))
    model = make(**{**FIXED, kind: 0.5})
    model.set_weights(still.get_weights())
    np.testing.assert_array_equal(answer(model, example()), answer(still, example()))
    first, second = (answer(model, example(), training=True) for _ in range(2))
    assert np.abs(first - second).max() > 1e-4


# States from batch to batch


@pytest.mark.parametrize("name", NAMES)
def test_a_stateful_model_goes_on_where_the_last_batch_ended(name):
    plain, stateful = randomised(make(name)), make(name, stateful_batch=BATCH)
    stateful.set_weights(plain.get_weights())
    assert stateful.inputs[-1].shape[0] == BATCH
    inputs = example(name)
    whole, tokens = answer(plain, inputs), inputs["tokens"]
    halves = [answer(stateful, {**inputs, "tokens": tokens[:, cut]}) for cut in _halves()]
    np.testing.assert_allclose(np.concatenate(halves, axis=1), whole, rtol=1e-5, atol=1e-6)


def _halves():
    return slice(0, TIME // 2), slice(TIME // 2, TIME)


# Files


@pytest.mark.parametrize("name", NAMES)
def test_a_tflite_file_has_steps_that_equal_keras(name, tmp_path):
    model = randomised(make(name))
    to_tflite(model, tmp_path / "x.tflite", sequence_length=TIME)
    read, inputs = LiteRTModel(tmp_path / "x.tflite"), example(name, batch=1)
    whole = answer(model, inputs)
    np.testing.assert_allclose(read.run(inputs), whole, atol=1e-5)
    assert read.has_step
    states = read.initial_states()
    for t in range(TIME):
        y, states = read.step({**inputs, "tokens": inputs["tokens"][:, t : t + 1]}, states)
        np.testing.assert_allclose(y[:, 0], whole[:, t], atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_weights_come_back_from_a_file(name, tmp_path):
    model = randomised(make(name))
    model.save_weights(tmp_path / "mine.weights.h5")
    again = make(name, weights=tmp_path / "mine.weights.h5")
    np.testing.assert_array_equal(answer(again, example(name)), answer(model, example(name)))
    with pytest.raises(ValueError, match="do not fit this model"):
        make(name, weights=tmp_path / "mine.weights.h5", units=6)


@pytest.mark.parametrize("tied", [False, True])
def test_a_whole_model_comes_back_from_a_file_without_its_builder(tied, tmp_path):
    model = randomised(make(tied=tied))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(answer(again, example()), answer(model, example()))


# In a user's own training


def test_it_is_trained_by_fit_on_windows_of_a_text():
    texts = ["abcd abcd abcd abcd", "abcd abcd"]
    encoder = LanguageEncoder.build(texts)
    windows = token_windows([encoder.encode(text) for text in texts], batch_size=2, window=5)
    inputs, targets, weights = map(np.concatenate, zip(*windows, strict=True))
    model = char_lm_gru(**encoder.sizes, units=8, token_dim=4, stateful_batch=2)
    model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy")
    history = model.fit(
        {"tokens": inputs}, targets, sample_weight=weights,
        batch_size=2, shuffle=False, epochs=8, verbose=0,
    )  # fmt: skip
    losses = history.history["loss"]
    assert losses[-1] < 0.7 * losses[0]


def test_steps_without_weight_teach_nothing():
    model = randomised(make())
    model.compile("sgd", "sparse_categorical_crossentropy")
    tokens, weights = example()["tokens"], np.ones((BATCH, TIME), "float32")
    weights[:, 3:] = 0
    other = tokens.copy()
    other[:, 3:] = 1

    def loss(targets):
        return model.evaluate({"tokens": tokens}, targets, sample_weight=weights, verbose=0)

    assert loss(tokens) == pytest.approx(loss(other), rel=1e-6)
    other[:, :3] = 1
    assert loss(tokens) != pytest.approx(loss(other), rel=1e-3)


def test_builders_need_no_tensorflow():
    pytest.importorskip("jax")
    code = """
import sys
sys.modules["tensorflow"] = None
from kerasrnn.zoo import char_lm_gru, music_lstm, name_gru, word_lm_lstm
for builder in (char_lm_gru, word_lm_lstm, music_lstm):
    print(builder(num_tokens=9, units=2, token_dim=2).output_shape)
print(name_gru(num_tokens=9, num_categories=2, units=2, token_dim=2).output_shape)
"""
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split("\n")[:4] == ["(None, None, 9)"] * 4, done.stderr


def test_each_model_has_defaults_of_its_own():
    cells = {b.__name__: b(9) for b in (char_lm_gru, word_lm_lstm, music_lstm)}
    assert "embeddings" in cells["word_lm_lstm"].weights[0].path
    assert {name: type(m.get_layer("rnn_1")).__name__ for name, m in cells.items()} == {
        "char_lm_gru": "FullGRU",
        "word_lm_lstm": "LSTM",
        "music_lstm": "LSTM",
    }
