"""The runtimes that run a TFLite file here, each behind the same two lines.

A runtime is made of a file's path, its bytes and its signatures, and `call(name, arrays)` takes and
gives dictionaries of stored arrays.
"""

import contextlib
import importlib.util
import sys

import numpy as np

from kerasrnn._stderr import held_back

_NOTES = ("INFO:", "WARNING:")
INTERPRETER, COMPILED, MICRO = "interpreter", "compiled", "micro"


class _Interpreter:
    """LiteRT's interpreter."""

    def __init__(self, path, content, signatures, num_threads):
        from ai_edge_litert.interpreter import Interpreter

        with _its_reason():
            self._interpreter = Interpreter(str(path), num_threads=num_threads)
            self._interpreter.allocate_tensors()
        self._runners = {name: self._interpreter.get_signature_runner(name) for name in signatures}

    def call(self, name, arrays):
        self._interpreter.reset_all_variables()  # each call begins a sequence
        return self._runners[name](**arrays)


class _Compiled:
    """LiteRT's CompiledModel, which apps use, on the CPU."""

    def __init__(self, path, content, signatures, num_threads):
        from ai_edge_litert.compiled_model import CompiledModel
        from ai_edge_litert.cpu_options import CpuOptions
        from ai_edge_litert.hardware_accelerator import HardwareAccelerator
        from ai_edge_litert.options import Options

        self._signatures = signatures
        options = Options(
            hardware_accelerators=HardwareAccelerator.CPU,
            cpu_options=CpuOptions(num_threads=num_threads),
        )
        with _its_reason():
            self._model = CompiledModel.from_file(str(path), options=options)
            self._buffers = {name: self._new_buffers(name) for name in signatures}

    def __del__(self):
        if not sys.is_finalizing():
            with held_back():  # LiteRT takes leave of each accelerator by a line
                self._buffers = self._model = None

    def _new_buffers(self, name):
        inputs, outputs = self._signatures[name]
        made = {key: self._model.create_input_buffer_by_name(name, key) for key in inputs}
        for key, port in inputs.items():
            made[key].write(np.zeros(port.shape, port.dtype))  # the first one logs much
        return made, {key: self._model.create_output_buffer_by_name(name, key) for key in outputs}

    def call(self, name, arrays):
        inputs, outputs = self._buffers[name]
        for key, array in arrays.items():
            inputs[key].write(array)
        self._model.run_by_name(name, inputs, outputs)
        ports = self._signatures[name].outputs
        return {key: _read(outputs[key], port) for key, port in ports.items()}


def _read(buffer, port):
    size = 1
    for axis in port.shape:
        size *= axis
    return buffer.read(size, port.dtype.type).reshape(port.shape)


class _Micro:
    """LiteRT for Microcontrollers, of the package tflite-micro; it knows the first signature."""

    def __init__(self, path, content, signatures, num_threads):
        from tflite_micro.python.tflite_micro import runtime

        self._signature = next(iter(signatures.values()))
        with _its_reason():
            self._interpreter = runtime.Interpreter.from_bytes(content)

    def call(self, name, arrays):
        for key, port in self._signature.inputs.items():
            self._interpreter.set_input(arrays[key], port.place)
        with _its_reason():
            self._interpreter.invoke()
        ports = self._signature.outputs
        return {key: self._interpreter.get_output(port.place) for key, port in ports.items()}


@contextlib.contextmanager
def _its_reason():
    """Holds back what is written to the standard error past Python; an exception quotes it."""
    with held_back() as written:
        try:
            yield
        except RuntimeError as error:
            raise RuntimeError(f"{error} {_reasons(written())}".strip()) from error


def _reasons(written):
    """What a runtime wrote, in one line, without the notes on what it tries and finds."""
    lines = written.decode(errors="replace").splitlines()
    return " ".join(" ".join(s for s in lines if not s.startswith(_NOTES)).split())


RUNTIMES = {INTERPRETER: _Interpreter, COMPILED: _Compiled, MICRO: _Micro}


def is_installed(runtime):
    """Whether a runtime is there; LiteRT's always are."""
    return runtime != MICRO or importlib.util.find_spec("tflite_micro") is not None
