"""What LiteRT for Microcontrollers has less of than LiteRT, written with what it has."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasrnn.export._edit import Editor, drop_unused

_MOST_JOINED = 10  # inputs of a CONCATENATION
_INT32 = schema.TensorType.INT32
_SCALE = 0.5  # any below 1, which the comparison of whole numbers demands


def rewrite_for_micro(model):
    """Rewrites, in a `ModelT`, the operators that LiteRT for Microcontrollers does not run.

    What is computed stays the same to the bit.
    """
    for subgraph in model.subgraphs:
        editor, operators = Editor(model, subgraph), []
        for operator in subgraph.operators:
            rewrite = _REWRITES.get(editor.code(operator))
            operators += [operator] if rewrite is None else rewrite(editor, operator)
        subgraph.operators = operators
    drop_unused(model)


def _narrowed(editor, operator):
    """Joins in several steps what one CONCATENATION has too many inputs for."""
    made = []
    while len(operator.inputs) > _MOST_JOINED:
        groups = [
            operator.inputs[start : start + _MOST_JOINED]
            for start in range(0, len(operator.inputs), _MOST_JOINED)
        ]
        joined = [_joined(editor, operator, group) for group in groups]
        made += [part for part in joined if part is not None]
        operator.inputs = np.array(
            [
                group[0] if part is None else part.outputs[0]
                for group, part in zip(groups, joined, strict=True)
            ],
            np.int32,
        )
    return [*made, operator]


def _joined(editor, operator, group):
    """The operator that joins a group of tensors, or `None` for a group of one."""
    if len(group) == 1:
        return None
    tensors, options = editor.subgraph.tensors, operator.builtinOptions
    result = tensors[int(operator.outputs[0])]
    shape = np.array(result.shape)
    shape[options.axis] = sum(tensors[int(number)].shape[options.axis] for number in group)
    number = editor.tensor(shape, "joined")
    tensors[number].type, tensors[number].quantization = result.type, result.quantization
    return editor.operator("CONCATENATION", group, [number], options=options)


def _selected(editor, operator):
    """SELECT, which it lacks, and SELECT_V2 of int32, which it refuses: products of 0 or 1."""
    tensors = editor.subgraph.tensors
    condition, *branches = map(int, operator.inputs)
    result = int(operator.outputs[0])
    if tensors[result].type != _INT32:
        return [editor.operator("SELECT_V2", operator.inputs, operator.outputs)]
    shape = _shape(tensors[condition])
    otherwise = editor.tensor(shape, "otherwise", "bool")
    made, products = [editor.operator("LOGICAL_NOT", [condition], [otherwise])], []
    for chosen, branch in zip((condition, otherwise), branches, strict=True):
        number = editor.tensor(shape, "chosen", "int32")
        products.append(editor.tensor(_shape(tensors[result]), "product", "int32"))
        made += [
            _cast(editor, chosen, number, _INT32),
            editor.operator("MUL", [number, branch], products[-1:], options=schema.MulOptionsT()),
        ]
    add = editor.operator("ADD", products, [result], options=schema.AddOptionsT())
    return [*made, add]


def _any(editor, operator):
    """REDUCE_ANY as the greatest of numbers 0 and 1, which is then compared with 0."""
    tensors = editor.subgraph.tensors
    source, axes = map(int, operator.inputs)
    result = int(operator.outputs[0])
    numbers = editor.quantised(_shape(tensors[source]), "numbers", _SCALE)
    greatest = editor.quantised(_shape(tensors[result]), "greatest", _SCALE)
    zero = editor.constant(np.zeros((), np.int8), "zero", scale=_SCALE)
    return [
        _cast(editor, source, numbers, schema.TensorType.INT8),
        editor.operator(
            "REDUCE_MAX", [numbers, axes], [greatest], version=2, options=operator.builtinOptions
        ),
        editor.operator("GREATER", [greatest, zero], [result], version=2),
    ]


def _cast(editor, source, result, kind):
    options = schema.CastOptionsT()
    options.inDataType, options.outDataType = schema.TensorType.BOOL, kind
    return editor.operator("CAST", [source], [result], options=options)


def _shape(tensor):
    return () if tensor.shape is None else tensor.shape


_REWRITES = {
    schema.BuiltinOperator.CONCATENATION: _narrowed,
    schema.BuiltinOperator.SELECT: _selected,
    schema.BuiltinOperator.SELECT_V2: _selected,
    schema.BuiltinOperator.REDUCE_ANY: _any,
}
