"""A softmax over a sample of the tokens, in training alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.training._sampled_softmax import SampledSoftmax
from kerasrnn.training._truncated import copy_weights
from kerasrnn.zoo import char_lm_gru, name_gru, word_lm_lstm

TOKENS, BATCH, TIME = 8, 2, 5
RNG = np.random.default_rng(2)
TARGETS = np.array([[3, 2, 7, 0, 5], [4, 4, 1, 6, 2]], "int32")
INPUTS = {"tokens": np.array([[2, 3, 2, 7, 0], [2, 4, 4, 1, 6]], "int32")}
SMALL = {"num_tokens": TOKENS, "units": 4, "cell": "basic_rnn", "dropout": 0.0}  # soon compiled
HEADS = {
    "untied": lambda: char_lm_gru(**SMALL, token_dim=3),
    "one_hot": lambda: char_lm_gru(**SMALL, inputs="one_hot"),
    "tied": lambda: word_lm_lstm(**SMALL, token_dim=4, input_dropout=0.0),
    "tied_between": lambda: word_lm_lstm(**SMALL, token_dim=3, input_dropout=0.0),
}


def made(head):
    model = HEADS[head]()
    rng = np.random.default_rng(4)
    model.set_weights([rng.normal(0, 0.6, w.shape) for w in model.get_weights()])
    return model


def sampled(model, samples, seed=0):
    trainee = SampledSoftmax(model, samples, seed)
    trainee.compile("sgd", loss=None)
    return trainee


def loss_and_gradients(trainee, variables, weights=None):
    with tf.GradientTape() as tape:
        y = trainee(INPUTS, training=True)
        loss = trainee.compute_loss(INPUTS, tf.constant(TARGETS), y, weights)
    found = tape.gradient(loss, variables)
    return float(loss), [np.array(tf.convert_to_tensor(gradient)) for gradient in found]


def of_full_softmax(model, weights=None):
    loss = keras.losses.SparseCategoricalCrossentropy()
    with tf.GradientTape() as tape:
        value = loss(TARGETS, model(INPUTS, training=True), sample_weight=weights)
    found = tape.gradient(value, model.trainable_variables)
    return float(value), [np.array(tf.convert_to_tensor(gradient)) for gradient in found]


@pytest.mark.parametrize("head", HEADS)
def test_with_a_large_sample_loss_and_gradients_are_those_of_the_full_softmax(head):
    model = made(head)
    loss, gradients = loss_and_gradients(sampled(model, 2000), model.trainable_variables)
    expected, expected_gradients = of_full_softmax(model)
    assert loss == pytest.approx(expected, abs=1e-4)
    for found, right in zip(gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(found, right, atol=1e-4)


@pytest.mark.parametrize("head", ["untied", "tied"])
def test_the_mean_gradient_of_many_small_samples_comes_near_that_of_the_full_softmax(head):
    model = made(head)
    _, expected = of_full_softmax(model)
    expected = np.concatenate([gradient.ravel() for gradient in expected])

    def mean(samples, draws):
        trainee = sampled(model, samples)
        step = tf.function(lambda: _gradients(trainee, model))
        found = np.mean([step().numpy() for _ in range(draws)], axis=0)
        return np.linalg.norm(found - expected) / np.linalg.norm(expected)

    few, more = mean(3, 100), mean(40, 100)
    assert more < 0.15
    assert more < few < 0.6


def _gradients(trainee, model):
    with tf.GradientTape() as tape:
        y = trainee(INPUTS, training=True)
        loss = trainee.compute_loss(INPUTS, tf.constant(TARGETS), y)
    found = tape.gradient(loss, model.trainable_variables)
    return tf.concat([tf.reshape(tf.convert_to_tensor(g), [-1]) for g in found], 0)


def test_numbers_are_drawn_by_their_rank():
    trainee = sampled(made("untied"), 20000)
    drawn = np.array(trainee._draw())
    shares = np.bincount(drawn, minlength=TOKENS) / len(drawn)
    k = np.arange(TOKENS)
    np.testing.assert_allclose(shares, np.log((k + 2) / (k + 1)) / np.log(TOKENS + 1), atol=0.01)


@pytest.mark.parametrize("drawn", [[3, 3, 3], [3], []])
def test_a_sample_of_the_right_token_alone_has_nothing_to_tell(monkeypatch, drawn):
    """The right one is no wrong one, so that nothing is left beside it."""
    trainee = sampled(made("untied"), 3)
    monkeypatch.setattr(trainee, "_draw", lambda: tf.constant(drawn, "int32"))
    y = trainee(INPUTS)
    assert float(trainee.compute_loss(INPUTS, tf.fill((BATCH, TIME), 3), y)) == pytest.approx(0)


def test_the_loss_of_a_known_sample_is_as_the_equations_have_it(monkeypatch):
    model = made("untied")
    trainee = sampled(model, 5)
    monkeypatch.setattr(trainee, "_draw", lambda: tf.constant([0, 3, 3, 4, 6], "int32"))
    h = np.array(trainee(INPUTS))
    kernel, bias = model.get_layer("next").get_weights()
    k = np.arange(TOKENS)
    q = np.log((k + 2) / (k + 1)) / np.log(TOKENS + 1)
    s = h @ kernel + bias - np.log(1 - (1 - q) ** 5)
    losses = []
    for row, target in zip(s.reshape(-1, TOKENS), TARGETS.ravel(), strict=True):
        others = [row[j] for j in (0, 3, 4, 6) if j != target]
        losses.append(-row[target] + np.log(np.exp(row[target]) + np.exp(others).sum()))
    found = trainee.compute_loss(INPUTS, tf.constant(TARGETS), tf.constant(h))
    assert float(found) == pytest.approx(np.mean(losses), rel=1e-4)


def test_steps_that_weigh_nothing_do_not_count():
    model, weights = made("untied"), np.ones((BATCH, TIME), "float32")
    weights[0, 3:] = 0
    loss, _ = loss_and_gradients(sampled(model, 2000), model.trainable_variables, weights)
    expected, _ = of_full_softmax(model, weights)
    assert loss == pytest.approx(expected, abs=1e-4)
    assert loss != pytest.approx(of_full_softmax(model)[0], abs=1e-2)


@pytest.mark.parametrize("head", HEADS)
def test_training_ends_in_the_plain_model_and_lowers_its_loss(head):
    plain, twin = made(head), HEADS[head]()
    copy_weights(plain, twin)
    trainee = sampled(twin, 4)
    before, weights = of_full_softmax(plain)[0], plain.get_weights()
    trainee.compile(keras.optimizers.Adam(0.08), loss=None, jit_compile=False)
    for _ in range(40):
        trainee.train_on_batch(INPUTS, TARGETS)
    copy_weights(trainee, plain)
    for found, expected in zip(plain.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert not np.array_equal(plain.get_weights()[0], weights[0])
    assert of_full_softmax(plain)[0] < 0.6 * before


def test_a_model_of_categories_can_be_trained_so_too():
    model = name_gru(num_tokens=TOKENS, num_categories=2, units=4, token_dim=3)
    inputs = {**INPUTS, "category": np.array([0, 1], "int32")}
    before = model.get_weights()
    sampled(model, 4).train_on_batch(inputs, TARGETS, np.ones(TARGETS.shape, "float32"))
    assert all(not np.array_equal(*pair) for pair in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("head", HEADS)
def test_the_body_is_what_the_softmax_reads(head):
    model = made(head)
    h = np.array(sampled(model, 3)(INPUTS))
    if head.startswith("tied"):
        scores = h @ model.get_layer("tokens_in").get_weights()[0].T
        scores = scores + model.get_layer("next_bias").get_weights()[0]
    else:
        kernel, bias = model.get_layer("next").get_weights()
        scores = h @ kernel + bias
    expected = np.array(model(INPUTS))
    np.testing.assert_allclose(np.array(keras.ops.softmax(scores)), expected, atol=1e-6)


def test_what_layers_add_to_the_loss_is_in_it_once():
    model = made("untied")
    plain = _loss_of_all(sampled(model, 2000))
    kernel = model.get_layer("rnn_1").cell.kernel
    kernel.regularizer = keras.regularizers.L2(0.5)
    added = 0.5 * np.sum(np.array(kernel) ** 2)
    assert _loss_of_all(sampled(model, 2000)) == pytest.approx(plain + added, rel=1e-4)
    activity = keras.regularizers.L2(3.0)
    model.get_layer("dropout_1").activity_regularizer = activity
    trainee = sampled(model, 2000)
    mean = float(activity(trainee(INPUTS))) / BATCH
    assert _loss_of_all(trainee) == pytest.approx(plain + added + mean, rel=1e-4)


def _loss_of_all(trainee):
    trainee.compile(keras.optimizers.SGD(0.0), loss=None, jit_compile=False)
    return float(trainee.train_on_batch(INPUTS, TARGETS))
