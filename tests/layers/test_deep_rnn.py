"""What `DeepRNN` adds to a stack of layers: flags, states, names, configuration."""

import keras
import numpy as np
import pytest

from kerasrnn.cells import FullGRUCell, LSTMCell
from kerasrnn.layers import BRNN, LSTM, RNN, DeepRNN, FullGRU
from tests.reference.weights import arrays, assert_same, built, copy_weights, normal

BATCH, TIME, FEATURES = 3, 5, 4
SHAPE = (BATCH, TIME, FEATURES)
MASK = np.array([[True] * 5, [True, True, False, False, False], [False, True, True, False, True]])


@pytest.fixture
def x():
    return normal(*SHAPE)


def two_levels(**arguments):
    return built(DeepRNN([LSTM(2), FullGRU(3)], **arguments), SHAPE)


def stack(layer, **arguments):
    """The same levels as layers of their own, one above the other."""
    lower = built(LSTM(2, return_sequences=True), SHAPE)
    upper = built(FullGRU(3, **arguments), (BATCH, TIME, 2))
    copy_weights(layer.levels[0], lower)
    copy_weights(layer.levels[1], upper)
    return lambda x, mask=None: upper(lower(x, mask=mask), mask=mask)


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
def test_levels_are_layers_on_top_of_each_other(x, mask, return_sequences):
    layer = two_levels(return_sequences=return_sequences)
    expected = stack(layer, return_sequences=return_sequences)
    assert_same(layer(x, mask=mask), expected(x, mask=mask))


def test_levels_are_those_of_stacked_cells_in_keras(x):
    lower, upper = LSTMCell(2), FullGRUCell(3)
    stacked = keras.layers.RNN(keras.layers.StackedRNNCells([lower, upper]), return_sequences=True)
    built(stacked, SHAPE)
    layer = built(DeepRNN([LSTMCell(2), FullGRUCell(3)], return_sequences=True), SHAPE)
    copy_weights(stacked, layer)
    assert_same(layer(x, mask=MASK), stacked(x, mask=MASK))


def test_cells_and_layers_make_the_same_levels(x):
    of_layers = two_levels(return_state=True)
    of_cells = built(DeepRNN([LSTMCell(2), FullGRUCell(3)], return_state=True), SHAPE)
    copy_weights(of_layers, of_cells)
    assert_same(of_cells(x, mask=MASK), of_layers(x, mask=MASK))


def test_one_level_is_the_layer_itself(x):
    layer = built(DeepRNN([LSTM(3)], return_state=True), SHAPE)
    alone = copy_weights(layer, built(LSTM(3, return_state=True), SHAPE))
    assert_same(layer(x), alone(x))


def test_the_flags_of_the_levels_are_set_by_the_whole(x):
    levels = [LSTM(2, return_state=True), FullGRU(3, return_sequences=True, stateful=True)]
    layer = built(DeepRNN(levels), SHAPE)
    assert layer(x).shape == (BATCH, 3)
    assert layer.states is None


def test_a_level_keeps_its_own_arguments():
    layer = DeepRNN([LSTM(2, activation="relu", dropout=0.5, seed=4, name="first"), FullGRU(3)])
    first = layer.levels[0]
    assert first.activation is keras.activations.relu
    assert (first.dropout, first.seed, first.name) == (0.5, 4, "first")


def test_levels_have_weights_of_their_own(x):
    level = LSTM(2)
    level(x)
    layer = DeepRNN([level, FullGRU(3)])
    layer.build(SHAPE)
    assert not {id(w) for w in level.weights} & {id(w) for w in layer.weights}
    assert [tuple(w.shape) for w in layer.weights] == [
        *[(FEATURES, 8), (2, 8), (8,)],
        *[(2, 9), (3, 9), (9,)],
    ]


def test_states_are_listed_from_the_lowest_level(x):
    layer = two_levels(return_state=True)
    assert layer.state_size == [2, 2, 3]
    output, *states = layer(x)
    _, *lowest = layer.levels[0](x)
    assert_same(states[:2], lowest)
    assert_same(states[2], output)  # of the GRU the state is the output


@pytest.mark.parametrize("level", [0, 1])
def test_initial_states_reach_their_level(x, level):
    layer = two_levels(return_state=True)
    start = [np.zeros((BATCH, size)) for size in layer.state_size]
    start[2 * level] = normal(BATCH, layer.state_size[2 * level], seed=3)
    _, *plain = arrays(layer(x))
    _, *moved = arrays(layer(x, initial_state=start))
    changed = [np.abs(a - b).max() > 1e-4 for a, b in zip(plain, moved, strict=True)]
    assert changed == ([True, True, True] if level == 0 else [False, False, True])


def test_dropout_of_a_level_acts_in_training_alone(x):
    layer = built(DeepRNN([LSTM(2), FullGRU(3, dropout=0.5, seed=1)]), SHAPE)
    plain = copy_weights(layer, two_levels())
    assert_same(layer(x), plain(x))
    assert np.abs(np.subtract(*arrays([layer(x, training=True), plain(x)]))).max() > 1e-3


def test_deep_layers_nest(x):
    inner = DeepRNN([LSTM(2), FullGRU(3)])
    nested = built(DeepRNN([inner, LSTM(4)], return_state=True), SHAPE)
    flat = built(DeepRNN([LSTM(2), FullGRU(3), LSTM(4)], return_state=True), SHAPE)
    copy_weights(nested, flat)
    assert nested.state_size == [2, 2, 3, 4, 4]
    assert_same(nested(x, mask=MASK), flat(x, mask=MASK))


def test_a_bidirectional_level_may_have_any_kind_of_copies(x):
    level = BRNN(
        LSTM(2), merge_mode="sum", backward_layer=FullGRU(2, go_backwards=True), name="both"
    )
    layer = built(DeepRNN([level, LSTM(2)], return_sequences=True), SHAPE)
    both = layer.levels[0]
    assert (type(both.forward_layer), type(both.backward_layer)) == (LSTM, FullGRU)
    assert (both.name, both.merge_mode) == ("both", "sum")
    assert layer(x, mask=MASK).shape == (BATCH, TIME, 2)
    assert layer.state_size == [2, 2, 2, 2, 2]


@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
def test_a_deep_layer_runs_both_ways(x, mask):
    layer = built(BRNN(DeepRNN([LSTM(2), FullGRU(3)], return_sequences=True)), SHAPE)
    joined = arrays(layer(x, mask=mask))[0]
    flags = {"return_sequences": True, "zero_output_for_mask": True}
    forward = copy_weights(layer.forward_layer, two_levels(**flags))
    backward = copy_weights(layer.backward_layer, two_levels(go_backwards=True, **flags))
    assert_same(joined[..., :3], forward(x, mask=mask))
    assert_same(joined[..., 3:], arrays(backward(x, mask=mask))[0][:, ::-1])


def test_the_configuration_keeps_levels_of_every_kind():
    layer = DeepRNN(
        [RNN(LSTMCell(2)), BRNN(FullGRU(3), merge_mode="sum"), DeepRNN([LSTM(4)]), LSTMCell(5)],
        return_sequences=True,
        go_backwards=True,
        name="deep",
    )
    again = DeepRNN.from_config(layer.get_config())
    assert [type(level) for level in again.levels] == [RNN, BRNN, DeepRNN, RNN]
    assert [level.name for level in again.levels] == [level.name for level in layer.levels]
    assert again.levels[1].merge_mode == "sum"
    assert (again.return_sequences, again.go_backwards, again.name) == (True, True, "deep")
    assert again.get_config() == layer.get_config()


def test_two_levels_of_one_name_have_weights_of_different_paths():
    layer = built(DeepRNN([LSTM(2), LSTM(2), LSTM(2)]), SHAPE)
    paths = [w.path for w in layer.weights]
    assert len(set(paths)) == len(paths)


def normalised(array):
    """Over the last axis, as `keras.layers.LayerNormalization` starts."""
    mean = array.mean(axis=-1, keepdims=True)
    return (array - mean) / np.sqrt(array.var(axis=-1, keepdims=True) + 1e-3)


LEVELS_MASK = np.array(
    [
        [True, True, True, False, False],
        [False, True, False, True, False],
        [False, False, True, True, True],
    ]
)


@pytest.mark.parametrize("mask", [None, LEVELS_MASK], ids=["unmasked", "masked"])
@pytest.mark.parametrize("layer_norm", [False, True])
@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("go_backwards", [False, True])
def test_levels_add_their_input_and_are_normalised(x, mask, residual, layer_norm, go_backwards):
    options = {"residual": residual, "layer_norm": layer_norm, "go_backwards": go_backwards}
    deep = DeepRNN("lstm", units=[4, 4, 4], return_sequences=True, **options)
    built(deep, x.shape)
    for norm in deep.norms:
        norm.set_weights([np.ones(4), np.zeros(4)])
    turn = (lambda array: array[:, ::-1]) if go_backwards else (lambda array: array)
    y = turn(arrays(x)[0])
    real = np.ones(y.shape[:2], bool) if mask is None else turn(mask)
    for number, level in enumerate(deep.levels):
        below, (y, *_) = y, arrays(level(y, mask=real))
        y = y + below if residual and number else y
        y = normalised(y) if layer_norm else y
        y = np.where(real[..., None], y, 0) if residual or layer_norm else y
    assert_same(deep(x, mask=mask), y)
    last = DeepRNN("lstm", units=[4, 4, 4], **options)
    built(last, x.shape)
    last.set_weights(deep.get_weights())
    ends = [np.flatnonzero(row)[-1] for row in real]
    assert_same(last(x, mask=mask), y[np.arange(len(y)), ends])


def test_a_row_without_real_steps_is_zero_with_residual_and_norm(x):
    deep = built(DeepRNN("full_gru", units=[3, 3], residual=True, layer_norm=True), x.shape)
    mask = np.array([[True] * 5, [False] * 5, [True] * 5])
    assert_same(deep(x, mask=mask)[1], np.zeros(3))


def test_dropout_between_levels_acts_in_training_alone(x):
    deep = built(DeepRNN("lstm", units=[3, 3], dropout=0.5, seed=3), x.shape)
    plain = built(DeepRNN("lstm", units=[3, 3]), x.shape)
    assert_same(deep(x), plain(x))
    first, second = arrays([deep(x, training=True), deep(x, training=True)])
    assert np.abs(first - arrays(plain(x))[0]).max() > 1e-4
    assert np.abs(first - second).max() > 1e-4
    again = built(DeepRNN("lstm", units=[3, 3], dropout=0.5, seed=3), x.shape)
    assert_same(again(x, training=True), first)


def test_dropout_between_levels_leaves_the_first_level_and_the_output_alone(x):
    deep = built(DeepRNN("lstm", units=[3], dropout=0.5), x.shape)
    assert_same(deep(x, training=True), deep(x))


def test_a_name_and_sizes_make_the_levels():
    deep = DeepRNN("peephole_lstm", units=(5, 4, 3))
    assert [type(level).__name__ for level in deep.levels] == ["PeepholeLSTM"] * 3
    assert [level.units for level in deep.levels] == [5, 4, 3]
    assert [level.name for level in deep.levels] == ["level_1", "level_2", "level_3"]


@pytest.mark.parametrize("policy", ["float64", "mixed_float16", "mixed_bfloat16"])
def test_levels_by_name_have_the_policy_of_the_whole(x, policy):
    deep = DeepRNN("lstm", units=[3, 3], layer_norm=True, residual=True, dtype=policy)
    names = {level.dtype_policy.name for level in [*deep.levels, *deep.norms]}
    assert names == {policy}
    output = built(deep, x.shape)(x)
    assert keras.backend.standardize_dtype(output.dtype) == deep.compute_dtype


def test_the_options_are_in_the_configuration(x):
    options = {"dropout": 0.25, "residual": True, "layer_norm": True, "seed": 5}
    deep = built(DeepRNN("full_gru", units=[3, 3], **options), x.shape)
    config = deep.get_config()
    assert {name: config[name] for name in options} == options
    again = built(DeepRNN.from_config(config), x.shape)
    again.set_weights(deep.get_weights())
    assert_same(again(x), deep(x))


def test_gamma_and_beta_follow_the_weights_of_the_levels(x):
    deep = built(DeepRNN("lstm", units=[3, 2], layer_norm=True), x.shape)
    names = [weight.path.split("/")[-2:] for weight in deep.weights][6:]
    assert names == [
        ["norm_1", "gamma"],
        ["norm_1", "beta"],
        ["norm_2", "gamma"],
        ["norm_2", "beta"],
    ]


def test_each_level_says_how_it_was_run(x):
    layer = DeepRNN([BRNN(LSTM(2, name="lstm"), name="both"), FullGRU(3, name="top")])
    assert layer.last_way is None
    layer(x)
    both, top = layer.levels
    forward, backward = both.last_way.splitlines()
    assert top.last_way.startswith("loop: ")
    assert layer.last_way.splitlines() == [
        f"both: {forward}",
        f"both: {backward}",
        f"top: {top.last_way}",
    ]


def test_levels_of_one_name_have_a_line_each(x):
    layer = DeepRNN([LSTM(2, name="level"), FullGRU(3, name="level")])
    layer(x)
    assert len(layer.last_way.splitlines()) == 2


@pytest.mark.tensorflow
def test_levels_say_how_they_were_run_in_training(x):
    inputs = keras.Input(SHAPE[1:])
    layer = DeepRNN([LSTM(2, name="lower"), LSTM(3, name="upper")])
    model = keras.Model(inputs, layer(inputs))
    model.compile("sgd", "mse")
    model.fit(x, np.zeros((BATCH, 3)), verbose=0)
    lower, upper = layer.last_way.splitlines()
    assert lower.startswith("lower: compiled: in training in a graph")
    assert upper.startswith("upper: compiled: in training in a graph")
