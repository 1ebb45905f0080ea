"""Operators in the order in which their results are needed, which then are still in the cache.

TensorFlow's converter lists them in some order that is possible: of a long sequence it projects the
inputs of many loops before the first of them reads its own.
"""

from ai_edge_litert import schema_py_generated as schema

from kerasrnn.export._edit import builtin_code, producers

# What these do shows in no tensor, so that their order is as it was.
_BEYOND_TENSORS = {
    schema.BuiltinOperator.CALL_ONCE,
    schema.BuiltinOperator.VAR_HANDLE,
    schema.BuiltinOperator.READ_VARIABLE,
    schema.BuiltinOperator.ASSIGN_VARIABLE,
}


def order_by_need(model):
    """Puts each operator of a `ModelT` just before the first that needs it."""
    for subgraph in model.subgraphs:
        if not any(builtin_code(model, o) in _BEYOND_TENSORS for o in subgraph.operators):
            subgraph.operators = _by_need(subgraph)


def _by_need(subgraph):
    """The operators, what the outputs need first; what nothing needs comes last."""
    made_by, found = producers(subgraph), {}
    for tensor in subgraph.outputs:
        waiting = [(made_by.get(int(tensor)), False)]
        while waiting:
            operator, is_ready = waiting.pop()
            if operator is None or id(operator) in found:
                continue
            if is_ready:
                found[id(operator)] = operator
                continue
            waiting.append((operator, True))
            waiting += [(made_by.get(int(t)), False) for t in reversed(list(operator.inputs))]
    rest = [operator for operator in subgraph.operators if id(operator) not in found]
    return [*found.values(), *rest]
