"""What the levels of a `DeepRNN` are made from."""

from kerasrnn.cells import Cell
from kerasrnn.layers._brnn import BRNN
from kerasrnn.layers._names import recurrent
from kerasrnn.layers._rnn import RNN
from kerasrnn.layers._traceable import Traceable


def listed(layers, units, dtype):
    """The levels as a list: `layers` itself, or one layer a size."""
    if not isinstance(layers, str):
        if units is not None:
            raise ValueError(
                f"`units` is for a cell's name in `layers`, whose levels it sizes; received units="
                f"{units!r} with {layers!r}."
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
        copy = type(layer).from_config(layer.get_config())
        return RNN(copy, dtype=layer.dtype_policy, name=f"{layer.name}_level", **flags)
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
    if not isinstance(layer, Traceable):
        raise ValueError(
            f"`layers` must hold kerasrnn cells, recurrent layers or BRNN; received {layer!r}."
        )
    return _rebuild(layer, flags)


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
        return type(layer).from_config({**layer.get_config(), **flags})
    return BRNN(
        _rebuild(layer.forward_layer, flags),
        merge_mode=layer.merge_mode,
        backward_layer=_rebuild(layer.backward_layer, flags),
        name=layer.name,
        dtype=layer.dtype_policy,
        trainable=layer.trainable,
    )
