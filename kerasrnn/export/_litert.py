"""Running and reading a TFLite file; needs neither TensorFlow nor Keras."""

import zipfile
from pathlib import Path

import numpy as np


class LiteRTModel:
    """A TFLite file with one signature, run by LiteRT.

    Args:
        path: the file.
        num_threads: threads of the interpreter.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not a TFLite model.

    Example:
        >>> from kerasrnn.export import LiteRTModel
        >>> from kerasrnn.zoo import shipped_folder
        >>> model = LiteRTModel(shipped_folder("ner_bilstm") / "ner_bilstm.tflite")
        >>> sorted(model.input_shapes)
        ['characters', 'words']
    """

    def __init__(self, path, num_threads=1):
        from ai_edge_litert.interpreter import Interpreter

        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"{self.path}: no such file.")
        try:
            self._interpreter = Interpreter(str(self.path), num_threads=num_threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"{self.path} is not a TFLite file that runs: {error}") from error
        self._runner = self._interpreter.get_signature_runner()

    @property
    def input_shapes(self):
        """Dictionary from each input's name to its shape, batch first."""
        details = self._runner.get_input_details()
        return {name: tuple(int(n) for n in entry["shape"]) for name, entry in details.items()}

    def run(self, inputs):
        """The output array for a dictionary of input arrays of `input_shapes`."""
        details = self._runner.get_input_details()
        arrays = {name: np.asarray(inputs[name], entry["dtype"]) for name, entry in details.items()}
        return next(iter(self._runner(**arrays).values()))

    def read_file(self, name):
        """The text of a file that travels in the model, such as `vocabulary.json`.

        Raises:
            ValueError: no such file travels in it.
        """
        try:
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(name).decode()
        except (zipfile.BadZipFile, KeyError):
            raise ValueError(
                f"{self.path} carries no {name}; export it with kerasrnn, which packs it in."
            ) from None


def operator_names(path):
    """Names of the operators in a TFLite file; those that are not builtin start with `CUSTOM:`."""
    from ai_edge_litert import schema_py_generated as schema

    content = Path(path).read_bytes()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    builtin = {
        value: name for name, value in vars(schema.BuiltinOperator).items() if name[0].isupper()
    }
    names = []
    for code in model.operatorCodes:
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        custom = number == schema.BuiltinOperator.CUSTOM
        names.append(f"CUSTOM:{code.customCode.decode()}" if custom else builtin[number])
    return names
