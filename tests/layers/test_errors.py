"""What is refused, with the argument, the rule and the value in the message."""

import keras
import numpy as np
import pytest

from kerasrnn import cells, layers

CELLS = [
    cells.BasicRNNCell,
    cells.SimplifiedGRUCell,
    cells.FullGRUCell,
    cells.LSTMCell,
    cells.PeepholeLSTMCell,
]
LAYERS = [
    layers.BasicRNN,
    layers.SimplifiedGRU,
    layers.FullGRU,
    layers.LSTM,
    layers.PeepholeLSTM,
]
X = np.ones((2, 5, 3), "float32")


def assert_refused(function, *parts, error=ValueError):
    with pytest.raises(error) as caught:
        function()
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("cls", [*CELLS, *LAYERS])
@pytest.mark.parametrize("units", [0, -1, 2.5, True, "3", None])
def test_units_must_be_a_positive_integer(cls, units):
    assert_refused(lambda: cls(units), "`units`", "positive integer", repr(units))


@pytest.mark.parametrize("cls", [*CELLS, *LAYERS])
@pytest.mark.parametrize("argument", ["dropout", "recurrent_dropout"])
@pytest.mark.parametrize("rate", [-0.1, 1, 1.0, 2, "0.5", None, True, float("nan")])
def test_dropout_must_be_a_rate(cls, argument, rate):
    assert_refused(lambda: cls(3, **{argument: rate}), f"`{argument}`", "[0, 1)", repr(rate))


@pytest.mark.parametrize("cls", [cells.PeepholeLSTMCell, layers.PeepholeLSTM])
@pytest.mark.parametrize("form", ["next", None, True])
def test_the_output_peephole_must_be_one_of_two(cls, form):
    assert_refused(
        lambda: cls(3, output_peephole=form),
        "`output_peephole`",
        "'previous'",
        "'current'",
        repr(form),
    )


@pytest.mark.parametrize("cls", [*CELLS, *LAYERS])
def test_unknown_arguments_are_named(cls):
    assert_refused(lambda: cls(3, unitz=4), "unitz", error=(TypeError, ValueError))


@pytest.mark.parametrize("cls", LAYERS)
def test_a_misspelt_argument_of_a_layer_is_named_with_its_like(cls):
    assert_refused(
        lambda: cls(3, return_sequence=True),
        f"{cls.__name__} has no argument `return_sequence`",
        "Did you mean `return_sequences`?",
        error=TypeError,
    )
    assert_refused(lambda: cls(use_bias=True), f"{cls.__name__} needs `units`", error=TypeError)


@pytest.mark.parametrize("cls", [*CELLS, *LAYERS])
def test_units_must_be_given(cls):
    assert_refused(cls, "units", error=TypeError)


@pytest.mark.parametrize(
    "cell", [keras.layers.LSTMCell(3), [cells.LSTMCell(3)], "lstm", None], ids=type
)
def test_a_cell_must_be_one_of_this_library(cell):
    assert_refused(
        lambda: layers.RNN(cell), "`cell`", "kerasrnn.cells.Cell", repr(cell), error=TypeError
    )


def test_a_cell_must_define_its_step():
    cell = cells.Cell(3)
    cell.gates, cell.state_names = ("a",), ("a",)
    cell.build((None, 2))
    assert_refused(lambda: cell.step(None, None, None), "Cell", "step", error=NotImplementedError)


def deep(units, **arguments):
    return layers.DeepRNN([layers.LSTM(units)], **arguments)


def both_ways(units, **arguments):
    return layers.BRNN(layers.LSTM(units, **arguments))


@pytest.mark.tensorflow
@pytest.mark.parametrize("factory", [layers.LSTM, deep, both_ways])
def test_unrolling_needs_a_known_time(factory):
    import tensorflow as tf

    layer = factory(3, unroll=True)
    layer.build((2, 5, 3))

    @tf.function(input_signature=[tf.TensorSpec([2, None, 3])])
    def unknown(x):
        return layer(x)

    assert_refused(lambda: unknown(X), "`unroll=True`", "time steps", "(2, None, 3)")


def test_stateful_needs_a_known_batch():
    assert_refused(
        lambda: layers.LSTM(3, stateful=True)(keras.Input((5, 3))),
        "stateful=True",
        "batch size",
        "(None, 5, 3)",
    )


@pytest.mark.parametrize("levels", [1, 2])
def test_stateful_refuses_another_batch(levels):
    layer = layers.LSTM(3, stateful=True, name="keeper")
    if levels == 2:
        layer = layers.DeepRNN([layers.LSTM(3, name="keeper"), layers.LSTM(3)], stateful=True)
    layer(X)
    assert_refused(lambda: layer(X[:1]), "'keeper'", "stateful", "batches of 2", "batch of 1")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_each_state_must_be_given(count):
    states = [np.zeros((2, 4))] * count
    assert_refused(
        lambda: layers.LSTM(4, name="reader")(X, initial_state=states),
        "'reader'",
        "2 state(s)",
        "('a', 'c')",
        f"received {count}",
        "`initial_state`",
    )


def test_each_state_of_each_level_must_be_given():
    layer = layers.DeepRNN([layers.LSTM(4), layers.FullGRU(3)], name="deep")
    assert_refused(
        lambda: layer(X, initial_state=[np.zeros((2, 4))] * 2),
        "'deep'",
        "3 states in 2 levels",
        "received 2",
        "`initial_state`",
    )


def test_a_state_of_several_may_not_be_left_out():
    assert_refused(
        lambda: layers.LSTM(4, name="reader")(X, initial_state=[np.zeros((2, 4)), None]),
        "`initial_state`",
        "'reader'",
        "None for 'c'",
    )


@pytest.mark.parametrize("width", [1, 3])
def test_initial_states_must_be_as_wide_as_the_cell(width):
    states = [np.zeros((2, width))] * 2
    assert_refused(
        lambda: layers.LSTM(4)(X, initial_state=states), "`initial_state`", "4", f"(2, {width})"
    )


@pytest.mark.parametrize("shape", [(2, 3), (2, 5, 3, 1)])
@pytest.mark.parametrize("factory", [*LAYERS, deep, both_ways])
def test_sequences_must_have_three_axes(factory, shape):
    assert_refused(lambda: factory(4)(np.ones(shape, "float32")), "ndim=3", str(shape))


@pytest.mark.parametrize("time", [4, 6])
@pytest.mark.parametrize("factory", [layers.LSTM, deep, both_ways])
def test_a_mask_must_be_as_long_as_the_sequence(factory, time):
    assert_refused(
        lambda: factory(4)(X, mask=np.ones((2, time), bool)), "`mask`", f"(2, {time})", "(2, 5"
    )


@pytest.mark.parametrize("layer", [3, None, "lstm"])
def test_a_bidirectional_layer_needs_a_layer(layer):
    assert_refused(lambda: layers.BRNN(layer), "`keras.layers.Layer`", str(layer))


def test_a_bidirectional_layer_needs_a_known_join():
    assert_refused(
        lambda: layers.BRNN(layers.LSTM(3), merge_mode="max"), "merge", "max", "concat", "sum"
    )


def test_the_directions_must_differ():
    same = layers.LSTM(3)
    assert_refused(
        lambda: layers.BRNN(layers.LSTM(3), backward_layer=same), "`go_backwards`", "False"
    )


def test_the_directions_must_return_the_same():
    other = layers.LSTM(3, go_backwards=True, return_sequences=True)
    assert_refused(
        lambda: layers.BRNN(layers.LSTM(3), backward_layer=other), "return_sequences", "True"
    )


@pytest.mark.parametrize("levels", [[], (), None, layers.LSTM(3)], ids=type)
def test_a_deep_layer_needs_a_list_of_levels(levels):
    assert_refused(lambda: layers.DeepRNN(levels), "`layers`", "list", repr(levels))


@pytest.mark.parametrize("level", [keras.layers.Dense(3), "lstm", 3, keras.layers.LSTM(3)])
def test_levels_must_be_recurrent(level):
    assert_refused(
        lambda: layers.DeepRNN([layers.LSTM(3), level]), "`layers`", "recurrent", repr(level)
    )


def test_levels_of_keras_are_told_of_their_like():
    level = keras.layers.LSTM(3, go_backwards=True)
    assert_refused(lambda: layers.DeepRNN([level]), "kerasrnn.layers", "from_keras(layer)")
    assert_refused(lambda: layers.DeepRNN(["lstm"]), "DeepRNN('lstm', units=[64, 64])")


def test_levels_must_read_forwards():
    level = layers.LSTM(3, go_backwards=True, name="turned")
    assert_refused(lambda: layers.DeepRNN([level]), "'turned'", "backwards", "go_backwards=True")


def test_levels_must_be_joined():
    level = layers.BRNN(layers.LSTM(3), merge_mode=None, name="pair")
    assert_refused(lambda: layers.DeepRNN([level]), "'pair'", "merge_mode=None", "'concat'")


def test_recurrent_names_the_cells_it_knows():
    assert_refused(lambda: layers.recurrent("gru", 3), "`cell`", "full_gru", "'gru'")
    assert_refused(lambda: layers.recurrent("lstmm", 3), "Did you mean 'lstm'?")


ARGUMENTS_OF_KERAS = [
    "activation",
    "kernel_initializer",
    "recurrent_initializer",
    "bias_initializer",
    "kernel_regularizer",
    "recurrent_regularizer",
    "bias_regularizer",
    "kernel_constraint",
    "recurrent_constraint",
    "bias_constraint",
]


@pytest.mark.parametrize("cls", [*CELLS, *LAYERS])
@pytest.mark.parametrize("argument", ARGUMENTS_OF_KERAS)
def test_unknown_names_of_keras_objects_are_refused_by_argument(cls, argument):
    assert_refused(lambda: cls(3, **{argument: "taanh"}), f"`{argument}`", "'taanh'")


@pytest.mark.parametrize("cls", [cls for cls in LAYERS if cls is not layers.BasicRNN])
def test_an_unknown_gate_activation_is_refused_by_argument(cls):
    assert_refused(lambda: cls(3, recurrent_activation="sigmoyd"), "`recurrent_activation`")


@pytest.mark.parametrize("factory", [*LAYERS, deep, both_ways])
def test_another_feature_size_than_that_of_the_build_is_refused(factory):
    layer = factory(4, name="reader") if factory in LAYERS else factory(4)
    layer(X)
    assert_refused(lambda: layer(np.ones((2, 5, 7), "float32")), "3", "(2, 5, 7)")


@pytest.mark.parametrize("cls", CELLS)
def test_a_cell_refuses_another_feature_size(cls):
    cell = cls(4, name="small")
    states = cell.get_initial_state(batch_size=2)
    cell(np.ones((2, 3)), states)
    assert_refused(lambda: cell(np.ones((2, 7)), states), "`inputs`", "'small'", "3 wide", "(2, 7)")


@pytest.mark.parametrize("shape", [(2,), (2, 5, 1), (3, 5), (2, 5, 3)])
@pytest.mark.parametrize("factory", [layers.LSTM, deep, both_ways])
def test_a_mask_must_be_of_batch_and_time(factory, shape):
    assert_refused(
        lambda: factory(4)(X, mask=np.ones(shape, bool)), "`mask`", "(batch, time)", str(shape)
    )


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 5, 4), (1, 4)])
@pytest.mark.parametrize("factory", [layers.FullGRU, layers.BasicRNN])
def test_a_state_must_be_of_batch_and_units(factory, shape):
    assert_refused(
        lambda: factory(4)(X, initial_state=[np.ones(shape)]),
        "`initial_state`",
        "(batch, 4)",
        str(shape),
    )


@pytest.mark.parametrize("count", [0, 2, 3, 6])
def test_each_state_of_both_directions_must_be_given(count):
    assert_refused(
        lambda: both_ways(4)(X, initial_state=[np.ones((2, 4))] * count),
        "4 states in two directions",
        f"received {count}",
        "`initial_state`",
    )


@pytest.mark.parametrize("merge_mode", ["sum", "mul", "ave"])
def test_copies_that_are_not_joined_side_by_side_must_be_of_one_width(merge_mode):
    backward = layers.LSTM(1, go_backwards=True)
    layer = layers.BRNN(layers.LSTM(4), merge_mode, backward_layer=backward, name="pair")
    assert_refused(
        lambda: layer(X), "`merge_mode`", repr(merge_mode), "'pair'", "4 forwards", "1 backwards"
    )


@pytest.mark.parametrize("factory", [*LAYERS, deep, both_ways])
def test_the_number_of_features_must_be_known(factory):
    assert_refused(lambda: factory(4)(keras.Input((5, None))), "features", "(None, None)")


def test_a_copy_in_a_level_may_have_no_activity_regulariser():
    pair = layers.BRNN(layers.LSTM(4, activity_regularizer="l2", name="inner"))
    assert_refused(lambda: layers.DeepRNN([pair]), "inner", "`activity_regularizer`")


@pytest.mark.parametrize("value", [True, "yes", None])
def test_cudnn_cannot_be_asked_for(value):
    assert_refused(lambda: layers.LSTM(3, use_cudnn=value), "`use_cudnn`", "'auto'", repr(value))


@pytest.mark.parametrize("value", ["auto", False])
def test_arguments_of_keras_that_change_no_number_are_taken(value):
    assert layers.LSTM(3, use_cudnn=value, implementation=2).use_cudnn == value


def test_arguments_by_position_are_those_of_keras():
    layer = layers.LSTM(3, "relu", "hard_sigmoid", False, "zeros", "ones", "zeros")
    keras_own = keras.layers.LSTM(3, "relu", "hard_sigmoid", False, "zeros", "ones", "zeros")
    names = ("units", "use_bias", "activation", "recurrent_activation")
    assert [getattr(layer, n) for n in names] == [getattr(keras_own, n) for n in names]
    assert isinstance(layer.recurrent_initializer, keras.initializers.Ones)


def test_too_many_values_without_names_are_refused():
    assert_refused(lambda: layers.LSTM(*range(3, 12)), "by position", "9 values", error=TypeError)


def test_an_argument_given_twice_is_refused():
    assert_refused(lambda: layers.LSTM(3, units=4), "units twice", error=TypeError)


@pytest.mark.parametrize("units", [None, 3, [], "3"])
def test_a_named_cell_needs_sizes(units):
    assert_refused(
        lambda: layers.DeepRNN("lstm", units=units), "`units`", "list of sizes", repr(units)
    )


@pytest.mark.parametrize("levels", [[layers.LSTM(3)], ["lstm", "full_gru"]], ids=str)
def test_sizes_are_for_a_named_cell_alone(levels):
    assert_refused(lambda: layers.DeepRNN(levels, units=[3]), "`units`", "[3]", "LSTM(64)")


def test_an_unknown_name_of_levels_is_refused():
    assert_refused(lambda: layers.DeepRNN("gru", units=[3]), "full_gru", "'gru'")


def test_residual_levels_must_be_of_one_width():
    layer = layers.DeepRNN("lstm", units=[4, 3], residual=True)
    assert_refused(lambda: layer(X), "`residual`", "'level_2' is 3 wide", "4")


def test_residual_cannot_end_in_two_directions():
    levels = [layers.LSTM(4), layers.BRNN(layers.LSTM(2), name="pair")]
    assert_refused(
        lambda: layers.DeepRNN(levels, residual=True), "`residual`", "'pair'", "return_sequences"
    )
    assert layers.DeepRNN(levels, residual=True, return_sequences=True)(X).shape == (2, 5, 4)
