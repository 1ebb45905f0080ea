"""What each target of a TFLite file takes, and in which runtimes its file is checked."""

import contextlib
import io
from typing import NamedTuple

from kerasrnn.export import _lowering
from kerasrnn.export._flatbuffer import unpacked
from kerasrnn.export._fused_mark import fused
from kerasrnn.export._gpu import refusals
from kerasrnn.export._gpu_rewrites import rewrite_for_gpu
from kerasrnn.export._micro import rewrite_for_micro
from kerasrnn.export._parity import ExportError
from kerasrnn.export._runtimes import COMPILED, INTERPRETER, MICRO

LOWERINGS = ("auto", "loop", "unrolled", "fused")
QUANTISATIONS = (None, "float16", "dynamic", "int8")


class Target(NamedTuple):
    """A kind of device.

    Args:
        runtimes: the runtimes in which a file must run.
        lowerings: dictionary from those of `LOWERINGS` that it takes to the function that chooses
            for a sequence.
        refused: dictionary from the others to the reason.
        quantisations: those of `QUANTISATIONS` that it takes, the first by default.
        rewrite: function that changes a `ModelT` for it, or `None`.
    """

    runtimes: tuple
    lowerings: dict
    refused: dict
    quantisations: tuple = QUANTISATIONS
    rewrite: object = None


TARGETS = {
    "mobile": Target(
        (INTERPRETER, COMPILED),
        {
            "auto": _lowering.automatic,
            "loop": _lowering.in_a_loop,
            "unrolled": _lowering.written_out,
            "fused": fused,
        },
        {},
    ),
    "gpu": Target(
        (INTERPRETER, COMPILED),
        {"auto": _lowering.written_out, "unrolled": _lowering.written_out},
        {
            "loop": "TensorFlow Lite's GPU delegate runs no WHILE",
            "fused": "TensorFlow Lite's GPU delegate runs no LSTM over a sequence",
        },
        rewrite=rewrite_for_gpu,
    ),
    "micro": Target(
        (INTERPRETER, MICRO),
        {"auto": _lowering.written_out, "unrolled": _lowering.written_out},
        {
            "loop": "LiteRT for Microcontrollers has no tensors of changing size",
            "fused": "its file is not made in whole numbers",
        },
        ("int8",),
        rewrite=rewrite_for_micro,
    ),
}


def require_target(target, lowering, quantize):
    """The target, the function that chooses lowerings and the quantisation.

    Raises:
        ValueError: one of them is unknown, or the target does not take it.
    """
    if target not in TARGETS:
        raise ValueError(f"`target` must be one of {', '.join(TARGETS)}; received {target!r}.")
    if lowering not in LOWERINGS:
        raise ValueError(
            f"`lowering` must be one of {', '.join(LOWERINGS)}; received {lowering!r}."
        )
    if quantize not in QUANTISATIONS:
        raise ValueError(
            f"`quantize` must be None, 'float16', 'dynamic' or 'int8'; received {quantize!r}."
        )
    found = TARGETS[target]
    if lowering in found.refused:
        raise ValueError(
            f"`lowering={lowering!r}` does not fit `target={target!r}`: {found.refused[lowering]}. "
            f"Choose one of {', '.join(found.lowerings)}."
        )
    if quantize is None:
        quantize = found.quantisations[0]
    if quantize not in found.quantisations:
        raise ValueError(
            f"`target={target!r}` takes `quantize` {', '.join(map(str, found.quantisations))}; "
            f"received {quantize!r}."
        )
    if quantize == "int8":
        return found, _for_ranges(lowering), quantize
    if lowering == "fused":
        found = found._replace(runtimes=(INTERPRETER,))  # no other takes its variable tensors
    return found, _lowering.for_weights(found.lowerings[lowering], quantize), quantize


def _for_ranges(lowering):
    """What lets the converter see each number's range: no loop, no operator of LiteRT's own."""
    if lowering in ("loop", "fused"):
        what = "a loop" if lowering == "loop" else "LiteRT's sequence LSTM"
        raise ValueError(
            f"`lowering={lowering!r}` does not go with `quantize='int8'`: the converter cannot run "
            f"{what} to find the ranges of its numbers. Use quantize='dynamic', whose weights are "
            "int8 too, or lowering='auto', which writes all steps out."
        )
    return _lowering.written_out


def require_gpu(content):
    """Raises ExportError with the operators of a file that the GPU delegate refuses, and why.

    By the delegate's rules (`_gpu.py`), and by TensorFlow's analyser.
    """
    found = refusals(unpacked(content))
    if found:
        reasons = (f"{name} ({count}): {why}" for (name, why), count in sorted(found.items()))
        raise ExportError(
            "TensorFlow Lite's GPU delegate does not take the file: "
            + "; ".join(reasons)
            + ". Use target='mobile', or other layers."
        )
    warnings = gpu_warnings(content)
    if warnings:
        raise ExportError(
            "TensorFlow Lite's GPU compatibility analyser refuses the file: "
            + "; ".join(warnings[:5])
        )


def gpu_warnings(content):
    """The reasons, sorted, why TensorFlow's analyser refuses a file for a GPU; often none."""
    import tensorflow as tf

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        tf.lite.experimental.Analyzer.analyze(model_content=content, gpu_compatibility=True)
    lines = said.getvalue().splitlines()
    if any("looks compatible with GPU delegate" in line for line in lines):
        return []
    return sorted({line.strip() for line in lines if "GPU COMPATIBILITY WARNING" in line}) or lines
