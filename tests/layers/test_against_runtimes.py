"""The "current" peephole form against TensorFlow's fused operator and ONNX Runtime."""

import numpy as np
import pytest

from kerasrnn.layers import LSTM, PeepholeLSTM
from tests.reference.weights import assert_same, built, normal, weights_of

BATCH, TIME, FEATURES, UNITS = 3, 6, 4, 5
SHAPE = (BATCH, TIME, FEATURES)
LAYERS = [
    (PeepholeLSTM, {"output_peephole": "current"}),
    (LSTM, {}),
]


@pytest.fixture(params=LAYERS, ids=["peepholes", "plain"])
def layer(request):
    kind, arguments = request.param
    return built(kind(UNITS, return_sequences=True, return_state=True, **arguments), SHAPE)


def parts(layer, order):
    """Kernel, recurrent kernel and bias of a layer, gate by gate in another order."""
    weights = weights_of(layer.cell)
    column = {gate: k * UNITS for k, gate in enumerate(layer.cell.gates)}
    columns = np.concatenate([np.arange(column[gate], column[gate] + UNITS) for gate in order])
    names = ("kernel", "recurrent_kernel", "bias")
    peepholes = weights.get("peephole_kernel", np.zeros((3, UNITS)))
    return *(weights[name][..., columns].astype("float32") for name in names), dict(
        zip("ufo", peepholes.astype("float32"), strict=True)
    )


def example():
    x = normal(*SHAPE).astype("float32")
    return x, *(normal(BATCH, UNITS, seed=3 + k).astype("float32") for k in range(2))


@pytest.mark.tensorflow
def test_the_current_form_is_that_of_block_lstm(layer):
    import tensorflow as tf

    x, a, c = example()
    kernel, recurrent, bias, p = parts(
        layer, "ufco"
    )  # BlockLSTMV2 has i, f, c, o; the first BlockLSTM had i, c, f, o
    result = tf.raw_ops.BlockLSTMV2(
        seq_len_max=tf.constant(TIME, tf.int64),
        x=x.transpose(1, 0, 2),
        cs_prev=c,
        h_prev=a,
        w=np.concatenate([kernel, recurrent]),
        wci=p["u"],
        wcf=p["f"],
        wco=p["o"],
        b=bias,
        use_peephole=True,
        cell_clip=0.0,
    )
    outputs, memory = result.h.numpy(), result.cs.numpy()
    expected = [outputs.transpose(1, 0, 2), outputs[-1], memory[-1]]
    assert_same(layer(x, initial_state=[a, c]), expected, rtol=1e-5, atol=1e-6)


def onnx_model(layer):
    """One ONNX LSTM node with the layer's weights: order i, o, f, c; peepholes i, o, f."""
    onnx = pytest.importorskip("onnx")
    kernel, recurrent, bias, p = parts(layer, "uofc")
    tensors = {
        "W": kernel.T[None],
        "R": recurrent.T[None],
        "B": np.concatenate([bias, np.zeros_like(bias)])[None],
        "P": np.concatenate([p["u"], p["o"], p["f"]])[None],
    }
    floats = onnx.TensorProto.FLOAT
    node = onnx.helper.make_node(
        "LSTM", ["X", "W", "R", "B", "", "h", "c", "P"], ["Y", "Yh", "Yc"], hidden_size=UNITS
    )
    graph = onnx.helper.make_graph(
        [node],
        "lstm",
        [
            onnx.helper.make_tensor_value_info("X", floats, (TIME, BATCH, FEATURES)),
            onnx.helper.make_tensor_value_info("h", floats, (1, BATCH, UNITS)),
            onnx.helper.make_tensor_value_info("c", floats, (1, BATCH, UNITS)),
        ],
        [onnx.helper.make_tensor_value_info(name, floats, None) for name in ("Y", "Yh", "Yc")],
        [
            onnx.numpy_helper.from_array(np.ascontiguousarray(array), name)
            for name, array in tensors.items()
        ],
    )
    opset = [onnx.helper.make_opsetid("", 14)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=8)
    return model.SerializeToString()


def test_the_current_form_is_that_of_onnx_runtime(layer):
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(onnx_model(layer), providers=["CPUExecutionProvider"])
    x, a, c = example()
    feeds = {"X": x.transpose(1, 0, 2), "h": a[None], "c": c[None]}
    outputs, last, memory = session.run(None, feeds)
    expected = [outputs[:, 0].transpose(1, 0, 2), last[0], memory[0]]
    assert_same(layer(x, initial_state=[a, c]), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.tensorflow
def test_the_previous_form_differs_from_block_lstm():
    layer = built(PeepholeLSTM(UNITS, return_sequences=True, return_state=True), SHAPE)
    with pytest.raises(AssertionError):
        test_the_current_form_is_that_of_block_lstm(layer)
