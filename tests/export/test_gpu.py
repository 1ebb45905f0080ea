"""The GPU delegate's rules, and the rewriting of what they refuse."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from kerasrnn import layers
from kerasrnn.data import TaggingVocabulary, read_conll
from kerasrnn.export import ExportError, to_tflite
from kerasrnn.export._convert import Conversion
from kerasrnn.export._edit import drop_unused
from kerasrnn.export._flatbuffer import BUILTINS, packed, unpacked
from kerasrnn.export._gpu import Tensor, Use, refusal, refusals
from kerasrnn.export._gpu_rewrites import rewrite_for_gpu
from kerasrnn.export._lowering import written_out
from kerasrnn.export._targets import require_gpu
from kerasrnn.training._artefact import load_model
from kerasrnn.zoo import shipped_folder

TIME, UNITS = 4, 3


def of(*shape, kind="FLOAT32"):
    """A tensor that is computed."""
    return Tensor(kind, shape, False)


def constant(*shape, kind="FLOAT32"):
    return Tensor(kind, shape, True)


def whole(*shape):
    return of(*shape, kind="INT32")


def truth(*shape):
    return of(*shape, kind="BOOL")


def use(name, inputs, outputs=None, **options):
    return Use(name, inputs, outputs or [of(1)], SimpleNamespace(**options))


AXES, NO_MASKS = (
    constant(1, kind="INT32"),
    {
        "shrinkAxisMask": 0,
        "newAxisMask": 0,
        "ellipsisMask": 0,
    },
)
ONE_HOT = [constant(kind="INT32"), constant(), constant()]
PRODUCT = {"weightsFormat": 0, "keepNumDims": False}
# An operator in two places, of which the delegate takes the first alone.
PAIRS = {
    "a list of indices": (
        use("GATHER", [constant(9, 2), whole(4)]),
        use("GATHER", [constant(9, 2), whole(1, 4)]),
    ),
    "indices of int32": (
        use("GATHER", [constant(9, 2), whole(4)]),
        use("GATHER", [constant(9, 2), of(4, kind="INT64")]),
    ),
    "values of floats": (
        use("GATHER", [of(9, 2), constant(4, kind="INT32")]),
        use("GATHER", [whole(9, 2), constant(4, kind="INT32")]),
    ),
    "a slice of three dimensions": (
        use("STRIDED_SLICE", [of(1, 4, 3)], **NO_MASKS),
        use("STRIDED_SLICE", [of(4, 3)], **NO_MASKS),
    ),
    "a slice that drops no axis": (
        use("STRIDED_SLICE", [of(1, 4, 3)], **NO_MASKS),
        use("STRIDED_SLICE", [of(1, 4, 3)], **{**NO_MASKS, "shrinkAxisMask": 2}),
    ),
    "a slice that adds no axis": (
        use("STRIDED_SLICE", [of(1, 4, 3)], **NO_MASKS),
        use("STRIDED_SLICE", [of(1, 4, 3)], **{**NO_MASKS, "newAxisMask": 1}),
    ),
    "a slice without an ellipsis": (
        use("STRIDED_SLICE", [of(1, 4, 3)], **NO_MASKS),
        use("STRIDED_SLICE", [of(1, 4, 3)], **{**NO_MASKS, "ellipsisMask": 1}),
    ),
    "SLICE of four dimensions": (use("SLICE", [of(1, 2, 3, 4)]), use("SLICE", [of(1, 2, 3, 4, 5)])),
    "a cast between float32 and int32": (
        use("CAST", [of(4)], [whole(4)]),
        use("CAST", [truth(4)], [whole(4)]),
    ),
    "a branch of the result's shape": (
        use("SELECT_V2", [truth(1, 1), of(1, 3), constant()], [of(1, 3)]),
        use("SELECT_V2", [truth(1, 1), of(1, 1, 3), constant()], [of(1, 4, 3)]),
    ),
    "a branch of floats": (
        use("SELECT", [truth(4), of(4), of(4)], [of(4)]),
        use("SELECT", [truth(4), whole(4), whole(4)], [whole(4)]),
    ),
    "a branch that is computed": (
        use("SELECT", [truth(1, 3), of(1, 3), of(1, 3)], [of(1, 3)]),
        use("SELECT", [truth(1, 3), of(1, 3), constant(1, 3)], [of(1, 3)]),
    ),
    "a condition of booleans": (
        use("SELECT", [truth(3), of(3), of(3)], [of(3)]),
        use("SELECT", [whole(3), of(3), of(3)], [of(3)]),
    ),
    "paddings of three dimensions": (
        use("PAD", [of(1, 4, 3), constant(3, 2, kind="INT32")]),
        use("PAD", [of(4, 3), constant(2, 2, kind="INT32")]),
    ),
    "constant axes": (use("SUM", [of(1, 4), AXES]), use("SUM", [of(1, 4), whole(1)])),
    "axes of int32": (
        use("MEAN", [of(1, 4), AXES]),
        use("MEAN", [of(1, 4), constant(1, kind="INT64")]),
    ),
    "ADD that broadcasts": (
        use("ADD", [of(1, 4, 3), of(4, 1)]),
        use("ADD", [of(1, 4, 3), of(2, 3)]),
    ),
    "MUL by the smaller": (
        use("MUL", [of(1, 4, 3), of(1, 1, 3)]),
        use("MUL", [of(1, 4, 1), of(1, 1, 3)]),
    ),
    "MUL that broadcasts": (
        use("MUL", [of(1, 4, 3), of(4, 1)]),
        use("MUL", [of(1, 4, 3), of(2, 3)]),
    ),
    "one computed operand at least": (
        use("SUB", [constant(), of(4)]),
        use("SUB", [constant(), constant(4)]),
    ),
    "one operand": (use("TANH", [of(4)]), use("TANH", [constant(4)])),
    "one result": (use("RESHAPE", [of(4)]), use("RESHAPE", [of(4)], [of(1), of(1)])),
    "a constant bias": (
        use("FULLY_CONNECTED", [of(1, 4), of(3, 4), constant(3)], **PRODUCT),
        use("FULLY_CONNECTED", [of(1, 4), of(3, 4), of(3)], **PRODUCT),
    ),
    "a product of what is computed": (
        use("FULLY_CONNECTED", [of(1, 4), constant(3, 4)], **PRODUCT),
        use("FULLY_CONNECTED", [constant(1, 4), constant(3, 4)], **PRODUCT),
    ),
    "plain weights": (
        use("FULLY_CONNECTED", [of(1, 4), constant(3, 4)], **PRODUCT),
        use("FULLY_CONNECTED", [of(1, 4), constant(3, 4)], weightsFormat=1, keepNumDims=False),
    ),
    "as many dimensions as before": (
        use("FULLY_CONNECTED", [of(1, 4)], [of(1, 3)], weightsFormat=0, keepNumDims=True),
        use("FULLY_CONNECTED", [of(1, 2, 4)], [of(2, 3)], weightsFormat=0, keepNumDims=True),
    ),
    "a constant kernel or bias": (
        use("CONV_2D", [of(1, 1, 4, 3), constant(2, 1, 3, 3), constant(2)]),
        use("CONV_2D", [of(1, 1, 4, 3), of(2, 1, 3, 3), of(2)]),
    ),
    "one word at a time": (
        use("ONE_HOT", [whole(1, 4), *ONE_HOT], axis=-1),
        use("ONE_HOT", [whole(2, 4), *ONE_HOT], axis=-1),
    ),
    "words of int32": (
        use("ONE_HOT", [whole(4), *ONE_HOT], axis=-1),
        use("ONE_HOT", [of(4, kind="INT64"), *ONE_HOT], axis=-1),
    ),
    "single values": (
        use("ONE_HOT", [whole(4), *ONE_HOT], axis=-1),
        use("ONE_HOT", [whole(4), *ONE_HOT[:2], constant(4)], axis=-1),
    ),
    "beta of one": (use("SOFTMAX", [of(4)], beta=1.0), use("SOFTMAX", [of(4)], beta=0.5)),
    "a sum of floats": (use("CUMSUM", [of(4), AXES]), use("CUMSUM", [whole(4), AXES])),
    "two products' operands": (
        use("BATCH_MATMUL", [of(1, 4, 3), of(1, 3, 2)]),
        use("BATCH_MATMUL", [of(1, 4, 3)]),
    ),
    "numbers of float16": (
        use("DEQUANTIZE", [of(4, kind="FLOAT16")]),
        use("DEQUANTIZE", [of(4, kind="INT16")]),
    ),
    "an operator that it has": (
        use("LOGICAL_AND", [truth(4)] * 2),
        use("LOGICAL_OR", [truth(4)] * 2),
    ),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_the_rules_take_one_and_refuse_the_other(pair):
    taken, refused = map(refusal, pair)
    assert taken is None
    assert isinstance(refused, str)


@pytest.mark.parametrize(
    "name", ["WHILE", "REVERSE_V2", "REDUCE_ANY", "TOPK_V2", "WHERE", "ARG_MAX", "CUSTOM"]
)
def test_the_rules_refuse_operators_that_the_delegate_lacks(name):
    assert refusal(use(name, [of(4)])) == "it has no such operator"


def converted(function, *specs):
    """The bytes that TensorFlow's converter makes of a function."""
    concrete = tf.function(function, input_signature=specs, autograph=False).get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()


def rewritten(content):
    model = unpacked(content)
    rewrite_for_gpu(model)
    drop_unused(model)
    return packed(model)


def names(content):
    codes = unpacked(content).operatorCodes
    return {BUILTINS[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in codes}


def outputs(content, arrays):
    """What a file gives; its inputs in their order."""
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    for entry, array in zip(interpreter.get_input_details(), arrays, strict=True):
        interpreter.set_tensor(entry["index"], array)
    interpreter.invoke()
    return [interpreter.get_tensor(e["index"]) for e in interpreter.get_output_details()]


def drawn(spec, seed):
    rng = np.random.default_rng(seed)
    if spec.dtype == tf.bool:
        return rng.random(spec.shape) < 0.3
    if spec.dtype == tf.int32:
        return rng.integers(0, 5, spec.shape, dtype="int32")
    return rng.normal(size=spec.shape).astype("float32")


def require_same(content, arrays):
    """Rewritten for a GPU, the file is taken and gives the same to the bit."""
    for_gpu = rewritten(content)
    assert refusals(unpacked(content))  # there was something to rewrite
    assert not refusals(unpacked(for_gpu))
    before, after = outputs(content, arrays), outputs(for_gpu, arrays)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


def floats(*shape):
    return tf.TensorSpec(shape, "float32")


def integers(*shape):
    return tf.TensorSpec(shape, "int32")


def booleans(*shape):
    return tf.TensorSpec(shape, "bool")


TABLE = np.arange(10, dtype="float32").reshape(5, 2)
FUNCTIONS = {
    "GATHER, a table of letters": (lambda i: tf.gather(TABLE, i), integers(1, 4, 3)),
    "GATHER, one row": (lambda i: tf.gather(TABLE, i), integers()),
    "REVERSE_V2, floats": (lambda x: tf.reverse(x, [1]), floats(1, 4, 3)),
    "REVERSE_V2, the last axis": (lambda x: tf.reverse(x, [-1]), floats(2, 4, 3)),
    "REVERSE_V2, booleans": (lambda x: tf.reverse(x, [1]), booleans(1, 7)),
    "REDUCE_ANY, an axis": (lambda x: tf.reduce_any(x, -1), booleans(2, 4, 3)),
    "REDUCE_ANY, an axis of one": (lambda x: tf.reduce_any(x, 1, keepdims=True), booleans(2, 4)),
    "STRIDED_SLICE, one step": (lambda x: x[:, 1], floats(2, 4, 3)),
    "STRIDED_SLICE, the last step": (lambda x: x[:, -1], floats(2, 4, 3)),
    "STRIDED_SLICE, a matrix": (lambda x: x[:, 1:5:2], floats(2, 6)),
    "STRIDED_SLICE, from the end": (lambda x: x[-2:, :-1], floats(3, 6)),
    "SLICE, a vector": (lambda x: tf.slice(x, [2], [3]), floats(6)),
    "SLICE, a matrix": (lambda x: tf.slice(x, [0, 1], [-1, 2]), floats(2, 6)),
    "STRIDED_SLICE, a column": (lambda x: x[:, 0], floats(2, 1)),
    "STRIDED_SLICE, booleans": (lambda x: x[:, 2], booleans(3, 4)),
    "MUL, a row by a column": (lambda x, y: x * y, floats(1, 4, 1), floats(1, 1, 3)),
    "SELECT, whole numbers": (tf.where, booleans(1, 4), integers(1, 4), integers(1, 4)),
    "SELECT_V2, whole numbers and 0": (
        lambda c, x: tf.where(c, x, 0),
        booleans(1, 4, 1),
        integers(1, 4, 3),
    ),
}


@pytest.mark.parametrize("case", FUNCTIONS, ids=str)
def test_what_the_delegate_lacks_is_written_with_what_it_has(case):
    function, *specs = FUNCTIONS[case]
    content, operator = converted(function, *specs), case.split(",", maxsplit=1)[0]
    assert operator in names(content)
    for seed in range(3):
        require_same(content, [drawn(spec, seed + place) for place, spec in enumerate(specs)])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.gather(x, tf.constant([[0, 1]]), axis=1),  # indices that are not of rows
        lambda x: tf.reverse(x, [1, 2]),
        lambda x: x[:, tf.newaxis, ..., 0],
        lambda x: tf.nn.top_k(x, 2)[0],
    ],
    ids=["gather", "reverse", "slice", "top"],
)
def test_what_cannot_be_rewritten_still_runs(function):
    content = converted(function, floats(2, 4, 3))
    x = drawn(floats(2, 4, 3), 0)
    np.testing.assert_array_equal(outputs(rewritten(content), [x]), outputs(content, [x]))


def test_an_older_slice_is_asked_for_where_none_of_booleans_is_left():
    """LiteRT's delegate knows none later than the second."""
    content = converted(lambda x: x[:, 2], booleans(3, 4))
    (slices,) = (
        code for code in unpacked(rewritten(content)).operatorCodes if code.builtinCode == 45
    )
    assert BUILTINS[45] == "STRIDED_SLICE"
    assert slices.version <= 2


def words():
    """A masked embedding large enough to be quantised, and layers that read both ways."""
    x = keras.Input((None,), dtype="int32", name="words")
    h = keras.layers.Embedding(60, 24, mask_zero=True)(x)
    model = keras.Model(x, layers.BRNN(layers.LSTM(UNITS, return_sequences=True))(h), name="toy")
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


def sentences():
    rng = np.random.default_rng(1)
    drawn = rng.integers(1, 60, (8, 1, TIME), dtype="int32")
    drawn[::2, :, TIME - 2 :] = 0
    return [{"words": array} for array in drawn]


@pytest.mark.parametrize("quantize", [None, "float16", "dynamic", "int8"])
def test_quantised_files_stay_as_they_are_to_the_bit(quantize):
    samples = sentences()
    content = Conversion(
        words(), {"words": (1, TIME)}, written_out, quantize=quantize, representative=samples
    ).converted()
    for sample in samples[:2]:
        require_same(content, [sample["words"]])


def test_a_file_that_the_delegate_does_not_take_is_refused_by_operator_reason_and_count():
    content = converted(lambda x: tf.argmax(x, -1) + tf.argmax(-x, -1), floats(1, 4))
    with pytest.raises(ExportError, match=r"ARG_MAX \(2\): it has no such operator"):
        require_gpu(content)


def test_a_model_that_cannot_be_rewritten_is_refused_and_not_kept(tmp_path):
    x = keras.Input((TIME, 3), name="x")
    model = keras.Model(x, keras.ops.top_k(layers.BasicRNN(UNITS)(x), 2)[0])
    with pytest.raises(ExportError, match="TOPK_V2"):
        to_tflite(model, tmp_path / "model.tflite", target="gpu", step=False)
    assert list(tmp_path.iterdir()) == []


def test_what_the_analyser_says_is_heeded_too(monkeypatch):
    def analyze(**arguments):
        print("GPU COMPATIBILITY WARNING: Not supported op TANH")

    monkeypatch.setattr(tf.lite.experimental.Analyzer, "analyze", analyze)
    with pytest.raises(ExportError, match="analyser refuses the file: .*TANH"):
        require_gpu(converted(tf.tanh, floats(1, 4)))


def test_the_shipped_tagger_is_taken(tmp_path):
    folder = shipped_folder("ner_bilstm")
    vocabulary = TaggingVocabulary.load(folder / "vocabulary.json")
    tokens = next(iter(read_conll(folder / "samples.conll"))).tokens[:12]
    path = tmp_path / "model.tflite"
    samples = vocabulary.encode([tokens], 12)
    report = to_tflite(load_model(folder), path, target="gpu", samples=samples)
    assert report.largest_difference <= 1e-5
    assert not refusals(unpacked(path.read_bytes()))
