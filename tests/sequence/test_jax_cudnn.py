"""cuDNN's LSTM on JAX: its layout and where it is taken, without a GPU; its numbers, with one.

Without a GPU JAX's reference of its operation, in plain JAX, stands in its place. The tests at the
end run the operation itself where there is a GPU (see `benchmarks/gpu.py`), and are skipped
elsewhere.
"""

import inspect

import keras
import numpy as np
import pytest

from kerasrnn import cells, layers
from kerasrnn.sequence import engine

if keras.backend.backend() != "jax":
    pytest.skip("the backend is not JAX", allow_module_level=True)
import jax
from jax.experimental import rnn

from kerasrnn.sequence import _jax_cudnn

HAS_GPU = _jax_cudnn.has_gpu()
on_a_gpu = pytest.mark.skipif(not HAS_GPU, reason="there is no GPU")
ROWS, TIME, FEATURES, UNITS = 3, 5, 4, 2
MASK = np.arange(TIME) < np.array([[5], [2], [1]])
_signature = inspect.signature(rnn.lstm)


class OwnLSTMCell(cells.LSTMCell):
    """A cell whose step need not be that of the class that cuDNN has."""


class OwnLSTM(layers.LSTM):
    cell_class = OwnLSTMCell


def written_out(*arguments, **named):
    """`jax.experimental.rnn.lstm` by its reference."""
    given = _signature.bind(*arguments, **named).arguments
    x, h, c, weights, lengths = list(given.values())[:5]
    sizes = given["input_size"], given["hidden_size"], given["num_layers"]
    assert {tensor.dtype.name for tensor in (x, h, c, weights)} == {"float32"}
    assert given["dropout"] == 0.0
    assert given.get("precision") is None
    count = rnn.get_num_params_in_lstm(*sizes, given["bidirectional"])
    assert weights.shape == (count,)
    parts = rnn.unpack_lstm_weights(weights, *sizes, given["bidirectional"])
    return rnn.lstm_ref(x, h, c, *parts, lengths, *sizes, 0.0, given["bidirectional"])


@pytest.fixture
def gpu(monkeypatch):
    """JAX as if it had a GPU, with the reference in place of the operation."""
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    monkeypatch.setattr(rnn, "lstm", written_out)
    with jax.default_matmul_precision("highest"):  # where there is one indeed
        yield


def data(rows=ROWS, time=TIME, features=FEATURES, units=UNITS, dtype="float32"):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, time, features)).astype(dtype)
    return x, [rng.normal(size=(rows, units)).astype(dtype) for _ in range(2)]


def made(units=UNITS, features=FEATURES, **options):
    keras.utils.set_random_seed(1)
    options = {"return_sequences": True, "return_state": True, **options}
    layer = layers.LSTM(units, bias_initializer="random_normal", **options)
    layer.build((None, None, features))
    return layer


def called(layer, x, states, way="auto", mask=None):
    """Outputs and states, and gradients of the input, the states and the weights; flat."""
    weights = [weight.value for weight in layer.trainable_variables]
    others = [variable.value for variable in layer.non_trainable_variables]

    def loss(x, states, weights):
        with engine(way):
            found, _ = layer.stateless_call(
                weights, others, x, initial_state=states, mask=mask, training=True
            )
        return sum(jax.numpy.sin(tensor).sum() for tensor in found), found

    work = jax.jit(jax.grad(loss, argnums=(0, 1, 2), has_aux=True))
    return [np.asarray(tensor) for tensor in jax.tree.leaves(work(x, states, weights))]


@pytest.mark.parametrize("go_backwards", [False, True])
def test_its_numbers_are_those_of_the_loop(go_backwards, gpu):
    layer = made(go_backwards=go_backwards)
    found = called(layer, *data())
    assert layer.last_way == "compiled: JAX has a GPU; by cuDNN"
    expected = called(layer, *data(), way="loop")
    assert layer.last_way == 'loop: engine("loop")'
    for ours, loops in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, loops, atol=2e-6)


def test_an_eager_call_takes_it_and_returns_the_last_output(gpu):
    layer = layers.LSTM(UNITS, bias_initializer="random_normal")
    x, _ = data()
    found = np.asarray(layer(x))
    assert "by cuDNN" in layer.last_way
    with engine("loop"):
        expected = np.asarray(layer(x))
    assert "cuDNN" not in layer.last_way
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_both_directions_take_it(gpu):
    layer = layers.BRNN(layers.LSTM(UNITS))
    layer(data()[0])
    assert [line.endswith("by cuDNN") for line in layer.last_way.splitlines()] == [True, True]


def test_a_stateful_layer_keeps_the_states(gpu):
    x, _ = data()
    layer = layers.LSTM(UNITS, stateful=True)
    layer(x)
    halves = np.asarray(layer(x))
    assert "by cuDNN" in layer.last_way
    layer.reset_state()
    whole = np.asarray(layer(np.concatenate([x, x], axis=1)))
    np.testing.assert_allclose(halves, whole, atol=1e-6)


def test_fit_trains_as_in_the_loop(gpu):
    weights = []
    for way in ("auto", "loop"):
        keras.utils.set_random_seed(3)
        layer = layers.LSTM(UNITS, dropout=0.5)
        model = keras.Sequential([keras.Input((None, FEATURES)), layer, keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        with engine(way):
            model.fit(data()[0], np.ones((ROWS, 1)), epochs=2, verbose=0)
        assert ("; by cuDNN" in layer.last_way) == (way == "auto")
        weights.append(model.get_weights())
    for ours, loops in zip(*weights, strict=True):
        np.testing.assert_allclose(ours, loops, atol=2e-6)


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (lambda: layers.LSTM(UNITS, use_cudnn=False), "not asked for"),
        (lambda: layers.LSTM(UNITS, activation="relu"), "no activations but"),
        (lambda: layers.LSTM(UNITS, recurrent_activation="hard_sigmoid"), "no activations but"),
        (lambda: layers.LSTM(UNITS, use_bias=False), "has a bias"),
        (lambda: layers.LSTM(UNITS, recurrent_dropout=0.5), "no recurrent dropout"),
        (lambda: layers.LSTM(UNITS, dtype="mixed_float16"), "not used with float16"),
        (lambda: layers.LSTM(UNITS, dtype="float64"), "not used with float64"),
        (lambda: layers.PeepholeLSTM(UNITS), "no such cell"),
        (lambda: OwnLSTM(UNITS), "no such cell"),
        (lambda: layers.RNN(layers.LSTM(UNITS).cell), "not asked for"),
        (lambda: layers.FullGRU(UNITS), "no such cell"),
        (lambda: layers.FullGRU(UNITS, reset_after=True), "its LSTM alone"),
    ],
)
def test_where_it_is_not_taken_the_layer_says_why(layer, reason, gpu):
    layer = layer()
    layer(data()[0])
    way, said = layer.last_way.split("; not by cuDNN: ")
    assert way == "loop: the backend is jax"
    assert reason in said


def test_a_mask_is_read_by_the_loop(gpu):
    layer = made()
    found = called(layer, *data(), mask=MASK)
    assert layer.last_way.endswith("not by cuDNN: there is a mask")
    for ours, loops in zip(found, called(layer, *data(), way="loop", mask=MASK), strict=True):
        np.testing.assert_array_equal(ours, loops)


@pytest.mark.parametrize("shape", [(ROWS, 0, FEATURES), (0, TIME, FEATURES)])
def test_nothing_is_read_by_the_loop(shape, gpu):
    layer = layers.LSTM(UNITS)
    assert layer(np.ones(shape, "float32")).shape == (shape[0], UNITS)
    assert not layer.last_way.endswith("; by cuDNN")


def test_sizes_that_are_not_known_are_read_by_the_loop(gpu):
    layer = made(return_state=False)
    unknown = jax.export.symbolic_shape(f"batch, {TIME}, {FEATURES}")
    assert jax.eval_shape(layer, jax.ShapeDtypeStruct(unknown, "float32")).shape[1:] == (TIME, 2)
    assert layer.last_way.endswith("not by cuDNN: the sizes are not known")


def test_unroll_traces_and_other_ways_are_obeyed(gpu):
    layer = layers.LSTM(UNITS, unroll=True)
    layer(data()[0])
    assert layer.last_way == "loop: unroll=True"
    layer = layers.LSTM(UNITS)
    layer.trace(data()[0])
    assert layer.last_way == "loop: a trace is taken"
    with engine("recompute"):
        layer(data()[0])
    assert layer.last_way.endswith('not by cuDNN: engine("recompute") was chosen')


def test_where_jax_refuses_the_loop_runs_and_says_what_jax_said(gpu, monkeypatch):
    def refuse(*_):
        raise NotImplementedError("no rule for it")

    monkeypatch.setattr(rnn, "lstm", refuse)
    layer = made()
    found = called(layer, *data())
    assert layer.last_way.endswith("not by cuDNN: JAX says no rule for it")
    for ours, loops in zip(found, called(layer, *data(), way="loop"), strict=True):
        np.testing.assert_array_equal(ours, loops)


def test_it_is_not_taken_on_a_gpu_of_another_make(gpu, monkeypatch):
    class Device:
        class client:
            platform_version = "PJRT C API\nrocm 60300"

    monkeypatch.setattr(jax, "devices", lambda: [Device])
    layer = layers.LSTM(UNITS)
    layer(data()[0])
    assert layer.last_way == "loop: the backend is jax"


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
def test_it_is_not_taken_without_a_gpu():
    layer = layers.LSTM(UNITS)
    layer(data()[0])
    assert layer.last_way == "loop: the backend is jax"


# With a GPU: of sizes at which its products are rounded as in use.
SIZES = {"rows": 16, "time": 60, "features": 24, "units": 64}


def worst(found, expected):
    """The largest difference of each pair, as a share of the largest value (or of 1)."""
    return [
        np.abs(ours - truth).max() / max(1.0, np.abs(truth).max())
        for ours, truth in zip(found, expected, strict=True)
    ]


def in_doubles(layer, way="loop", **options):
    """What a layer of the same weights gives in float64, by the loop."""
    double = made(SIZES["units"], SIZES["features"], dtype="float64", **options)
    double.set_weights([weight.astype("float64") for weight in layer.get_weights()])
    return called(double, *data(**SIZES, dtype="float64"), way=way)


@on_a_gpu
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize(("precision", "bound"), [("highest", 3e-5), (None, 2e-2)])
def test_on_a_gpu_cudnn_gives_the_numbers_of_the_loop(precision, bound, go_backwards):
    """Without a precision products may be those of TF32, of ten bits, as they are in the loop."""
    layer = made(SIZES["units"], SIZES["features"], go_backwards=go_backwards)
    with jax.default_matmul_precision(precision):
        found = called(layer, *data(**SIZES))
        assert layer.last_way.endswith("; by cuDNN")
        loops = called(layer, *data(**SIZES), way="loop")
        assert layer.last_way == 'loop: engine("loop")'
    expected = in_doubles(layer, go_backwards=go_backwards)
    print(f"precision {precision}: cuDNN {max(worst(found, expected)):.1e}, ", end="")
    print(f"loop {max(worst(loops, expected)):.1e} beside float64")
    assert max(worst(found, expected)) < bound
    assert max(worst(loops, expected)) < bound


@on_a_gpu
def test_on_a_gpu_the_operation_is_in_the_program_and_no_loop():
    layer = layers.LSTM(UNITS, return_sequences=True)
    x, _ = data()
    layer.build(x.shape)
    text = jax.jit(lambda x: layer(x)).lower(x).as_text()
    assert "cudnn_rnn" in text
    assert "stablehlo.while" not in text
    with engine("loop"):
        text = jax.jit(lambda x: layer(x)).lower(x).as_text()
    assert "cudnn_rnn" not in text
    assert "stablehlo.while" in text


@on_a_gpu
@pytest.mark.parametrize("options", [{}, {"dtype": "mixed_float16"}])
def test_on_a_gpu_fit_trains_as_in_the_loop(options):
    losses = []
    for way in ("auto", "loop"):
        keras.utils.set_random_seed(3)
        layer = layers.LSTM(8, dropout=0.5, **options)
        model = keras.Sequential([keras.Input((None, FEATURES)), layer, keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        with engine(way), jax.default_matmul_precision("highest"):
            history = model.fit(data()[0], np.ones((ROWS, 1)), epochs=5, verbose=0)
        assert ("; by cuDNN" in layer.last_way) == (way == "auto" and not options)
        losses.append(history.history["loss"])
    np.testing.assert_allclose(*losses, rtol=1e-4 if not options else 1e-2)


@on_a_gpu
def test_on_a_gpu_it_gives_what_keras_layer_gives():
    ours = made(SIZES["units"], SIZES["features"])
    theirs = keras.layers.LSTM(SIZES["units"], return_sequences=True, return_state=True)
    x, states = data(**SIZES)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())  # the gates are in its order
    with jax.default_matmul_precision("highest"):
        found = ours(x, initial_state=states)
        expected = theirs(x, initial_state=states)
    assert max(worst(map(np.asarray, found), map(np.asarray, expected))) < 3e-5


@on_a_gpu
def test_on_a_gpu_vmap_runs_the_loop():
    layer = layers.LSTM(UNITS)
    x, _ = data()
    expected = np.asarray(layer(x))
    assert layer.last_way.endswith("; by cuDNN")
    found = jax.vmap(layer)(np.stack([x, x]))
    assert "not by cuDNN: JAX says" in layer.last_way
    np.testing.assert_allclose(np.asarray(found)[1], expected, atol=2e-3)
