"""Layers with the weights of PyTorch's, read from a state dict; needs no PyTorch."""

import re
from typing import NamedTuple

import numpy as np

from kerasrnn.layers._basic_rnn import BasicRNN
from kerasrnn.layers._brnn import BRNN
from kerasrnn.layers._deep_rnn import DeepRNN
from kerasrnn.layers._from_keras import build, turned
from kerasrnn.layers._full_gru import FullGRU
from kerasrnn.layers._lstm import LSTM

_KEY = re.compile(r"(weight_ih|weight_hh|bias_ih|bias_hh)_l(\d+)(_reverse)?")
_KINDS = {1: BasicRNN, 3: FullGRU, 4: LSTM}  # by gates


def from_torch_state_dict(state_dict, *, prefix="", activation=None, batch_size=None, **arguments):
    """The layer that computes what PyTorch's `nn.RNN`, `nn.LSTM` or `nn.GRU` computes.

    Which of them it was, how many layers and directions it had, is read from the weights.
    PyTorch's `batch_first` is no property of weights: layers here read `(batch, time, features)`.

    Equations (of the update gate, which PyTorch writes from the other side, and of the biases):

        Γ_u = 1 − z = σ(−(W_iz x⟨t⟩ + b_iz + W_hz c⟨t−1⟩ + b_hz))
        b = b_ih + b_hh        RNN and LSTM; a GRU keeps both, as `FullGRU(reset_after=True)`

    Args:
        state_dict: dictionary from names to tensors or arrays, as `module.state_dict()` gives it.
        prefix: what stands before the names, such as `"encoder.lstm."` in a larger module.
        activation: activation of an `nn.RNN`, `"tanh"` (default) or `"relu"`.
        batch_size: rows of a batch, which a stateful layer needs to know.
        **arguments: arguments of the layer that is returned, such as `return_sequences=True`. Note
            that `dropout` of a `DeepRNN` acts between levels, as PyTorch's, and that of a single
            layer on its inputs.

    Returns:
        A built `BasicRNN`, `LSTM` or `FullGRU`; in a `BRNN` if there are two directions; in a
        `DeepRNN` if there are several layers.

    Raises:
        ValueError: weights are missing, or are of another kind of module.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.layers import from_torch_state_dict
        >>> weights = {"weight_ih_l0": np.ones((16, 3)), "weight_hh_l0": np.ones((16, 4))}
        >>> from_torch_state_dict(weights).units
        4
    """
    levels = _read(state_dict, prefix)
    gates = levels[0][0].gates
    if activation is not None and gates != 1:
        raise ValueError(
            f"`activation` is for the weights of an nn.RNN; these have {gates} gates; received "
            f"{activation!r}."
        )
    cell = {} if activation is None else {"activation": activation}
    if len(levels) == 1:
        layer = _level(levels[0], cell, arguments)
    else:
        dtype = {"dtype": arguments["dtype"]} if "dtype" in arguments else {}
        layer = DeepRNN([_level(level, cell, dtype) for level in levels], **arguments)
    build(layer, batch_size, levels[0][0].kernel.shape[0])
    for part, level in zip(getattr(layer, "levels", [layer]), levels, strict=True):
        part.set_weights([weight for direction in level for weight in direction.weights])
    return layer


class _Direction(NamedTuple):
    """The weights of one direction of one layer, as this library packs them."""

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray | None

    @property
    def gates(self):
        return self.recurrent_kernel.shape[1] // self.recurrent_kernel.shape[0]

    @property
    def weights(self):
        return [weight for weight in self if weight is not None]


def _level(directions, cell, arguments):
    """The layer, without its weights, of one or two directions."""
    first = directions[0]
    kind = _KINDS[first.gates]
    own = {"reset_after": True} if kind is FullGRU else {}
    units, use_bias = first.recurrent_kernel.shape[0], first.bias is not None
    if len(directions) == 1:
        return kind(units, use_bias=use_bias, **own, **cell, **arguments)
    if arguments.get("go_backwards"):
        raise ValueError(
            "`go_backwards` is for weights of one direction; these have two, one of which reads "
            "backwards."
        )
    of_both = ("name", "merge_mode", "trainable", "activity_regularizer")
    outer = {name: arguments[name] for name in (*of_both, "dtype") if name in arguments}
    inner = {name: value for name, value in arguments.items() if name not in of_both}
    return BRNN(kind(units, use_bias=use_bias, **own, **cell, **inner), **outer)


def _read(state_dict, prefix):
    """A list of layers, each a list of one or two directions."""
    found = {}
    for name, value in state_dict.items():
        if not name.startswith(prefix):
            continue
        match = _KEY.fullmatch(name.removeprefix(prefix))
        if match is None:
            raise ValueError(
                f"{name!r} is no weight of an nn.RNN, nn.LSTM or nn.GRU without `proj_size`. In a "
                'larger module say where its weights are: prefix="encoder.lstm."'
            )
        part, level, backward = match.groups()
        found.setdefault((int(level), bool(backward)), {})[part] = _array(value)
    depth, ways = 1 + max((k for k, _ in found), default=-1), 1 + any(b for _, b in found)
    wanted = [(level, bool(way)) for level in range(depth) for way in range(ways)]
    if not found or sorted(found) != wanted:
        raise ValueError(
            f"`state_dict` lacks weights: with prefix {prefix!r} it has those of (layer, "
            f"backward) {sorted(found)}; its names are {', '.join(state_dict)}."
        )
    return [[_direction(found, level, bool(way)) for way in range(ways)] for level in range(depth)]


def _array(value):
    """A NumPy array of a tensor of PyTorch's, or of anything that is like an array."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    return np.asarray(value)


def _direction(found, level, backward):
    parts = found[level, backward]
    if not {"weight_ih", "weight_hh"} <= parts.keys() or len(parts) == 3:
        raise ValueError(
            f"`state_dict` lacks weights of layer {level}: it has {', '.join(sorted(parts))}."
        )
    kernel, recurrent_kernel = parts["weight_ih"].T, parts["weight_hh"].T
    units, width = recurrent_kernel.shape
    if width % units or width // units not in _KINDS or kernel.shape[1] != width:
        raise ValueError(
            f"The weights of layer {level} are of no nn.RNN, nn.LSTM or nn.GRU: weight_ih "
            f"{kernel.T.shape}, weight_hh {recurrent_kernel.T.shape}."
        )
    is_gru = _KINDS[width // units] is FullGRU
    bias = None
    if "bias_ih" in parts:
        pair = np.stack([parts["bias_ih"], parts["bias_hh"]])
        bias = pair if is_gru else pair.sum(axis=0)
    if is_gru:  # PyTorch's order is (r, z, n)
        kernel, recurrent_kernel, bias = (
            None if packed is None else turned(_z_first(packed))
            for packed in (kernel, recurrent_kernel, bias)
        )
    return _Direction(kernel, recurrent_kernel, bias)


def _z_first(packed):
    """Packed weights `(..., 3·units)` in the order (r, z, n) as (z, r, n)."""
    r, z, n = np.split(packed, 3, axis=-1)
    return np.concatenate([z, r, n], axis=-1)
