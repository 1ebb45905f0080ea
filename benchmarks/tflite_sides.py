"""Which TFLite files are measured, at which sizes, and beside what."""

import itertools
from typing import NamedTuple

from kerasrnn.export._targets import LOWERINGS, QUANTISATIONS

FEATURES = 64
UNITS = (32, 128, 256)
TIMESTEPS = (20, 100, 400, 1600)
CELLS = ("lstm", "peephole_lstm", "full_gru", "simplified_gru", "basic_rnn")
ZOO = ("ner_bilstm",)
IN_KERAS = ("lstm", "full_gru", "basic_rnn")  # cells that Keras has a layer of
IN_ONNX = ("lstm", "peephole_lstm", "full_gru", "basic_rnn")  # and ONNX an operator
FUSED = ("lstm", "peephole_lstm")  # and LiteRT
# Written out, hundreds of steps take minutes to convert; this size is measured in every form.
_IN_EVERY_FORM = (128, 100)


class Case(NamedTuple):
    """A model at a size; the zoo's models have their own."""

    model: str
    units: int = 0
    timesteps: int = 0

    def __str__(self):
        return "-".join(str(part) for part in self if part)


class Side(NamedTuple):
    """A way to make a file of a model.

    Args:
        form: a lowering of `to_tflite`; `"plain"`, as TFLiteConverter alone makes it of our layer;
            `"keras_plain"`, of Keras's; `"keras"`, as Keras's own export makes it; or `"onnx"`, a
            file for ONNX Runtime.
        quantize: as in `to_tflite`.
    """

    form: str
    quantize: str | None = None

    def __str__(self):
        return "_".join(part for part in self if part)


def cases(models=(*CELLS, *ZOO), units=UNITS, timesteps=TIMESTEPS):
    """Every case that is measured, the short ones first."""
    found = [Case(m) for m in models if m in ZOO]
    sizes = itertools.product(timesteps, units)
    return found + [Case(m, u, t) for t, u in sizes for m in models if m in CELLS]


def sides(case):
    """What is measured of a case: what the bars speak of, or every form."""
    every = case.model in ZOO or (case.units, case.timesteps) == _IN_EVERY_FORM
    weights = (None, "dynamic")
    found = [Side(form, q) for q in weights for form in ("auto", "plain")]
    if case.model in FUSED:
        found += [Side("fused", q) for q in weights]
    if case.model in IN_KERAS:
        found.append(Side("keras_plain"))
    if case.model in IN_ONNX:
        found.append(Side("onnx"))
    if every:
        found += [Side(form, q) for q in QUANTISATIONS for form in LOWERINGS]
    if every and case.model in IN_KERAS:
        found += [Side("keras"), Side("keras_plain", "dynamic")]
    return list(dict.fromkeys(found))


def short_of(case):
    """The same of a quarter of the steps, beside which the longest is measured; or `None`."""
    if case.model in CELLS and case.timesteps == TIMESTEPS[-1]:
        return case._replace(timesteps=case.timesteps // 4)
    return None


def side_named(name):
    """The side of a name."""
    form, _, quantize = name.rpartition("_")
    return Side(form, quantize) if quantize in QUANTISATIONS else Side(name)
