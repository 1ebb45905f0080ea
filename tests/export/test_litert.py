import json
import shutil
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from kerasrnn import layers
from kerasrnn.export import LiteRTModel, to_tflite
from kerasrnn.export._litert import operator_names


@pytest.fixture
def file(trained):
    return trained / "ner_bilstm.tflite"


def test_input_shapes_are_those_of_the_export(file):
    assert LiteRTModel(file).input_shapes == {"words": (1, 24), "characters": (1, 24, 16)}


def test_it_runs_on_a_dictionary_of_arrays_of_any_number_type(file):
    model = LiteRTModel(str(file), num_threads=2)
    rng = np.random.default_rng(0)
    inputs = {name: rng.integers(0, 9, shape) for name, shape in model.input_shapes.items()}
    outputs = model.run(inputs)
    assert outputs.shape[:2] == (1, 24)
    np.testing.assert_allclose(outputs.sum(-1), 1, atol=1e-5)
    same = model.run({name: array.astype("int8") for name, array in inputs.items()})
    np.testing.assert_array_equal(same, outputs)


def test_an_output_stays_as_it_was_after_the_next_run(file):
    model = LiteRTModel(file)
    ones = {name: np.ones(shape) for name, shape in model.input_shapes.items()}
    first = model.run(ones)
    kept = first.copy()
    model.run({name: 2 * array for name, array in ones.items()})
    np.testing.assert_array_equal(first, kept)


def test_the_vocabulary_travels_in_the_file(file, trained):
    text = LiteRTModel(file).read_file("vocabulary.json")
    assert text + "\n" == (trained / "vocabulary.json").read_text(encoding="utf-8")
    with zipfile.ZipFile(file) as archive:  # any unzip program finds it
        assert archive.namelist() == ["vocabulary.json"]
        assert archive.testzip() is None


def test_a_file_that_does_not_travel_in_it_is_refused_by_name(file):
    with pytest.raises(
        ValueError, match=r"ner_bilstm.tflite carries no labels.txt. `kerasrnn export` packs"
    ):
        LiteRTModel(file).read_file("labels.txt")


def test_operators_are_listed_and_all_builtin(file):
    names = operator_names(file)
    assert "FULLY_CONNECTED" in names
    assert not [name for name in names if name.startswith("CUSTOM:") or name.startswith("Flex")]


def test_a_missing_file_is_refused_with_its_path(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no\.tflite: no such file"):
        LiteRTModel(tmp_path / "no.tflite")
    with pytest.raises(FileNotFoundError, match="no such file"):
        LiteRTModel(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\0" * 4000])
def test_a_file_that_is_no_model_is_refused_with_its_path(tmp_path, content):
    path = tmp_path / "bad.tflite"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"bad\.tflite is not a TFLite file that runs"):
        LiteRTModel(path)


def test_it_needs_neither_tensorflow_nor_keras(file, tmp_path):
    copy = shutil.copy(file, tmp_path / "copy.tflite")
    script = (
        "import json, sys\n"
        "from kerasrnn.export import LiteRTModel\n"
        "from kerasrnn.training import Tagger\n"
        "words = Tagger(sys.argv[1]).tag('Ada met Bob').tokens\n"
        "heavy = [name for name in ('tensorflow', 'keras') if name in sys.modules]\n"
        "print(json.dumps([words, heavy]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(copy)], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [["Ada", "met", "Bob"], []]


def test_a_runtime_that_refuses_a_file_says_why_and_not_what_it_tried(tmp_path, capfd):
    x = keras.Input((5, 3), name="x")
    path = tmp_path / "model.tflite"
    to_tflite(keras.Model(x, layers.LSTM(4)(x)), path, lowering="fused", step=False)
    capfd.readouterr()
    with pytest.raises(ValueError, match="Variable tensors not yet supported") as caught:
        LiteRTModel(path, runtime="compiled")
    assert "INFO:" not in str(caught.value)
    assert "WARNING:" not in str(caught.value)
    assert capfd.readouterr().err == ""
