"""LiteRT's sequence LSTM in the place of a marked sequence."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from kerasrnn import cells, layers
from kerasrnn.export import ExportError
from kerasrnn.export._flatbuffer import packed, unpacked
from kerasrnn.export._fused_mark import fused, reason_against_fused
from kerasrnn.export._fused_operators import swap_fused
from kerasrnn.export._litert import operator_names
from kerasrnn.export._merge import merge_equal
from kerasrnn.sequence import engine
from kerasrnn.sequence._lowering import Sequence, lowered

TIME, FEATURES, UNITS = 7, 3, 4
ONE_WAY, BOTH_WAYS = "UNIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_LSTM"
SEQUENCES = {"return_sequences": True}


def peephole(units=UNITS, **arguments):
    return layers.PeepholeLSTM(units, output_peephole="current", **arguments)


def make(*stack, time=TIME, features=FEATURES, seed=0):
    """Layers one above the other, of random asymmetric weights."""
    x = h = keras.Input((time, features), name="x")
    for layer in stack:
        h = layer(h)
    model = keras.Model(x, h)
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.6, w.shape) for w in model.get_weights()])
    return model


def draw(model, rows=1, seed=1):
    shape = (rows, *model.inputs[0].shape[1:])
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def convert(model, folder, rows=1, quantize=None, call=None):
    """The converter's file, with the marks in it."""
    constants = [(variable, tf.constant(variable.numpy())) for variable in model.variables]
    specs = [tf.TensorSpec((rows, *model.inputs[0].shape[1:]), name="x")]

    @tf.function(input_signature=specs, autograph=False)
    def serve(x):
        with keras.StatelessScope(state_mapping=constants), engine("loop"), lowered(fused):
            return {"y": (call or model)(x)}

    module = tf.Module()
    module.serve = serve
    tf.saved_model.save(module, str(folder), signatures=serve.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if quantize is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantize == "float16":
        converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def export(model, folder, rows=1, quantize=None, call=None):
    """The file with LiteRT's operations in the places of the marks."""
    content = unpacked(convert(model, folder, rows, quantize, call))
    swap_fused(content, int8_weights=quantize == "dynamic")
    merge_equal(content)
    (folder / "model.tflite").write_bytes(packed(content))
    return folder / "model.tflite"


class Runner:
    def __init__(self, path):
        self._interpreter = Interpreter(str(path), num_threads=1)
        self._interpreter.allocate_tensors()
        self._runner = self._interpreter.get_signature_runner()

    def __call__(self, x, reset=True):
        if reset:
            self._interpreter.reset_all_variables()
        return self._runner(x=x)["y"]


def require_same(received, expected):
    expected = np.asarray(expected)
    assert received.shape == expected.shape
    assert np.abs(expected).max() > 0.05  # there was something to compare
    assert np.all(np.abs(received - expected) <= 1e-5 * np.maximum(1, np.abs(expected)))


def names_in(path):
    return sorted(name for name in operator_names(path) if name.endswith("SEQUENCE_LSTM"))


STACKS = {
    "all outputs": ([lambda: layers.LSTM(UNITS, **SEQUENCES)], [ONE_WAY]),
    "last output": ([lambda: peephole(5)], [ONE_WAY]),
    "without bias": ([lambda: layers.LSTM(UNITS, use_bias=False)], [ONE_WAY]),
    "a cell in RNN": ([lambda: layers.RNN(cells.LSTMCell(UNITS))], [ONE_WAY]),
    "backwards": ([lambda: peephole(go_backwards=True, **SEQUENCES)], [ONE_WAY]),
    "backwards, last output": ([lambda: layers.LSTM(UNITS, go_backwards=True)], [ONE_WAY]),
    "both ways": ([lambda: layers.BRNN(peephole(**SEQUENCES))], [BOTH_WAYS]),
    "both ways, last output": ([lambda: layers.BRNN(layers.LSTM(UNITS))], [BOTH_WAYS]),
    "of two widths": (
        [
            lambda: layers.BRNN(
                peephole(3, **SEQUENCES),
                backward_layer=layers.LSTM(5, go_backwards=True, **SEQUENCES),
            )
        ],
        [ONE_WAY],  # LiteRT's operation for both ways wants one width
    ),
    "deep": (
        [lambda: layers.DeepRNN([layers.BRNN(peephole()), layers.LSTM(6)], **SEQUENCES)],
        [BOTH_WAYS, ONE_WAY],
    ),
}
EVERY_STACK = {"argvalues": STACKS.values(), "ids": STACKS}


@pytest.mark.long
@pytest.mark.parametrize(("stack", "names"), **EVERY_STACK)
@pytest.mark.parametrize("rows", [1, 3])
def test_it_computes_what_keras_computes(stack, names, rows, tmp_path):
    model = make(*(factory() for factory in stack))
    path = export(model, tmp_path, rows)
    assert names_in(path) == names
    assert not [name for name in operator_names(path) if name.startswith(("CUSTOM", "WHILE"))]
    run = Runner(path)
    for seed in (1, 2):
        require_same(run(draw(model, rows, seed)), model(draw(model, rows, seed)))


@pytest.mark.parametrize(("features", "units", "time"), [(1, 1, 1), (9, 2, 3), (2, 33, 40)])
@pytest.mark.parametrize("both", [False, True])
def test_any_size_will_do(features, units, time, both, tmp_path):
    layer = peephole(units, **SEQUENCES)
    model = make(layers.BRNN(layer) if both else layer, time=time, features=features)
    require_same(Runner(export(model, tmp_path))(draw(model)), model(draw(model)))


def test_states_stay_from_run_to_run_until_variables_are_reset(tmp_path):
    model = make(layers.LSTM(UNITS, **SEQUENCES))
    run = Runner(export(model, tmp_path))
    x = draw(model)
    twice = np.asarray(model.layers[-1](np.concatenate([x, x], axis=1)))
    require_same(run(x), twice[:, :TIME])
    require_same(run(x, reset=False), twice[:, TIME:])
    require_same(run(x), twice[:, :TIME])


def test_a_bidirectional_layer_takes_no_reversals(tmp_path):
    path = export(make(layers.BRNN(peephole(**SEQUENCES))), tmp_path)
    assert sorted(operator_names(path)) == [BOTH_WAYS, "CONCATENATION"]


def test_a_backward_layer_turns_its_input_alone(tmp_path):
    path = export(make(layers.LSTM(UNITS, go_backwards=True, **SEQUENCES)), tmp_path)
    (subgraph,) = unpacked(path.read_bytes()).subgraphs
    assert len(subgraph.operators) == 2
    assert sorted(operator_names(path)) == ["REVERSE_V2", ONE_WAY]


def test_a_layer_that_is_called_twice_keeps_the_weights_once(tmp_path):
    shared = layers.LSTM(32)
    x = keras.Input((TIME, FEATURES), name="x")
    once, twice = keras.Model(x, shared(x)), keras.Model(x, shared(x) + shared(2.0 * x))
    run = Runner(path := export(twice, tmp_path))
    require_same(run(draw(twice)), twice(draw(twice)))
    (tmp_path / "once").mkdir()
    alone = export(once, tmp_path / "once")
    weights = 4 * sum(w.size for w in shared.get_weights())
    assert path.stat().st_size < alone.stat().st_size + weights / 2


def weights_in(path):
    """Dictionary from the ends of names of constant tensors to arrays as they are stored."""
    model = unpacked(path.read_bytes())
    found = {}
    for tensor in model.subgraphs[0].tensors:
        data = model.buffers[tensor.buffer].data
        if data is not None:
            kind = {
                schema.TensorType.FLOAT32: "float32",
                schema.TensorType.FLOAT16: "float16",
                schema.TensorType.INT8: "int8",
                schema.TensorType.INT32: "int32",
            }[tensor.type]
            array = np.asarray(data, np.uint8).view(kind).reshape(tensor.shape)
            scale = tensor.quantization.scale[0] if kind == "int8" else None
            found[tensor.name.decode().split("/", 1)[-1]] = (array, scale)
    return found


# 40 features: the converter itself leaves matrices of fewer than 1,024 numbers as they are.
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("rows", [1, 3])
def test_int8_weights_are_rounded_and_computed_with(both, rows, tmp_path):
    layer = peephole(16, **SEQUENCES)
    model = make(layers.BRNN(layer) if both else layer, features=40)
    path = export(model, tmp_path, rows, "dynamic")
    assert names_in(path) == [BOTH_WAYS if both else ONE_WAY]
    x = 0.2 * draw(model, rows)
    received, expected = Runner(path)(x), np.asarray(model(x))
    # Two roundings to 1/127 of the largest number: of weights and of what they are multiplied by.
    assert 1e-5 < np.abs(received - expected).max() < 2 / 127 * np.abs(expected).max() * 2


def test_int8_weights_are_within_half_a_step_of_the_models(tmp_path):
    layer = peephole(16, **SEQUENCES)
    model = make(layer, features=40)
    stored = weights_in(export(model, tmp_path, quantize="dynamic"))
    kernel, recurrent, bias, peepholes = model.get_weights()
    expected = {}
    for place, gate in enumerate(("input", "forget", "cell", "output")):
        columns = slice(16 * place, 16 * (place + 1))
        expected[f"input_to_{gate}"] = kernel[:, columns].T
        expected[f"recurrent_to_{gate}"] = recurrent[:, columns].T
        array, scale = stored[f"{gate}_bias"]
        assert scale is None
        np.testing.assert_array_equal(array, bias[columns])
    for row, gate in zip(peepholes, ("input", "forget", "output"), strict=True):
        expected[f"cell_to_{gate}"] = row
    for name, weights in expected.items():
        array, scale = stored[name]
        assert array.dtype == np.int8
        assert np.abs(array.astype(int)).max() == 127
        np.testing.assert_allclose(array * scale, weights, rtol=0, atol=0.5001 * scale)


def test_time_comes_first_where_older_kernels_take_it_to_be(tmp_path):
    model = make(layers.BRNN(layers.LSTM(UNITS, **SEQUENCES)))
    for quantize, first in ((None, False), ("dynamic", True)):
        (tmp_path / str(first)).mkdir()
        path = export(model, tmp_path / str(first), rows=3, quantize=quantize)
        (subgraph,) = unpacked(path.read_bytes()).subgraphs
        (options,) = (
            operator.builtinOptions
            for operator in subgraph.operators
            if isinstance(operator.builtinOptions, schema.BidirectionalSequenceLSTMOptionsT)
        )
        assert options.timeMajor == first


def test_a_matrix_of_zeros_is_stored_in_int8(tmp_path):
    model = make(layers.LSTM(UNITS, **SEQUENCES))
    kernel, _, bias = model.get_weights()
    model.set_weights([kernel, np.zeros((UNITS, 4 * UNITS)), bias])
    y = Runner(export(model, tmp_path, quantize="dynamic"))(draw(model))
    np.testing.assert_allclose(y, model(draw(model)), atol=0.05)


@pytest.mark.parametrize("both", [False, True])
def test_float16_matrices_give_what_keras_gives_with_rounded_weights(both, tmp_path):
    layer = peephole(16, **SEQUENCES)
    model = make(layers.BRNN(layer) if both else layer)
    path = export(model, tmp_path, quantize="float16")
    matrices = [array for array, _ in weights_in(path).values() if array.ndim == 2]
    assert {array.dtype for array in matrices} == {np.dtype("float16")}
    assert len(matrices) == (16 if both else 8)
    model.set_weights([w.astype("float16").astype("float32") for w in model.get_weights()])
    require_same(Runner(path)(draw(model)), model(draw(model)))


def test_what_was_marked_leaves_nothing_behind(tmp_path):
    path = export(make(peephole(32)), tmp_path)
    content = path.read_bytes()
    assert b"kerasrnn.sequence_lstm" not in content
    weights = 4 * (FEATURES * 128 + 32 * 128 + 128 + 3 * 32)
    assert len(content) < 1.5 * weights  # they are there once, not as the converter had them too


def test_a_file_without_marks_computes_what_it_did(tmp_path):
    model = make(keras.layers.Dense(5, activation="tanh"))
    require_same(Runner(export(model, tmp_path))(draw(model)), model(draw(model)))


REFUSED = {
    "a GRU": (lambda: layers.FullGRU(UNITS, name="mine"), "LSTMs alone, none for a FullGRUCell"),
    "previous": (lambda: layers.PeepholeLSTM(UNITS, name="mine"), "output_peephole='current'"),
    "activation": (lambda: layers.LSTM(UNITS, "relu", name="mine"), "but tanh and sigmoid"),
    "gates": (
        lambda: layers.LSTM(UNITS, recurrent_activation="hard_sigmoid", name="mine"),
        "but tanh and sigmoid",
    ),
    "precision": (
        lambda: layers.LSTM(UNITS, dtype="mixed_bfloat16", name="mine"),
        "computes in float32, not in bfloat16",
    ),
}


@pytest.mark.parametrize(("factory", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_the_operation_does_not_compute_is_refused(factory, reason, tmp_path):
    model = make(factory())
    with pytest.raises(ExportError, match=f"'mine' cannot be LiteRT's.*{reason}.*lowering='auto'"):
        export(model, tmp_path)


def test_a_cell_of_ones_own_is_refused_though_it_is_an_lstm():
    class Halved(cells.LSTMCell):
        def step(self, projected, states, matmul):
            return super().step(projected / 2, states, matmul)

    assert "none for a Halved" in reason_of(Halved(UNITS))


def reason_of(cell, **changes):
    cell.build((None, FEATURES))
    x = np.zeros((1, TIME, FEATURES), "float32")
    states = cell.get_initial_state(batch_size=1)
    sequence = Sequence(cell, x, states, mask=None, go_backwards=False, at_rest=True)
    return reason_against_fused(sequence._replace(**changes))


def test_the_reason_is_told_without_an_export():
    assert reason_of(cells.LSTMCell(UNITS)) is None
    assert reason_of(cells.LSTMCell(UNITS), go_backwards=True) is None
    assert "knows no mask" in reason_of(cells.LSTMCell(UNITS), mask=np.ones((1, TIME), bool))
    assert "starts at zero" in reason_of(cells.LSTMCell(UNITS), at_rest=False)


def test_a_mask_is_refused(tmp_path):
    model = make(keras.layers.Masking(), peephole(name="mine"))
    with pytest.raises(ExportError, match="'mine' .* it knows no mask; .* leave the mask out"):
        export(model, tmp_path)


def test_states_that_are_given_are_refused(tmp_path):
    layer = layers.LSTM(UNITS, name="mine")
    model = make(layer)
    given = [tf.ones((1, UNITS)), tf.ones((1, UNITS))]
    with pytest.raises(ExportError, match="'mine' .* starts at zero states; leave out"):
        export(model, tmp_path, call=lambda x: layer(x, initial_state=given))


def with_states(shown):
    x = keras.Input((TIME, FEATURES), name="x")
    outputs = layers.LSTM(UNITS, return_state=True, name="mine")(x)
    model = keras.Model(x, outputs[shown])
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.6, w.shape) for w in model.get_weights()])
    return model


def test_the_last_cell_state_is_refused(tmp_path):
    with pytest.raises(ExportError, match="'mine' .* keeps its last cell state to itself; leave"):
        export(with_states(2), tmp_path)


def test_the_last_output_as_a_state_is_given(tmp_path):
    model = with_states(1)
    require_same(Runner(export(model, tmp_path))(draw(model)), model(draw(model)))


def test_a_loop_around_it_is_refused_as_its_states_would_go_on(tmp_path):
    model = make(layers.LSTM(FEATURES, name="mine", **SEQUENCES))

    def three_times(x):
        return tf.while_loop(lambda n, _: n < 3, lambda n, x: (n + 1, model(x)), (0, x))[1]

    with pytest.raises(ExportError, match="'mine' .* inside a loop or a branch"):
        export(model, tmp_path, call=three_times)
