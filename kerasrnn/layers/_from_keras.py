"""Layers with the weights of Keras's own."""

import keras
import numpy as np

from kerasrnn.layers._basic_rnn import BasicRNN
from kerasrnn.layers._brnn import BRNN
from kerasrnn.layers._full_gru import FullGRU
from kerasrnn.layers._lstm import LSTM

_COUNTERPARTS = {
    keras.layers.SimpleRNN: BasicRNN,
    keras.layers.LSTM: LSTM,
    keras.layers.GRU: FullGRU,
}
# The activations σ for which 1 − σ(z) = σ(−z), so that Γ_u = 1 − z by turning signs.
_ODD_ABOUT_HALF = ("sigmoid", "hard_sigmoid")


def from_keras(layer, **arguments):
    """The layer of this library that computes what a layer of Keras computes, with its weights.

    Equations (of the update gate, which Keras writes from the other side):

        Γ_u = 1 − z = 1 − σ(W_z[c⟨t−1⟩, x⟨t⟩] + b_z) = σ(−W_z[c⟨t−1⟩, x⟨t⟩] − b_z)

    Args:
        layer: a built `keras.layers.SimpleRNN`, `LSTM`, `GRU` (with either `reset_after`), or a
            `keras.layers.Bidirectional` of one.
        **arguments: arguments of the new layer that shall differ, such as `return_state=True`.

    Returns:
        A built `BasicRNN`, `LSTM`, `FullGRU` or `BRNN`. Its configuration is that of `layer`, but
        for initialisers, regularisers and constraints of a GRU's weights, which act on weights
        of the opposite sign.

    Raises:
        TypeError: there is no counterpart of `layer`.
        ValueError: `layer` is not built, or is a GRU whose `recurrent_activation` has no such
            counterpart.

    Example:
        >>> import keras
        >>> from kerasrnn.layers import from_keras
        >>> gru = keras.layers.GRU(4, return_sequences=True)
        >>> x = keras.random.normal((2, 5, 3))
        >>> expected = gru(x)
        >>> bool(keras.ops.all(abs(from_keras(gru)(x) - expected) < 1e-5))
        True
    """
    kind = keras.layers.Bidirectional if isinstance(layer, keras.layers.Bidirectional) else None
    kind = kind or next((k for k in _COUNTERPARTS if type(layer) is k), None)
    if kind is None:
        raise TypeError(
            "`layer` must be a keras.layers.SimpleRNN, LSTM, GRU or Bidirectional of one; "
            f"received {layer!r}."
        )
    if not layer.built:
        raise ValueError(
            f"'{layer.name}' has no weights yet; call it on data, or build() it, before import."
        )
    if kind is keras.layers.Bidirectional:
        return _both_ways(layer, arguments)
    if kind is keras.layers.GRU:
        require_turnable(layer)
    ours = _COUNTERPARTS[kind](**{**_config(layer), **arguments})
    ours.build((None, None, layer.cell.kernel.shape[0]))
    weights = layer.get_weights()
    ours.set_weights([turned(w) for w in weights] if kind is keras.layers.GRU else weights)
    return ours


def require_turnable(gru):
    """Raises ValueError where 1 − σ(z) is not σ(−z) for the σ of a GRU."""
    name = getattr(gru.recurrent_activation, "__name__", repr(gru.recurrent_activation))
    if name not in _ODD_ABOUT_HALF:
        raise ValueError(
            f"'{gru.name}' has `recurrent_activation`={name!r}; a GRU can be imported with "
            f"{' or '.join(map(repr, _ODD_ABOUT_HALF))}, for which 1 − σ(z) = σ(−z)."
        )


def turned(packed):
    """Packed weights `(..., 3·units)` of a GRU in the order (z, r, c) as (u, r, c)."""
    z, r, c = np.split(np.asarray(packed), 3, axis=-1)
    return np.concatenate([-z, r, c], axis=-1)


def _config(layer):
    """What both layers take; initialisers and their like of a GRU are for the other sign."""
    config = {**layer.get_config(), "zero_output_for_mask": layer.zero_output_for_mask}
    config.pop("implementation", None)
    return config


def _both_ways(layer, arguments):
    copies = [from_keras(copy, **arguments) for copy in (layer.forward_layer, layer.backward_layer)]
    ours = BRNN(
        copies[0], layer.merge_mode, backward_layer=copies[1], name=layer.name, dtype=layer.dtype
    )
    ours.build((None, None, copies[0].cell.kernel.shape[0]))
    ours.set_weights([weight for copy in copies for weight in copy.get_weights()])
    return ours
