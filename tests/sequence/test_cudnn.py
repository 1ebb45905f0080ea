"""cuDNN's way without a GPU: its layout, its equations, and where it is taken.

The operation is written out here from cuDNN's reference, which gives the order of a layer's
matrices and the equations; what it gives is compared with the plain loop.
"""

import itertools

import keras
import numpy as np
import pytest

from kerasrnn import layers
from kerasrnn.sequence import engine

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

ROWS, TIME, FEATURES, UNITS = 3, 5, 4, 2
LAYERS = {
    "lstm": lambda **options: layers.LSTM(UNITS, **options),
    "gru": lambda **options: layers.FullGRU(UNITS, reset_after=True, **options),
}
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
    features, units = input.shape[-1], input_h.shape[-1]
    gates = {"lstm": 4, "gru": 3}[rnn_mode]
    sizes = [*[units * features] * gates, *[units * units] * gates, *[units] * 2 * gates]
    pieces = iter(tf.split(params, sizes))
    take = lambda *shape: [  # noqa: E731
        tf.reshape(piece, shape) for piece in itertools.islice(pieces, gates)
    ]
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
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind=None: [f"{kind}:0"])


def called(layer, x, mask, states, way="auto", **options):
    """Outputs and states, and gradients of everything, in a graph."""
    if not layer.built:
        layer.build(x.shape)
    weights = [weight.value for weight in layer.trainable_weights]
    wanted = [tf.constant(x), *map(tf.constant, states), *weights]

    @tf.function(**options)
    def work(x, *states):
        with tf.GradientTape() as tape, engine(way):
            tape.watch([x, *states])
            found = layer(x, initial_state=list(states), mask=mask, training=True)
            total = tf.add_n([tf.reduce_sum(tf.sin(tensor)) for tensor in found])
        return found, tape.gradient(total, [x, *states, *weights])

    if options or way == "graph":
        return work.get_concrete_function(*wanted[: 1 + len(states)]).graph
    return tf.nest.flatten(work(*wanted[: 1 + len(states)]))


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


@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_its_numbers_are_those_of_the_loop(name, go_backwards, mask, zero, gpu, monkeypatch):
    monkeypatch.setattr(tf.raw_ops, "CudnnRNNV3", written_out)
    layer = made(name, go_backwards=go_backwards, zero_output_for_mask=zero)
    x, states = data(name)
    found = called(layer, x, MASKS[mask], states)
    assert "by cuDNN" in layer.last_way
    expected = called(layer, x, MASKS[mask], states, way="loop")
    assert "cuDNN" not in layer.last_way
    for ours, loops in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, loops, atol=2e-6)


@pytest.mark.parametrize("mask", ["none", "right"])
@pytest.mark.parametrize("name", LAYERS)
def test_tensorflow_takes_the_operation_and_has_its_gradient(name, mask, gpu):
    x, states = data(name)
    graph = called(made(name), x, MASKS[mask], states, reduce_retracing=False)
    assert operations(graph) >= {"CudnnRNNV3", "CudnnRNNBackpropV3"}


def test_it_is_taken_in_half_precision_too(gpu):
    layer = made("lstm", dtype="mixed_float16")
    x, states = data("lstm")
    graph = called(layer, x, None, states, reduce_retracing=False)
    assert "CudnnRNNV3" in operations(graph)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.LSTM(UNITS, use_cudnn=False, return_state=True),
        lambda: layers.LSTM(UNITS, activation="relu", return_state=True),
        lambda: layers.LSTM(UNITS, recurrent_activation="hard_sigmoid", return_state=True),
        lambda: layers.LSTM(UNITS, use_bias=False, return_state=True),
        lambda: layers.LSTM(UNITS, recurrent_dropout=0.5, return_state=True),
        lambda: layers.LSTM(UNITS, dtype="mixed_bfloat16", return_state=True),
        lambda: layers.LSTM(UNITS, unroll=True, return_state=True),
        lambda: layers.PeepholeLSTM(UNITS, return_state=True),
        lambda: layers.RNN(layers.LSTM(UNITS).cell, return_state=True),
        lambda: layers.FullGRU(UNITS, return_state=True),
    ],
)
def test_it_is_not_taken_where_it_cannot_be_or_should_not(layer, gpu):
    layer = layer()
    x, states = data("gru" if isinstance(layer, layers.FullGRU) else "lstm")
    graph = called(layer, x, None, states, reduce_retracing=False)
    assert not any("Cudnn" in operation for operation in operations(graph))


def test_it_is_not_taken_by_a_graph_that_xla_compiles(gpu):
    x, states = data("lstm")
    graph = called(made("lstm"), x, None, states, jit_compile=True)
    assert not any("Cudnn" in operation for operation in operations(graph))


def test_it_is_not_taken_by_a_graph_that_may_be_exported(gpu):
    layer = made("lstm")
    infer = tf.function(lambda x: layer(x, training=False))
    graph = infer.get_concrete_function(tf.zeros((ROWS, TIME, FEATURES))).graph
    assert not any("Cudnn" in operation for operation in operations(graph))


def test_it_is_not_taken_without_a_gpu():
    x, states = data("lstm")
    graph = called(made("lstm"), x, None, states, reduce_retracing=False)
    assert not any("Cudnn" in operation for operation in operations(graph))
