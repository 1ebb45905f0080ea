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
# Constraints that the sign of a weight does not change.
_OF_NORMS = (keras.constraints.MaxNorm, keras.constraints.UnitNorm, keras.constraints.MinMaxNorm)
_OF_BOTH_WAYS = ("name", "trainable", "merge_mode", "activity_regularizer")


def from_keras(layer, *, batch_size=None, **arguments):
    """The layer of this library that computes what a layer of Keras computes, with its weights.

    Equations (of the update gate, which Keras writes from the other side):

        Γ_u = 1 − z = 1 − σ(W_z[c⟨t−1⟩, x⟨t⟩] + b_z) = σ(−W_z[c⟨t−1⟩, x⟨t⟩] − b_z)

    Args:
        layer: a built `keras.layers.SimpleRNN`, `LSTM`, `GRU` (with either `reset_after`), or a
            `keras.layers.Bidirectional` of one.
        batch_size: rows of a batch, which the new layer needs to know if it is stateful and
            `layer` is not.
        **arguments: arguments of the new layer that shall differ, such as `return_state=True`; of
            a `Bidirectional`'s copies but for `name`, `trainable`, `merge_mode` and
            `activity_regularizer`.

    Returns:
        A built `BasicRNN`, `LSTM`, `FullGRU` or `BRNN` with the configuration, the weights and,
        if stateful, the kept states of `layer`.

    Raises:
        TypeError: there is no counterpart of `layer`.
        ValueError: `layer` is not built; is a GRU whose `recurrent_activation` has no such
            counterpart, or whose weights have a constraint that depends on their sign; an
            argument would change the shapes of weights; or the new layer is stateful and no
            batch size is known.

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
        return _both_ways(layer, batch_size, arguments)
    _require_same_weights(layer, arguments)
    config = {**_config(layer), **arguments}
    if kind is keras.layers.GRU:
        require_turnable(layer, config)
    ours = _COUNTERPARTS[kind](**config)
    states = layer.states if layer.stateful and ours.stateful else None
    batch_size = batch_size if states is None else states[0].shape[0]
    build(ours, batch_size, layer.cell.kernel.shape[0])
    weights = layer.get_weights()
    ours.set_weights([turned(w) for w in weights] if kind is keras.layers.GRU else weights)
    for new, old in zip(ours.states or (), states or (), strict=False):
        new.assign(old)
    return ours


def _require_same_weights(layer, arguments):
    """Raises ValueError where an argument asks for weights of other shapes."""
    for name in ("units", "use_bias", "reset_after"):
        if name in arguments and arguments[name] != getattr(layer, name, None):
            raise ValueError(
                f"`{name}` of '{layer.name}' is {getattr(layer, name, None)!r}, which its weights "
                f"fix; received {name}={arguments[name]!r}."
            )


def build(layer, batch_size, features):
    """Builds a layer for an import; raises ValueError where it needs a batch size and has none."""
    if getattr(layer, "stateful", False) and batch_size is None:
        raise ValueError(
            f"'{layer.name}' is to be stateful, and must know the rows of a batch: give the import "
            "batch_size=..."
        )
    layer.build((batch_size, None, features))


def require_turnable(gru, config):
    """Raises ValueError where a GRU's update gate, its sign turned, is another function."""
    name = getattr(gru.recurrent_activation, "__name__", repr(gru.recurrent_activation))
    if name not in _ODD_ABOUT_HALF:
        raise ValueError(
            f"'{gru.name}' has `recurrent_activation`={name!r}; a GRU can be imported with "
            f"{' or '.join(map(repr, _ODD_ABOUT_HALF))}, for which 1 − σ(z) = σ(−z)."
        )
    for argument in ("kernel_constraint", "recurrent_constraint", "bias_constraint"):
        constraint = keras.constraints.get(config[argument])
        if constraint is not None and not isinstance(constraint, _OF_NORMS):
            raise ValueError(
                f"'{gru.name}' has `{argument}`={type(constraint).__name__}, which would act on "
                f"weights of the opposite sign; import it with {argument}=None."
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


def _both_ways(layer, batch_size, arguments):
    own = {name: getattr(layer, name) for name in _OF_BOTH_WAYS}
    own |= {name: arguments[name] for name in _OF_BOTH_WAYS if name in arguments}
    inner = {name: value for name, value in arguments.items() if name not in _OF_BOTH_WAYS}
    copies = [
        from_keras(copy, batch_size=batch_size, **inner)
        for copy in (layer.forward_layer, layer.backward_layer)
    ]
    dtype = arguments.get("dtype", layer.dtype_policy)
    ours = BRNN(copies[0], backward_layer=copies[1], dtype=dtype, **own)
    states = copies[0].states
    build(ours, states[0].shape[0] if states else batch_size, copies[0].cell.kernel.shape[0])
    ours.set_weights([weight for copy in copies for weight in copy.get_weights()])
    kept = [state for copy in copies for state in copy.states or ()]
    for new, old in zip(ours.states or (), kept, strict=False):
        new.assign(old)
    return ours
