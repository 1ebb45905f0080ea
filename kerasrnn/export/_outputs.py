"""Each output of a signature a tensor of its own: CompiledModel and LiteRT.js mix up others."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasrnn.export._edit import Editor


def separate_outputs(model):
    """Gives each output of each signature of a `ModelT` a tensor of its own, by a RESHAPE."""
    for signature in model.signatureDefs or ():
        subgraph = model.subgraphs[signature.subgraphIndex]
        taken = {int(number) for number in subgraph.inputs}
        constants = {n for n, t in enumerate(subgraph.tensors) if _is_constant(model, t)}
        outputs = []
        for entry in sorted(signature.outputs, key=lambda entry: entry.name):
            if entry.tensorIndex in taken | constants:
                entry.tensorIndex = _reshaped(model, subgraph, entry.tensorIndex)
            taken.add(entry.tensorIndex)
            outputs.append(entry.tensorIndex)
        subgraph.outputs = np.array(_in_order(subgraph.outputs, outputs), np.int32)


def trim(model):
    """Drops what no runtime reads of tensors between operators: a large part of a long graph."""
    for subgraph in model.subgraphs:
        shown = {int(n) for n in (*subgraph.inputs, *subgraph.outputs)}
        for number, tensor in enumerate(subgraph.tensors):
            if number not in shown and not _is_constant(model, tensor):
                tensor.name = None
            if tensor.quantization is not None and tensor.quantization.scale is None:
                tensor.quantization = None


def _is_constant(model, tensor):
    data = model.buffers[tensor.buffer].data
    return data is not None and len(data) > 0


def _in_order(before, now):
    """The outputs as they were, those that changed at the places of theirs."""
    kept = [int(n) for n in before if int(n) in now]
    unique = list(dict.fromkeys(kept))
    return unique + [number for number in now if number not in unique]


def _reshaped(model, subgraph, number):
    """The number of a new tensor of the same values."""
    editor, source = Editor(model, subgraph), subgraph.tensors[number]
    shape = np.array([] if source.shape is None else source.shape, np.int32)
    options = schema.ReshapeOptionsT()
    options.newShape = shape
    result = editor.tensor(shape, f"{_text(source.name)}_{number}")
    made = subgraph.tensors[result]
    made.type, made.quantization = source.type, source.quantization
    inputs = [number, editor.constant(shape, "shape")]
    subgraph.operators.append(editor.operator("RESHAPE", inputs, [result], options=options))
    return result


def _text(name):
    return name.decode() if isinstance(name, bytes) else name or "output"
