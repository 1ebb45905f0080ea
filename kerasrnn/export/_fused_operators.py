"""LiteRT's sequence LSTM in the places of a TFLite file that `_fused_mark.py` has marked.

Source: `lite/kernels/unidirectional_sequence_lstm.cc` and `bidirectional_sequence_lstm.cc` of
TensorFlow, which state the order of the inputs.
"""

from typing import NamedTuple

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasrnn.export._edit import Editor, drop_unread, drop_unused, producers, read_tensors
from kerasrnn.export._fused_mark import BACKWARD, FORWARD, MARK, cannot
from kerasrnn.export._parity import ExportError

_GATES = ("input", "forget", "cell", "output")  # LiteRT's names of u, f, c, o, and its order
_PEEPHOLES = ("input", "forget", "output")
_TIME = 1  # the axis of time in `(batch, time, features)`
_LARGEST_INT8 = 127


class _Mark(NamedTuple):
    """A marked operator: it reads a sequence and weights, and gives all outputs and the last c."""

    operator: object
    direction: str
    layer: str

    @property
    def sequence(self):
        return int(self.operator.inputs[0])

    @property
    def outputs(self):
        return int(self.operator.outputs[0])


def swap_fused(model, int8_weights=False):
    """Puts LiteRT's sequence LSTM in the place of each mark.

    A forward and a backward mark that read the same sequence become one bidirectional LSTM.

    Args:
        model: a `ModelT` that the converter made; it is changed.
        int8_weights: whether to store matrices and peepholes as int8, each with a scale of its
            own. Otherwise matrices stay as the converter stored them, in float32 or float16.

    Raises:
        ExportError: a mark is inside a loop or a branch, or its last c is read.
    """
    roots = {0, *(signature.subgraphIndex for signature in model.signatureDefs or ())}
    for number, subgraph in enumerate(model.subgraphs):
        marks = _marks(model, subgraph)
        for mark in marks:
            _require_possible(mark, subgraph, number in roots)
        if marks:
            _swap(Editor(model, subgraph), marks, int8_weights)
    drop_unused(model)


def _marks(model, subgraph):
    found = []
    for operator in subgraph.operators:
        name = (model.operatorCodes[operator.opcodeIndex].customCode or b"").decode()
        if name.startswith(f"{MARK} "):
            found.append(_Mark(operator, *name.split(" ", 2)[1:]))
    return found


def _require_possible(mark, subgraph, is_root):
    if int(mark.operator.outputs[1]) in read_tensors(subgraph):
        reason = "it keeps its last cell state to itself; leave out `return_state`"
        raise ExportError(cannot(mark.layer, reason))
    if not is_root:
        reason = "it is called inside a loop or a branch, where the states would not start at zero"
        raise ExportError(cannot(mark.layer, reason))


def _swap(editor, marks, int8_weights):
    subgraph = editor.subgraph
    pairs = _pairs(editor, marks)
    by_operator = {id(mark.operator): mark for mark in marks}
    done, operators = set(), []
    for operator in subgraph.operators:
        mark = by_operator.get(id(operator))
        if mark is None:
            operators.append(operator)
        elif mark.outputs in pairs and mark.outputs not in done:
            operators += _both_ways(editor, *pairs[mark.outputs], int8_weights)
            done |= {partner.outputs for partner in pairs[mark.outputs]}
        elif mark.outputs not in pairs:
            operators += _one_way(editor, mark, int8_weights)
    subgraph.operators = operators
    _cancel_reversals(editor)
    drop_unread(editor, "REVERSE_V2", "DEQUANTIZE")  # float16 weights that the operator holds


def _pairs(editor, marks):
    """Dictionary from the outputs of marks to the forward and backward marks of one sequence.

    They have one number of units: the operation checks it, though it reads both.
    """
    pairs, alike = {}, {}
    for mark in marks:
        kind = mark.sequence, editor.subgraph.tensors[mark.outputs].shape[-1]
        alike.setdefault(kind, []).append(mark)
    for group in alike.values():
        ways = [
            [mark for mark in group if mark.direction == direction]
            for direction in (FORWARD, BACKWARD)
        ]
        for pair in zip(*ways, strict=False):
            pairs |= {mark.outputs: pair for mark in pair}
    return pairs


def _one_way(editor, mark, int8_weights):
    """The operators that stand for a mark; one that reads backward reads a turned sequence."""
    sequence, outputs, before, after = mark.sequence, mark.outputs, [], []
    if mark.direction == BACKWARD:
        sequence, before = _reversed(editor, sequence, mark.layer)
        outputs = _like(editor, mark.outputs, f"{mark.layer}/reversed")
        after = [_reversal(editor, outputs, mark.outputs)]
    weights, made = _weights(editor, mark, int8_weights)
    lstm = editor.operator(
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        [sequence, *weights, *_states(editor, mark), *[None] * len(_GATES)],
        [outputs],
        version=2 if int8_weights else 1,
        options=_options(schema.UnidirectionalSequenceLSTMOptionsT()),
    )
    return [*before, *made, lstm, *after]


def _both_ways(editor, forward, backward, int8_weights):
    """The operators that stand for two marks.

    With int8 weights time comes first: older kernels take the first axis for it, whatever the
    options say.
    """
    sequence, outputs, before, after = forward.sequence, [forward.outputs, backward.outputs], [], []
    if int8_weights:
        sequence = _time_first(editor, forward.sequence, f"{forward.layer}/time_first")
        before = [_transposition(editor, forward.sequence, sequence)]
        outputs = [
            _time_first(editor, m.outputs, f"{m.layer}/outputs") for m in (forward, backward)
        ]
        after = [
            _transposition(editor, made, mark.outputs)
            for made, mark in zip(outputs, (forward, backward), strict=True)
        ]
    (weights, made), (more, more_made) = (
        _weights(editor, mark, int8_weights) for mark in (forward, backward)
    )
    states = [*_states(editor, forward), *_states(editor, backward)]
    other_input_and_weights = [None] * (1 + 2 * len(_GATES))
    lstm = editor.operator(
        "BIDIRECTIONAL_SEQUENCE_LSTM",
        [sequence, *weights, *more, *states, *other_input_and_weights],
        outputs,
        version=2 if int8_weights else 1,
        options=_options(schema.BidirectionalSequenceLSTMOptionsT(), int8_weights),
    )
    return [*before, *made, *more_made, lstm, *after]


def _options(options, time_first=False):
    """Options of no clipping, for sequences `(batch, time, features)` or `(time, batch, …)`."""
    options.fusedActivationFunction = schema.ActivationFunctionType.TANH
    options.timeMajor = time_first
    return options


def _states(editor, mark):
    """Numbers of the two variable tensors `(batch, units)` a and c."""
    rows, _, units = editor.subgraph.tensors[mark.outputs].shape
    return [
        editor.tensor((rows, units), f"{mark.layer}/{name}", variable=True) for name in ("a", "c")
    ]


def _weights(editor, mark, int8_weights):
    """Numbers of the tensors of weights in LiteRT's order, and operators that make them."""
    arrays = [_stored(editor, int(number)) for number in mark.operator.inputs[1:]]
    kernel, recurrent, bias = (np.split(array, len(_GATES), axis=-1) for array in arrays[:3])
    peepholes = arrays[3] if len(arrays) > 3 else [None] * len(_PEEPHOLES)
    pieces = [
        *((piece.T, f"input_to_{gate}") for piece, gate in zip(kernel, _GATES, strict=True)),
        *((piece.T, f"recurrent_to_{gate}") for piece, gate in zip(recurrent, _GATES, strict=True)),
        *((piece, f"cell_to_{gate}") for piece, gate in zip(peepholes, _PEEPHOLES, strict=True)),
        *((piece, f"{gate}_bias") for piece, gate in zip(bias, _GATES, strict=True)),
        *[(None, "projection")] * 2,
    ]
    numbers, made = [], []
    for array, name in pieces:
        is_bias = name.endswith("_bias")
        number, operators = _stored_anew(
            editor, array, f"{mark.layer}/{name}", int8_weights and not is_bias
        )
        numbers.append(number)
        made += operators
    return numbers, made


def _stored(editor, number):
    """The content of a tensor that is constant, or made of a constant of float16."""
    array = editor.array(number)
    if array is None:
        array = editor.array(int(producers(editor.subgraph)[number].inputs[0]))
    return array


def _stored_anew(editor, array, name, int8):
    """The number of a tensor of that content, and the operators that make it."""
    if array is None:
        return None, []
    if int8:
        scale = float(np.max(np.abs(array))) / _LARGEST_INT8 or 1.0
        rounded = np.round(array.astype("float64") / scale)
        return editor.constant(rounded.astype("int8"), name, scale), []
    if array.dtype == np.float16 and array.ndim > 1:
        number = editor.tensor(array.shape, name)
        half = editor.constant(array, f"{name}/float16")
        return number, [editor.operator("DEQUANTIZE", [half], [number], version=3)]
    return editor.constant(array.astype("float32"), name), []


def _reversed(editor, sequence, layer):
    """The number of the turned sequence, and the operators that make it."""
    turned = _like(editor, sequence, f"{layer}/turned")
    return turned, [_reversal(editor, sequence, turned)]


def _reversal(editor, sequence, turned):
    axis = editor.constant(np.array([_TIME], np.int32), "time")
    options = schema.ReverseV2OptionsT()
    return editor.operator("REVERSE_V2", [sequence, axis], [turned], options=options)


def _time_first(editor, number, name):
    rows, timesteps, width = editor.subgraph.tensors[number].shape
    return editor.tensor((timesteps, rows, width), name)


def _transposition(editor, number, turned):
    axes = editor.constant(np.array([1, 0, 2], np.int32), "axes")
    return editor.operator(
        "TRANSPOSE", [number, axes], [turned], options=schema.TransposeOptionsT()
    )


def _like(editor, number, name):
    return editor.tensor(editor.subgraph.tensors[number].shape, name)


def _cancel_reversals(editor):
    """Drops the second of two reversals; its output is then made in the first place."""
    subgraph = editor.subgraph
    while (found := _two_reversals(editor)) is not None:
        made, second = found
        subgraph.operators.remove(second)
        for operator in subgraph.operators:
            for name in ("inputs", "outputs"):
                numbers = np.asarray(getattr(operator, name))
                setattr(operator, name, np.where(numbers == made, second.outputs[0], numbers))


def _two_reversals(editor):
    """The number of a tensor that is turned twice, and the second operator that turns it."""
    made_by = producers(editor.subgraph)
    for second in editor.subgraph.operators:
        first = made_by.get(int(second.inputs[0])) if _turns(editor, second) else None
        if first is None or not _turns(editor, first):
            continue
        axes = [editor.array(int(operator.inputs[1])) for operator in (first, second)]
        made = int(first.inputs[0])
        inside = made in made_by and made not in editor.subgraph.outputs
        if inside and np.array_equal(*axes):
            return made, second
    return None


def _turns(editor, operator):
    return editor.code(operator) == schema.BuiltinOperator.REVERSE_V2
