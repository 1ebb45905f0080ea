"""Levels of a DeepRNN hand on shares of the rows; layers that others may look between do not."""

import numpy as np
import pytest

from kerasrnn.layers import BRNN, LSTM, DeepRNN, FullGRU
from kerasrnn.sequence import _tensorflow_engine, engine
from tests.reference.weights import assert_same, built, normal

pytestmark = pytest.mark.tensorflow

ROWS, TIME, FEATURES = 25, 6, 4  # on two cores two shares
MASK = np.random.default_rng(0).random((ROWS, TIME)) < 0.6
MASK[0], MASK[1] = True, False

# Each with how often rows are cut from a sequence, and whether its length is known and masked.
LEVELS = [
    ("three", lambda: DeepRNN([LSTM(3), FullGRU(2), LSTM(3)], return_sequences=True), 1, True),
    ("last", lambda: DeepRNN([LSTM(3), FullGRU(2)], zero_output_for_mask=True), 1, False),
    ("nested", lambda: DeepRNN([LSTM(3), DeepRNN([LSTM(2), LSTM(3)])]), 1, True),
    ("both ways below", lambda: DeepRNN([BRNN(LSTM(3)), LSTM(3), LSTM(2)]), 3, False),
    ("sums between", lambda: DeepRNN("lstm", units=[3, 3, 3], residual=True), 2, True),
]


def gradients(layer, x, way, mask, known):
    import tensorflow as tf

    weights = [weight.value for weight in layer.trainable_weights]

    @tf.function(input_signature=[tf.TensorSpec(x.shape if known else (None, None, FEATURES))])
    def step(x):
        with tf.GradientTape() as tape, engine(way):
            tape.watch(x)
            y = layer(x, mask=mask, training=True)
            loss = tf.reduce_sum(y**2)
        return y, tape.gradient(loss, [x, *weights])

    return step(x)


@pytest.mark.parametrize(
    ("make", "expected_cuts", "known"),
    [case[1:] for case in LEVELS],
    ids=[case[0] for case in LEVELS],
)
def test_levels_read_the_shares_below_and_the_numbers_are_the_loop_s(
    make, expected_cuts, known, monkeypatch
):
    layer, x = built(make(), (ROWS, TIME, FEATURES)), normal(ROWS, TIME, FEATURES)
    mask = None if known else MASK
    cuts = []
    monkeypatch.setattr(
        _tensorflow_engine,
        "rows_of",
        lambda sequence, count, cut=_tensorflow_engine.rows_of: (
            cuts.append(sequence) or cut(sequence, count)
        ),
    )
    found = gradients(layer, x, "compiled", mask, known)
    assert len(cuts) == expected_cuts
    assert_same(found, gradients(layer, x, "loop", mask, known), rtol=1e-4, atol=1e-4)


def test_a_gradient_at_a_sequence_that_others_see_is_whole():
    import tensorflow as tf

    lower, upper = LSTM(3, return_sequences=True), LSTM(2)
    x = tf.constant(normal(ROWS, TIME, FEATURES))
    built(lower, x.shape), built(upper, (ROWS, TIME, 3))

    @tf.function
    def saliency(x, way):
        with tf.GradientTape() as tape, engine(way):
            between = lower(x, training=True)
            tape.watch(between)
            y = tf.reduce_sum(upper(between, training=True) ** 2)
        return tape.gradient(y, between)

    found = saliency(x, "compiled")
    assert np.abs(found).max() > 1e-3
    assert_same(found, saliency(x, "loop"), rtol=1e-4, atol=1e-5)
