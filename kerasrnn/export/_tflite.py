"""Export to a TFLite file of builtin operators."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasrnn._files import atomic_file, require_writable
from kerasrnn._model_inputs import graph_of, name_outputs, output_names, pack_inputs
from kerasrnn.export._associated import archive, require_texts
from kerasrnn.export._convert import Conversion
from kerasrnn.export._explain import not_run, refuse_numbers, refuse_stateful
from kerasrnn.export._flatbuffer import IDENTIFIER
from kerasrnn.export._litert import LiteRTModel, operator_names
from kerasrnn.export._parity import BOUNDS, ExportError, require_parity_by_name
from kerasrnn.export._runtimes import is_installed
from kerasrnn.export._shapes import fixed_shapes, named_samples, random_samples
from kerasrnn.export._signatures import STEP
from kerasrnn.export._step_signature import check_steps, step_model_of
from kerasrnn.export._targets import require_gpu, require_target

_SAMPLES_BY_STEPS = 4  # how many sequences' first steps are compared
_REPRESENTATIVE = 32  # how many sequences of the representative data are compared


class TFLiteReport(NamedTuple):
    """What `to_tflite` found out about the file that it wrote.

    Args:
        bytes: the size of the file.
        largest_difference: from Keras, in units of max(1, |y|), over all runtimes and inputs.
        step_difference: the same of the step signature; `None` if the file has none.
        runtimes: names of the runtimes in which it was run, as `LiteRTModel` knows them.
        lowerings: dictionary from the path of each cell to how its sequence was written:
            `"written out"`, the steps a round and the rounds a loop, or LiteRT's own operator.

    Example:
        >>> from kerasrnn.export import TFLiteReport
        >>> TFLiteReport(2048, 1e-7, None, ("interpreter",), {"lstm": "written out"}).bytes
        2048
    """

    bytes: int
    largest_difference: float
    step_difference: float | None
    runtimes: tuple
    lowerings: dict


def to_tflite(
    model,
    path,
    *,
    target="mobile",
    lowering="auto",
    quantize=None,
    sequence_length=None,
    batch_size=1,
    samples=None,
    representative_data=None,
    step="auto",
    files=None,
    tolerance=None,
):
    """Writes a TFLite file of builtin operators alone, and checks that it computes what Keras does.

    The shapes are fixed: `batch_size` sequences of `sequence_length` steps. The signature
    `serving_default` takes whole sequences; `step`, where the model has steps, one step with the
    states in and out (see `kerasrnn.streaming.StepModel`). `LiteRTModel` runs both.

    Before the file counts it is run in every runtime of its target and compared with Keras on
    random inputs and on the samples, and four sequences' first steps one by one. A
    difference above the bound is an error and leaves what was there before. The bound is
    1e-5·max(1, |y|) for float numbers, 5e-3 with `"float16"` and 0.1 with `"dynamic"`. Whole
    numbers know the range of the representative data alone: with `"int8"` the samples and the
    first 32 sequences of those data are compared, no random inputs, and the bound is
    0.1·max(1, |y|) for the root mean square and 1·max(1, |y|) for any one number. Equal models
    give equal bytes.

    Args:
        model: a functional `keras.Model`, or a built Sequential one.
        path: file to write; a TFLite file that exists is replaced.
        target: `"mobile"`; `"gpu"`, whose file keeps to the rules of TensorFlow Lite's delegate;
            or `"micro"`, for LiteRT for Microcontrollers, whose file is in whole numbers, inputs
            and outputs too, and has no step; it runs there before it counts if tflite-micro is
            installed, as the report's `runtimes` say.
        lowering: how sequences are written: `"loop"`, in loops over blocks of steps;
            `"unrolled"`, all steps one after the other; `"fused"`, as LiteRT's own LSTM operator,
            which its Interpreter alone runs; or `"auto"`, by a measured rule.
        quantize: `None`; `"float16"` weights; `"dynamic"`, int8 weights; or `"int8"`, weights and
            what is computed, with all steps written out. `"micro"` is always `"int8"`.
        sequence_length: steps; `None` takes those of the samples.
        batch_size: sequences at a time.
        samples: inputs to compare on, as the model takes them, of any number of rows; or a list of
            such; or `None`. They also fix sizes that the model leaves open.
        representative_data: inputs, like `samples`, from whose activations `"int8"` learns what its
            whole numbers stand for: some hundred sequences, of which some have real values in
            each step; `None` takes the samples.
        step: whether to write the signature `step`: `"auto"`, where the model has steps; or
            `True` or `False`.
        files: dictionary from names to texts that travel in the file, as TensorFlow Lite's
            "associated files"; any unzip program reads them.
        tolerance: another bound, or `None`.

    Returns:
        A `TFLiteReport`.

    Raises:
        ExportError: the model needs an operator that is not builtin, or that the GPU delegate
            refuses, or computes in numbers that LiteRT has not, or the file differs from Keras, or
            a runtime does not run it.
        OSError: there is a folder or another kind of file at `path`, or it cannot be written.
        TypeError: the model has no graph of layers.
        ValueError: an argument is unknown or does not fit the others, or a size is open.

    Example:
        >>> import keras, numpy as np, tempfile
        >>> from kerasrnn.export import LiteRTModel, to_tflite
        >>> from kerasrnn.layers import PeepholeLSTM
        >>> x = keras.Input((None, 3), name="x")
        >>> model = keras.Model(x, PeepholeLSTM(4)(x))
        >>> path = tempfile.mkdtemp() + "/model.tflite"
        >>> to_tflite(model, path, sequence_length=5).largest_difference < 1e-5
        True
        >>> LiteRTModel(path).run({"x": np.ones((1, 5, 3))}).shape
        (1, 4)
    """
    found, choose, quantize = require_target(target, lowering, quantize)
    graph_of(model, "export")
    refuse_numbers(model)
    refuse_stateful(model)
    require_texts(files)
    _require_no_step(target, step)
    samples = named_samples(model, samples, batch_size)
    representative = named_samples(model, representative_data, batch_size)
    shapes = fixed_shapes(model, batch_size, sequence_length, [*samples, *representative])
    drawn, representative = random_samples(model, shapes), representative or samples
    _require_representative(target, quantize, representative)
    _refuse_foreign_file(Path(path))
    require_writable(path)
    conversion = Conversion(
        model,
        shapes,
        choose,
        quantize=quantize,
        whole_numbers=target == "micro",
        step=step_model_of(model, step if target != "micro" else False, drawn[:1], from_zero=True),
        representative=representative,
        files=files or {},
        rewrite=found.rewrite,
    )
    content = conversion.content()
    _require_sequences(model, lowering, conversion.lowerings)
    if target == "gpu":
        require_gpu(content)
    with atomic_file(path) as temporary:
        temporary.write_bytes(content + archive(files))
        _require_builtin(temporary)
        bound = BOUNDS[quantize] if tolerance is None else tolerance
        check = _Check(conversion, _compared(quantize, drawn, samples, representative), bound)
        differences = [
            _checked(check, temporary, name, target, quantize)
            for name in found.runtimes
            if is_installed(name)
        ]
    whole, steps = zip(*differences, strict=True)
    return TFLiteReport(
        bytes=Path(path).stat().st_size,
        largest_difference=max(whole),
        step_difference=None if conversion.step is None else max(steps),
        runtimes=tuple(filter(is_installed, found.runtimes)),
        lowerings={cell: _described(how) for cell, how in conversion.lowerings.items()},
    )


def _compared(quantize, drawn, samples, representative):
    """The inputs on which a file is compared with Keras."""
    if quantize != "int8":
        return [*drawn, *samples]
    return samples if representative is samples else [*samples, *representative[:_REPRESENTATIVE]]


def _checked(check, path, runtime, target, quantize):
    try:
        return check.run(LiteRTModel(path, runtime=runtime))
    except ExportError:
        raise
    except (ValueError, RuntimeError) as error:
        raise not_run(runtime, error, target, quantize) from error


class _Check:
    """Comparing a file with the model that it was made of."""

    def __init__(self, conversion, samples, tolerance):
        self._conversion, self._samples, self._tolerance = conversion, samples, tolerance
        model = conversion.model
        self._expected = [model(pack_inputs(model, s), training=False) for s in samples]

    def run(self, runtime):
        """The largest difference of whole sequences, and of steps or `None`."""
        what = f"The TFLite file in LiteRT's runtime {runtime.name!r}"
        whole = require_parity_by_name(what, self._whole(runtime), self._tolerance)
        if self._conversion.step is None:
            return whole, None
        samples, step = self._samples[:_SAMPLES_BY_STEPS], runtime.signature(STEP)
        what = f"The TFLite file's step in LiteRT's runtime {runtime.name!r}"
        return whole, check_steps(self._conversion.step, step, samples, what, self._tolerance)

    def _whole(self, runtime):
        """For each output its pairs of arrays, a pair a sample."""
        model = self._conversion.model
        pairs = {name: [] for name in output_names(model)}
        for sample, outputs in zip(self._samples, self._expected, strict=True):
            received = runtime.run(sample)
            for name, expected in name_outputs(model, outputs).items():
                found = received[name] if isinstance(received, dict) else received
                pairs[name].append((np.asarray(expected), found))
        return pairs


def _require_no_step(target, step):
    if target == "micro" and step is True:
        raise ValueError(
            "`target='micro'` has no step: LiteRT for Microcontrollers runs the first signature of "
            "a file alone. Leave `step` out, or export a model whose inputs are a step and states."
        )


def _require_sequences(model, lowering, lowerings):
    if lowering != "auto" and not lowerings:
        raise ExportError(
            f"`lowering={lowering!r}` says how sequences are written, and '{model.name}' has no "
            "recurrent layer of kerasrnn. Leave it out, or swap Keras's layers by "
            "kerasrnn.layers.from_keras."
        )


def _require_representative(target, quantize, representative):
    if quantize == "int8" and not representative:
        asked = "`target='micro'`" if target == "micro" else "`quantize='int8'`"
        raise ValueError(
            f"{asked} learns from inputs what its whole numbers stand for: give "
            "`representative_data` (or `samples`), some hundred rows like those that the file will "
            "read."
        )


def _require_builtin(path):
    foreign = [name for name in operator_names(path) if name.startswith("CUSTOM:")]
    if foreign:
        raise ExportError(f"The file needs operators that are not builtin: {foreign}.")


def _described(how):
    if isinstance(how, str):
        return how
    if callable(how):
        return "LiteRT's own operator"
    return f"{how.steps} steps a round, {how.blocks} rounds a loop"


def _refuse_foreign_file(path):
    if path.is_dir():
        raise FileExistsError(f"{path} is a folder; name a file, such as {path / 'model.tflite'}.")
    if not path.exists():
        return
    with path.open("rb") as file:
        start = file.read(8)
    if start and start[4:] != IDENTIFIER:  # an empty file has nothing to lose
        raise FileExistsError(f"{path} exists and is no TFLite file; choose another path.")
