"""Each output of a signature a tensor of its own: CompiledModel and LiteRT.js mix up others."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema


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


def forget_names(model):
    """Drops the names of tensors between operators, which are a large part of a long graph."""
    for subgraph in model.subgraphs:
        shown = {int(n) for n in (*subgraph.inputs, *subgraph.outputs)}
        for number, tensor in enumerate(subgraph.tensors):
            if number not in shown and not _is_constant(model, tensor):
                tensor.name = None


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
    source = subgraph.tensors[number]
    shape = np.array([] if source.shape is None else source.shape, np.int32)
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(shape.tobytes(), np.uint8)
    model.buffers.append(buffer)
    sizes, result = schema.TensorT(), schema.TensorT()
    sizes.shape, sizes.type = np.array([len(shape)], np.int32), schema.TensorType.INT32
    sizes.buffer, sizes.name = len(model.buffers) - 1, "shape"
    result.shape, result.type, result.buffer = source.shape, source.type, 0
    result.quantization, result.name = source.quantization, f"{_text(source.name)}_{number}"
    subgraph.tensors += [sizes, result]
    operator = schema.OperatorT()
    operator.opcodeIndex = _reshape_code(model)
    count = len(subgraph.tensors)
    operator.inputs = np.array([number, count - 2], np.int32)
    operator.outputs = np.array([count - 1], np.int32)
    operator.builtinOptionsType = schema.BuiltinOptions.ReshapeOptions
    operator.builtinOptions = schema.ReshapeOptionsT()
    operator.builtinOptions.newShape = shape
    subgraph.operators.append(operator)
    return count - 1


def _reshape_code(model):
    number = schema.BuiltinOperator.RESHAPE
    for place, code in enumerate(model.operatorCodes):
        if number in (code.builtinCode, code.deprecatedBuiltinCode):
            return place
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = number
    code.version = 1
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1


def _text(name):
    return name.decode() if isinstance(name, bytes) else name or "output"
