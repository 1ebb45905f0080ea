"""Runs a TFLite file in LiteRT's GPU delegate: `python delegate.py FILE SIGNATURE INPUTS OUTPUTS`.

INPUTS and OUTPUTS are .npz files of arrays by name. In a process of its own, since the graphics
driver may end the one that it is in. It fails where any operator is left to the CPU.
"""

import sys

import numpy as np
from ai_edge_litert.compiled_model import CompiledModel
from ai_edge_litert.gpu_options import GpuOptions
from ai_edge_litert.hardware_accelerator import HardwareAccelerator
from ai_edge_litert.options import Options

from kerasrnn.export._flatbuffer import unpacked
from kerasrnn.export._signatures import signatures_of


def main(path, signature, given, wanted):
    with open(path, "rb") as file:
        ports = signatures_of(unpacked(file.read()))[signature]
    options = Options(
        hardware_accelerators=HardwareAccelerator.GPU, gpu_options=GpuOptions(enforce_f32=True)
    )
    model = CompiledModel.from_file(path, options=options)
    assert model.is_fully_accelerated()
    inputs = {name: model.create_input_buffer_by_name(signature, name) for name in ports.inputs}
    outputs = {name: model.create_output_buffer_by_name(signature, name) for name in ports.outputs}
    with np.load(given) as arrays:
        for name, port in ports.inputs.items():
            inputs[name].write(arrays[name].astype(port.dtype))
    model.run_by_name(signature, inputs, outputs)
    np.savez(wanted, **{name: _read(outputs[name], p) for name, p in ports.outputs.items()})


def _read(buffer, port):
    return buffer.read(int(np.prod(port.shape)), port.dtype.type).reshape(port.shape)


if __name__ == "__main__":
    main(*sys.argv[1:])
