"""The signatures that a TFLite file says it has."""

from typing import NamedTuple

import numpy as np
from ai_edge_litert import schema_py_generated as schema

WHOLE, STEP = "serving_default", "step"
"""Names of the signatures: of whole sequences, and of a step with its states in and out."""
_DTYPES = {
    getattr(schema.TensorType, name): np.dtype(dtype)
    for name, dtype in {
        "FLOAT32": "float32",
        "FLOAT16": "float16",
        "INT8": "int8",
        "UINT8": "uint8",
        "INT16": "int16",
        "INT32": "int32",
        "INT64": "int64",
        "BOOL": "bool",
    }.items()
}

_TYPES = {number: name for name, number in vars(schema.TensorType).items() if name.isupper()}


class Port(NamedTuple):
    """An input or an output of a signature.

    Args:
        place: its number among those of the subgraph.
        shape: its sizes, batch first.
        dtype: of NumPy, as it is stored.
        scale: what one unit of a quantised port stands for; 0 where it is not quantised.
        zero: the number that stands for zero.
    """

    place: int
    shape: tuple
    dtype: np.dtype
    scale: float
    zero: int

    def stored(self, values):
        """The values as the port takes them."""
        if not self.scale:
            return np.ascontiguousarray(values, self.dtype)
        limits = np.iinfo(self.dtype)
        numbers = np.round(np.asarray(values, "float64") / self.scale) + self.zero
        return np.clip(numbers, limits.min, limits.max).astype(self.dtype)

    def meant(self, stored):
        """The values that stored numbers stand for."""
        if not self.scale:
            return np.asarray(stored)
        return ((np.asarray(stored, "float32") - self.zero) * self.scale).astype("float32")


class Signature(NamedTuple):
    """What a signature takes and gives, as dictionaries from names to `Port`s."""

    inputs: dict
    outputs: dict


def signatures_of(model):
    """Dictionary from names to `Signature`s of a `ModelT`."""
    found = {}
    for signature in model.signatureDefs or ():
        subgraph = model.subgraphs[signature.subgraphIndex]
        found[_text(signature.signatureKey)] = Signature(
            _ports(subgraph, signature.inputs, subgraph.inputs),
            _ports(subgraph, signature.outputs, subgraph.outputs),
        )
    return found


def _ports(subgraph, entries, order):
    order = [int(number) for number in order]
    return {
        _text(entry.name): _port(
            subgraph.tensors[entry.tensorIndex], order.index(entry.tensorIndex)
        )
        for entry in entries or ()
    }


def _port(tensor, place):
    shape = () if tensor.shape is None else tuple(int(size) for size in tensor.shape)
    scale, zero = 0.0, 0
    known = tensor.quantization
    if known is not None and known.scale is not None and len(known.scale) == 1:
        scale, zero = float(known.scale[0]), int(known.zeroPoint[0])
    if tensor.type not in _DTYPES:
        raise ValueError(f"an input or output is of the type {_TYPES[tensor.type]}")
    return Port(place, shape, _DTYPES[tensor.type], scale, zero)


def _text(name):
    return name.decode() if isinstance(name, bytes) else name
