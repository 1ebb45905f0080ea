"""Layers over sequences against the equations in NumPy: masks, directions, levels, gradients."""

import functools

import keras
import numpy as np
import pytest

from kerasrnn import cells, layers
from tests.reference import equations
from tests.reference.gradients import value_and_gradients
from tests.reference.weights import DOUBLES_ARE_WHOLE, EXACT, assert_same, built, normal, weights_of

BATCH, TIME, FEATURES, UNITS = 5, 7, 3, 4
SHAPE = (BATCH, TIME, FEATURES)

LAYERS = {
    "basic_rnn": (layers.BasicRNN, equations.basic_rnn),
    "basic_rnn_relu": (
        functools.partial(layers.BasicRNN, activation="relu"),
        functools.partial(equations.basic_rnn, g=lambda z: np.maximum(z, 0)),
    ),
    "simplified_gru": (layers.SimplifiedGRU, equations.simplified_gru),
    "full_gru": (layers.FullGRU, equations.full_gru),
    "lstm": (layers.LSTM, equations.lstm),
    "peephole_previous": (layers.PeepholeLSTM, equations.peephole_lstm_previous),
    "peephole_current": (
        functools.partial(layers.PeepholeLSTM, output_peephole="current"),
        equations.peephole_lstm_current,
    ),
}


# One row each: no padding, at the right, at the left, in the middle, all masked.
MASK = np.array(
    [
        [True, True, True, True, True, True, True],
        [True, True, True, True, False, False, False],
        [False, False, False, True, True, True, True],
        [True, False, False, True, False, True, False],
        [False, False, False, False, False, False, False],
    ]
)
MASKS = {"unmasked": None, "masked": MASK}


@pytest.fixture(params=LAYERS)
def case(request):
    return LAYERS[request.param]


@pytest.fixture(params=MASKS)
def mask(request):
    return MASKS[request.param]


def make(factory, units=UNITS, shape=SHAPE, seed=0, **arguments):
    flags = {"return_sequences": True, "return_state": True, "dtype": "float64", **arguments}
    return built(factory(units, **flags), shape, seed)


def states_of(layer):
    return [normal(BATCH, size, seed=10 + k) for k, size in enumerate(layer.state_size)]


@pytest.mark.parametrize("zero_output_for_mask", [False, True])
@pytest.mark.parametrize("go_backwards", [False, True])
def test_a_sequence_follows_the_equations(case, mask, go_backwards, zero_output_for_mask):
    factory, equation = case
    arguments = {"go_backwards": go_backwards, "zero_output_for_mask": zero_output_for_mask}
    layer = make(factory, **arguments)
    x, states = normal(*SHAPE, seed=1), states_of(layer)
    _, outputs, ends = equations.run(
        equation, x, states, weights_of(layer.cell), mask=mask, **arguments
    )
    assert_same(layer(x, mask=mask, initial_state=states), [outputs, *ends], **EXACT)


@pytest.mark.parametrize("go_backwards", [False, True])
def test_the_last_output_is_that_of_the_last_real_step(case, mask, go_backwards):
    factory, equation = case
    layer = make(factory, return_sequences=False, go_backwards=go_backwards)
    x, states = normal(*SHAPE, seed=1), states_of(layer)
    last, _, ends = equations.run(
        equation, x, states, weights_of(layer.cell), mask=mask, go_backwards=go_backwards
    )
    assert_same(layer(x, mask=mask, initial_state=states), [last, *ends], **EXACT)


def test_a_layer_without_bias_follows_the_equations(case):
    factory, equation = case
    layer = make(factory, use_bias=False)
    x, states = normal(*SHAPE, seed=1), states_of(layer)
    assert "bias" not in weights_of(layer.cell)
    _, outputs, ends = equations.run(equation, x, states, weights_of(layer.cell))
    assert_same(layer(x, initial_state=states), [outputs, *ends], **EXACT)


@pytest.mark.parametrize("return_sequences", [False, True])
def test_both_directions_follow_the_equations(case, mask, return_sequences):
    factory, equation = case
    flags = {"return_sequences": return_sequences, "return_state": True, "dtype": "float64"}
    layer = built(layers.BRNN(factory(UNITS, **flags), dtype="float64"), SHAPE)
    x, states = normal(*SHAPE, seed=1), states_of(layer)
    half = len(states) // 2
    last, outputs, ends = equations.brnn(
        equation,
        x,
        (states[:half], states[half:]),
        (weights_of(layer.forward_layer.cell), weights_of(layer.backward_layer.cell)),
        mask,
    )
    expected = [outputs if return_sequences else last, *ends]
    assert_same(layer(x, mask=mask, initial_state=states), expected, **EXACT)


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
def test_levels_follow_the_equations(mask, go_backwards, return_sequences):
    """a[l]⟨t⟩ reads a[l]⟨t−1⟩ and a[l−1]⟨t⟩: all levels in one walk over time."""
    layer = layers.DeepRNN(
        [
            cells.LSTMCell(2, dtype="float64"),
            layers.FullGRU(4, dtype="float64"),
            layers.PeepholeLSTM(3, dtype="float64"),
        ],
        return_sequences=return_sequences,
        return_state=True,
        go_backwards=go_backwards,
        dtype="float64",
    )
    built(layer, SHAPE)
    levels = [equations.lstm, equations.full_gru, equations.peephole_lstm_previous]
    weights = [weights_of(level.cell) for level in layer.levels]
    counts = [2, 1, 2]

    def walk(x_t, states, _):
        rest, new_states = list(states), []
        for level, level_weights, count in zip(levels, weights, counts, strict=True):
            x_t, level_states = level(x_t, [rest.pop(0) for _ in range(count)], level_weights)
            new_states += level_states
        return x_t, new_states

    x, states = normal(*SHAPE, seed=1), states_of(layer)
    last, outputs, ends = equations.run(
        walk, x, states, weights[-1], mask=mask, go_backwards=go_backwards
    )
    expected = [outputs if return_sequences else last, *ends]
    assert_same(layer(x, mask=mask, initial_state=states), expected, **EXACT)


def test_levels_in_both_directions_follow_the_equations(mask):
    double = {"dtype": "float64"}
    layer = layers.DeepRNN(
        [layers.BRNN(layers.LSTM(2, **double), **double), layers.BasicRNN(3, **double)],
        return_sequences=True,
        **double,
    )
    built(layer, SHAPE)
    lower, upper = layer.levels
    both = [weights_of(side.cell) for side in (lower.forward_layer, lower.backward_layer)]
    x = normal(*SHAPE, seed=1)
    zeros = [np.zeros((BATCH, 2))] * 2
    _, below, _ = equations.brnn(equations.lstm, x, (zeros, zeros), both, mask)
    _, above, _ = equations.run(
        equations.basic_rnn, below, [np.zeros((BATCH, 3))], weights_of(upper.cell), mask
    )
    assert_same(layer(x, mask=mask), above, **EXACT)


def test_gradients_are_the_slopes_of_the_equations(case, mask):
    """Along a random direction in all weights, inputs and states at once."""
    factory, equation = case
    layer = make(factory)
    x, states = normal(*SHAPE, seed=1), states_of(layer)
    weights = weights_of(layer.cell)
    names = list(weights)
    point = [x, *states, *weights.values()]
    direction = [normal(*array.shape, seed=30 + k) for k, array in enumerate(point)]
    count = len(states)
    probe = normal(BATCH, TIME, UNITS, seed=50)  # weighs the outputs; the states count as squares

    def loss(x, states, weights):
        _, outputs, ends = equations.run(equation, x, states, weights, mask=mask)
        return np.sum(probe * outputs) + sum(np.sum(end**2) for end in ends)

    def along(step):
        moved = [array + step * by for array, by in zip(point, direction, strict=True)]
        named = dict(zip(names, moved[1 + count :], strict=True))
        return loss(moved[0], moved[1 : 1 + count], named)

    def of_layer(x, *states):
        outputs, *ends = layer(x, mask=mask, initial_state=states)
        total = keras.ops.sum(keras.ops.convert_to_tensor(probe) * outputs)
        return total + sum(keras.ops.sum(end**2) for end in ends), None

    assert names == [w.name for w in layer.trainable_weights]
    _, to_inputs, to_weights = value_and_gradients(of_layer, layer, point[: 1 + count])
    gradients = [*to_inputs, *to_weights]
    slope = sum(np.sum(g * by) for g, by in zip(gradients, direction, strict=True))
    size = 1e-5
    rtol = 1e-6 if DOUBLES_ARE_WHOLE else 1e-4
    np.testing.assert_allclose(slope, (along(size) - along(-size)) / (2 * size), rtol=rtol)


def test_a_head_over_both_directions_gives_the_prediction():
    """ŷ⟨t⟩ = softmax(W_y[→a⟨t⟩, ←a⟨t⟩] + b_y)."""
    inputs = keras.Input((None, FEATURES), dtype="float64")
    layer = layers.BRNN(layers.LSTM(2, return_sequences=True, dtype="float64"), dtype="float64")
    head = keras.layers.Dense(3, activation="softmax", dtype="float64")
    model = keras.Model(inputs, head(layer(inputs)))
    built(layer, SHAPE)
    x = normal(*SHAPE, seed=1)
    both = [weights_of(side.cell) for side in (layer.forward_layer, layer.backward_layer)]
    zeros = [np.zeros((BATCH, 2))] * 2
    _, joined, _ = equations.brnn(equations.lstm, x, (zeros, zeros), both)
    kernel, bias = head.get_weights()
    scores = np.exp(joined @ kernel + bias)
    assert_same(model(x), scores / scores.sum(axis=-1, keepdims=True), **EXACT)
