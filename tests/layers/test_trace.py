"""Traces: the gates and states of every step, against the equations in NumPy."""

import keras
import numpy as np
import pytest

from kerasrnn import inspection, layers
from kerasrnn.sequence import Trace
from tests.conformance.registry import LAYERS, named
from tests.reference import equations
from tests.reference.weights import EXACT, arrays, assert_same, built, normal, weights_of

BATCH, TIME, FEATURES, UNITS = 2, 5, 4, 3
SHAPE = (BATCH, TIME, FEATURES)
MASK = np.array([[True, True, True, False, False], [False, True, False, True, True]])
GATES = {
    "BasicRNN": "",
    "SimplifiedGRU": "u",
    "FullGRU": "ur",
    "FullGRU-reset_after": "ur",
    "LSTM": "ufo",
    "PeepholeLSTM": "ufo",
    "PeepholeLSTM-current": "ufo",
}
SINGLE = [entry for entry in LAYERS if entry.name in GATES]


def gates_of(entry, weights, x, before, after):
    """Γ of one step from the equations; `before` and `after` are the step's states."""
    name = entry.name
    w = equations.affine(weights, "".join(entry.covers.cell_class.gates))
    if name == "FullGRU-reset_after":
        both = {**weights, "bias": weights["bias"].sum(axis=0)}
        w = equations.affine(both, "urc")
    z = {gate: w(gate, before[0], x) for gate in GATES[name]}
    if "Peephole" in name:
        p = dict(zip("ufo", weights["peephole_kernel"], strict=True))
        seen = {"u": before[1], "f": before[1], "o": before[1]}
        if "current" in name:
            seen["o"] = after[1]
        z = {gate: z[gate] + p[gate] * seen[gate] for gate in z}
    return {gate: equations.sigmoid(z[gate]) for gate in z}


def double(entry, **arguments):
    return built(entry.factory(dtype="float64", **arguments), SHAPE)


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
@pytest.mark.parametrize(**named(SINGLE))
def test_gates_are_those_of_the_equations(entry, mask, go_backwards):
    layer = double(entry, go_backwards=go_backwards)
    x = normal(*SHAPE, seed=1)
    start = [normal(BATCH, UNITS, seed=10 + k) for k in range(len(layer.state_size))]
    trace = layer.trace(x, initial_state=start, mask=mask)
    assert isinstance(trace, Trace)
    assert sorted(trace.gates) == sorted(GATES[entry.name])
    assert list(trace.states) == list(layer.cell.state_names)
    states = [np.asarray(state) for state in map(keras.ops.convert_to_numpy, trace.states.values())]
    order = list(range(TIME))[:: -1 if go_backwards else 1]
    before = start
    for t in order:
        after = [state[:, t] for state in states]
        expected = gates_of(entry, weights_of(layer.cell), x[:, t], before, after)
        real = np.ones(BATCH, bool) if mask is None else mask[:, t]
        for gate, value in expected.items():
            shown = keras.ops.convert_to_numpy(trace.gates[gate])[:, t]
            assert_same(shown[real], value[real], **EXACT)
            assert np.isnan(shown[~real]).all()
        for old, new in zip(before, after, strict=True):
            assert_same(new[~real], old[~real], **EXACT)
        before = after


@pytest.mark.parametrize(**named(SINGLE))
def test_states_and_outputs_are_those_of_the_layer(entry):
    layer = built(entry.factory(return_sequences=True, return_state=True), SHAPE)
    x = normal(*SHAPE)
    outputs, *ends = layer(x, mask=MASK)
    trace = layer.trace(x, mask=MASK)
    assert_same(trace.outputs, outputs)
    assert_same([state[:, -1] for state in trace.states.values()], ends)


@pytest.mark.parametrize(**named(LAYERS))
def test_tracing_changes_nothing(entry):
    layer = built(entry.factory(return_state=True), SHAPE)
    x = normal(*SHAPE)
    before, weights = arrays(layer(x, mask=MASK)), layer.get_weights()
    layer.trace(x, mask=MASK)
    assert_same(layer(x, mask=MASK), before, rtol=0, atol=0)
    assert_same(layer.get_weights(), weights, rtol=0, atol=0)


@pytest.mark.parametrize(**named(LAYERS))
def test_tracing_a_stateful_layer_keeps_its_states(entry):
    layer = built(entry.factory(stateful=True), SHAPE)
    layer(normal(*SHAPE))
    kept = arrays(layer.states)
    layer.trace(normal(*SHAPE, seed=2))
    assert_same(layer.states, kept, rtol=0, atol=0)


def test_dropout_is_not_traced():
    layer = built(layers.LSTM(UNITS, dropout=0.5, recurrent_dropout=0.5), SHAPE)
    x = normal(*SHAPE)
    assert_same(layer.trace(x).gates, layer.trace(x).gates, rtol=0, atol=0)


def test_a_fresh_layer_is_built_by_its_trace():
    assert layers.LSTM(UNITS).trace(normal(*SHAPE)).gates["f"].shape == (BATCH, TIME, UNITS)


def test_both_directions_are_in_the_order_of_the_input():
    layer = built(layers.BRNN(layers.FullGRU(UNITS, return_sequences=True)), SHAPE)
    x = normal(*SHAPE)
    trace = layer.trace(x, mask=MASK)
    assert sorted(trace) == ["backward", "forward"]
    both = [trace["forward"].outputs, trace["backward"].outputs]
    joined = np.concatenate(arrays(both), axis=-1)
    assert_same(joined, layer(x, mask=MASK))


@pytest.mark.parametrize("go_backwards", [False, True])
def test_levels_are_in_the_order_of_the_input(go_backwards):
    layer = layers.DeepRNN(
        "peephole_lstm", units=[2, UNITS], return_sequences=True, go_backwards=go_backwards
    )
    built(layer, SHAPE)
    x = normal(*SHAPE)
    lower, upper = layer.trace(x)
    assert lower.gates["o"].shape == (BATCH, TIME, 2)
    outputs = arrays(layer(x))[0]
    assert_same(upper.outputs, outputs[:, ::-1] if go_backwards else outputs)


@pytest.mark.parametrize(**named(SINGLE))
def test_no_steps_have_gates_of_no_steps(entry):
    layer = built(entry.factory(), SHAPE)
    trace = layer.trace(np.zeros((BATCH, 0, FEATURES), "float32"))
    assert sorted(trace.gates) == sorted(GATES[entry.name])
    parts = [trace.outputs, *trace.gates.values(), *trace.states.values()]
    assert {tuple(part.shape) for part in parts} == {(BATCH, 0, UNITS)}


@pytest.mark.parametrize("wrapper", ["none", "brnn", "keras"])
def test_a_model_shows_levels_that_read_backwards_in_the_order_of_the_input(wrapper):
    deep = layers.DeepRNN([layers.LSTM(UNITS)], return_sequences=True, go_backwards=True)
    if wrapper == "none":
        layer = deep
    else:
        forward = layers.DeepRNN([layers.LSTM(UNITS)], return_sequences=True)
        kind = layers.BRNN if wrapper == "brnn" else keras.layers.Bidirectional
        layer = kind(forward, backward_layer=deep)
    inputs = keras.Input((None, FEATURES))
    model = keras.Model(inputs, layer(inputs))
    x = normal(*SHAPE).astype("float32")
    *_, trace = inspection.trace(model, x).values()
    assert_same(trace.outputs, arrays(deep(x))[0][:, ::-1])


def test_a_copy_of_keras_shows_no_gates():
    layer = built(layers.BRNN(keras.layers.LSTM(UNITS, name="theirs")), SHAPE)
    with pytest.raises(ValueError, match="'forward_theirs' is a LSTM, which shows no gates"):
        layer.trace(normal(*SHAPE))


def test_symbolic_sequences_are_refused():
    with pytest.raises(ValueError, match="`sequences` must be values.*inspection.trace"):
        layers.LSTM(UNITS).trace(keras.Input((None, FEATURES)))


def test_a_model_shows_all_its_layers_by_path():
    tokens = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(9, FEATURES, mask_zero=True)(tokens)
    x = layers.BRNN(layers.LSTM(2, return_sequences=True, name="lstm"), name="both")(x)
    x = layers.DeepRNN("full_gru", units=[3, 3], name="deep")(x)
    model = keras.Model(tokens, x)
    traces = inspection.trace(model, np.array([[4, 2, 0, 0], [1, 2, 3, 4]]))
    names = ["both/forward_lstm", "both/backward_lstm", "deep/level_1", "deep/level_2"]
    assert list(traces) == names
    for trace in traces.values():  # the embedding's mask went all the way
        shown = ~np.isnan(arrays(trace.gates["u"])[0]).any(axis=-1)
        assert shown.tolist() == [[True, True, False, False], [True] * 4]


def test_a_layer_that_is_called_twice_is_shown_twice():
    inputs = keras.Input((None, FEATURES))
    layer = layers.LSTM(FEATURES, return_sequences=True, name="again")
    model = keras.Model(inputs, layer(layer(inputs)))
    traces = inspection.trace(model, normal(*SHAPE).astype("float32"))
    assert list(traces) == ["again", "again:2"]


def test_a_model_without_recurrent_layers_is_refused():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="flat")
    with pytest.raises(ValueError, match="'flat' has no recurrent layer of kerasrnn"):
        inspection.trace(model, np.ones((1, 3)))


def test_a_trace_shows_its_shapes():
    trace = layers.FullGRU(4).trace(np.ones((2, 5, 3), "float32"))
    assert repr(trace) == (
        "Trace(gates={'u': (2, 5, 4), 'r': (2, 5, 4)}, states={'c': (2, 5, 4)}, outputs=(2, 5, 4))"
    )


def test_what_cannot_be_traced_is_told_why():
    x = np.ones((2, 5, 3), "float32")
    inputs = keras.Input((None, 3))
    model = keras.Model(inputs, keras.layers.LSTM(4)(inputs), name="plain")
    with pytest.raises(TypeError, match="`model` must be a keras.Model.*comes first.*ndarray"):
        inspection.trace(x, model)
    with pytest.raises(ValueError, match=r"'plain' has no .*layers.RNN\(cell\).*from_keras"):
        inspection.trace(model, x)
