"""TFLite files by LiteRT.js in Chromium give Keras's numbers. Run by `make test-browser`."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.export import ExportError, LiteRTModel, largest_excess, to_tflite
from kerasrnn.export._litert import operator_names
from kerasrnn.export._parity import BOUNDS, TOLERANCE
from kerasrnn.layers import BRNN, LSTM, BasicRNN, DeepRNN, FullGRU, PeepholeLSTM, SimplifiedGRU
from kerasrnn.streaming import StepModel
from kerasrnn.training import load_recipe
from kerasrnn.training._artefact import load_model, task_of
from kerasrnn.zoo import list_models, shipped_folder
from tests.browser.chromium import Job, run_jobs

pytestmark = pytest.mark.browser

TIME, FEATURES, UNITS = 11, 4, 5
LENGTHS = (TIME, 3, 1)
LAYERS = {
    "basic_rnn": lambda: BasicRNN(UNITS, return_sequences=True),
    "simplified_gru": lambda: SimplifiedGRU(UNITS, return_sequences=True),
    "full_gru": lambda: FullGRU(UNITS, return_sequences=True),
    "lstm": lambda: LSTM(UNITS, return_sequences=True),
    "peephole_lstm": lambda: PeepholeLSTM(UNITS, return_sequences=True),
    "last_output": lambda: LSTM(UNITS),
    "brnn": lambda: BRNN(PeepholeLSTM(UNITS, return_sequences=True)),
    "deep_rnn": lambda: DeepRNN("full_gru", units=[UNITS, 3], return_sequences=True),
}
NAMES = [*list_models(), *LAYERS]
QUANTISED = ["float16", "dynamic", "int8"]
LONG = 150  # steps, of which there are loops


def masked_model(name):
    """The layer on sequences that are padded with zeros, with random weights, biases too."""
    x = keras.Input((None, FEATURES), name="x")
    model = keras.Model({"x": x}, LAYERS[name]()(keras.layers.Masking()(x)), name=name)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


def padded_samples():
    """A sequence of each length, padded with zeros."""
    rng = np.random.default_rng(0)
    samples = []
    for length in LENGTHS:
        x = rng.normal(size=(1, TIME, FEATURES)).astype("float32")
        x[:, length:] = 0
        samples.append({"x": x})
    return samples


def layer_case(name, folder):
    """A job for a layer's file, and what Keras gives for its samples."""
    model, samples, path = masked_model(name), padded_samples(), folder / f"{name}.tflite"
    to_tflite(model, path, samples=samples, step=False)
    return Job(name, path, samples), [np.asarray(model(sample)) for sample in samples]


def plain_model(units):
    x = keras.Input((None, FEATURES), name="x")
    return keras.Model({"x": x}, DeepRNN("lstm", units=[units, 3], return_sequences=True)(x))


def loop_case(folder):
    """A job for a file of several loops over blocks of steps."""
    model, path = plain_model(UNITS), folder / "loops.tflite"
    rng = np.random.default_rng(2)
    samples = [{"x": rng.normal(size=(1, LONG, FEATURES)).astype("float32")} for _ in range(2)]
    to_tflite(model, path, samples=samples, lowering="loop", step=False)
    return Job("loops", path, samples), [np.asarray(model(sample)) for sample in samples]


def quantised_case(quantize, folder):
    """A job for a file whose matrices are large enough to be quantised."""
    model, path = plain_model(40), folder / f"{quantize}.tflite"
    rng = np.random.default_rng(3)
    samples = [{"x": rng.normal(size=(1, TIME, FEATURES)).astype("float32")} for _ in range(30)]
    to_tflite(model, path, samples=samples, quantize=quantize, step=False)
    samples = samples[:3]
    return Job(quantize, path, samples), [np.asarray(model(sample)) for sample in samples]


def step_case(folder):
    """A job for a step from states that are not zero, and what the model's step gives by name."""
    model, path = plain_model(UNITS), folder / "steps.tflite"
    to_tflite(model, path, sequence_length=TIME)
    step, rng = StepModel(model), np.random.default_rng(4)
    x = {"x": rng.normal(size=(1, 1, FEATURES)).astype("float32")}
    states = {
        name: rng.normal(size=(1, *shape[1:])).astype("float32")
        for name, (shape, _) in step.state_specs.items()
    }
    y, new_states = step(x, states)
    expected = {model.output_names[0]: y, **new_states}
    job = Job("step", path, [{**x, **states}], signature="step")
    return job, {name: np.asarray(value) for name, value in expected.items()}


def shipped_case(name):
    """A job for a model's shipped file, and what Keras gives for some held-out examples."""
    folder = shipped_folder(name)
    path, model = folder / f"{name}.tflite", load_model(folder)
    shapes = LiteRTModel(path).input_shapes.values()
    task, length = task_of(folder), next(shape[1] for shape in shapes if len(shape) > 1)
    vocabulary = task.vocabulary.load(folder)
    held_out = task.read_samples(folder / task.samples)[:4]
    samples = [task.sample(vocabulary, example, length) for example in held_out]
    return Job(name, path, samples), [np.asarray(model(sample)) for sample in samples]


def damaged_job(folder):
    """A job for a shipped file of which the second half is missing."""
    whole, _ = shipped_case(NAMES[0])
    content = whole.path.read_bytes()
    path = folder / "damaged.tflite"
    path.write_bytes(content[: len(content) // 2])
    return whole._replace(name="damaged", path=path)


def foreign_job(folder):
    """A job for a file with an operator that is not builtin."""

    @tf.function(input_signature=[tf.TensorSpec((1, 3), name="x")])
    def serve(x):
        return {"y": tf.raw_ops.Betainc(a=x, b=x, x=x)}

    module = tf.Module()
    module.serve = serve
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [serve.get_concrete_function()], module
    )
    converter.allow_custom_ops = True
    path = folder / "foreign.tflite"
    path.write_bytes(converter.convert())
    return Job("foreign", path, [{"x": np.full((1, 3), 0.5)}])


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    return {
        **{name: shipped_case(name) for name in list_models()},
        **{name: layer_case(name, folder) for name in LAYERS},
        **{quantize: quantised_case(quantize, folder) for quantize in QUANTISED},
        "loops": loop_case(folder),
        "step": step_case(folder),
    }


@pytest.fixture(scope="module")
def answers(cases, tmp_path_factory):
    """All files by one browser; first those that are refused, which the others must outlive."""
    folder = tmp_path_factory.mktemp("refused")
    jobs = [job for job, _ in cases.values()]
    shipped, _ = cases["ner_bilstm"]
    wrong_shape = {name: array[:, 1:] for name, array in shipped.samples[0].items()}
    return run_jobs(
        [
            damaged_job(folder),
            foreign_job(folder),
            shipped._replace(name="wrong shape", samples=[wrong_shape]),
            shipped._replace(name="unknown signature", signature="step"),
            shipped._replace(name="known signature", signature="serving_default", runs=3),
            *jobs,
        ]
    )


def require_equal(answer, expected, tolerance=TOLERANCE):
    """Fails with LiteRT.js's message, or with the difference from what Keras gives."""
    assert answer.error is None, f"LiteRT.js refuses the file:\n{answer.error}"
    assert len(answer.outputs) == len(expected)
    for outputs, numbers in zip(answer.outputs, expected, strict=True):
        (received,) = outputs.values()
        assert largest_excess(numbers, received) <= tolerance


@pytest.mark.parametrize("name", NAMES)
def test_the_browser_gives_what_keras_gives(cases, answers, name):
    _, expected = cases[name]
    assert max(np.abs(numbers).max() for numbers in expected) > 0.05  # something to compare
    # A layer or a model, whose recipe may store numbers shorter.
    shorter = name in list_models() and load_recipe(name).export.get("quantize")
    require_equal(answers[name], expected, 1e-3 if shorter else TOLERANCE)


def test_the_browser_runs_loops_over_blocks_of_steps(cases, answers):
    job, expected = cases["loops"]
    assert "WHILE" in operator_names(job.path)
    require_equal(answers["loops"], expected)


@pytest.mark.parametrize("quantize", QUANTISED)
def test_the_browser_runs_quantised_files(cases, answers, quantize):
    _, expected = cases[quantize]
    bound = BOUNDS[quantize]
    require_equal(answers[quantize], expected, getattr(bound, "typical", bound))
    with pytest.raises(AssertionError):  # and it is quantised
        require_equal(answers[quantize], expected, TOLERANCE)


def test_the_browser_takes_one_step_with_its_states(cases, answers):
    _, expected = cases["step"]
    assert answers["step"].error is None
    (outputs,) = answers["step"].outputs
    assert set(outputs) == set(expected)
    for name, value in expected.items():
        assert largest_excess(value, outputs[name]) <= TOLERANCE


def test_a_file_that_litert_refuses_fails_with_its_message(cases, answers):
    _, expected = cases[NAMES[0]]
    with pytest.raises(
        AssertionError, match=r"(?s)LiteRT\.js refuses the file:\n.*Failed to load model"
    ):
        require_equal(answers["damaged"], expected)


def test_a_file_with_an_operator_that_litert_lacks_fails_though_it_gives_numbers(answers):
    with pytest.raises(AssertionError, match=r"(?s)unresolved custom op: Betainc.*mean nothing"):
        require_equal(answers["foreign"], [np.zeros((1, 3))])


def test_inputs_of_another_shape_fail_with_both_shapes(answers):
    assert "[1, 63" in answers["wrong shape"].error
    assert "[1, 64" in answers["wrong shape"].error


def test_a_signature_that_is_not_there_fails_with_those_that_are(answers):
    assert answers["unknown signature"].error.endswith(
        "no signature step; there are serving_default"
    )


def test_a_signature_is_run_by_its_name_and_timed(cases, answers):
    _, expected = cases["ner_bilstm"]
    require_equal(answers["known signature"], expected)
    assert len(answers["known signature"].milliseconds) == 3
    assert answers["known signature"].median > 0


def test_other_numbers_than_keras_gives_fail(cases, answers):
    _, expected = cases["lstm"]
    with pytest.raises(AssertionError):
        require_equal(answers["lstm"], [numbers + 3e-5 for numbers in expected])
    with pytest.raises(AssertionError):
        require_equal(answers["peephole_lstm"], expected)
    with pytest.raises(AssertionError):
        require_equal(answers["lstm"], expected[1:])
    with pytest.raises(ExportError, match="shape"):
        require_equal(answers["lstm"], [numbers[:, 1:] for numbers in expected])
