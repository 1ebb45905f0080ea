"""Operators stand in a file in the order in which they are needed."""

import itertools

import keras
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from kerasrnn import layers
from kerasrnn.export import _lowering, to_tflite
from kerasrnn.export._edit import builtin_code
from kerasrnn.export._flatbuffer import BUILTINS, unpacked
from kerasrnn.export._order import order_by_need


def file_of(operators, outputs, code=schema.BuiltinOperator.ADD):
    """A `ModelT` of operators that are given as (inputs, output)."""
    made, known = schema.ModelT(), schema.OperatorCodeT()
    known.builtinCode = known.deprecatedBuiltinCode = code
    made.operatorCodes = [known]
    subgraph = schema.SubGraphT()
    subgraph.operators, subgraph.outputs = [], np.array(outputs, np.int32)
    for inputs, output in operators:
        operator = schema.OperatorT()
        operator.opcodeIndex = 0
        operator.inputs = np.array(inputs, np.int32)
        operator.outputs = np.array([output], np.int32)
        subgraph.operators.append(operator)
    made.subgraphs = [subgraph]
    return made


def order_of(model):
    return [int(operator.outputs[0]) for operator in model.subgraphs[0].operators]


def test_what_is_needed_late_comes_late():
    made = file_of([([0], 1), ([0], 2), ([1], 3), ([3, 2], 4)], outputs=[4])
    order_by_need(made)
    assert order_of(made) == [1, 3, 2, 4]


def test_what_two_need_is_computed_once_before_both():
    made = file_of([([0], 1), ([1], 2), ([0], 4), ([1, 4], 3)], outputs=[2, 3])
    order_by_need(made)
    assert order_of(made) == [1, 2, 4, 3]


def test_what_nothing_needs_stays():
    made = file_of([([0], 9), ([0], 1)], outputs=[1])
    order_by_need(made)
    assert order_of(made) == [1, 9]


def test_what_keeps_variables_keeps_its_order():
    made = file_of([([0], 1), ([0], 2), ([1], 3)], [3, 2], schema.BuiltinOperator.READ_VARIABLE)
    order_by_need(made)
    assert order_of(made) == [1, 2, 3]


def test_an_input_that_an_operator_does_without_is_no_operator():
    made = file_of([([0, -1], 1)], outputs=[1])
    order_by_need(made)
    assert order_of(made) == [1]


@pytest.mark.parametrize("return_sequences", [True, False])
def test_a_long_sequence_is_projected_where_its_loops_read_it(
    return_sequences, tmp_path, monkeypatch
):
    monkeypatch.setattr(_lowering, "_NUMBERS_A_PIECE", 40)
    monkeypatch.setattr(_lowering, "_LARGEST_PROJECTED", 2**10)
    x = keras.Input((80, 2), name="x")
    y = layers.LSTM(4, return_sequences=return_sequences)(x)
    path = tmp_path / "model.tflite"
    to_tflite(keras.Model(x, y), path, lowering="loop", step=False)
    model = unpacked(path.read_bytes())
    named = [BUILTINS[builtin_code(model, o)] for o in model.subgraphs[0].operators]
    names = [name for name in named if name in ("FULLY_CONNECTED", "WHILE")]
    assert names.count("FULLY_CONNECTED") > 2
    assert names.count("WHILE") > 3
    for first, second in itertools.pairwise(names):
        assert (first, second) != ("FULLY_CONNECTED", "FULLY_CONNECTED")
