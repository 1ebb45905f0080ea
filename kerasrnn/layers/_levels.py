"""What the levels of a `DeepRNN` are made from."""

import keras

from kerasrnn.cells import Cell
from kerasrnn.layers._brnn import BRNN
from kerasrnn.layers._copies import copied
from kerasrnn.layers._names import recurrent
from kerasrnn.layers._rnn import RNN
from kerasrnn.layers._traceable import Traceable

_OF_KERAS = (keras.layers.RNN, keras.layers.Bidirectional)


def listed(layers, units, dtype):
    """The levels as a list: `layers` itself, or one layer a size."""
    if not isinstance(layers, str):
        if units is not None:
            raise ValueError(
                "`units` sizes the levels of one cell's name in `layers`; received units="
                f"{units!r} with {layers!r}. Levels of several cells are layers: [LSTM(64), "
                "FullGRU(32)]."
            )
        if not isinstance(layers, (list, tuple)) or not layers:
            raise ValueError(
                "`layers` must be a list of one level or more, or a cell's name; received "
                f"{layers!r}."
            )
        return layers
    if not isinstance(units, (list, tuple)) or not units:
        raise ValueError(
            f"`units` must be a list of sizes, one a level of {layers!r}; received {units!r}."
        )
    return [
        recurrent(layers, size, name=f"level_{number}", dtype=dtype)
        for number, size in enumerate(units, start=1)
    ]


def as_level(layer, **flags):
    """A level of its own weights with the arguments of a cell or layer, and with `flags`."""
    if isinstance(layer, Cell):
        return RNN(copied(layer), dtype=layer.dtype_policy, name=f"{layer.name}_level", **flags)
    _require_level(layer)
    copies = (layer.forward_layer, layer.backward_layer) if isinstance(layer, BRNN) else ()
    for part in (layer, *copies):
        if getattr(part, "activity_regularizer", None) is not None:
            raise ValueError(
                f"'{part.name}' has an `activity_regularizer`; levels return states too, which "
                "it would count. Pass it to DeepRNN, for the output of the last level."
            )
    if getattr(layer, "go_backwards", False):
        raise ValueError(
            f"'{layer.name}' reads backwards; pass go_backwards=True to DeepRNN, which turns "
            "the sequence once for all levels."
        )
    if isinstance(layer, BRNN) and layer.merge_mode is None:
        raise ValueError(
            f"'{layer.name}' has merge_mode=None, which returns a pair; the next level needs "
            "one tensor. Use 'concat', 'sum', 'mul' or 'ave'."
        )
    return _rebuild(layer, flags)


def _require_level(layer):
    if isinstance(layer, Traceable):
        return
    hint = ""
    if isinstance(layer, _OF_KERAS):
        hint = " kerasrnn.layers has its like, and from_keras(layer) brings its weights along."
    if isinstance(layer, str):
        hint = f" One cell for all levels is DeepRNN({layer!r}, units=[64, 64])."
    raise ValueError(
        f"`layers` must hold kerasrnn's cells, recurrent layers or BRNN; received {layer!r}.{hint}"
    )


def require_one_last_step(level):
    """Raises ValueError where a level's last output is of different steps in each direction."""
    if isinstance(level, BRNN):
        raise ValueError(
            f"`residual` cannot add an input to the last output of '{level.name}': its two "
            "directions end at different steps. Use return_sequences=True, or put a level "
            "that reads one way on top."
        )
    if hasattr(level, "levels"):
        require_one_last_step(level.levels[-1])


def _rebuild(layer, flags):
    """A layer with the same arguments except for `flags`, and with weights of its own."""
    if not isinstance(layer, BRNN):
        return copied(layer, **flags)
    return BRNN(
        _rebuild(layer.forward_layer, flags),
        merge_mode=layer.merge_mode,
        backward_layer=_rebuild(layer.backward_layer, flags),
        name=layer.name,
        dtype=layer.dtype_policy,
        trainable=layer.trainable,
    )
