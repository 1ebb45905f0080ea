"""What TensorFlow Lite's GPU delegate lacks (see `_gpu.py`), written with what it has.

Each function gives the operators in the place of one; what is computed stays the same to the bit,
on each number of float32 and on whole numbers.
"""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasrnn.export._edit import Editor, drop_unread, producers
from kerasrnn.export._flatbuffer import BUILTINS

_BOOL, _INT8, _INT32 = schema.TensorType.BOOL, schema.TensorType.INT8, schema.TensorType.INT32
_FLOAT16 = schema.TensorType.FLOAT16
_SLICE_VERSION = 2  # of numbers; older delegates and LiteRT's know no later one


def rewrite_for_gpu(model):
    """Rewrites, in a `ModelT`, the operators that the delegate refuses, where it can be done."""
    for subgraph in model.subgraphs:
        editor, operators = Editor(model, subgraph), []
        for operator in subgraph.operators:
            rewrite = _REWRITES.get(BUILTINS[editor.code(operator)])
            operators += [operator] if rewrite is None else rewrite(editor, operator)
        subgraph.operators = operators
        drop_unread(editor, "DEQUANTIZE")
    _lower_slice_version(model)


def _gathered(editor, operator):
    """GATHER by indices of several dimensions, or none: as a list, and shaped afterwards.

    LiteRT's delegate gathers nothing out of what it has to dequantise: that comes afterwards too.
    """
    values, places = map(int, operator.inputs)
    options, shape = operator.builtinOptions, editor.shape(places)
    if options.axis != 0 or options.batchDims:
        return [operator]
    made = producers(editor.subgraph).get(values)
    if made is not None and BUILTINS[editor.code(made)] == "DEQUANTIZE":
        return _gathered_before(editor, operator, int(made.inputs[0]))
    if len(shape) == 1:
        return [operator]
    length = int(np.prod(shape))
    listed = editor.like(places, (length,))
    rows = editor.like(int(operator.outputs[0]), (length, *editor.shape(values)[1:]))
    gather = editor.operator("GATHER", [values, listed], [rows], options=options)
    return [
        _reshape(editor, places, listed),
        gather,
        _reshape(editor, rows, int(operator.outputs[0])),
    ]


def _gathered_before(editor, operator, stored):
    """GATHER out of a dequantised constant: out of the numbers of int8, or of float32."""
    result, tensor = int(operator.outputs[0]), editor.subgraph.tensors[stored]
    array = editor.array(stored)
    if array is None:
        return [operator]
    if tensor.type == _INT8 and np.size(tensor.quantization.scale) == 1:
        rows = editor.like(stored, editor.shape(result))
        after = [editor.operator("DEQUANTIZE", [rows], [result], version=2)]
        inputs, version = [stored, operator.inputs[1]], 2
    elif tensor.type == _FLOAT16:
        rows, after, version = result, [], 1
        inputs = [editor.constant(array.astype("float32"), "table"), operator.inputs[1]]
    else:
        return [operator]
    gather = editor.operator("GATHER", inputs, [rows], version, operator.builtinOptions)
    return [*_gathered(editor, gather), *after]


def _reversed(editor, operator):
    """REVERSE_V2 along one axis: a GATHER from the last place to the first."""
    source, axes = int(operator.inputs[0]), editor.array(int(operator.inputs[1]))
    if axes is None or axes.size != 1 or editor.subgraph.tensors[source].type == _INT32:
        return [operator]
    axis = int(axes.reshape(-1)[0]) % len(editor.shape(source))
    backward = np.arange(editor.shape(source)[axis], dtype=np.int32)[::-1]
    options = schema.GatherOptionsT()
    options.axis = axis

    def turn(source, result):
        places = editor.constant(backward, "backward")
        version = 2 if editor.subgraph.tensors[source].type == _INT8 else 1
        return editor.operator("GATHER", [source, places], [result], version, options)

    return _in_numbers(editor, source, int(operator.outputs[0]), turn)


def _any(editor, operator):
    """REDUCE_ANY: the greatest of numbers 0 and 1, which is then compared with 0."""
    source, axes = map(int, operator.inputs)

    def reduce(source, result):
        return editor.operator(
            "REDUCE_MAX", [source, axes], [result], options=operator.builtinOptions
        )

    return _in_numbers(editor, source, int(operator.outputs[0]), reduce)


def _strided(editor, operator):
    """STRIDED_SLICE that drops axes, or of fewer than three dimensions."""
    found = _strides(editor, operator)
    if found is None or (not _drops_axes(operator) and len(found) in (3, 4)):
        return [operator]
    return _sliced(editor, operator, found)


def _plain(editor, operator):
    """SLICE of fewer than three dimensions."""
    begin, sizes = (editor.array(int(number)) for number in operator.inputs[1:])
    shape = editor.shape(int(operator.inputs[0]))
    if begin is None or sizes is None or len(shape) > 2:
        return [operator]
    ends = [e if n < 0 else b + n for b, n, e in zip(begin, sizes, shape, strict=True)]
    found = [(int(b), int(e), 1) for b, e in zip(begin, ends, strict=True)]
    return _sliced(editor, operator, found)


def _sliced(editor, operator, found):
    """A slice of three dimensions or four, shaped before and after; a mere shape of all of it."""
    source, result = int(operator.inputs[0]), int(operator.outputs[0])
    shape = editor.shape(source)
    if all(cut == (0, size, 1) for cut, size in zip(found, shape, strict=True)):
        return [_reshape(editor, source, result)]
    more = (1,) * (3 - len(shape))
    begin, end, strides = (
        editor.constant(np.array(numbers, np.int32), "slice")
        for numbers in zip(*[(0, 1, 1)] * len(more), *found, strict=True)
    )
    sizes = tuple(len(range(*cut)) for cut in found)

    def cut(source, result):
        wide, narrow = editor.like(source, more + shape), editor.like(source, more + sizes)
        made = editor.operator(
            "STRIDED_SLICE",
            [wide, begin, end, strides],
            [narrow],
            _SLICE_VERSION,
            _plain_slice(),
        )
        return [_reshape(editor, source, wide), made, _reshape(editor, narrow, result)]

    return _in_numbers(editor, source, result, cut)


def _drops_axes(operator):
    return operator.builtinOptions.shrinkAxisMask != 0


def _plain_slice():
    options = schema.StridedSliceOptionsT()
    options.beginMask = options.endMask = options.shrinkAxisMask = 0
    options.ellipsisMask = options.newAxisMask = 0
    return options


def _strides(editor, operator):
    """For each axis the first place, the place after the last and the stride; `None` if unknown."""
    options, shape = operator.builtinOptions, editor.shape(int(operator.inputs[0]))
    arrays = [editor.array(int(number)) for number in operator.inputs[1:]]
    if any(a is None for a in arrays) or options.ellipsisMask or options.newAxisMask:
        return None
    found = []
    for axis, size in enumerate(shape):
        if axis >= len(arrays[0]):
            found.append((0, size, 1))
            continue
        begin, end, stride = (int(array[axis]) for array in arrays)
        if stride < 0 or len(shape) > 4:
            return None
        if options.shrinkAxisMask >> axis & 1:
            found.append((begin % size, begin % size + 1, 1))
            continue
        begin = None if options.beginMask >> axis & 1 else begin
        end = None if options.endMask >> axis & 1 else end
        found.append(slice(begin, end, stride).indices(size))
    return found


def _multiplied(editor, operator):
    """MUL of which neither is the larger in all dimensions: the first is repeated before."""
    first, second = map(int, operator.inputs)
    shapes = editor.shape(first), editor.shape(second)
    if len(shapes[0]) != len(shapes[1]):
        return [operator]
    pairs = list(zip(*shapes, strict=True))
    if not (any(a < b for a, b in pairs) and any(a > b for a, b in pairs)):
        return [operator]
    result = editor.shape(int(operator.outputs[0]))
    times = np.array(result, np.int32) // np.array(shapes[0], np.int32)
    repeated = editor.like(first, result)
    operator.inputs = np.array([repeated, second], np.int32)
    inputs = [first, editor.constant(times, "times")]
    return [editor.operator("TILE", inputs, [repeated], options=schema.TileOptionsT()), operator]


def _selected(editor, operator):
    """SELECT, which is of float numbers alone."""
    kind = editor.subgraph.tensors[int(operator.outputs[0])].type
    rewrite = {_INT32: _selected_whole, _INT8: _selected_quantised}.get(kind)
    return [operator] if rewrite is None else rewrite(editor, operator)


def _selected_whole(editor, operator):
    """Otherwise + condition · (chosen − otherwise)."""
    condition, chosen, otherwise = map(int, operator.inputs)
    result, shape = int(operator.outputs[0]), editor.shape(condition)
    number, whole = editor.tensor(shape, ""), editor.tensor(shape, "", "int32")
    difference = editor.like(
        result, np.broadcast_shapes(editor.shape(chosen), editor.shape(otherwise))
    )
    product = editor.like(result)
    return [
        _cast(editor, condition, number),
        _cast(editor, number, whole),
        editor.operator("SUB", [chosen, otherwise], [difference], options=schema.SubOptionsT()),
        editor.operator("MUL", [difference, whole], [product], options=schema.MulOptionsT()),
        editor.operator("ADD", [product, otherwise], [result], options=schema.AddOptionsT()),
    ]


def _selected_quantised(editor, operator):
    """Of what the int8 stand for; all three have one scale, and so none is rounded."""
    result = int(operator.outputs[0])
    if len({_meaning(editor, int(number)) for number in (*operator.inputs[1:], result)}) != 1:
        return [operator]
    branches = [_dequantised(editor, int(number)) for number in operator.inputs[1:]]
    found = editor.tensor(editor.shape(result), "")
    operator.inputs = np.array([operator.inputs[0], *(number for number, _ in branches)], np.int32)
    operator.outputs = np.array([found], np.int32)
    before = [made for _, operators in branches for made in operators]
    return [*before, operator, editor.operator("QUANTIZE", [found], [result])]


def _dequantised(editor, number):
    """A tensor of what the int8 stand for, and the operators that make it; a constant of one."""
    array, shape = editor.array(number), editor.shape(number)
    if array is None:
        result = editor.tensor(shape, "")
        return result, [editor.operator("DEQUANTIZE", [number], [result], version=2)]
    scale, zero = _meaning(editor, number)
    meant = (array.astype("float32") - np.float32(zero)) * np.float32(scale)
    return editor.constant(meant, "branch"), []


def _meaning(editor, number):
    """The scale and the zero point of a tensor of int8."""
    quantization = editor.subgraph.tensors[number].quantization
    return tuple(map(float, (*quantization.scale, *quantization.zeroPoint)))


def _in_numbers(editor, source, result, make):
    """What `make(source, result)` gives, on 0 and 1 of float32 in the place of booleans."""
    if editor.subgraph.tensors[source].type != _BOOL:
        return _listed(make(source, result))
    numbers = editor.tensor(editor.shape(source), "")
    found = editor.tensor(editor.shape(result), "")
    zero = editor.constant(np.zeros((), np.float32), "zero")
    return [
        _cast(editor, source, numbers),
        *_listed(make(numbers, found)),
        editor.operator("NOT_EQUAL", [found, zero], [result], options=schema.NotEqualOptionsT()),
    ]


def _listed(made):
    return made if isinstance(made, list) else [made]


def _cast(editor, source, result):
    options, tensors = schema.CastOptionsT(), editor.subgraph.tensors
    options.inDataType, options.outDataType = tensors[source].type, tensors[result].type
    return editor.operator("CAST", [source], [result], options=options)


def _reshape(editor, source, result):
    shape = np.array(editor.shape(result), np.int32)
    options = schema.ReshapeOptionsT()
    options.newShape = shape
    inputs = [source, editor.constant(shape, "shape")]
    return editor.operator("RESHAPE", inputs, [result], options=options)


def _lower_slice_version(model):
    """Slices of booleans, which ask for a later version, may be gone."""
    for code in model.operatorCodes:
        if max(code.builtinCode, code.deprecatedBuiltinCode) == _SLICE:
            code.version = min(code.version, _SLICE_VERSION)


_SLICE = schema.BuiltinOperator.STRIDED_SLICE
_REWRITES = {
    "GATHER": _gathered,
    "REVERSE_V2": _reversed,
    "REDUCE_ANY": _any,
    "STRIDED_SLICE": _strided,
    "SLICE": _plain,
    "MUL": _multiplied,
    "SELECT": _selected,
    "SELECT_V2": _selected,
}
