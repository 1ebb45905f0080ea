"""What LiteRT for Microcontrollers has less of than LiteRT."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasrnn.export._edit import Editor

_MOST_JOINED = 10  # inputs of a CONCATENATION


def narrow_concatenations(model):
    """Joins in several steps, in a `ModelT`, what one CONCATENATION has too many inputs for."""
    for subgraph in model.subgraphs:
        editor, operators = Editor(model, subgraph), []
        for operator in subgraph.operators:
            if editor.code(operator) == schema.BuiltinOperator.CONCATENATION:
                operators += _narrowed(editor, operator)
            operators.append(operator)
        subgraph.operators = operators


def _narrowed(editor, operator):
    """The operators that join groups of inputs, which the operator then reads in their place."""
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
    return made


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
