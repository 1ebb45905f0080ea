"""Layers imported from PyTorch's weights compute what PyTorch documents, and what it computes."""

import numpy as np
import pytest

from kerasrnn.layers import BRNN, LSTM, BasicRNN, DeepRNN, FullGRU, from_torch_state_dict
from tests.reference.equations import sigmoid
from tests.reference.weights import EXACT, arrays, assert_same, normal

BATCH, TIME, FEATURES, UNITS = 2, 5, 3, 4
KINDS = {"RNN": (1, BasicRNN), "GRU": (3, FullGRU), "LSTM": (4, LSTM)}
FLAGS = {"return_sequences": True, "return_state": True, "dtype": "float64"}


def state_dict(kind, layers=1, ways=1, bias=True, prefix=""):
    """Random weights by PyTorch's names and shapes."""
    gates, _ = KINDS[kind]
    weights = {}
    for level in range(layers):
        width = FEATURES if level == 0 else ways * UNITS
        for suffix in ["", "_reverse"][:ways]:
            shapes = {"weight_ih": (gates * UNITS, width), "weight_hh": (gates * UNITS, UNITS)}
            if bias:
                shapes |= {"bias_ih": (gates * UNITS,), "bias_hh": (gates * UNITS,)}
            for part, shape in shapes.items():
                values = 0.5 * normal(*shape, seed=len(weights))
                weights[f"{prefix}{part}_l{level}{suffix}"] = values
    return weights


def one_direction(kind, weights, suffix, x, g=np.tanh):
    """PyTorch's documented equations, over time; zero states at the start."""

    def part(name):
        return weights.get(f"{name}_{suffix}", np.zeros(KINDS[kind][0] * UNITS))

    h, c, outputs = np.zeros((BATCH, UNITS)), np.zeros((BATCH, UNITS)), []
    for t in range(x.shape[1]):
        from_x = x[:, t] @ part("weight_ih").T + part("bias_ih")
        from_h = h @ part("weight_hh").T + part("bias_hh")
        if kind == "RNN":
            h = g(from_x + from_h)
        elif kind == "GRU":
            (x_r, x_z, x_n), (h_r, h_z, h_n) = np.split(from_x, 3, 1), np.split(from_h, 3, 1)
            r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
            h = (1 - z) * np.tanh(x_n + r * h_n) + z * h
        else:
            i, f, new, o = np.split(from_x + from_h, 4, 1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(new)
            h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def documented(kind, weights, x, layers=1, ways=1):
    for level in range(layers):
        forward = one_direction(kind, weights, f"l{level}", x)
        if ways == 1:
            x = forward
        else:
            backward = one_direction(kind, weights, f"l{level}_reverse", x[:, ::-1])[:, ::-1]
            x = np.concatenate([forward, backward], axis=-1)
    return x


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_outputs_are_those_that_pytorch_documents(kind, layers, ways, bias):
    weights = state_dict(kind, layers, ways, bias)
    layer = from_torch_state_dict(weights, **FLAGS)
    single = BRNN if ways == 2 else KINDS[kind][1]
    assert type(layer) is (DeepRNN if layers > 1 else single)
    x = normal(BATCH, TIME, FEATURES, seed=90)
    outputs, *_ = layer(x)
    expected = documented(kind, weights, x, layers, ways)
    assert_same(outputs, expected, **EXACT)


def test_the_weights_of_a_module_are_found_by_their_prefix():
    weights = {"head.weight": normal(2, UNITS), **state_dict("LSTM", prefix="encoder.lstm.")}
    layer = from_torch_state_dict(weights, prefix="encoder.lstm.", name="mine")
    assert (type(layer), layer.units, layer.name) == (LSTM, UNITS, "mine")


def test_a_relu_is_told():
    weights = state_dict("RNN")
    layer = from_torch_state_dict(weights, activation="relu", **FLAGS)
    x = normal(BATCH, TIME, FEATURES)
    expected = one_direction("RNN", weights, "l0", x, g=lambda z: np.maximum(z, 0))
    assert_same(layer(x)[0], expected, **EXACT)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("weight_hh_l0"), "lacks weights of layer 0"),
        (lambda w: w.pop("bias_hh_l0"), "lacks weights of layer 0"),
        (lambda w: w.update(weight_hr_l0=np.ones((2, UNITS))), "'weight_hr_l0'.*`proj_size`"),
        (lambda w: w.update({"fc.bias": np.ones(2)}), "'fc.bias'.*prefix="),
        (lambda w: w.update(weight_ih_l2=np.ones((16, 4))), r"\(layer, backward\).*\(2, False\)"),
        (lambda w: w.update(weight_ih_l0=np.ones((8, FEATURES))), "of no nn.RNN"),
        (lambda w: w.clear(), "lacks weights"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    weights = state_dict("LSTM")
    change(weights)
    with pytest.raises(ValueError, match=message):
        from_torch_state_dict(weights)


def test_levels_may_be_normalised_and_stateful():
    layer = from_torch_state_dict(state_dict("GRU", layers=2), layer_norm=True)
    assert len(layer.weights) == 6 + 4
    kept = from_torch_state_dict(state_dict("GRU"), stateful=True, batch_size=3)
    assert kept.states[0].shape == (3, UNITS)
    with pytest.raises(ValueError, match="stateful.*batch_size="):
        from_torch_state_dict(state_dict("GRU"), stateful=True)


def test_two_directions_cannot_be_turned_but_may_be_joined_otherwise():
    weights = state_dict("LSTM", ways=2)
    with pytest.raises(ValueError, match="`go_backwards` is for weights of one direction"):
        from_torch_state_dict(weights, go_backwards=True)
    assert from_torch_state_dict(weights, merge_mode="sum", name="x").merge_mode == "sum"


def test_an_activation_is_for_an_rnn_alone():
    with pytest.raises(ValueError, match="`activation`.*4 gates.*'relu'"):
        from_torch_state_dict(state_dict("LSTM"), activation="relu")


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_outputs_and_states_are_those_of_pytorch(kind, layers, ways, bias):
    """Runs where PyTorch is installed: `make test-torch`."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    options = {"num_layers": layers, "bidirectional": ways == 2, "bias": bias}
    module = getattr(torch.nn, kind)(FEATURES, UNITS, batch_first=True, **options)
    layer = from_torch_state_dict(module.state_dict(), return_sequences=True, return_state=True)
    x = normal(BATCH, TIME, FEATURES).astype("float32")
    with torch.no_grad():
        expected, ends = module(torch.from_numpy(x))
    outputs, *states = arrays(layer(x))
    assert_same(outputs, expected.numpy(), rtol=1e-5, atol=1e-6)
    ends = [end.numpy() for end in (ends if kind == "LSTM" else [ends])]
    assert_same(states, [end[k] for k in range(layers * ways) for end in ends], atol=1e-6)
