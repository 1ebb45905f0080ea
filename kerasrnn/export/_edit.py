"""Changing the subgraphs of a TFLite file: reading them, adding parts, dropping unused ones."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

_ABSENT = -1  # the number of an input that an operator does without
_TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "float16": schema.TensorType.FLOAT16,
    "int32": schema.TensorType.INT32,
    "int8": schema.TensorType.INT8,
    "bool": schema.TensorType.BOOL,
}
_ARRAYS = {number: name for name, number in _TYPES.items()}


def builtin_code(model, operator):
    """The number of an operator in `BuiltinOperator`."""
    code = model.operatorCodes[operator.opcodeIndex]
    return max(code.builtinCode, code.deprecatedBuiltinCode)


def producers(subgraph):
    """Dictionary from the number of a tensor to the operator that gives it."""
    return {int(t): operator for operator in subgraph.operators for t in operator.outputs}


def read_tensors(subgraph):
    """Numbers of the tensors that an operator reads, or that the subgraph gives."""
    inputs = (int(t) for operator in subgraph.operators for t in operator.inputs)
    return {*inputs, *map(int, subgraph.outputs)}


class Editor:
    """Reads and adds the parts of one subgraph.

    Args:
        model: a `ModelT`.
        subgraph: one of its subgraphs.
    """

    def __init__(self, model, subgraph):
        self._model = model
        self.subgraph = subgraph

    def code(self, operator):
        """The number of an operator in `BuiltinOperator`."""
        return builtin_code(self._model, operator)

    def array(self, number):
        """The content of a constant tensor, as an array; `None` where it is not constant."""
        tensor = self.subgraph.tensors[number]
        data = self._model.buffers[tensor.buffer].data
        if data is None or tensor.type not in _ARRAYS:
            return None
        return np.asarray(data, np.uint8).view(_ARRAYS[tensor.type]).reshape(tensor.shape)

    def constant(self, array, name, scale=None):
        """Adds a constant and gives the number of its tensor.

        Args:
            array: the content.
            name: the tensor's name.
            scale: what each number of an array of int8 stands for, times itself.
        """
        array = np.ascontiguousarray(array)
        buffer = schema.BufferT()
        buffer.data = array.reshape(-1).view(np.uint8)
        self._model.buffers.append(buffer)
        number = self.tensor(array.shape, name, array.dtype.name, len(self._model.buffers) - 1)
        if scale is not None:
            self.subgraph.tensors[number].quantization = _times(scale)
        return number

    def quantised(self, shape, name, scale):
        """Adds a tensor of int8, each of whose numbers stands for `scale` times itself."""
        number = self.tensor(shape, name, "int8")
        self.subgraph.tensors[number].quantization = _times(scale)
        return number

    def tensor(self, shape, name, dtype="float32", buffer=0, variable=False):
        """Adds a tensor, without content if no buffer is named, and gives its number."""
        tensor = schema.TensorT()
        tensor.shape = np.array(shape, np.int32)
        tensor.hasRank = True
        tensor.name = name.encode()
        tensor.type = _TYPES[dtype]
        tensor.buffer = buffer
        tensor.isVariable = variable
        self.subgraph.tensors.append(tensor)
        return len(self.subgraph.tensors) - 1

    def like(self, number, shape=None):
        """Adds a tensor of another one's kind, by default of its shape, and gives its number."""
        source = self.subgraph.tensors[number]
        made = self.tensor(self.shape(number) if shape is None else shape, "")
        tensor = self.subgraph.tensors[made]
        tensor.type, tensor.quantization = source.type, source.quantization
        return made

    def shape(self, number):
        """The sizes of a tensor, as a tuple."""
        shape = self.subgraph.tensors[number].shape
        return () if shape is None else tuple(map(int, shape))

    def operator(self, name, inputs, outputs, version=1, options=None):
        """An operator, which is not in the subgraph yet.

        Args:
            name: its name in `BuiltinOperator`.
            inputs: numbers of tensors, or `None` for an input that it does without.
            outputs: numbers of tensors.
            version: the version of the operator that it needs.
            options: the operator's options, such as a `ReverseV2OptionsT`.
        """
        operator = schema.OperatorT()
        operator.opcodeIndex = self._opcode(getattr(schema.BuiltinOperator, name), version)
        operator.inputs = np.array([_ABSENT if t is None else t for t in inputs], np.int32)
        operator.outputs = np.array(outputs, np.int32)
        if options is not None:
            operator.builtinOptions = options
            kind = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
        return operator

    def _opcode(self, builtin, version):
        for number, code in enumerate(self._model.operatorCodes):
            known = max(code.builtinCode, code.deprecatedBuiltinCode)
            if known == builtin and code.customCode is None:
                code.version = max(code.version, version)
                return number
        code = schema.OperatorCodeT()
        code.builtinCode, code.version = builtin, version
        code.deprecatedBuiltinCode = min(
            builtin, schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES
        )
        self._model.operatorCodes.append(code)
        return len(self._model.operatorCodes) - 1


def _times(scale):
    quantization = schema.QuantizationParametersT()
    quantization.scale = np.array([scale], np.float32)
    quantization.zeroPoint = np.zeros(1, np.int64)
    return quantization


def drop_unread(editor, *kinds):
    """Drops the operators of these kinds, by their names, whose first output nothing reads."""
    codes = [getattr(schema.BuiltinOperator, name) for name in kinds]
    subgraph, before = editor.subgraph, None
    while before != len(subgraph.operators):
        before, read = len(subgraph.operators), read_tensors(subgraph)
        subgraph.operators = [
            operator
            for operator in subgraph.operators
            if editor.code(operator) not in codes or int(operator.outputs[0]) in read
        ]


def drop_unused(model):
    """Drops the tensors, the contents of buffers and the kinds of operators that nothing uses."""
    for number, subgraph in enumerate(model.subgraphs):
        _drop_tensors(subgraph, [s for s in model.signatureDefs or () if s.subgraphIndex == number])
    kept = {tensor.buffer for subgraph in model.subgraphs for tensor in subgraph.tensors}
    kept |= {entry.buffer for entry in model.metadata or ()}
    for number, buffer in enumerate(model.buffers):
        if number not in kept:
            buffer.data = None
    operators = [o for subgraph in model.subgraphs for o in subgraph.operators]
    codes = sorted({operator.opcodeIndex for operator in operators})
    model.operatorCodes = [model.operatorCodes[code] for code in codes]
    for operator in operators:
        operator.opcodeIndex = codes.index(operator.opcodeIndex)


def _drop_tensors(subgraph, signatures):
    """Drops the tensors that neither an operator nor a signature names."""
    lists = [(subgraph, "inputs"), (subgraph, "outputs")]
    for operator in subgraph.operators:
        lists += [(operator, "inputs"), (operator, "outputs"), (operator, "intermediates")]
    lists = [(owner, name) for owner, name in lists if getattr(owner, name) is not None]
    named = [entry for s in signatures for entry in (*(s.inputs or ()), *(s.outputs or ()))]
    used = {int(t) for owner, name in lists for t in getattr(owner, name)}
    used |= {entry.tensorIndex for entry in named}
    kept = sorted(used - {_ABSENT})
    new = {old: number for number, old in enumerate(kept)} | {_ABSENT: _ABSENT}
    subgraph.tensors = [subgraph.tensors[number] for number in kept]
    for owner, name in lists:
        setattr(owner, name, np.array([new[int(t)] for t in getattr(owner, name)], np.int32))
    for entry in named:
        entry.tensorIndex = new[entry.tensorIndex]
