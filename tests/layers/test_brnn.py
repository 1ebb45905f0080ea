"""What `BRNN` adds to two layers: joining, masks, states, configuration."""

import keras
import numpy as np
import pytest

from kerasrnn.layers import BRNN, LSTM, FullGRU, SimplifiedGRU
from tests.reference.weights import arrays, assert_same, built, copy_weights, normal

BATCH, TIME, FEATURES, UNITS = 3, 5, 4, 2
SHAPE = (BATCH, TIME, FEATURES)
MASK = np.array([[True] * 5, [True, True, False, False, False], [False, True, True, False, True]])
JOINS = {
    "concat": lambda a, b: np.concatenate([a, b], axis=-1),
    "sum": np.add,
    "mul": np.multiply,
    "ave": lambda a, b: (a + b) / 2,
}


def parts(layer, x, mask=None, **arguments):
    """What the two copies return on their own, the backward one turned to the order of time."""
    flags = {"return_sequences": True, "zero_output_for_mask": True, **arguments}
    forward = built(LSTM(UNITS, **flags), SHAPE)
    backward = built(LSTM(UNITS, go_backwards=True, **flags), SHAPE)
    copy_weights(layer.forward_layer, forward)
    copy_weights(layer.backward_layer, backward)
    return arrays([forward(x, mask=mask), keras.ops.flip(backward(x, mask=mask), axis=1)])


@pytest.fixture
def x():
    return normal(*SHAPE)


@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
@pytest.mark.parametrize("merge_mode", JOINS)
def test_the_directions_are_joined_as_asked(x, merge_mode, mask):
    layer = built(BRNN(LSTM(UNITS, return_sequences=True), merge_mode=merge_mode), SHAPE)
    assert_same(layer(x, mask=mask), JOINS[merge_mode](*parts(layer, x, mask)))


def test_the_directions_are_concatenated_by_default():
    assert BRNN(LSTM(UNITS)).merge_mode == "concat"


def test_without_joining_a_pair_comes_back(x):
    layer = built(BRNN(LSTM(UNITS, return_sequences=True), merge_mode=None), SHAPE)
    assert_same(layer(x, mask=MASK), parts(layer, x, MASK))


def test_the_backward_copy_starts_at_the_last_real_step(x):
    layer = built(BRNN(LSTM(UNITS, return_sequences=True)), SHAPE)
    padded = layer(x, mask=np.arange(TIME) < np.full((BATCH, 1), 3))
    assert_same(padded[:, :3], layer(x[:, :3]))


def test_each_step_sees_the_whole_sentence(x):
    layer = built(BRNN(LSTM(UNITS, return_sequences=True)), SHAPE)
    before = arrays(layer(x))[0]
    x[:, 2] += 1.0
    changed = np.abs(arrays(layer(x))[0] - before).max(axis=0) > 1e-7
    forward, backward = changed[:, :UNITS].all(axis=1), changed[:, UNITS:].all(axis=1)
    assert forward.tolist() == [False, False, True, True, True]
    assert backward.tolist() == [True, True, True, False, False]


def test_the_copies_have_weights_of_their_own(x):
    layer = LSTM(UNITS, return_sequences=True)
    layer(x)
    both = BRNN(layer)
    both.build(SHAPE)
    ids = [id(w) for w in [*layer.weights, *both.weights]]
    assert len(set(ids)) == len(ids) == 9
    assert not np.array_equal(both.forward_layer.get_weights()[0], layer.get_weights()[0])


def test_weights_are_the_forward_copys_then_the_backward_copys():
    layer = built(BRNN(LSTM(UNITS)), SHAPE)
    expected = [*layer.forward_layer.get_weights(), *layer.backward_layer.get_weights()]
    assert_same(layer.get_weights(), expected, rtol=0, atol=0)


def test_initial_weights_are_used(x):
    source = built(BRNN(LSTM(UNITS)), SHAPE)
    assert_same(BRNN(LSTM(UNITS), weights=source.get_weights())(x), source(x))


def test_a_backward_layer_of_another_kind_is_used(x):
    backward = FullGRU(3, return_sequences=True, go_backwards=True)
    layer = built(BRNN(LSTM(UNITS, return_sequences=True), backward_layer=backward), SHAPE)
    joined = arrays(layer(x, mask=MASK))[0]
    alone = FullGRU(3, return_sequences=True, go_backwards=True, zero_output_for_mask=True)
    copy_weights(layer.backward_layer, built(alone, SHAPE))
    assert_same(joined[..., UNITS:], arrays(alone(x, mask=MASK))[0][:, ::-1])


@pytest.mark.parametrize("return_state", [False, True])
def test_the_shape_counts_the_units_of_both_copies(x, return_state):
    flags = {"return_sequences": True, "return_state": return_state}
    layer = BRNN(LSTM(UNITS, **flags), backward_layer=LSTM(3, go_backwards=True, **flags))
    real = [tuple(tensor.shape) for tensor in keras.tree.flatten(layer(x))]
    symbolic = keras.tree.flatten(layer(keras.Input(SHAPE[1:], batch_size=BATCH)))
    assert [tuple(tensor.shape) for tensor in symbolic] == real


@pytest.mark.parametrize("kind", [LSTM, FullGRU])
def test_states_are_the_forward_copys_then_the_backward_copys(x, kind):
    layer = built(BRNN(kind(UNITS, return_state=True)), SHAPE)
    count = len(layer.forward_layer.state_size)
    assert layer.state_size == [UNITS] * (2 * count)
    _, *states = layer(x, mask=MASK)
    for side, share in (
        (layer.forward_layer, states[:count]),
        (layer.backward_layer, states[count:]),
    ):
        assert_same(side(x, mask=MASK)[1:], share)


def test_initial_states_are_shared_out(x):
    layer = built(BRNN(SimplifiedGRU(UNITS)), SHAPE)
    start = [normal(BATCH, UNITS, seed=k) for k in (1, 2)]
    sides = [layer.forward_layer, layer.backward_layer]
    ends = [side(x, initial_state=state) for side, state in zip(sides, start, strict=True)]
    expected = np.concatenate(arrays(ends), axis=-1)
    assert_same(layer(x, initial_state=start), expected)


def test_the_configuration_keeps_the_layer_and_the_join():
    layer = BRNN(
        LSTM(UNITS, return_sequences=True, dropout=0.25, activation="relu", seed=3),
        merge_mode="sum",
        name="both",
        activity_regularizer=keras.regularizers.L1(0.5),
    )
    again = BRNN.from_config(layer.get_config())
    assert again.activity_regularizer.l1 == 0.5
    assert (again.merge_mode, again.name) == ("sum", "both")
    for side in (again.forward_layer, again.backward_layer):
        assert isinstance(side, LSTM)
        assert side.units == UNITS
        assert side.return_sequences
        assert (side.dropout, side.seed) == (0.25, 3)
        assert side.activation is keras.activations.relu
    assert [again.forward_layer.go_backwards, again.backward_layer.go_backwards] == [False, True]


def test_the_mask_goes_on_to_each_of_a_pair():
    layer = BRNN(LSTM(UNITS, return_sequences=True), merge_mode=None)
    assert_same(layer.compute_mask(None, keras.ops.convert_to_tensor(MASK)), [MASK, MASK])


def test_bidirectional_layers_stack(x):
    inputs = keras.Input((None, FEATURES))
    lower = BRNN(LSTM(UNITS, return_sequences=True))
    upper = BRNN(LSTM(3, return_sequences=True))
    model = keras.Model(inputs, upper(lower(keras.layers.Masking()(inputs))))
    built(lower, SHAPE)
    x[1, 3:] = 0.0
    mask = np.arange(TIME) < np.array([TIME, 3, TIME])[:, None]
    assert_same(model(x), upper(lower(x, mask=mask), mask=mask))


def test_each_copy_says_how_it_was_run(x):
    layer = BRNN(LSTM(UNITS, name="lstm"))
    assert layer.last_way is None
    layer(x)
    forward, backward = layer.forward_layer.last_way, layer.backward_layer.last_way
    assert forward.startswith("loop: ")
    assert layer.last_way == f"forward_lstm: {forward}\nbackward_lstm: {backward}"


def test_a_copy_of_kerass_has_no_way_to_tell_of(x):
    keras_layer = keras.layers.LSTM(UNITS, go_backwards=True, name="theirs")
    layer = BRNN(LSTM(UNITS, name="ours"), backward_layer=keras_layer)
    assert layer.last_way is None
    layer(x)
    first, second = layer.last_way.splitlines()
    assert first.startswith("forward_ours: loop: ")
    assert second == "theirs: not run by this library"
