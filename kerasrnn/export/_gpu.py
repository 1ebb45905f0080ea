"""What TensorFlow Lite's GPU delegate takes of a TFLite file: its own rules, as data and functions.

TensorFlow's analyser says so no more: since August 2024 it calls every file compatible
(tensorflow/tensorflow pull request 74830, issue 77042).

Source: `CheckGpuDelegateCompatibility` in `tensorflow/lite/tools/versioning/gpu_compatibility.cc`
of TensorFlow, as of commit 03a5e4e19a9c8200e13c85f1c637877fdf589be6. Constraints on options that
no layer sets (strides, block sizes, LSTM kernels) are left out.
"""

from collections import Counter
from typing import NamedTuple

from ai_edge_litert import schema_py_generated as schema

from kerasrnn.export._edit import builtin_code, producers
from kerasrnn.export._flatbuffer import BUILTINS

_TYPES = {number: name for name, number in vars(schema.TensorType).items() if name[0].isupper()}
_FLOATS = ("FLOAT32", "FLOAT16")
_NUMBERS = ("FLOAT32", "INT32")
_CASTS = {
    *(("BOOL", to) for to in _FLOATS),
    *((of, "BOOL") for of in _FLOATS),
    *((of, to) for of in _NUMBERS for to in _NUMBERS),
}


class Tensor(NamedTuple):
    """A tensor that an operator reads or gives.

    Args:
        kind: the name of its type, such as `"FLOAT32"`.
        shape: its sizes.
        constant: whether its content is in the file.
    """

    kind: str
    shape: tuple
    constant: bool


class Use(NamedTuple):
    """An operator in its place.

    Args:
        name: its name in `BuiltinOperator`.
        inputs: list of `Tensor`, without those that it does without.
        outputs: list of `Tensor`.
        options: its options, or `None`.
    """

    name: str
    inputs: list
    outputs: list
    options: object = None


def refusals(model):
    """How often the delegate refuses an operator of a `ModelT`, and why.

    Returns:
        A `Counter` of pairs: an operator's name and the reason.
    """
    found = Counter()
    for subgraph in model.subgraphs:
        for use in _uses(model, subgraph):
            reason = refusal(use)
            if reason is not None:
                found[use.name, reason] += 1
    return found


def refusal(use):
    """The reason why the delegate refuses an operator in its place; `None` where it takes it."""
    rule = _RULES.get(use.name)
    return "it has no such operator" if rule is None else rule(use)


def _uses(model, subgraph):
    halves = _stored_in_halves(model, subgraph)
    tensors = [_described(model, t) for t in subgraph.tensors]
    tensors = [
        tensor._replace(constant=tensor.constant or number in halves)
        for number, tensor in enumerate(tensors)
    ]
    for operator in subgraph.operators or ():
        inputs, outputs = (
            [tensors[int(number)] for number in numbers if number >= 0]
            for numbers in (operator.inputs, operator.outputs)
        )
        name = BUILTINS[builtin_code(model, operator)]
        yield Use(name, inputs, outputs, operator.builtinOptions)


def _described(model, tensor):
    data = model.buffers[tensor.buffer].data
    shape = () if tensor.shape is None else tuple(map(int, tensor.shape))
    return Tensor(_TYPES[tensor.type], shape, data is not None and len(data) > 0)


def _stored_in_halves(model, subgraph):
    """Numbers of the tensors that the delegate reads as constants of float16.

    It looks through a DEQUANTIZE: `GetOpsToReplaceFromGraphWithDequantize` in
    `tensorflow/lite/delegates/gpu/common/model_builder.cc`.
    """
    return {
        number
        for number, operator in producers(subgraph).items()
        if BUILTINS[builtin_code(model, operator)] == "DEQUANTIZE"
        and _described(model, subgraph.tensors[int(operator.inputs[0])])[::2] == ("FLOAT16", True)
    }


def _taken(use):
    return None


def _counts(runtime, constant=None, outputs=1):
    """A rule that asks for numbers of inputs that are computed, of constant ones and of outputs."""

    def rule(use):
        if len(use.outputs) != outputs:
            return f"it gives {len(use.outputs)} tensors, not {outputs}"
        constants = sum(tensor.constant for tensor in use.inputs)
        if len(use.inputs) - constants != runtime:
            return f"it computes on {len(use.inputs) - constants} tensors, not on {runtime}"
        if constant is not None and constants != constant:
            return f"it reads {constants} constants, not {constant}"
        return None

    return rule


_one = _counts(1)
_unary = _counts(1, 0)


def _binary(use):
    if _counts(2, 0)(use) is None or _counts(1, 1)(use) is None:
        return None
    return "it does not compute on two tensors or on one and a constant"


def _reduce(use):
    axes = use.inputs[1]
    if not axes.constant or axes.kind != "INT32":
        return "its axes are not constants of int32"
    return _one(use)


def _mean(use):
    return _counts(1, 1)(use) or _reduce(use)


def _cast(use):
    pair = use.inputs[0].kind, use.outputs[0].kind
    return _one(use) or (None if pair in _CASTS else f"from {pair[0]} to {pair[1]}")


def _gather(use):
    values, places = use.inputs[:2]
    if values.kind == "INT32":
        return "it takes nothing out of int32"
    if len(places.shape) != 1 or places.kind != "INT32":
        return f"its indices are {places.kind} of {len(places.shape)} dimensions, not INT32 of one"
    return _binary(use)


def _few_dimensions(use):
    dimensions = len(use.inputs[0].shape)
    return None if dimensions in (3, 4) else f"of {dimensions} dimensions, not 3 or 4"


def _strided_slice(use):
    for mask in ("shrinkAxisMask", "newAxisMask", "ellipsisMask"):
        if getattr(use.options, mask):
            return f"it has a {mask}"
    return _few_dimensions(use)


def _pad(use):
    if use.inputs[1].shape not in ((3, 2), (4, 2)):
        return f"its paddings are {use.inputs[1].shape}, not of 3 or 4 dimensions"
    return _counts(1)(use)


def _select(use):
    condition, *branches = use.inputs
    if condition.kind not in ("BOOL", *_FLOATS):
        return f"its condition is {condition.kind}"
    for branch in branches:
        if branch.kind not in _FLOATS:
            return f"it chooses between {branch.kind}"
        single = len(branch.shape) < 2 and branch.shape in ((), (1,))
        if not single and branch.shape != use.outputs[0].shape:
            return f"a branch of shape {branch.shape} is not of shape {use.outputs[0].shape}"
        if branch.constant and len(branch.shape) == 2:
            return "a branch is a constant of two dimensions"
    return None


def _one_hot(use):
    indices, _, *values = use.inputs
    if indices.kind != "INT32" or use.options.axis not in (-1, indices.shape[-1]):
        return "its indices are not INT32 or its axis is not the last"
    if any(size != 1 for size in indices.shape[1 if len(indices.shape) > 3 else 0 : -1]):
        return f"its indices of shape {indices.shape} have more than one place before the last"
    if any(not v.constant or v.kind != "FLOAT32" or v.shape not in ((), (1,)) for v in values):
        return "its values are not single constants of float32"
    return None


def _broadcast(use):
    """ADD and MUL of different ranks."""
    first, second = (tensor.shape for tensor in use.inputs)
    if min(len(first), len(second)) < 2 or len(first) == len(second):
        return None
    ends = zip(reversed(first), reversed(second), strict=False)
    if all(a == b or 1 in (a, b) for a, b in ends):
        return None
    return f"{first} and {second} do not broadcast"


def _multiply(use):
    first, second = (tensor.shape for tensor in use.inputs)
    if len(first) != len(second):
        return _broadcast(use)
    pairs = list(zip(first, second, strict=True))
    if any(a < b for a, b in pairs) and any(a > b for a, b in pairs):
        return f"neither of {first} and {second} is the larger in all dimensions"
    return None


def _fully_connected(use):
    if use.options.weightsFormat:
        return "its weights are shuffled"
    if use.inputs[0].constant:
        return "its input is a constant"
    if sum(not tensor.constant for tensor in use.inputs) > 2:
        return "it computes on more than two tensors"
    if use.options.keepNumDims and len(use.inputs[0].shape) != len(use.outputs[0].shape):
        return "it does not keep the number of dimensions"
    return None


def _convolution(use):
    computed = sum(not tensor.constant for tensor in use.inputs)
    return None if computed <= 2 else "it computes on more than two tensors"


def _two_inputs(use):
    return None if len(use.inputs) == 2 else f"it reads {len(use.inputs)} tensors, not 2"


def _dequantize(use):
    return "from int16" if use.inputs[0].kind == "INT16" else None


def _softmax(use):
    return None if use.options.beta == 1 else f"its beta is {use.options.beta}, not 1"


def _floats_along(use):
    """CUMSUM."""
    values, axis = use.inputs
    if values.kind not in _FLOATS or not axis.constant:
        return f"it adds up {values.kind}, not floats, or along an axis that is computed"
    return None


def _each(names, rule):
    return dict.fromkeys(names.split(), rule)


_RULES = {
    **_each("CONCATENATION PACK SPLIT SPLIT_V PRELU LEAKY_RELU RELU RELU6 RELU_N1_TO_1", _taken),
    **_each("ABS CEIL COS ELU EXP FLOOR GELU LOG LOGISTIC NEG RSQRT SIGN SIN SQRT", _unary),
    **_each("SQUARE TANH", _unary),
    **_each("ATAN2 DIV EQUAL FLOOR_DIV FLOOR_MOD GREATER GREATER_EQUAL LOGICAL_AND LESS", _binary),
    **_each("LESS_EQUAL MAXIMUM MINIMUM NOT_EQUAL POW SQUARED_DIFFERENCE SUB", _binary),
    **_each("REDUCE_MAX REDUCE_MIN REDUCE_PROD SUM", _reduce),
    **_each("RESHAPE TILE TRANSPOSE QUANTIZE HARD_SWISH AVERAGE_POOL_2D MAX_POOL_2D", _one),
    **_each("DEPTH_TO_SPACE SPACE_TO_DEPTH RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR", _one),
    **_each("CONV_2D DEPTHWISE_CONV_2D TRANSPOSE_CONV", _convolution),
    **_each("SELECT SELECT_V2", _select),
    **_each("PAD PADV2 MIRROR_PAD", _pad),
    **_each("ADD_N BATCH_MATMUL", _two_inputs),
    "ADD": _broadcast,
    "CAST": _cast,
    "CUMSUM": _floats_along,
    "DEQUANTIZE": _dequantize,
    "FULLY_CONNECTED": _fully_connected,
    "GATHER": _gather,
    "MEAN": _mean,
    "MUL": _multiply,
    "ONE_HOT": _one_hot,
    "SLICE": _few_dimensions,
    "SOFTMAX": _softmax,
    "STRIDED_SLICE": _strided_slice,
}
