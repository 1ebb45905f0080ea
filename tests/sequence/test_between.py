"""Levels of a DeepRNN hand on shares of the rows; layers that others may look between do not."""

import importlib

import numpy as np
import pytest
from keras import ops

from kerasrnn.cells import Cell
from kerasrnn.layers import BRNN, LSTM, RNN, DeepRNN, FullGRU
from kerasrnn.sequence import engine
from tests.reference.weights import assert_same, built, normal

pytestmark = pytest.mark.tensorflow
ENGINE = "kerasrnn.sequence._tensorflow_engine"

ROWS, TIME, FEATURES = 25, 6, 4  # on two cores two shares
MASK = np.random.default_rng(0).random((ROWS, TIME)) < 0.6
MASK[0], MASK[1] = True, False

# Each with how often rows are cut from a sequence, and whether its length is known and masked.
LEVELS = [
    ("three", lambda: DeepRNN([LSTM(3), FullGRU(2), LSTM(3)], return_sequences=True), 1, True),
    ("last", lambda: DeepRNN([LSTM(3), FullGRU(2)]), 1, False),
    ("nested", lambda: DeepRNN([LSTM(3), DeepRNN([LSTM(2), LSTM(3)])]), 1, True),
    ("nested below", lambda: DeepRNN([DeepRNN([LSTM(2), LSTM(3)]), LSTM(3)]), 1, True),
    ("both ways below", lambda: DeepRNN([BRNN(LSTM(3)), LSTM(3), LSTM(2)]), 3, False),
    ("sums between", lambda: DeepRNN("lstm", units=[3, 3, 3], residual=True), 2, True),
]


def step_of(layer, way, mask, shape):
    """A function that gives the outputs, and the gradients of inputs and weights."""
    import tensorflow as tf

    weights = [weight.value for weight in layer.trainable_weights]

    @tf.function(input_signature=[tf.TensorSpec(shape)])
    def step(x):
        with tf.GradientTape() as tape, engine(way):
            tape.watch(x)
            y = layer(x, mask=mask, training=True)
            loss = tf.reduce_sum(y**2)
        return y, tape.gradient(loss, [x, *weights])

    return step


def watched(name, monkeypatch):
    """A list that is filled with what a function of the engine gives."""
    found, function = [], getattr(importlib.import_module(ENGINE), name)
    monkeypatch.setattr(
        f"{ENGINE}.{name}", lambda *arguments: found.append(function(*arguments)) or found[-1]
    )
    return found


def gradients(layer, x, way, mask, known):
    return step_of(layer, way, mask, x.shape if known else (None, None, FEATURES))(x)


@pytest.mark.long
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
    cuts = watched("rows_of", monkeypatch)
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


def test_the_sequence_between_is_never_made(monkeypatch):
    made = watched("sequence_of", monkeypatch)
    layer = built(DeepRNN([LSTM(3), LSTM(2), LSTM(3)], return_sequences=True), (ROWS, TIME, 4))
    function = step_of(layer, "compiled", None, (None, None, FEATURES)).get_concrete_function()
    assert [sequence.op in read_by(function.graph) for sequence in made] == [False, False, True]


def read_by(graph):
    """The operations that what a graph gives hangs on."""
    seen, ahead = set(), [tensor.op for tensor in graph.outputs]
    while ahead:
        operation = ahead.pop()
        if operation not in seen:
            seen.add(operation)
            ahead += [*operation.control_inputs, *(tensor.op for tensor in operation.inputs)]
    return seen


class UnitCell(Cell):
    """Has no slope where its projected input is zero."""

    gates = ("a",)
    state_names = ("a",)

    def step(self, projected, states, matmul):
        length = ops.sqrt(ops.sum(projected**2, axis=-1, keepdims=True))
        a = self.activation(projected / length + matmul(states[0], self.recurrent_kernel))
        return a, [a]


def test_steps_that_pad_a_length_are_no_zeros_to_the_level_above():
    levels = [LSTM(3, use_bias=False), RNN(UnitCell(3, use_bias=False))]
    layer = built(DeepRNN(levels, zero_output_for_mask=True), (ROWS, 11, FEATURES))
    x = normal(ROWS, 11, FEATURES)  # is padded to 12
    found = gradients(layer, x, "compiled", None, known=False)
    assert_same(found, gradients(layer, x, "loop", None, known=False), rtol=1e-4, atol=1e-4)


class LookingLSTM(LSTM):
    """Looks at what its outputs hang on."""

    def call(self, sequences, **arguments):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(sequences)
            result = super().call(sequences, **arguments)
        self.seen = tape.gradient(result[0], sequences)
        return result


def test_a_level_that_looks_at_what_it_reads_sees_it_whole():
    import tensorflow as tf

    layer = DeepRNN([LSTM(3), LSTM(2)])
    layer.levels[1] = LookingLSTM(2, return_state=True)
    built(layer, (ROWS, TIME, FEATURES))

    @tf.function
    def seen(x, way):
        with engine(way):
            layer(x, training=True)
        return layer.levels[1].seen

    x = normal(ROWS, TIME, FEATURES)
    found = seen(x, "compiled")
    assert np.abs(found).max() > 1e-3
    assert_same(found, seen(x, "loop"), rtol=1e-4, atol=1e-5)
