"""The equations in NumPy, float64: what the library is compared with.

A cell is `(x_t, states, weights) -> (output, states)`, with `x_t (batch, features)`, a list of
states `(batch, units)` and the packed weights in a dict by their Keras names. `GATES` is the order
of the gates in the packed weights. Nothing here is shared with the library.
"""

import functools

import numpy as np

GATES = {
    "basic_rnn": "a",
    "simplified_gru": "uc",
    "full_gru": "urc",
    "lstm": "ufco",
    "peephole_lstm": "ufco",
}
PEEPHOLES = "ufo"


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def affine(weights, order):
    """The function (gate k, state a, input x) -> W_k[a, x] + b_k."""
    units = weights["recurrent_kernel"].shape[0]

    def apply(gate, a, x):
        first = order.index(gate) * units
        part = slice(first, first + units)
        z = x @ weights["kernel"][:, part] + a @ weights["recurrent_kernel"][:, part]
        return z + weights["bias"][part] if "bias" in weights else z

    return apply


def basic_rnn(x, states, weights, g=np.tanh):
    (a,) = states
    w = affine(weights, GATES["basic_rnn"])
    a = g(w("a", a, x))
    return a, [a]


def simplified_gru(x, states, weights):
    (c,) = states
    w = affine(weights, GATES["simplified_gru"])
    candidate = np.tanh(w("c", c, x))
    gamma_u = sigmoid(w("u", c, x))
    c = gamma_u * candidate + (1 - gamma_u) * c
    return c, [c]


def full_gru(x, states, weights):
    (c,) = states
    w = affine(weights, GATES["full_gru"])
    gamma_u = sigmoid(w("u", c, x))
    gamma_r = sigmoid(w("r", c, x))
    candidate = np.tanh(w("c", gamma_r * c, x))
    c = gamma_u * candidate + (1 - gamma_u) * c
    return c, [c]


def full_gru_reset_after(x, states, weights):
    """The bias is (2, 3·units): that of the input's product, then that of the state's."""
    (c,) = states
    order = GATES["full_gru"]
    of_input, of_state = x @ weights["kernel"], c @ weights["recurrent_kernel"]
    if "bias" in weights:
        of_input, of_state = of_input + weights["bias"][0], of_state + weights["bias"][1]
    x_of, c_of = (
        dict(zip(order, np.split(packed, len(order), axis=-1), strict=True))
        for packed in (of_input, of_state)
    )
    gamma_u = sigmoid(x_of["u"] + c_of["u"])
    gamma_r = sigmoid(x_of["r"] + c_of["r"])
    candidate = np.tanh(x_of["c"] + gamma_r * c_of["c"])
    c = gamma_u * candidate + (1 - gamma_u) * c
    return c, [c]


def lstm(x, states, weights):
    a, c = states
    w = affine(weights, GATES["lstm"])
    candidate = np.tanh(w("c", a, x))
    gamma_u = sigmoid(w("u", a, x))
    gamma_f = sigmoid(w("f", a, x))
    gamma_o = sigmoid(w("o", a, x))
    c = gamma_u * candidate + gamma_f * c
    a = gamma_o * np.tanh(c)
    return a, [a, c]


def peephole_lstm(x, states, weights, output_peephole):
    a, c_before = states
    w = affine(weights, GATES["peephole_lstm"])
    p = {gate: weights["peephole_kernel"][row] for row, gate in enumerate(PEEPHOLES)}
    candidate = np.tanh(w("c", a, x))
    gamma_u = sigmoid(w("u", a, x) + p["u"] * c_before)
    gamma_f = sigmoid(w("f", a, x) + p["f"] * c_before)
    c = gamma_u * candidate + gamma_f * c_before
    c_seen = {"previous": c_before, "current": c}[output_peephole]
    gamma_o = sigmoid(w("o", a, x) + p["o"] * c_seen)
    a = gamma_o * np.tanh(c)
    return a, [a, c]


peephole_lstm_previous = functools.partial(peephole_lstm, output_peephole="previous")
peephole_lstm_current = functools.partial(peephole_lstm, output_peephole="current")


def run(
    cell_function,
    x,
    states,
    weights,
    mask=None,
    go_backwards=False,
    zero_output_for_mask=False,
):
    """Returns the last output, all outputs in the order of reading, and the last states.

    Each row is read alone, over its own steps: a masked step is not computed at all.
    """
    batch, timesteps, _ = x.shape
    order = range(timesteps)[::-1] if go_backwards else range(timesteps)
    last, outputs, ends = [], [], []
    for row in range(batch):
        row_states = [state[row : row + 1] for state in states]
        output = np.zeros((1, weights["recurrent_kernel"].shape[0]))
        shown = []
        for t in order:
            if mask is None or mask[row, t]:
                output, row_states = cell_function(x[row : row + 1, t], row_states, weights)
                shown.append(output[0])
            else:
                shown.append(np.zeros_like(output[0]) if zero_output_for_mask else output[0])
        last.append(output[0])
        outputs.append(shown)
        ends.append([state[0] for state in row_states])
    return np.array(last), np.array(outputs), [np.array(s) for s in zip(*ends, strict=True)]


def brnn(cell_function, x, states, weights, mask=None):
    """[→a, ←a] for pairs (forward, backward) of states and weights: last, all outputs, states."""
    forward, backward = [
        run(cell_function, x, states[k], weights[k], mask, bool(k), zero_output_for_mask=True)
        for k in range(2)
    ]
    last = np.concatenate([forward[0], backward[0]], axis=-1)
    outputs = np.concatenate([forward[1], backward[1][:, ::-1]], axis=-1)
    return last, outputs, [*forward[2], *backward[2]]
