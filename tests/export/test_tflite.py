import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import layers
from kerasrnn.export import ExportError, LiteRTModel, to_tflite
from kerasrnn.sequence import engine

TIME, FEATURES, UNITS = 6, 3, 4
SHAPES = {"x": (1, TIME, FEATURES)}
LENGTHS = (TIME, 4, 1)


def randomised(model, seed=0):
    """Random asymmetric weights: with initial ones, zero biases would hide errors."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


def make(layer, masked=True):
    x = keras.Input((None, FEATURES), name="x")
    h = keras.layers.Masking()(x) if masked else x
    return randomised(keras.Model({"x": x}, layer(h), name="toy"))


def samples():
    """Sequences padded with zeros, which Masking masks."""
    rng = np.random.default_rng(1)
    drawn = rng.normal(size=(len(LENGTHS), 1, TIME, FEATURES)).astype("float32")
    for sample, length in zip(drawn, LENGTHS, strict=True):
        sample[:, length:] = 0
    return [{"x": sample} for sample in drawn]


def export(model, path, **arguments):
    return to_tflite(model, path, **{"input_shapes": SHAPES, "samples": samples(), **arguments})


# Every layer with all its outputs: tests/export/test_layers.py.
@pytest.mark.parametrize(
    "layer",
    [layers.FullGRU(UNITS), layers.BRNN(layers.PeepholeLSTM(UNITS))],
    ids=["forward", "both-ways"],
)
def test_the_last_output_is_that_of_the_last_step_that_is_not_masked(layer, tmp_path):
    model = make(layer)
    export(model, tmp_path / "model.tflite")
    runtime = LiteRTModel(tmp_path / "model.tflite")
    for sample, length in zip(samples(), LENGTHS, strict=True):
        cut = np.asarray(model({"x": sample["x"][:, :length]}))
        np.testing.assert_allclose(runtime.run(sample), cut, atol=1e-5)


@pytest.fixture(scope="module")
def model():
    return make(layers.BasicRNN(UNITS), masked=False)


def test_equal_models_give_equal_bytes(model, tmp_path):
    files = {"b.txt": "two", "a.txt": "one"}
    export(model, tmp_path / "one.tflite", files=files)
    export(model, tmp_path / "two.tflite", files=dict(reversed(files.items())))
    assert (tmp_path / "one.tflite").read_bytes() == (tmp_path / "two.tflite").read_bytes()


@pytest.mark.parametrize("way", ["compiled", "recompute"])
def test_it_is_the_same_file_in_any_engine(model, tmp_path, way):
    with engine(way):
        export(model, tmp_path / "compiled.tflite")
    export(model, tmp_path / "plain.tflite")
    assert (tmp_path / "compiled.tflite").read_bytes() == (tmp_path / "plain.tflite").read_bytes()


def test_files_travel_in_it_and_it_still_runs(model, tmp_path):
    path = tmp_path / "model.tflite"
    export(model, path, files={"names.json": '["é", "🙂"]', "empty": ""})
    runtime = LiteRTModel(path)
    assert runtime.read_file("names.json") == '["é", "🙂"]'
    assert runtime.read_file("empty") == ""
    assert runtime.run(samples()[0]).shape == (1, UNITS)


OLDER = b"\x1c\0\0\0TFL3older"


@pytest.fixture
def no_conversion(monkeypatch):
    def fail(*arguments, **options):
        pytest.fail("it was converted")

    monkeypatch.setattr(tf.lite.TFLiteConverter, "from_saved_model", fail)


@pytest.mark.usefixtures("no_conversion")
class TestBeforeConverting:
    def test_a_folder_is_not_replaced(self, model, tmp_path):
        with pytest.raises(FileExistsError, match=r"is a folder; name a file, such as .*\.tflite"):
            export(model, tmp_path)

    @pytest.mark.parametrize("content", [b"Ada\tB-PER\n", b"a", b"TFL3 at another place"])
    def test_a_file_that_is_no_tflite_file_is_not_replaced(self, model, tmp_path, content):
        path = tmp_path / "good.conll"
        path.write_bytes(content)
        with pytest.raises(FileExistsError, match="good.conll exists and is no TFLite file"):
            export(model, path)
        assert path.read_bytes() == content

    def test_a_place_that_cannot_be_written_is_refused(self, model, tmp_path):
        (tmp_path / "file").write_text("mine")
        with pytest.raises(NotADirectoryError, match="file is not a folder"):
            export(model, tmp_path / "file" / "model.tflite")


@pytest.mark.parametrize("older", [OLDER, b""])
def test_an_older_tflite_file_and_an_empty_one_are_replaced(model, tmp_path, older):
    path = tmp_path / "model.tflite"
    path.write_bytes(older)
    export(model, path)
    assert path.read_bytes()[4:8] == b"TFL3"
    export(model, path)  # and so is what it wrote itself


@pytest.fixture
def tampered(monkeypatch):
    """LiteRT with an error of a thousandth in its second run."""
    run, runs = LiteRTModel.run, []

    def run_wrong(self, inputs):
        runs.append(inputs)
        return run(self, inputs) + (1e-3 if len(runs) == 2 else 0.0)

    monkeypatch.setattr(LiteRTModel, "run", run_wrong)


def test_a_file_that_computes_something_else_is_refused_and_not_kept(model, tmp_path, tampered):
    with pytest.raises(ExportError, match="TFLite file differs from Keras by 0.001.* on sample 1"):
        export(model, tmp_path / "model.tflite")
    assert list(tmp_path.iterdir()) == []


def test_the_older_file_stays_when_an_export_fails(model, tmp_path, tampered):
    path = tmp_path / "model.tflite"
    path.write_bytes(OLDER)
    with pytest.raises(ExportError):
        export(model, path)
    assert path.read_bytes() == OLDER
    assert list(tmp_path.iterdir()) == [path]


def test_without_samples_nothing_is_written(model, tmp_path):
    with pytest.raises(ExportError, match="no inputs to compare"):
        export(model, tmp_path / "model.tflite", samples=[])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        ({}, r"must name the model's inputs \['x'\]; received \[\]"),
        ({"y": (1, TIME, FEATURES)}, r"must name .* received \['y'\]"),
        ({**SHAPES, "y": (1, 2)}, r"must name .* received \['x', 'y'\]"),
        ({"x": (1, None, FEATURES)}, r"`input_shapes\['x'\]` must be positive"),
        (
            {"x": (1, TIME, FEATURES + 1)},
            r"whole numbers that fit \(None, None, 3\)",
        ),
        ({"x": (1, 2.0, FEATURES)}, "must be positive"),
        ({"x": (1, TIME)}, r"must be positive .* received \(1, 6\)"),
        (
            {"x": (1, TIME, FEATURES, 1)},
            r"must be positive .* received \(1, 6, 3, 1\)",
        ),
        ({"x": (1, 0, FEATURES)}, "must be positive"),
        ({"x": (1, -1, FEATURES)}, "must be positive"),
    ],
)
def test_wrong_shapes_are_refused(model, tmp_path, shapes, reason):
    with pytest.raises(ValueError, match=reason):
        export(model, tmp_path / "model.tflite", input_shapes=shapes)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_does_not_convert_is_an_export_error(tmp_path):
    x = keras.Input((None, FEATURES), name="x")
    y = keras.layers.Lambda(keras.ops.erfinv)(x)
    with pytest.raises(ExportError, match="'toy' does not convert to LiteRT's builtin operators"):
        export(keras.Model({"x": x}, y, name="toy"), tmp_path / "model.tflite")
    assert list(tmp_path.iterdir()) == []
