"""Layers imported from Keras compute what the source computes."""

import keras
import numpy as np
import pytest

from kerasrnn.layers import BRNN, LSTM, BasicRNN, FullGRU, from_keras
from tests.reference.weights import GRU_NEEDS_BIAS, assert_same, built, normal

SHAPE = (2, 6, 4)
MASK = np.array([[True, True, True, False, False, False], [True, False, True, True, True, True]])
SOURCES = {
    "simple_rnn": (keras.layers.SimpleRNN, {}, BasicRNN),
    "simple_rnn_relu": (keras.layers.SimpleRNN, {"activation": "relu"}, BasicRNN),
    "lstm": (keras.layers.LSTM, {}, LSTM),
    "lstm_hard": (keras.layers.LSTM, {"recurrent_activation": "hard_sigmoid"}, LSTM),
    "gru": (keras.layers.GRU, {}, FullGRU),
    "gru_reset_before": (keras.layers.GRU, {"reset_after": False}, FullGRU),
    "gru_hard": (keras.layers.GRU, {"recurrent_activation": "hard_sigmoid"}, FullGRU),
}


@pytest.fixture(params=SOURCES)
def source(request):
    return SOURCES[request.param]


@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"return_sequences": True, "return_state": True},
        {"use_bias": False},
        {"go_backwards": True, "return_sequences": True},
        {"unroll": True},
        {"zero_output_for_mask": True, "return_sequences": True},
    ],
    ids=lambda arguments: next(iter(arguments), "plain"),
)
def test_outputs_are_those_of_the_source(source, arguments, mask):
    kind, own, ours = source
    layer = built(kind(5, **own, **arguments), SHAPE)
    if GRU_NEEDS_BIAS and getattr(layer, "reset_after", False) and not layer.use_bias:
        pytest.skip("Keras's GRU cannot do this here (tests/test_upstream.py)")
    imported = from_keras(layer)
    assert type(imported) is ours
    x = normal(*SHAPE).astype("float32")
    assert_same(imported(x, mask=mask), layer(x, mask=mask), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("merge_mode", ["concat", "sum", None])
def test_both_directions_are_imported(source, merge_mode):
    kind, own, _ = source
    layer = kind(5, return_sequences=True, **own)
    both = built(keras.layers.Bidirectional(layer, merge_mode=merge_mode), SHAPE)
    imported = from_keras(both)
    assert type(imported) is BRNN
    x = normal(*SHAPE).astype("float32")
    assert_same(imported(x, mask=MASK), both(x, mask=MASK), rtol=1e-5, atol=1e-6)


def test_the_configuration_comes_along():
    layer = keras.layers.LSTM(3, name="reader", dropout=0.25, return_sequences=True, seed=4)
    imported = from_keras(built(layer, SHAPE))
    config = imported.get_config()
    assert [config[k] for k in ("name", "dropout", "return_sequences", "seed")] == [
        "reader",
        0.25,
        True,
        4,
    ]


def test_arguments_may_differ():
    layer = built(keras.layers.GRU(3), SHAPE)
    output, state = from_keras(layer, return_state=True, name="other")(normal(*SHAPE))
    assert_same(output, state)
    assert from_keras(layer, name="other").name == "other"


def test_the_source_keeps_its_weights():
    layer = built(keras.layers.GRU(3), SHAPE)
    before = layer.get_weights()
    imported = from_keras(layer)
    imported.set_weights([np.zeros_like(w) for w in before])
    assert_same(layer.get_weights(), before, rtol=0, atol=0)


def test_imported_layers_train_and_save(tmp_path):
    inputs = keras.Input(SHAPE[1:])
    model = keras.Model(inputs, from_keras(built(keras.layers.GRU(3), SHAPE))(inputs))
    model.compile("sgd", "mse")
    x = normal(*SHAPE)
    model.fit(x, np.zeros((2, 3)), verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert_same(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_both_directions_keep_their_own_arguments():
    layer = keras.layers.Bidirectional(
        keras.layers.LSTM(3, return_sequences=True),
        trainable=False,
        activity_regularizer="l2",
        dtype="mixed_float16",
        name="pair",
    )
    imported = from_keras(built(layer, SHAPE))
    assert imported.name == "pair"
    assert imported.trainable_weights == []
    assert isinstance(imported.activity_regularizer, keras.regularizers.L2)
    assert imported.compute_dtype == "float16"
    other = from_keras(layer, name="other", merge_mode="sum", dtype="float64", trainable=True)
    assert (other.name, other.merge_mode, len(other.trainable_weights)) == ("other", "sum", 6)
    assert keras.backend.standardize_dtype(other(normal(*SHAPE)).dtype) == "float64"


@pytest.mark.parametrize("both_ways", [False, True])
def test_a_stateful_layer_brings_its_states(source, both_ways):
    kind, own, _ = source
    layer = kind(3, stateful=True, **own)
    layer = keras.layers.Bidirectional(layer) if both_ways else layer
    x = normal(*SHAPE).astype("float32")
    built(layer, SHAPE)
    layer(x)
    imported = from_keras(layer)
    assert_same(imported(x), layer(x), rtol=1e-5, atol=1e-6)


def test_a_layer_that_becomes_stateful_needs_the_batch_size():
    layer = built(keras.layers.LSTM(3, name="plain"), SHAPE)
    with pytest.raises(ValueError, match="'plain' is to be stateful.*batch_size="):
        from_keras(layer, stateful=True)
    assert from_keras(layer, stateful=True, batch_size=2).states[0].shape == (2, 3)


def test_a_constraint_that_depends_on_the_sign_is_refused():
    layer = built(keras.layers.GRU(3, kernel_constraint="non_neg", name="positive"), SHAPE)
    with pytest.raises(ValueError, match="'positive' has `kernel_constraint`=NonNeg.*=None"):
        from_keras(layer)
    assert from_keras(layer, kernel_constraint=None).kernel_constraint is None
    bounded = built(keras.layers.GRU(3, kernel_constraint="max_norm"), SHAPE)
    assert isinstance(from_keras(bounded).kernel_constraint, keras.constraints.MaxNorm)


@pytest.mark.parametrize("layer", [keras.layers.Dense(3), LSTM(3), None], ids=type)
def test_other_layers_are_refused(layer):
    with pytest.raises(TypeError, match="`layer` must be a keras.layers.SimpleRNN, LSTM, GRU"):
        from_keras(layer)


def test_a_layer_without_weights_is_refused():
    with pytest.raises(ValueError, match="'fresh' has no weights yet"):
        from_keras(keras.layers.LSTM(3, name="fresh"))


def test_a_gru_that_cannot_be_turned_is_refused():
    layer = built(keras.layers.GRU(3, recurrent_activation="relu", name="odd"), SHAPE)
    with pytest.raises(ValueError, match="'odd' has `recurrent_activation`='relu'.*sigmoid"):
        from_keras(layer)


@pytest.mark.parametrize("argument", [{"units": 5}, {"use_bias": False}, {"reset_after": False}])
def test_arguments_that_the_weights_fix_cannot_differ(argument):
    layer = built(keras.layers.GRU(3, name="fixed"), SHAPE)
    (name,) = argument
    with pytest.raises(ValueError, match=f"`{name}` of 'fixed' is .*weights fix"):
        from_keras(layer, **argument)
    both = built(keras.layers.Bidirectional(keras.layers.GRU(3)), SHAPE)
    with pytest.raises(ValueError, match=f"`{name}` of 'forward_gru.* is .*weights fix"):
        from_keras(both, **argument)
