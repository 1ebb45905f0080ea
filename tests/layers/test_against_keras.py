"""Layers that Keras has too, with the same weights: outputs, states, gradients."""

import keras
import numpy as np
import pytest

from kerasrnn import layers
from tests.reference.gradients import sum_of_squares, value_and_gradients
from tests.reference.masks import as_keras_shows
from tests.reference.weights import GRU_NEEDS_BIAS, assert_same, built, normal

BATCH, TIME, FEATURES, UNITS = 3, 6, 4, 5
SHAPE = (BATCH, TIME, FEATURES)
MASK = as_keras_shows(
    np.array(
        [
            [True, True, True, True, True, True],
            [True, True, True, False, False, False],
            [False, True, False, True, True, False],
        ]
    )
)
FLAGS = {"return_sequences": True, "return_state": True}


def negate_update_gate(array):
    """Γ_u = 1 − z = σ(−(…)): ours is the first third, as z is in Keras."""
    return np.concatenate([-array[..., :UNITS], array[..., UNITS:]], axis=-1)


def lstm(**arguments):
    return layers.LSTM(UNITS, **arguments), keras.layers.LSTM(UNITS, **arguments), np.asarray


def full_gru(**arguments):
    theirs = keras.layers.GRU(UNITS, reset_after=False, **arguments)
    return layers.FullGRU(UNITS, **arguments), theirs, negate_update_gate


def full_gru_reset_after(**arguments):
    theirs = keras.layers.GRU(UNITS, reset_after=True, **arguments)
    return layers.FullGRU(UNITS, reset_after=True, **arguments), theirs, negate_update_gate


def basic_rnn(**arguments):
    ours = layers.BasicRNN(UNITS, **arguments)
    return ours, keras.layers.SimpleRNN(UNITS, **arguments), np.asarray


def basic_rnn_relu(**arguments):
    return basic_rnn(activation="relu", **arguments)


@pytest.fixture(params=[lstm, full_gru, full_gru_reset_after, basic_rnn, basic_rnn_relu])
def pair(request):
    """A function of layer arguments: our layer, Keras's, how a weight of ours becomes theirs."""

    def make(**arguments):
        ours, theirs, converted = request.param(**{**FLAGS, **arguments})
        built(ours, SHAPE)
        built(theirs, SHAPE)
        theirs.set_weights([converted(array) for array in ours.get_weights()])
        return ours, theirs, converted

    return make


@pytest.fixture
def x():
    return keras.ops.convert_to_tensor(normal(*SHAPE), "float32")


def states_of(layer):
    return [
        normal(BATCH, size, seed=5 + k).astype("float32") for k, size in enumerate(layer.state_size)
    ]


@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"return_sequences": False},
        {"go_backwards": True},
        {"zero_output_for_mask": True},
        {"unroll": True},
        {"use_bias": False},
    ],
    ids=lambda arguments: next(iter(arguments), "plain"),
)
def test_outputs_and_states_are_those_of_keras(pair, x, mask, arguments):
    ours, theirs, _ = pair(**arguments)
    if GRU_NEEDS_BIAS and getattr(theirs, "reset_after", False) and not theirs.use_bias:
        pytest.skip("Keras's GRU cannot do this here (tests/test_upstream.py)")
    states = states_of(ours)
    assert_same(
        ours(x, mask=mask, initial_state=states), theirs(x, mask=mask, initial_state=states)
    )


@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
def test_gradients_are_those_of_keras(pair, x, mask):
    ours, theirs, converted = pair()
    states = states_of(ours)

    def gradients(layer):
        def loss(x, *states):
            return sum_of_squares(layer(x, mask=mask, initial_state=list(states))), None

        return value_and_gradients(loss, layer, [x, *states])[1:]

    (inputs, weights), (to_inputs, to_weights) = gradients(ours), gradients(theirs)
    # The derivative by a negated weight is negated as well.
    weights = [converted(gradient) for gradient in weights]
    assert_same([*inputs, *weights], [*to_inputs, *to_weights], rtol=1e-4, atol=1e-5)


def test_stateful_batches_are_those_of_keras(pair, x):
    ours, theirs, _ = pair(stateful=True)
    for _ in range(2):
        assert_same(ours(x), theirs(x))


def test_an_lstm_starts_like_that_of_keras():
    initialisers = {
        "kernel_initializer": keras.initializers.GlorotUniform(seed=1),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=2),
    }
    ours, theirs = layers.LSTM(UNITS, **initialisers), keras.layers.LSTM(UNITS, **initialisers)
    ours.build(SHAPE)
    theirs.build(SHAPE)
    assert_same(ours.get_weights(), theirs.get_weights())


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (layers.LSTM, keras.layers.LSTM),
        (layers.FullGRU, keras.layers.GRU),
        (layers.BasicRNN, keras.layers.SimpleRNN),
    ],
)
def test_weights_have_keras_names_and_shapes(ours, theirs):
    def names_and_shapes(layer):
        layer.build(SHAPE)
        return [(w.name, tuple(w.shape)) for w in layer.weights]

    arguments = {"reset_after": False} if theirs is keras.layers.GRU else {}
    assert names_and_shapes(ours(UNITS)) == names_and_shapes(theirs(UNITS, **arguments))


@pytest.mark.parametrize(
    ("ours", "theirs", "without"),
    [
        (layers.LSTM, keras.layers.LSTM, {"use_cudnn"}),
        (layers.FullGRU, keras.layers.GRU, {"use_cudnn", "reset_after"}),
        (layers.BasicRNN, keras.layers.SimpleRNN, set()),
    ],
)
def test_arguments_have_keras_names_and_defaults(ours, theirs, without):
    def arguments(layer):
        # What Keras's configs say of the activity regulariser changes from version to version.
        left_out = {"name", "implementation", "activity_regularizer", *without}
        return {k: v for k, v in layer(UNITS).get_config().items() if k not in left_out}

    ours, theirs = arguments(ours), arguments(theirs)
    assert theirs.keys() <= ours.keys()
    assert {k: ours[k] for k in theirs} == theirs


@pytest.mark.parametrize("return_sequences", [False, True])
def test_both_directions_are_those_of_keras(x, return_sequences):
    arguments = {"return_sequences": return_sequences}
    ours = built(layers.BRNN(layers.LSTM(UNITS, **arguments)), SHAPE)
    theirs = keras.layers.Bidirectional(keras.layers.LSTM(UNITS, **arguments))
    built(theirs, SHAPE)
    theirs.set_weights(ours.get_weights())
    assert_same(ours(x, mask=MASK), theirs(x, mask=MASK))
