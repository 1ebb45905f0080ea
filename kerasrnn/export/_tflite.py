"""Export to a TFLite file of builtin operators."""

import io
import tempfile
import zipfile
from pathlib import Path

from kerasrnn._files import atomic_file, require_writable
from kerasrnn.export._litert import LiteRTModel, operator_names
from kerasrnn.export._parity import ExportError, require_parity

# The zip format stores a time for each file; a fixed one keeps equal models equal to the byte.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# The schema's file_identifier, which stands at the fifth byte of every TFLite file.
_IDENTIFIER = b"TFL3"


def to_tflite(model, path, *, input_shapes, samples, files=None):
    """Writes a TFLite file that LiteRT runs with its builtin operators alone.

    The shapes are fixed: one sequence at a time, padded to a length that the file keeps. Small
    files (a vocabulary) can travel inside: they are appended as a zip archive, which LiteRT does
    not read and any unzip program does, as in TensorFlow Lite's "associated files".

    Before the file counts it is run in LiteRT's interpreter and compared with Keras on the
    samples; a difference above 1e-5·max(1, |y|) is an error and leaves what was there before.

    Args:
        model: a functional `keras.Model` with named inputs and one output.
        path: file to write; a TFLite file that exists is replaced.
        input_shapes: dictionary from each input's name to its full shape, batch first, without
            `None`.
        samples: list of dictionaries of input arrays of those shapes to compare on.
        files: dictionary from names to texts that travel in the file, or `None`.

    Returns:
        The largest difference met, in units of max(1, |y|).

    Raises:
        ExportError: the model needs an operator that is not builtin, the file differs from
            Keras, or there is nothing to compare.
        OSError: there is a folder or another kind of file at `path`, or it cannot be written.
        ValueError: `input_shapes` does not name the model's inputs, or leaves a size open.

    Example:
        >>> import keras, numpy as np, tempfile
        >>> from kerasrnn.export import LiteRTModel, to_tflite
        >>> from kerasrnn.layers import PeepholeLSTM
        >>> x = keras.Input((None, 3), name="x")
        >>> model = keras.Model({"x": x}, PeepholeLSTM(4)(x))
        >>> samples = [{"x": np.ones((1, 5, 3), "float32")}]
        >>> path = tempfile.mkdtemp() + "/model.tflite"
        >>> to_tflite(model, path, input_shapes={"x": (1, 5, 3)}, samples=samples) < 1e-5
        True
        >>> LiteRTModel(path).run(samples[0]).shape
        (1, 4)
    """
    _validate(model, input_shapes)
    _refuse_foreign_file(Path(path))
    require_writable(path)
    content = _convert(model, input_shapes) + _zip(files or {})
    with atomic_file(path) as temporary:
        temporary.write_bytes(content)
        foreign = [name for name in operator_names(temporary) if name.startswith("CUSTOM:")]
        if foreign:
            raise ExportError(f"The file needs operators that are not builtin: {foreign}.")
        runtime = LiteRTModel(temporary)
        return require_parity(
            "The TFLite file",
            ((model(sample, training=False), runtime.run(sample)) for sample in samples),
        )


def _validate(model, input_shapes):
    names = [tensor.name for tensor in model.inputs]
    if sorted(names) != sorted(input_shapes):
        raise ValueError(
            f"`input_shapes` must name the model's inputs {names}; received {list(input_shapes)}."
        )
    for tensor in model.inputs:
        shape = tuple(input_shapes[tensor.name])
        fits = len(shape) == len(tensor.shape) and all(
            isinstance(size, int) and size > 0 and known in (None, size)
            for size, known in zip(shape, tensor.shape, strict=True)
        )
        if not fits:
            raise ValueError(
                f"`input_shapes[{tensor.name!r}]` must be positive whole numbers that fit "
                f"{tensor.shape}; received {shape}."
            )


def _refuse_foreign_file(path):
    if path.is_dir():
        raise FileExistsError(f"{path} is a folder; name a file, such as {path / 'model.tflite'}.")
    if not path.exists():
        return
    with path.open("rb") as file:
        start = file.read(8)
    if start and start[4:] != _IDENTIFIER:  # an empty file has nothing to lose
        raise FileExistsError(f"{path} exists and is no TFLite file; choose another path.")


def _convert(model, input_shapes):
    import keras
    import tensorflow as tf

    from kerasrnn.sequence import engine

    specs = {
        tensor.name: tf.TensorSpec(input_shapes[tensor.name], tensor.dtype, name=tensor.name)
        for tensor in model.inputs
    }
    name = model.output_names[0]

    # As constants: the converter would leave Keras 3's variables in the file, without values.
    constants = [(variable, tf.constant(variable.numpy())) for variable in model.variables]

    @tf.function(input_signature=[specs])
    def serve(inputs):
        with keras.StatelessScope(state_mapping=constants), engine("loop"):
            return {name: model(inputs, training=False)}

    module = tf.Module(name="kerasrnn_export")
    module.serve = serve
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=serve.get_concrete_function())
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        # Without it each write into the output array copies the array.
        converter._experimental_enable_dynamic_update_slice = True
        try:
            return converter.convert()
        except Exception as error:
            raise ExportError(
                f"'{model.name}' does not convert to LiteRT's builtin operators: {error}"
            ) from error


def _zip(files):
    if not files:
        return b""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode())
    return buffer.getvalue()
