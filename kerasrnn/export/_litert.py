"""Running and reading a TFLite file; needs neither TensorFlow nor Keras."""

import zipfile
from pathlib import Path

import numpy as np

from kerasrnn.export._flatbuffer import BUILTINS, unpacked
from kerasrnn.export._runtimes import RUNTIMES, is_installed
from kerasrnn.export._signatures import STEP, WHOLE, signatures_of

_IDENTIFIER = b"TFL3"  # of the flatbuffer, after the offset of its root


class LiteRTModel:
    """A TFLite file, run by LiteRT on whole sequences or, where it has steps, step by step.

    Inputs and outputs are in numbers that mean what the model's do: where the file takes
    whole numbers in their place, they are turned into each other.

    Args:
        path: the file.
        num_threads: threads of the runtime.
        runtime: `"interpreter"`; `"compiled"`, LiteRT's CompiledModel; or `"micro"`, LiteRT for
            Microcontrollers, which the package tflite-micro runs.

    Raises:
        FileNotFoundError: there is no such file.
        ImportError: the runtime is not installed.
        ValueError: the file is not a TFLite model, or the runtime does not run it.

    Example:
        >>> from kerasrnn.export import LiteRTModel
        >>> from kerasrnn.zoo import shipped_folder
        >>> model = LiteRTModel(shipped_folder("ner_bilstm") / "ner_bilstm.tflite")
        >>> sorted(model.input_shapes)
        ['characters', 'words']
    """

    def __init__(self, path, num_threads=1, runtime="interpreter"):
        if runtime not in RUNTIMES:
            raise ValueError(
                f"`runtime` must be one of {', '.join(RUNTIMES)}; received {runtime!r}."
            )
        if not is_installed(runtime):
            raise ImportError(f"The runtime {runtime!r} is not here: pip install tflite-micro.")
        self.path, self.name = Path(path), runtime
        if not self.path.is_file():
            raise FileNotFoundError(f"{self.path}: no such file.")
        content = self.path.read_bytes()
        if content[4:8] != _IDENTIFIER:
            raise ValueError(
                f"{self.path} is not a TFLite file that runs: it does not begin as one. Give a "
                ".tflite file, such as `kerasrnn export` writes."
            )
        try:
            self._signatures = signatures_of(unpacked(content))
            self._runtime = RUNTIMES[runtime](self.path, content, self._signatures, num_threads)
        except Exception as error:  # of many kinds: struct.error, RuntimeError, ValueError ...
            raise ValueError(f"{self.path} is not a TFLite file that runs: {error}") from error

    @property
    def input_shapes(self):
        """Dictionary from each input's name to its shape, batch first."""
        return {name: port.shape for name, port in self._whole().inputs.items()}

    @property
    def has_step(self):
        """Whether the file can be run step by step."""
        return STEP in self._signatures

    @property
    def state_shapes(self):
        """Dictionary from each state's name to its shape; empty without steps."""
        if not self.has_step:
            return {}
        return {name: port.shape for name, port in self._states().items()}

    def initial_states(self):
        """Dictionary of the states before the first step: zeros; empty without steps."""
        return {
            name: np.zeros(port.shape, "float32" if port.scale else port.dtype)
            for name, port in (self._states() if self.has_step else {}).items()
        }

    def run(self, inputs):
        """The output for a dictionary of input arrays of `input_shapes`, or for the only input.

        Returns:
            An array; of a model of several outputs a dictionary of arrays by name.

        Raises:
            TypeError: several inputs are given, but not by name.
            ValueError: an input is missing, or has another shape.
        """
        outputs = self.signature(self._whole_name())(**_by_name(inputs, self.input_shapes))
        return next(iter(outputs.values())) if len(outputs) == 1 else outputs

    def step(self, inputs, states):
        """One step: the output, and a dictionary of the states after it.

        Args:
            inputs: dictionary of arrays with a time axis of 1.
            states: dictionary of arrays, from `initial_states` or the last step.

        Returns:
            The output, as `run` returns it, and the new states.

        Raises:
            ValueError: the file has no steps, an input is missing or has another shape.
        """
        if not self.has_step:
            raise ValueError(
                f"{self.path} has no signature for a step: its model has none, or it was exported "
                "with step=False or for microcontrollers."
            )
        names = [name for name in self._signatures[STEP].inputs if name not in self._states()]
        outputs = self.signature(STEP)(**_by_name(inputs, names), **states)
        states = {name: outputs.pop(name) for name in self.state_shapes}
        return next(iter(outputs.values())) if len(outputs) == 1 else outputs, states

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
                f"{self.path} carries no {name}. `kerasrnn export` packs a trained model's in; "
                "to_tflite packs in what is given as `files`."
            ) from None

    def file_names(self):
        """Names of the files that travel in the model, in alphabetical order."""
        if not zipfile.is_zipfile(self.path):
            return []
        with zipfile.ZipFile(self.path) as archive:
            return sorted(archive.namelist())

    def _states(self):
        """The ports of what a step takes and gives; a model may also give one of its inputs."""
        inputs, outputs = self._signatures[STEP]
        whole = self._whole().inputs
        return {n: port for n, port in inputs.items() if n in outputs and n not in whole}

    def _whole_name(self):
        return WHOLE if WHOLE in self._signatures else next(iter(self._signatures))

    def _whole(self):
        return self._signatures[self._whole_name()]

    def signature(self, name):
        """A function of arrays by name that gives arrays by name; for signatures of any name.

        Raises:
            ValueError: there is no such signature.
        """
        if name not in self._signatures:
            raise ValueError(
                f"{self.path} has the signatures {sorted(self._signatures)}; received {name!r}."
            )
        ports, outputs = self._signatures[name]

        def call(**inputs):
            arrays = {key: self._stored(key, port, inputs) for key, port in ports.items()}
            made = self._runtime.call(name, arrays)
            return {key: port.meant(made[key]) for key, port in outputs.items()}

        return call

    def _stored(self, name, port, inputs):
        if name not in inputs:
            raise ValueError(f"{self.path} takes the input {name!r}; received {sorted(inputs)}.")
        array = np.asarray(inputs[name])
        if array.shape != port.shape:
            raise ValueError(
                f"{self.path} takes {name!r} of shape {port.shape}; received {array.shape}."
            )
        return port.stored(array)


def _by_name(inputs, names):
    """A dictionary of arrays, of which a model of one input may be given that one alone."""
    if isinstance(inputs, dict):
        return inputs
    if len(names) == 1 and not isinstance(inputs, (list, tuple)):
        return dict.fromkeys(names, inputs)
    raise TypeError(
        f"`inputs` must be a dictionary of arrays by name, of {sorted(names)}; received "
        f"{type(inputs).__name__}."
    )


def operator_names(path):
    """Names of the operators in a TFLite file; those that are not builtin start with `CUSTOM:`."""
    names = []
    for code in unpacked(Path(path).read_bytes()).operatorCodes:
        name = BUILTINS[max(code.builtinCode, code.deprecatedBuiltinCode)]
        names.append(f"CUSTOM:{code.customCode.decode()}" if name == "CUSTOM" else name)
    return names
