"""Layers with the weights of Keras's own."""

import keras
import numpy as np
from keras import tree

from kerasrnn.cells import Cell
from kerasrnn.layers._basic_rnn import BasicRNN
from kerasrnn.layers._brnn import BRNN
from kerasrnn.layers._copies import copied
from kerasrnn.layers._deep_rnn import DeepRNN
from kerasrnn.layers._full_gru import FullGRU
from kerasrnn.layers._lstm import LSTM
from kerasrnn.layers._rnn import RNN
from kerasrnn.layers._traceable import Traceable

_COUNTERPARTS = {  # of the cells, also of those within Keras's layers
    keras.layers.SimpleRNNCell: BasicRNN,
    keras.layers.LSTMCell: LSTM,
    keras.layers.GRUCell: FullGRU,
}
_OF_ONE_CELL = (keras.layers.SimpleRNN, keras.layers.LSTM, keras.layers.GRU)
# What `keras.layers.RNN` has beside its cell, and `dtype`.
_OF_RNN = ("name", "trainable", "activity_regularizer", "return_sequences", "return_state")
_OF_RNN += ("go_backwards", "stateful", "unroll", "zero_output_for_mask")
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
        layer: a built `keras.layers.SimpleRNN`, `LSTM` or `GRU` (with either `reset_after`); a
            `keras.layers.RNN` of their cells, of this library's, or of a list of cells; a
            `keras.layers.Bidirectional` of one of these; or a layer of this library.
        batch_size: rows of a batch, which the new layer needs to know if it is stateful and
            `layer` is not.
        **arguments: arguments of the new layer that shall differ, such as `return_state=True`; of
            the copies of a `Bidirectional` or `BRNN` but for `name`, `trainable`, `merge_mode` and
            `activity_regularizer`.

    Returns:
        A built `BasicRNN`, `LSTM`, `FullGRU` or `BRNN` with the configuration, the weights and,
        if stateful, the kept states of `layer`. Of a list of cells a `DeepRNN`, which takes and
        returns the states of all levels as one flat list; of a cell of this library an `RNN`; of a
        layer of this library a copy. The new layer's weights are always its own: training it
        leaves `layer` as it is.

    Raises:
        TypeError: there is no counterpart of `layer`.
        ValueError: `layer` is not built; is a GRU whose `recurrent_activation` has no such
            counterpart, or whose weights have a constraint that depends on their sign; is an
            `RNN` whose `dtype` is not its cell's; an argument would change the shapes of weights;
            or the new layer is stateful and no batch size is known.

    Example:
        >>> import keras
        >>> from kerasrnn.layers import from_keras
        >>> gru = keras.layers.GRU(4, return_sequences=True)
        >>> x = keras.random.normal((2, 5, 3))
        >>> expected = gru(x)
        >>> bool(keras.ops.all(abs(from_keras(gru)(x) - expected) < 1e-5))
        True
    """
    _require_counterpart(layer)
    if not layer.built:
        raise ValueError(
            f"'{layer.name}' has no weights yet; call it on data, or build() it, before import."
        )
    if isinstance(layer, (keras.layers.Bidirectional, BRNN)):
        return _both_ways(layer, batch_size, arguments)
    _require_same_weights(layer, arguments)
    ours = _like(layer, arguments)
    states = tree.flatten(layer.states) if layer.stateful and ours.stateful else []
    build(ours, states[0].shape[0] if states else batch_size, _features(layer))
    ours.set_weights(_weights(layer))
    for new, old in zip(ours.states or (), states, strict=False):
        new.assign(old)
    return ours


def _require_counterpart(layer):
    """Raises TypeError where this library has no layer that computes what `layer` does."""
    if isinstance(layer, (keras.layers.Bidirectional, Traceable)) or type(layer) in _OF_ONE_CELL:
        return
    strange = ""
    if type(layer) is keras.layers.RNN:
        unknown = [cell for cell in _cells(layer) if not _is_known(cell)]
        if not unknown:
            return
        strange = f", whose cell {unknown[0]!r} " + (
            "is a list within a list; make one list of both"
            if isinstance(unknown[0], keras.layers.StackedRNNCells)
            else "is neither Keras's nor this library's. Written as a kerasrnn.cells.Cell it runs "
            "in kerasrnn.layers.RNN"
        )
    raise TypeError(
        "`layer` must be a keras.layers.SimpleRNN, LSTM, GRU, an RNN of their cells, a "
        f"Bidirectional of one, or a layer of kerasrnn; received {layer!r}{strange}."
    )


def _is_known(cell):
    return isinstance(cell, Cell) or type(cell) in _COUNTERPARTS


def _cells(layer):
    cell = getattr(layer, "cell", None)  # a DeepRNN has levels, which keep theirs
    if cell is None:
        return []
    return cell.cells if isinstance(cell, keras.layers.StackedRNNCells) else [cell]


def _like(layer, arguments):
    """A layer of this library with the configuration of `layer`, but for `arguments`."""
    trains = layer.trainable and all(cell.trainable for cell in _cells(layer))
    if isinstance(layer, Traceable):
        return copied(layer, **{"trainable": trains, **arguments})
    if type(layer) is not keras.layers.RNN:
        return _counterpart(layer, {**_config(layer), "trainable": trains, **arguments})
    own = {name: getattr(layer, name) for name in _OF_RNN} | {"dtype": layer.dtype_policy}
    if isinstance(layer.cell, keras.layers.StackedRNNCells):
        changes = {"dtype": arguments["dtype"]} if "dtype" in arguments else {}
        return DeepRNN([_level(cell, changes) for cell in _cells(layer)], **{**own, **arguments})
    own["trainable"] = trains
    if isinstance(layer.cell, Cell):
        return RNN(copied(layer.cell), **{**own, **arguments})
    _require_one_dtype(layer, arguments)
    return _counterpart(layer.cell, {**_config(layer.cell), **own, **arguments})


def _level(cell, changes):
    if isinstance(cell, Cell):
        return copied(cell, **changes)
    return _counterpart(cell, {**_config(cell), **changes})


def _counterpart(part, config):
    """The layer for a cell of Keras's, or for a layer of one."""
    kind = type(getattr(part, "cell", part))
    if kind is keras.layers.GRUCell:
        require_turnable(part, config)
    return _COUNTERPARTS[kind](**config)


def _require_one_dtype(layer, arguments):
    """Raises ValueError where it is not clear which `dtype` the new layer should have."""
    names = [part.dtype_policy.name for part in (layer, layer.cell)]
    if names[0] != names[1] and "dtype" not in arguments:
        raise ValueError(
            f"'{layer.name}' has `dtype`={names[0]!r}, its cell {names[1]!r}, and a layer here has "
            f"one for both; choose it by dtype={names[1]!r} in the import."
        )


def _features(layer):
    """The width of the input of a built layer."""
    if isinstance(layer, Traceable):
        return layer.input_spec.axes[-1]
    return _cells(layer)[0].kernel.shape[0]


def _weights(layer):
    """The weights as the counterpart has them."""
    if isinstance(layer, Traceable):
        return layer.get_weights()
    return [
        turned(weight) if type(cell) is keras.layers.GRUCell else weight
        for cell in _cells(layer)
        for weight in cell.get_weights()
    ]


def _require_same_weights(layer, arguments):
    """Raises ValueError where an argument asks for weights of other shapes."""
    for name in ("cell", "layers", "units", "use_bias", "reset_after", "layer_norm"):
        part = layer if hasattr(layer, name) else getattr(layer, "cell", None)
        if name in arguments and arguments[name] != getattr(part, name, None):
            value = f"{getattr(part, name)!r}, which" if hasattr(part, name) else "what"
            raise ValueError(
                f"`{name}` of '{layer.name}' is {value} its weights fix; received "
                f"{name}={arguments[name]!r}."
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


def _config(part):
    """What both layers take; initialisers and their like of a GRU are for the other sign."""
    config = part.get_config()
    config.pop("implementation", None)
    if isinstance(part, keras.layers.RNN):
        config["zero_output_for_mask"] = part.zero_output_for_mask
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
    build(ours, states[0].shape[0] if states else batch_size, _features(copies[0]))
    ours.set_weights([weight for copy in copies for weight in copy.get_weights()])
    kept = [state for copy in copies for state in copy.states or ()]
    for new, old in zip(ours.states or (), kept, strict=False):
        new.assign(old)
    return ours
