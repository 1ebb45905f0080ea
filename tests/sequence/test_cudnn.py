"""cuDNN's way without a GPU: its layout, its equations, and where it is taken.

The operation is written out here from cuDNN's reference, which gives the order of a layer's
matrices and the equations; what it gives is compared with the plain loop.
"""

import itertools
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from kerasrnn import cells, layers
from kerasrnn.sequence import engine, run

tf = pytest.importorskip("tensorflow")
from kerasrnn.sequence._tensorflow_cudnn import fits_cudnn, run_cudnn  # noqa: E402

pytestmark = pytest.mark.tensorflow

ROWS, TIME, FEATURES, UNITS = 3, 5, 4, 2
LAYERS = {
    "lstm": lambda **options: layers.LSTM(UNITS, **options),
    "gru": lambda **options: layers.FullGRU(UNITS, reset_after=True, **options),
}


class OwnLSTMCell(cells.LSTMCell):
    """A cell whose step need not be that of the class that cuDNN has."""


class OwnLSTM(layers.LSTM):
    cell_class = OwnLSTMCell


RIGHT = np.arange(TIME) < np.array([[5], [2], [1]])
MASKS = {
    "none": None,
    "right": RIGHT,
    "left": RIGHT[:, ::-1],
    "hole": np.array([[1, 1, 0, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]], bool),
    "an empty row": np.arange(TIME) < np.array([[5], [0], [1]]),
}


def written_out(
    *, input, input_h, input_c, params, sequence_lengths, rnn_mode, time_major, is_training
):
    """`CudnnRNNV3` of one layer and direction, batch first."""
    assert not time_major
    assert is_training
    tf.debugging.assert_positive(sequence_lengths)
    features, units = input.shape[-1], input_h.shape[-1]
    gates = {"lstm": 4, "gru": 3}[rnn_mode]
    sizes = [*[units * features] * gates, *[units * units] * gates, *[units] * 2 * gates]
    pieces = iter(tf.split(params, sizes))

    def take(*shape):
        return [tf.reshape(piece, shape) for piece in itertools.islice(pieces, gates)]

    w, r, b_w, b_r = take(units, features), take(units, units), take(units), take(units)
    h, c, outputs = input_h[:, 0], input_c, []
    if rnn_mode == "lstm":
        c = c[:, 0]
    for t in range(input.shape[1]):
        x = [tf.matmul(input[:, t], w[k], transpose_b=True) + b_w[k] for k in range(gates)]
        z = [tf.matmul(h, r[k], transpose_b=True) + b_r[k] for k in range(gates)]
        if rnn_mode == "lstm":
            i, f, o = (tf.sigmoid(x[k] + z[k]) for k in (0, 1, 3))
            new_c = f * c + i * tf.tanh(x[2] + z[2])
            new_h = o * tf.tanh(new_c)
        else:
            reset, update = (tf.sigmoid(x[k] + z[k]) for k in (0, 1))
            new_h = (1 - update) * tf.tanh(x[2] + reset * z[2]) + update * h
            new_c = c
        real = (t < sequence_lengths)[:, None]
        h = tf.where(real, new_h, h)
        c = tf.where(real, new_c, c) if rnn_mode == "lstm" else c
        outputs.append(tf.where(real, h, tf.zeros_like(h)))
    last_c = c[:, None] if rnn_mode == "lstm" else c
    return tf.stack(outputs, 1), h[:, None], last_c, None, None


@pytest.fixture
def gpu(monkeypatch):
    """TensorFlow as if it had a GPU."""
    found = [SimpleNamespace(device_type="GPU")]
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind=None: found)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: found)
    monkeypatch.setattr(tf.sysconfig, "get_build_info", lambda: {"is_cuda_build": True})


def work_of(layer, mask, way="auto", **options):
    """A function of the inputs and states: outputs and states, and gradients of everything."""
    weights = [weight.value for weight in layer.trainable_weights]

    @tf.function(**options)
    def work(x, *states):
        with tf.GradientTape() as tape, engine(way):
            tape.watch([x, *states])
            found = layer(x, initial_state=list(states), mask=mask, training=True)
            total = tf.add_n([tf.reduce_sum(tf.sin(tensor)) for tensor in found])
        return found, tape.gradient(total, [x, *states, *weights])

    return work


def called(layer, x, mask, states, way="auto"):
    """What `work_of` gives, flat."""
    return tf.nest.flatten(work_of(layer, mask, way)(x, *states))


def operations_of(layer, name, mask=None, time=TIME, **options):
    """The types of all operations in the graph of `work_of`, and of the functions in it."""
    layer.build((ROWS, time, FEATURES))
    states = [tf.TensorSpec((ROWS, UNITS), layer.compute_dtype)] * {"lstm": 2, "gru": 1}[name]
    x = tf.TensorSpec((ROWS, time, FEATURES), layer.compute_dtype)
    return operations(work_of(layer, mask, **options).get_concrete_function(x, *states).graph)


def data(name):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, TIME, FEATURES)).astype("float32")
    count = {"lstm": 2, "gru": 1}[name]
    return x, [rng.normal(size=(ROWS, UNITS)).astype("float32") for _ in range(count)]


def made(name, **options):
    keras.utils.set_random_seed(1)
    layer = LAYERS[name](
        bias_initializer="random_normal", return_sequences=True, return_state=True, **options
    )
    layer.build((ROWS, TIME, FEATURES))
    return layer


def operations(graph):
    """The types of all operations of a graph and of the functions in it."""
    functions = graph.as_graph_def().library.function
    inside = {node.op for function in functions for node in function.node_def}
    return inside | {operation.type for operation in graph.get_operations()}


@pytest.mark.long
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_its_numbers_are_those_of_the_loop(name, go_backwards, mask, gpu, monkeypatch):
    zero = go_backwards == (name == "lstm")  # with each mask and direction, for one of the two
    monkeypatch.setattr(tf.raw_ops, "CudnnRNNV3", written_out)
    layer = made(name, go_backwards=go_backwards, zero_output_for_mask=zero)
    x, states = data(name)
    found = called(layer, x, MASKS[mask], states)
    assert "; by cuDNN" in layer.last_way
    expected = called(layer, x, MASKS[mask], states, way="loop")
    assert "cuDNN" not in layer.last_way
    for ours, loops in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, loops, atol=2e-6)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("mask", MASKS)
def test_it_reads_rows_padded_on_the_right_and_turned_ones_on_the_left(mask, turned):
    x, _ = data("lstm")
    expected = mask in ({"none", "left"} if turned else {"none", "right", "an empty row"})
    assert bool(fits_cudnn(tf.constant(x), MASKS[mask], turned)) == expected


@pytest.mark.parametrize(("mask", "turned"), [("right", False), ("left", True)])
@pytest.mark.parametrize("name", LAYERS)
def test_what_it_makes_of_padded_rows_is_what_the_loop_does(name, mask, turned, monkeypatch):
    monkeypatch.setattr(tf.raw_ops, "CudnnRNNV3", written_out)
    layer = made(name)
    x, states = data(name)
    expected = run(layer.cell, tf.constant(x), states, mask=tf.constant(MASKS[mask]))
    weights = [weight.value for weight in layer.cell.weights]
    last, outputs, last_states = run_cudnn(
        layer.cell, tf.constant(x), states, MASKS[mask], weights, False, turned
    )
    for ours, loops in zip(
        [last, outputs, *last_states],
        [expected.last_output, expected.outputs, *expected.states],
        strict=True,
    ):
        np.testing.assert_allclose(ours, loops, atol=2e-6)


@pytest.mark.parametrize("time", [TIME, None])
@pytest.mark.parametrize("mask", ["none", "right"])
@pytest.mark.parametrize("name", LAYERS)
def test_tensorflow_takes_the_operation_and_has_its_gradient(name, mask, time, gpu):
    found = operations_of(made(name), name, MASKS[mask], time)
    assert found >= {"CudnnRNNV3", "CudnnRNNBackpropV3"}


@pytest.mark.parametrize("mask", ["none", "right"])
def test_it_is_taken_in_half_precision_too(mask, gpu):
    assert "CudnnRNNV3" in operations_of(made("lstm", dtype="mixed_float16"), "lstm", MASKS[mask])


@pytest.mark.parametrize("name", LAYERS)
def test_keras_compiles_no_graph_around_it_and_fit_trains_as_in_the_loop(name, gpu, monkeypatch):
    monkeypatch.setattr(tf.raw_ops, "CudnnRNNV3", written_out)
    weights = []
    for way in ("auto", "loop"):
        keras.utils.set_random_seed(3)
        layer = LAYERS[name]()
        model = keras.Sequential([layer, keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        with engine(way):
            model.fit(data(name)[0], np.ones((ROWS, 1)), epochs=2, verbose=0)
        assert not model.jit_compile
        assert ("; by cuDNN" in layer.last_way) == (way == "auto")
        weights.append(model.get_weights())
    for ours, loops in zip(*weights, strict=True):
        np.testing.assert_allclose(ours, loops, atol=2e-6)


def test_keras_may_compile_the_graph_around_where_it_is_not_taken(gpu):
    assert not layers.LSTM(UNITS).supports_jit
    assert layers.LSTM(UNITS, use_cudnn=False).supports_jit
    assert layers.PeepholeLSTM(UNITS).supports_jit
    assert layers.FullGRU(UNITS).supports_jit


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (lambda: layers.LSTM(UNITS, use_cudnn=False), "not asked for"),
        (lambda: layers.LSTM(UNITS, activation="relu"), "no activations but"),
        (lambda: layers.LSTM(UNITS, recurrent_activation="hard_sigmoid"), "no activations but"),
        (lambda: layers.LSTM(UNITS, use_bias=False), "has a bias"),
        (lambda: layers.LSTM(UNITS, recurrent_dropout=0.5), "no recurrent dropout"),
        (lambda: layers.LSTM(UNITS, dtype="mixed_bfloat16"), "not used with bfloat16"),
        (lambda: layers.PeepholeLSTM(UNITS), "no such cell"),
        (lambda: OwnLSTM(UNITS), "no such cell"),
        (lambda: layers.RNN(layers.LSTM(UNITS).cell), "not asked for"),
        (lambda: layers.FullGRU(UNITS), "no such cell"),
    ],
)
def test_where_it_is_not_taken_the_layer_says_why(layer, reason, gpu):
    layer = layer()
    layer.return_state = True
    found = operations_of(layer, "gru" if isinstance(layer, layers.FullGRU) else "lstm")
    assert not any("Cudnn" in operation for operation in found)
    assert reason in layer.last_way.split("not by cuDNN: ")[1]


def test_it_is_not_taken_by_a_graph_that_xla_compiles(gpu):
    layer = made("lstm")
    found = operations_of(layer, "lstm", jit_compile=True)
    assert not any("Cudnn" in operation for operation in found)
    assert layer.last_way.endswith("not by cuDNN: XLA, which compiles the graph around, has none")


@pytest.mark.parametrize("way", ["loop", "recompute"])
def test_it_is_not_taken_in_another_engine(way, gpu):
    assert not any("Cudnn" in found for found in operations_of(made("lstm"), "lstm", way=way))


def test_it_is_not_taken_by_a_graph_that_may_be_exported(gpu):
    layer = made("lstm")
    infer = tf.function(lambda x: layer(x, training=False))
    graph = infer.get_concrete_function(tf.zeros((ROWS, TIME, FEATURES))).graph
    assert not any("Cudnn" in operation for operation in operations(graph))


def test_it_is_not_taken_without_a_gpu_nor_on_one_of_another_make(gpu, monkeypatch):
    monkeypatch.setattr(tf.sysconfig, "get_build_info", lambda: {"is_cuda_build": False})
    assert not any("Cudnn" in found for found in operations_of(made("lstm"), "lstm"))
    monkeypatch.undo()
    layer = made("lstm")
    assert not any("Cudnn" in found for found in operations_of(layer, "lstm"))
    assert "cuDNN" not in layer.last_way
