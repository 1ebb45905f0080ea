"""SavedModels of several inputs and outputs, and their `step`, in processes without kerasrnn."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from kerasrnn import layers
from kerasrnn.export import ExportError, to_saved_model

TIME = 5
RNG = np.random.default_rng(7)
# Nothing of one device or one compiler: a graph that has none of these is placed anywhere.
OF_ONE_DEVICE = ("Cudnn", "Xla", "_Mkl", "TPU", "Nccl")
OF_FILES = ("__inference__traced_save", "__inference__traced_restore")  # TensorFlow's, on the CPU


@pytest.fixture(scope="module")
def model():
    """Masked numbers and vectors beside them; an output for each step and one for the last."""
    words = keras.Input((None,), dtype="int32", name="words")
    vectors = keras.Input((None, 3), name="vectors")
    embedded = keras.layers.Embedding(9, 3, mask_zero=True)(words)
    joined = layers.JoinFeatures()([embedded, vectors])
    each = layers.DeepRNN("peephole_lstm", units=[4, 3], return_sequences=True, name="deep")(joined)
    last = layers.FullGRU(2, name="last")(each)
    outputs = {"each": keras.layers.Dense(2)(each), "end": keras.layers.Dense(1)(last)}
    model = keras.Model({"words": words, "vectors": vectors}, outputs, name="toy")
    model.set_weights([RNG.normal(0, 0.6, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "model"
    assert to_saved_model(model, folder, step=True) <= 1e-5
    return folder


@pytest.fixture(scope="module")
def inputs():
    return {
        "words": np.array([[1, 0, 3, 8, 0], [0, 2, 5, 1, 7]], "int32"),
        "vectors": RNG.normal(size=(2, TIME, 3)).astype("float32"),
    }


STATES = {
    "deep_level_1_a": 4,
    "deep_level_1_c": 4,
    "deep_level_2_a": 3,
    "deep_level_2_c": 3,
    "last_c": 2,
}


def test_a_step_takes_one_time_step_and_the_states_by_name_and_gives_both(folder):
    step = tf.saved_model.load(str(folder)).signatures["step"]
    shapes = {n: s.shape.as_list() for n, s in step.structured_input_signature[1].items()}
    states = {name: [None, size] for name, size in STATES.items()}
    assert shapes == {"words": [None, 1], "vectors": [None, 1, 3], **states}
    assert sorted(step.structured_outputs) == sorted(["each", "end", *STATES])


def test_both_signatures_hold_nothing_of_one_device(folder):
    content = SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    (graph,) = (meta.graph_def for meta in content.meta_graphs)
    functions = [f for f in graph.library.function if not f.signature.name.startswith(OF_FILES)]
    nodes = [node for function in functions for node in function.node_def]
    assert {node.op for node in nodes} >= {"MatMul", "StatelessWhile"}
    assert {node.op for node in nodes if node.op.startswith(OF_ONE_DEVICE)} == set()
    assert {node.device for node in nodes} == {""}
    assert not [f for f in functions if "_XlaMustCompile" in f.attr or "api_implements" in f.attr]


RUNNER = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "kerasrnn":
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
import numpy as np
import tensorflow as tf
from tensorflow.python.tools import saved_model_cli

folder, work = sys.argv[1:]
inputs = dict(np.load(f"{work}/inputs.npz"))
states = dict(np.load(f"{work}/states.npz"))
loaded = tf.saved_model.load(folder).signatures
whole = loaded["serving_default"](**{k: tf.constant(v) for k, v in inputs.items()})
np.savez(f"{work}/whole.npz", **whole)

def save(name, arrays):
    for key, array in arrays.items():
        np.save(f"{work}/{name}_{key}.npy", array)
    return ";".join(f"{key}={work}/{name}_{key}.npy" for key in arrays)

def command(signature, arguments, outputs):
    sys.argv = ["saved_model_cli", "run", "--dir", folder, "--tag_set", "serve",
                "--signature_def", signature, "--inputs", arguments, "--overwrite",
                "--outdir", f"{work}/{outputs}"]
    try:
        saved_model_cli.main()
    except SystemExit as end:
        assert not end.code, end.code

command("serving_default", save("in", inputs), "cli_whole")
for t in range(inputs["words"].shape[1]):
    made = loaded["step"](
        **{k: tf.constant(v[:, t : t + 1]) for k, v in inputs.items()},
        **{k: tf.constant(v) for k, v in states.items()},
    )
    if t < 2:
        now = {k: v[:, t : t + 1] for k, v in inputs.items()}
        command("step", save(f"in{t}", {**now, **states}), f"cli_{t}")
    states = {k: made[k].numpy() for k in states}
    np.savez(f"{work}/step_{t}.npz", **made)
assert "kerasrnn" not in sys.modules
"""


@pytest.fixture(scope="module")
def elsewhere(folder, inputs, tmp_path_factory):
    """The folder of what a process without kerasrnn computed."""
    work = tmp_path_factory.mktemp("elsewhere")
    np.savez(work / "inputs.npz", **inputs)
    states = {name: np.zeros((2, size), "float32") for name, size in STATES.items()}
    np.savez(work / "states.npz", **states)
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, str(folder), str(work)],
        capture_output=True,
        text=True,
        cwd=work,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return work


def test_it_runs_where_kerasrnn_cannot_be_imported(elsewhere, model, inputs):
    expected, whole = model(inputs), np.load(elsewhere / "whole.npz")
    assert sorted(whole) == ["each", "end"]
    for name in whole:
        np.testing.assert_allclose(whole[name], expected[name], rtol=1e-5, atol=1e-5)


def test_its_steps_run_there_one_after_the_other(elsewhere, model, inputs):
    expected = model(inputs)
    steps = [np.load(elsewhere / f"step_{t}.npz") for t in range(TIME)]
    each = np.concatenate([step["each"] for step in steps], axis=1)
    np.testing.assert_allclose(each, expected["each"], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(steps[-1]["end"], expected["end"], rtol=1e-5, atol=1e-5)


def test_the_command_line_of_tensorflow_runs_both_signatures(elsewhere, model, inputs):
    expected = model(inputs)
    for name in ("each", "end"):
        received = np.load(elsewhere / "cli_whole" / f"{name}.npy")
        np.testing.assert_allclose(received, expected[name], rtol=1e-5, atol=1e-5)
    for t in range(2):
        step = np.load(elsewhere / f"step_{t}.npz")
        received = {path.stem: np.load(path) for path in (elsewhere / f"cli_{t}").iterdir()}
        assert sorted(received) == sorted(step)
        for name, array in received.items():
            np.testing.assert_allclose(array, step[name], rtol=1e-5, atol=1e-6)


def exported(model, path, **arguments):
    assert to_saved_model(model, path, **arguments) <= 1e-5
    return tf.saved_model.load(str(path)).signatures


def test_inputs_and_outputs_without_names_have_those_of_keras(tmp_path):
    x = keras.Input((None, 3))
    first, second = layers.LSTM(2, name="first"), keras.layers.Dense(1, name="second")
    y = first(x)
    signatures = exported(keras.Model(x, [y, second(y)]), tmp_path / "model")
    assert list(signatures["serving_default"].structured_input_signature[1]) == [x.name]
    assert sorted(signatures["serving_default"].structured_outputs) == ["first", "second"]


def test_a_sequential_model_of_a_fixed_time_is_exported_with_its_step(tmp_path):
    x = keras.Input((4, 3), name="x")
    model = keras.Sequential([x, layers.LSTM(2, unroll=True), keras.layers.Dense(1, name="y")])
    step = exported(model, tmp_path / "model")["step"]
    assert step.structured_input_signature[1]["x"].shape.as_list() == [None, 1, 3]


def test_a_model_that_reads_both_ways_has_no_step_and_says_so_if_one_is_insisted_on(tmp_path):
    x = keras.Input((None, 3), name="x")
    model = keras.Model(x, layers.BRNN(layers.LSTM(2), name="both")(x))
    assert list(exported(model, tmp_path / "model")) == ["serving_default"]
    with pytest.raises(ValueError, match="has no step: 'both' reads right to left too"):
        to_saved_model(model, tmp_path / "other", step=True)
    assert not (tmp_path / "other").exists()


def test_a_step_that_is_not_wanted_is_left_out(tmp_path):
    x = keras.Input((None, 3), name="x")
    model = keras.Model(x, layers.LSTM(2)(x))
    assert list(exported(model, tmp_path / "model", step=False)) == ["serving_default"]
    with pytest.raises(ValueError, match="`step` must be 'auto', True or False; received 'no'"):
        to_saved_model(model, tmp_path / "other", step="no")


def test_a_step_that_computes_something_else_leaves_the_older_folder(tmp_path, monkeypatch):
    x = keras.Input((None, 3), name="x")
    model = keras.Model(x, layers.LSTM(2)(x))
    exported(model, tmp_path / "model")
    before = (tmp_path / "model" / "saved_model.pb").read_bytes()
    load = tf.saved_model.load

    def load_tampered(path):
        signatures = load(path).signatures

        def step(**arguments):
            return {n: v + 1e-3 for n, v in signatures["step"](**arguments).items()}

        tampered = {"serving_default": signatures["serving_default"], "step": step}
        return type("Loaded", (), {"signatures": tampered})

    monkeypatch.setattr(tf.saved_model, "load", load_tampered)
    with pytest.raises(ExportError, match="The SavedModel's step differs from Keras by"):
        to_saved_model(model, tmp_path / "model")
    assert (tmp_path / "model" / "saved_model.pb").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_model_without_a_graph_is_refused(tmp_path):
    with pytest.raises(TypeError, match="`model` must be a functional keras.Model"):
        to_saved_model(layers.LSTM(2), tmp_path / "model")


def test_a_model_that_reads_strings_is_compared_on_the_samples(tmp_path):
    text = keras.Input((None,), dtype="string", name="text")
    embedded = keras.layers.Embedding(5, 2)(keras.layers.Hashing(5)(text))
    model = keras.Model(text, layers.LSTM(2, name="reader")(embedded))
    samples = [np.array([["one", "two", "three"], ["four", "five", "six"]])]
    signatures = exported(model, tmp_path / "model", samples=samples, step=True)
    states = {name: tf.zeros((2, 2)) for name in ("reader_a", "reader_c")}
    for t in range(3):
        made = signatures["step"](text=tf.constant(samples[0][:, t : t + 1]), **states)
        states = {name: made[name] for name in states}
    np.testing.assert_allclose(made["reader"], model(tf.constant(samples[0])), atol=1e-6)


def test_a_step_that_differs_on_a_sample_alone_is_left_out(tmp_path):
    """Steps of 5 are mixed, which no random number is."""
    x = keras.Input((None, 3), name="x")
    fives = keras.ops.cast(keras.ops.equal(x, 5.0), "float32")
    model = keras.Model(x, layers.LSTM(2)(x + keras.ops.cumsum(fives, axis=1)))
    samples = [{"x": np.full((1, 3, 3), 5.0, "float32")}]
    assert "step" in exported(model, tmp_path / "without")
    assert "step" not in exported(model, tmp_path / "with", samples=samples)


def test_names_that_tensorflow_would_change_are_kept(tmp_path):
    """In the file; Python's `structured_input_signature` shows `my_input`."""
    x = keras.Input((None, 3), name="my-input")
    exported(keras.Model(x, layers.LSTM(2, name="my-output")(x)), tmp_path / "model")
    content = SavedModel.FromString((tmp_path / "model" / "saved_model.pb").read_bytes())
    signature = content.meta_graphs[0].signature_def["step"]
    states = ["my_output_a", "my_output_c"]
    assert sorted(signature.inputs) == ["my-input", *states]
    assert sorted(signature.outputs) == ["my-output", *states]
