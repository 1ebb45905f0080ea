"""The flow of gradients: against finite differences, and where its factor a step is known."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasrnn.cells import LSTMCell
from kerasrnn.inspection import GradientFlow, gradient_flow
from kerasrnn.layers import BRNN, LSTM, RNN, BasicRNN, DeepRNN, FullGRU, PeepholeLSTM

BATCH, TIME, FEATURES, UNITS = 3, 6, 2, 4
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(BATCH, TIME, FEATURES)).astype("float32")
LABELS = RANDOM.integers(0, 2, (BATCH, TIME))
MASK = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0], [0, 1, 1, 0, 1, 0]], bool)


def reader(layer, **options):
    """A model that gives two probabilities from what a layer gives."""
    inputs = keras.Input((None, FEATURES), **options)
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(layer(inputs)))


# Against finite differences


# JAX's and PyTorch's backends compute parts of a double in single precision: see test_upstream.py.
DOUBLE = keras.backend.backend() == "tensorflow"
STEP, CLOSE = (1e-6, {"rtol": 1e-4, "atol": 1e-8}) if DOUBLE else (1e-2, {"rtol": 0, "atol": 1e-3})


def flow_by_differences(layer, dense, x, label, at, step=STEP):
    """‖∂L⟨at⟩/∂s⟨t⟩‖ of one row for each state s, by moving one number of a state at a time."""
    (kernel, bias), cell = dense, layer.cell
    size = len(layer.state_size) * layer.units
    moves = step * np.concatenate([np.eye(size), -np.eye(size)])  # (a row a move, all states)

    def run(x, states):
        for x_t in x:
            _, states = cell(np.tile(x_t, (len(states[0]), 1)), states)
        return states

    gradients, states = [], cell.get_initial_state(batch_size=1)
    for t in range(at + 1):
        states = run(x[t : t + 1], states)
        packed = np.concatenate([ops.convert_to_numpy(state) for state in states], axis=1)
        moved = np.split(packed + moves, len(layer.state_size), axis=1)
        z = ops.convert_to_numpy(run(x[t + 1 : at + 1], moved)[0]) @ kernel + bias
        loss = np.log(np.exp(z).sum(axis=1)) - z[:, label]
        gradients.append((loss[:size] - loss[size:]) / (2 * step))
    norms = np.linalg.norm(np.reshape(gradients, (at + 1, -1, layer.units)), axis=-1).T
    return np.pad(norms, ((0, 0), (0, len(x) - at - 1)))


@pytest.mark.parametrize("at", [None, 3, -5])
@pytest.mark.parametrize("kind", [BasicRNN, LSTM, FullGRU, PeepholeLSTM])
def test_norms_are_those_of_finite_differences(kind, at):
    layer = kind(UNITS, return_sequences=True, dtype="float64", name="watched")
    inputs = keras.Input((None, FEATURES), dtype="float64")
    dense = keras.layers.Dense(2, activation="softmax", dtype="float64")
    model = keras.Model(inputs, dense(layer(inputs)))
    x = X.astype("float64")
    flow = gradient_flow(model, x, LABELS, at=at)
    step = TIME - 1 if at is None else at % TIME
    rows = [
        flow_by_differences(layer, dense.get_weights(), x[row], LABELS[row, step], step)
        for row in range(BATCH)
    ]
    assert list(flow) == list(layer.cell.state_names)
    for norms, expected in zip(flow.values(), np.mean(rows, axis=0), strict=True):
        np.testing.assert_allclose(norms, expected, **CLOSE)
        assert not norms[step + 1 :].any()


# Where the factor is known


@pytest.mark.parametrize("factor", [0.5, 1.5])
def test_of_a_linear_cell_the_norms_change_by_the_recurrent_kernel_a_step(factor):
    layer = BasicRNN(
        UNITS, activation="linear", recurrent_initializer=keras.initializers.Identity(factor)
    )
    flow = gradient_flow(reader(layer), X, LABELS[:, 0])["a"]
    np.testing.assert_allclose(flow[:-1] / flow[1:], factor, rtol=1e-4)


def test_an_open_forget_gate_carries_the_gradient_where_a_basic_cell_loses_it():
    x = RANDOM.normal(size=(4, 40, FEATURES)).astype("float32")
    lstm, basic = LSTM(UNITS), BasicRNN(UNITS)
    models = [reader(lstm), reader(basic)]
    kernel, recurrent_kernel, bias = lstm.get_weights()
    bias[UNITS : 2 * UNITS] = 6.0  # of Γ_f
    lstm.set_weights([kernel, 0.1 * recurrent_kernel, bias])
    kernel, recurrent_kernel, bias = basic.get_weights()
    basic.set_weights([kernel, 0.7 * recurrent_kernel, bias])
    carried, lost = (gradient_flow(model, x, np.ones(4)) for model in models)
    assert carried["c"][0] > 0.5 * carried["c"][-2]
    assert lost["a"][0] < 1e-4 * lost["a"][-1]


# What is run


def test_it_is_the_models_own_loss_of_the_last_step_and_changes_nothing():
    layer = LSTM(UNITS, return_sequences=True, dropout=0.5, recurrent_dropout=0.5)
    model = reader(layer)
    before, weights = ops.convert_to_numpy(model(X)), model.get_weights()
    one, other = (gradient_flow(model, X, LABELS) for _ in range(2))
    for name, norms in one.items():
        np.testing.assert_array_equal(norms, other[name])
    np.testing.assert_array_equal(ops.convert_to_numpy(model(X)), before)
    assert all(np.array_equal(*pair) for pair in zip(weights, model.get_weights(), strict=True))
    assert "call" not in vars(layer)


@pytest.mark.parametrize("return_sequences", [False, True])
def test_a_stateful_layer_starts_from_its_states_and_keeps_them(return_sequences):
    layer = LSTM(UNITS, stateful=True, return_sequences=return_sequences)
    model = reader(layer, batch_size=BATCH)
    labels = LABELS if return_sequences else LABELS[:, -1]
    at_rest = gradient_flow(model, X, labels)
    model(X)
    kept = [ops.convert_to_numpy(state) for state in layer.states]
    assert not np.allclose(gradient_flow(model, X, labels)["c"], at_rest["c"])
    for state, before in zip(layer.states, kept, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(state), before)


def test_a_last_output_has_the_flow_of_the_sequences_last_step():
    one, other = LSTM(UNITS), LSTM(UNITS, return_sequences=True)
    models = [reader(one), reader(other)]
    models[1].set_weights(models[0].get_weights())
    last = gradient_flow(models[0], X, LABELS[:, -1])
    for name, norms in gradient_flow(models[1], X, LABELS).items():
        np.testing.assert_allclose(norms, last[name], rtol=1e-5)


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("kind", [LSTM, FullGRU])
def test_masked_steps_are_left_out_and_the_loss_is_of_the_last_real_one(kind, return_sequences):
    inputs = keras.Input((None, FEATURES))
    layer = kind(UNITS, return_sequences=return_sequences)
    outputs = layer(keras.layers.Masking(9.0)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(outputs))
    labels = LABELS if return_sequences else LABELS[:, 0]
    flow = gradient_flow(model, np.where(MASK[..., None], X, 9.0), labels)
    expected = {name: np.full((BATCH, TIME), np.nan) for name in flow}
    for row, real in enumerate(MASK):  # each row alone, without its masked steps
        targets = labels[row : row + 1, real] if return_sequences else labels[row : row + 1]
        for name, norms in gradient_flow(model, X[row : row + 1, real], targets).items():
            expected[name][row, real] = norms
    for name, norms in flow.items():
        np.testing.assert_allclose(norms, np.nanmean(expected[name], axis=0), rtol=1e-4, atol=1e-9)


def test_a_step_that_is_masked_in_all_rows_has_no_norm():
    inputs = keras.Input((None, FEATURES))
    model = keras.Model(
        inputs,
        keras.layers.Dense(2, activation="softmax")(LSTM(UNITS)(keras.layers.Masking(9.0)(inputs))),
    )
    x = X.copy()
    x[:, 2] = 9.0
    norms = gradient_flow(model, x, LABELS[:, 0])["c"]
    assert np.isnan(norms).tolist() == [False, False, True, False, False, False]


class LastOutputElsewhere(LSTMCell):
    """A cell whose output is none of its states."""

    def step(self, projected, states, matmul):
        output, states = super().step(projected, states, matmul)
        return 2 * output, states


def test_a_cell_of_ones_own_whose_output_is_no_state_is_followed_from_the_next_step_on():
    flow = gradient_flow(reader(RNN(LastOutputElsewhere(UNITS))), X, LABELS[:, 0])
    assert flow["a"][-1] == flow["c"][-1] == 0
    assert (flow["a"][:-1] > 0).all()


# Which layer


def stack():
    inputs = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(9, FEATURES)(inputs)
    x = BRNN(LSTM(UNITS, return_sequences=True, name="lstm"), name="both")(x)
    x = DeepRNN("full_gru", units=[3, 5], return_sequences=True, residual=False, name="deep")(x)
    x = keras.layers.LSTM(UNITS, return_sequences=True, name="theirs")(x)
    x = BasicRNN(UNITS, go_backwards=True, return_sequences=True, name="turned")(x)
    x = LSTM(UNITS, return_sequences=True, name="top")(x)
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x), name="stack")


TOKENS = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])


def test_the_first_layer_that_reads_forwards_is_watched_and_any_other_by_name_or_path():
    model = stack()
    targets = np.zeros((2, 4))
    first, second, top = (
        gradient_flow(model, TOKENS, targets, layer=name, at=2)
        for name in (None, "deep/level_2", "top")
    )
    np.testing.assert_array_equal(
        gradient_flow(model, TOKENS, targets, layer="level_1", at=2)["c"], first["c"]
    )
    assert list(second) == ["c"]
    assert list(top) == ["a", "c"]
    assert top["a"][2] > 0
    assert top["a"][3] == 0
    assert first["c"][3] > 0  # a layer above reads backwards


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("both", "'both' is not shown: it reads both ways"),
        ("both/forward_lstm", "it reads backwards, or is part of a layer that does"),
        ("turned", "it reads backwards"),
        ("deep", "Name one of them: 'deep/level_1', 'deep/level_2'"),
        ("theirs", r"it is Keras's own. kerasrnn.layers.from_keras\(layer\)"),
        ("embedding", "it is no recurrent layer"),
        ("nothing", "'stack' has no layer 'nothing'; it has: deep/level_1, deep/level_2, top"),
    ],
)
def test_a_layer_that_cannot_be_watched_is_refused_with_the_reason(name, reason):
    model = stack()
    name = model.layers[1].name if name == "embedding" else name
    with pytest.raises(ValueError, match=reason):
        gradient_flow(model, TOKENS, np.zeros((2, 4)), layer=name)


def test_levels_below_a_stack_that_reads_backwards_are_refused():
    deep = DeepRNN("lstm", units=[3], go_backwards=True, name="deep")
    with pytest.raises(ValueError, match="part of a layer that does"):
        gradient_flow(reader(deep), X, LABELS[:, 0], layer="deep/level_1")


def test_a_model_without_a_layer_to_watch_is_refused():
    model = reader(keras.layers.LSTM(UNITS))
    with pytest.raises(ValueError, match="no recurrent layer of kerasrnn that reads forwards"):
        gradient_flow(model, X, LABELS[:, 0])
    with pytest.raises(ValueError, match="no recurrent layer"):
        gradient_flow(model, X, LABELS[:, 0], layer="nothing")


def test_a_layer_that_is_called_twice_is_refused():
    inputs = keras.Input((None, FEATURES))
    layer = LSTM(FEATURES, return_sequences=True, name="again")
    model = keras.Model(inputs, layer(layer(inputs)))
    with pytest.raises(ValueError, match="'again' is called 2 times"):
        gradient_flow(model, X, LABELS)


# What else is refused


@pytest.mark.parametrize("at", [TIME, -TIME - 1])
def test_a_step_that_is_not_there_is_refused(at):
    model = reader(BasicRNN(UNITS, return_sequences=True))
    with pytest.raises(ValueError, match=f"`at` must be one of 6 steps, 0 to 5; received {at}"):
        gradient_flow(model, X, LABELS, at=at)


def test_other_arguments_that_do_not_fit_are_refused():
    every, last = reader(BasicRNN(UNITS, return_sequences=True)), reader(BasicRNN(UNITS))
    with pytest.raises(TypeError, match="comes first; received.*ndarray"):
        gradient_flow(X, every, LABELS)
    with pytest.raises(ValueError, match="`at` must be None where the outputs have no steps"):
        gradient_flow(last, X, LABELS[:, 0], at=1)
    with pytest.raises(ValueError, match=r"`targets` must have one value a step, \(3, 6, …\)"):
        gradient_flow(every, X, LABELS[:, 0])
    with pytest.raises(ValueError, match=r"`loss` must give one loss a row, \(3,\); .* shape \(\)"):
        gradient_flow(last, X, LABELS[:, 0], loss=lambda y, p: ops.mean(p))
    two = keras.Model(last.input, [last.output, last.output])
    with pytest.raises(ValueError, match="several outputs"):
        gradient_flow(two, X, LABELS[:, 0])


def test_a_loss_may_be_a_name_an_object_or_a_function():
    model = reader(BasicRNN(UNITS))
    targets = LABELS[:, 0]
    losses = [
        "sparse_categorical_crossentropy",
        keras.losses.SparseCategoricalCrossentropy(),
        lambda y, p: -ops.log(ops.take_along_axis(p, y[:, None], axis=1))[:, 0],
    ]
    one, *others = (gradient_flow(model, X, targets, loss=loss)["a"] for loss in losses)
    for other in others:
        np.testing.assert_allclose(other, one, rtol=1e-4)


# While training


def trained(**options):
    model = reader(BasicRNN(UNITS))
    model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    watch = GradientFlow(X, LABELS[:, 0], **options)
    model.fit(X, LABELS[:, 0], epochs=3, verbose=0, callbacks=[watch])
    return model, watch


def test_the_callback_keeps_the_flow_at_the_end_of_epochs():
    model, watch = trained(every=2)
    assert watch.epochs == [0, 2]
    assert [flow["a"].shape for flow in watch.flows] == [(TIME,)] * 2
    np.testing.assert_allclose(
        watch.flows[-1]["a"], gradient_flow(model, X, LABELS[:, 0])["a"], rtol=1e-6
    )
    assert not np.allclose(watch.flows[0]["a"], watch.flows[-1]["a"])


def test_the_callback_looks_at_each_epoch_if_nothing_else_is_said():
    assert trained()[1].epochs == [0, 1, 2]


@pytest.mark.parametrize("every", [0, -1, 1.5, True])
def test_the_callback_refuses_other_than_whole_numbers_of_epochs(every):
    with pytest.raises(ValueError, match="`every` must be a whole number above 0"):
        GradientFlow(X, LABELS, every=every)


def test_the_callback_refuses_a_layer_before_training():
    with pytest.raises(ValueError, match="has no layer 'nothing'"):
        trained(layer="nothing")
