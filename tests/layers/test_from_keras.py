"""Layers imported from Keras compute what the source computes."""

import keras
import numpy as np
import pytest

from kerasrnn.cells import Cell, FullGRUCell, LSTMCell, PeepholeLSTMCell
from kerasrnn.layers import (
    BRNN,
    LSTM,
    RNN,
    BasicRNN,
    DeepRNN,
    FullGRU,
    PeepholeLSTM,
    SimplifiedGRU,
    from_keras,
)
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


class OtherCell(keras.layers.LSTMCell):
    """May compute something else."""


@pytest.mark.parametrize(
    "layer", [keras.layers.Dense(3), keras.layers.ConvLSTM1D(3, 2), LSTM, None], ids=str
)
def test_other_layers_are_refused(layer):
    with pytest.raises(TypeError, match="`layer` must be a keras.layers.SimpleRNN, LSTM, GRU"):
        from_keras(layer)


@pytest.mark.parametrize("cells", [[OtherCell(3)], [keras.layers.LSTMCell(3), OtherCell(3)]])
def test_a_cell_that_is_not_known_is_named(cells):
    layer = keras.layers.RNN(cells if len(cells) > 1 else cells[0])
    with pytest.raises(TypeError, match="whose cell <OtherCell.*Written as a kerasrnn.cells.Cell"):
        from_keras(layer)


@pytest.mark.parametrize("kind", [keras.layers.LSTM, LSTM])
def test_a_layer_without_weights_is_refused(kind):
    with pytest.raises(ValueError, match="'fresh' has no weights yet"):
        from_keras(kind(3, name="fresh"))


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


CELLS = {
    "simple_rnn": (keras.layers.SimpleRNNCell, {}, BasicRNN),
    "lstm": (keras.layers.LSTMCell, {"recurrent_activation": "hard_sigmoid"}, LSTM),
    "gru": (keras.layers.GRUCell, {}, FullGRU),
    "gru_reset_before": (keras.layers.GRUCell, {"reset_after": False}, FullGRU),
    "ours": (PeepholeLSTMCell, {}, RNN),
}
cells = pytest.mark.parametrize(("kind", "own", "ours"), CELLS.values(), ids=CELLS)
FLAGS = [
    {},
    {"return_sequences": True, "return_state": True},
    {"go_backwards": True, "return_sequences": True},
    {"unroll": True},
    {"zero_output_for_mask": True, "return_sequences": True},
]
flags = pytest.mark.parametrize("flags", FLAGS, ids=lambda flags: next(iter(flags), "plain"))


def different(layer):
    """The layer with random weights, biases too."""
    layer.set_weights([normal(*w.shape) for w in layer.get_weights()])
    return layer


@cells
@flags
def test_a_keras_rnn_of_a_cell_becomes_the_cells_layer(kind, own, ours, flags):
    layer = different(built(keras.layers.RNN(kind(5, **own), **flags), SHAPE))
    imported = from_keras(layer)
    assert type(imported) is ours
    assert imported.name == layer.name
    x = normal(*SHAPE).astype("float32")
    assert_same(imported(x, mask=MASK), layer(x, mask=MASK), rtol=1e-5, atol=1e-6)


def test_a_keras_rnns_arguments_and_its_cells_come_along():
    cell = keras.layers.LSTMCell(3, dropout=0.25, seed=4, kernel_regularizer="l2", trainable=False)
    layer = keras.layers.RNN(cell, activity_regularizer="l1", name="reader")
    imported = from_keras(built(layer, SHAPE), return_state=True)
    assert (imported.name, imported.dropout, imported.seed) == ("reader", 0.25, 4)
    assert isinstance(imported.kernel_regularizer, keras.regularizers.L2)
    assert isinstance(imported.activity_regularizer, keras.regularizers.L1)
    assert imported.return_state
    assert imported.trainable_weights == []


@flags
def test_a_keras_rnn_of_several_cells_becomes_levels(flags):
    kinds = [keras.layers.GRUCell, keras.layers.LSTMCell, FullGRUCell]
    layer = keras.layers.RNN([kind(n) for n, kind in enumerate(kinds, start=2)], **flags)
    imported = from_keras(different(built(layer, SHAPE)))
    assert type(imported) is DeepRNN
    assert [type(level) for level in imported.levels] == [FullGRU, LSTM, RNN]
    x = normal(*SHAPE).astype("float32")
    expected = keras.tree.flatten(layer(x, mask=MASK))
    found = keras.tree.flatten(imported(x, mask=MASK))
    assert_same(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", [keras.layers.GRUCell, FullGRUCell])
@pytest.mark.parametrize("several", [False, True])
def test_a_stateful_keras_rnn_brings_its_states(kind, several):
    cell = kind(3)
    layer = keras.layers.RNN([cell, keras.layers.LSTMCell(2)] if several else cell, stateful=True)
    x = normal(*SHAPE).astype("float32")
    built(layer, SHAPE)
    layer(x)
    imported = from_keras(layer)
    assert_same(imported(x), layer(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("several", [False, True])
def test_both_directions_of_a_keras_rnn_are_imported(several):
    kind = keras.layers.GRUCell
    layer = keras.layers.RNN([kind(3), kind(2)] if several else kind(3), return_sequences=True)
    both = different(built(keras.layers.Bidirectional(layer), SHAPE))
    imported = from_keras(both)
    assert type(imported.forward_layer) is (DeepRNN if several else FullGRU)
    x = normal(*SHAPE).astype("float32")
    assert_same(imported(x, mask=MASK), both(x, mask=MASK), rtol=1e-5, atol=1e-6)


def test_a_cell_of_another_dtype_than_its_layers_needs_a_choice():
    layer = keras.layers.RNN(keras.layers.LSTMCell(3), dtype="mixed_float16", name="reader")
    built(layer, SHAPE)
    with pytest.raises(ValueError, match="'reader' has `dtype`='mixed_float16', its cell 'float32"):
        from_keras(layer)
    assert from_keras(layer, dtype="float32").compute_dtype == "float32"


OURS = {
    "gru": lambda **flags: SimplifiedGRU(3, **flags),
    "rnn": lambda **flags: RNN(PeepholeLSTMCell(3, output_peephole="current"), **flags),
    "deep": lambda **flags: DeepRNN([LSTM(3), FullGRU(2)], layer_norm=True, **flags),
    "brnn": lambda **flags: BRNN(PeepholeLSTM(3, **flags), merge_mode="sum"),
    "brnn_of_both": lambda **flags: BRNN(
        LSTM(3, **flags), backward_layer=keras.layers.LSTM(3, go_backwards=True, **flags)
    ),
    "bidirectional": lambda **flags: keras.layers.Bidirectional(LSTM(3, **flags)),
}
ours = pytest.mark.parametrize("made", OURS.values(), ids=OURS)


@ours
@pytest.mark.parametrize("stateful", [False, True])
def test_a_layer_of_this_library_is_copied(made, stateful):
    layer = different(built(made(return_sequences=True, stateful=stateful), SHAPE))
    x = normal(*SHAPE).astype("float32")
    layer(x)
    imported = from_keras(layer)
    assert imported is not layer
    assert type(imported) is (BRNN if hasattr(layer, "forward_layer") else type(layer))
    assert imported.name == layer.name
    before = layer.get_weights()
    assert_same(imported(x, mask=MASK), layer(x, mask=MASK), rtol=1e-5, atol=1e-6)
    imported.set_weights([np.zeros_like(w) for w in before])
    assert_same(layer.get_weights(), before, rtol=0, atol=0)


@ours
def test_arguments_of_a_copy_may_differ(made):
    layer = built(made(), SHAPE)
    x = normal(*SHAPE)
    output, *states = from_keras(layer, return_state=True, name="other")(x)
    assert_same(output, layer(x), rtol=1e-5, atol=1e-6)
    assert len(states) >= 1
    with pytest.raises((TypeError, ValueError), match="no_such"):
        from_keras(layer, no_such=3)


class Doubled(Cell):
    """A cell with an argument and a weight of its own, which comes before the others."""

    gates = ("a",)
    state_names = ("a",)

    def __init__(self, units, factor=2.0, **kwargs):
        super().__init__(units, **kwargs)
        self.factor = factor

    def build(self, shape):
        self.shift = self.add_weight(shape=(self.units,), name="shift")
        super().build(shape)

    def step(self, projected, states, matmul):
        (a_prev,) = states
        a = projected + matmul(a_prev, self.recurrent_kernel) * self.factor + self.shift
        return a, [a]

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


def test_a_layer_of_a_cell_of_ones_own_is_copied():
    layer = different(built(RNN(Doubled(3, factor=0.1)), SHAPE))
    x = normal(*SHAPE)
    assert_same(from_keras(layer)(x), layer(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("argument", [{"units": 5}, {"layer_norm": True}])
def test_the_weights_of_levels_and_cells_fix_arguments_too(argument):
    (name,) = argument
    layer = built(keras.layers.RNN(keras.layers.LSTMCell(3), name="fixed"), SHAPE)
    deep = built(DeepRNN([LSTM(3)], name="fixed"), SHAPE)
    for source in (layer, deep):
        with pytest.raises(ValueError, match=f"`{name}` of 'fixed' is .*weights fix"):
            from_keras(source, **argument)


@pytest.mark.parametrize(
    "make", [keras.layers.LSTM, LSTM, lambda units: keras.layers.RNN(keras.layers.LSTMCell(units))]
)
def test_a_layer_whose_cell_is_frozen_stays_so(make):
    layer = make(3)
    layer.build((None, 5, 4))
    layer.cell.trainable = False
    assert from_keras(layer).trainable_weights == []
    assert len(from_keras(layer, trainable=True).trainable_weights) == 3


def test_a_list_of_cells_within_a_list_is_named():
    inner = keras.layers.StackedRNNCells([keras.layers.LSTMCell(3), keras.layers.LSTMCell(3)])
    with pytest.raises(TypeError, match="is a list within a list; make one list of both"):
        from_keras(keras.layers.RNN([inner, keras.layers.LSTMCell(2)]))


@pytest.mark.parametrize("name", ["cell", "layers"])
def test_what_a_layer_is_made_of_is_not_replaced(name):
    layer = RNN(LSTMCell(3)) if name == "cell" else DeepRNN([LSTM(3)])
    layer.build((None, 5, 4))
    with pytest.raises(ValueError, match=f"`{name}` of .* its weights fix"):
        from_keras(layer, **{name: LSTMCell(3) if name == "cell" else [LSTM(3)]})
