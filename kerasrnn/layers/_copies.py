"""Layers with the same arguments as others and weights of their own."""

import inspect

import keras
from keras.saving import deserialize_keras_object, serialize_keras_object

from kerasrnn.cells import Cell


def copied(layer, **changes):
    """A layer or cell like another, but for the arguments in `changes`.

    Raises:
        ValueError: the configuration lacks an argument of the layer's class, or of a cell's in it,
            so that the copy would be another layer.
    """
    cells = _cells(layer)
    for part in (layer, *cells):
        _require_whole_config(part)
    serialized = serialize_keras_object(layer)
    serialized["config"] = {**serialized["config"], **changes}
    # A copy needs no registered class; only what is saved does.
    known = {type(part).__name__: type(part) for part in (layer, *cells)}
    with keras.saving.custom_object_scope(known):
        return deserialize_keras_object(serialized)


def _cells(layer):
    cell = getattr(layer, "cell", None)
    return [cell] if isinstance(cell, Cell) else []


def _require_whole_config(part):
    if type(part).__module__.split(".")[0] in ("keras", "kerasrnn"):
        return
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    arguments = inspect.signature(type(part).__init__).parameters.values()
    wanted = [argument.name for argument in arguments if argument.kind in kinds][1:]
    config = part.get_config()
    missing = [name for name in wanted if name not in config]
    if missing:
        raise ValueError(
            f"'{part.name}' cannot be copied: get_config() of {type(part).__name__} lacks "
            f"{', '.join(map(repr, missing))}, which its __init__ takes. Add it: "
            f"`return {{**super().get_config(), {missing[0]!r}: self.{missing[0]}}}`."
        )
