import dataclasses
import json
import shutil

import numpy as np
import pytest

from kerasrnn.data import DataError, TaggingVocabulary, read_conll
from kerasrnn.export import ExportError
from kerasrnn.training import evaluate, export, load_recipe, load_splits, train, with_data
from kerasrnn.training._quantised import HeldOut
from kerasrnn.training._tagging import TAGGING

SHORT = 8  # steps of a file, which are written out soon; longer sentences are read in pieces


@pytest.fixture
def moved(trained, tmp_path):
    """The tagger's folder, whose own sentences are not here: they would be downloaded."""
    folder = shutil.copytree(trained, tmp_path / "tagger")
    config = json.loads((folder / "config.json").read_text())
    config["recipe"]["data"] = {"source": "tfds:conll2003"}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def int8(trained, tmp_path_factory):
    """The path and the report of a file in whole numbers."""
    path = tmp_path_factory.mktemp("int8") / "model.tflite"
    return path, export(trained, "tflite", path, SHORT, quantize="int8")


def test_the_report_says_what_was_asked_for_and_what_was_made(int8):
    path, report = int8
    assert report["bytes"] == path.stat().st_size
    assert report["target"] == "mobile"
    assert report["quantize"] == "int8"
    assert report["lowering"] == "written out"
    assert report["runtimes"] == ["interpreter", "compiled"]
    assert report["milliseconds"] > 0
    assert 1e-5 < report["largest_difference"] <= 1


def test_a_quantised_file_is_measured_beside_keras_on_the_recipes_test_sentences(trained, int8):
    path, report = int8
    test = evaluate(trained)
    assert report["score"] == {
        "metric": "F1",
        "before": test["f1"],
        "after": evaluate(path, trained / "samples.conll")["f1"],  # the 20 test sentences
        "examples": 20,
    }
    assert test["support"] > 0


def test_fewer_sentences_are_measured_on_when_so_many_are_wanted(trained, tmp_path):
    path, samples = tmp_path / "x.tflite", trained / "samples.conll"
    report = export(trained, "tflite", path, SHORT, quantize="float16", test=samples, examples=7)
    assert report["score"]["examples"] == 7


def test_a_float_file_has_no_score(trained, tmp_path):
    report = export(trained, "tflite", tmp_path / "x.tflite", SHORT, lowering="unrolled")
    assert "score" not in report
    assert report["quantize"] is None
    assert report["largest_difference"] <= 1e-5


def test_ranges_are_learnt_from_training_sentences(trained, tiny_recipe):
    held_out = HeldOut(trained, None, None, print)
    splits = load_splits(tiny_recipe.data, seed=tiny_recipe.seed)
    assert held_out.to_learn_from() == splits.train
    assert held_out.to_measure_on(5) == splits.test[:5]


def test_half_of_the_rows_have_a_word_in_every_step(trained):
    vocabulary = TaggingVocabulary.load(trained)
    sentences = read_conll(trained / "samples.conll")
    rows = TAGGING.representative(vocabulary, sentences, 40)
    full = [np.all(row["words"] > 0) for row in rows]
    assert len(rows) == 20 + 100  # all sentences there are, and a hundred of sentences joined
    assert sum(full) >= 100
    again = TAGGING.representative(vocabulary, sentences, 40)
    for one, other in zip(rows, again, strict=True):
        np.testing.assert_array_equal(one["words"], other["words"])
        np.testing.assert_array_equal(one["characters"], other["characters"])


def test_sentences_that_are_not_here_are_asked_for(moved, tmp_path):
    with pytest.raises(ValueError, match="--train FILE. The model's own sentences are of tfds"):
        export(moved, "tflite", tmp_path / "x.tflite", quantize="int8")
    assert not (tmp_path / "x.tflite").exists()


def test_without_test_sentences_those_of_the_folder_are_measured_on_and_told(moved, tmp_path):
    told = []
    path = tmp_path / "x.tflite"
    report = export(moved, "tflite", path, SHORT, quantize="dynamic", report=told.append)
    assert report["score"]["examples"] == 20
    assert told == [
        "Warning: F1 is of 20 held-out sentences alone; give more with --test FILE. The model's "
        "own sentences are of tfds:conll2003, a download."
    ]


def test_for_a_microcontroller_it_is_measured_in_its_runtime(trained, tmp_path):
    report = export(trained, "tflite", tmp_path / "x.tflite", SHORT, target="micro", examples=5)
    assert report["quantize"] == "int8"
    assert report["runtimes"][0] == "interpreter"
    assert report["score"]["examples"] == 5
    pytest.importorskip("tflite_micro")
    assert report["runtimes"] == ["interpreter", "micro"]


@pytest.mark.parametrize(
    ("format", "options", "reason"),
    [
        ("saved_model", {"quantize": "int8"}, "`quantize='int8'`: such options are for TFLite"),
        ("saved_model", {"target": "gpu"}, "`target='gpu'`: such options are for TFLite"),
        ("tflite", {"target": "web"}, "`target` must be one of mobile, gpu, micro"),
        ("tflite", {"quantize": "int4"}, "`quantize` must be None, 'float16'"),
        ("tflite", {"lowering": "loop", "quantize": "int8"}, "cannot run a loop to find"),
        ("tflite", {"examples": 0}, "`examples` must be 1 or more"),
    ],
)
def test_options_that_do_not_fit_are_refused_and_write_nothing(
    trained, tmp_path, format, options, reason
):
    with pytest.raises(ValueError, match=reason):
        export(trained, format, tmp_path / "x", **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "lowering", "length"), [("mobile", "loop", None), ("gpu", "unrolled", SHORT)]
)
def test_the_tagger_is_near_keras_in_every_target(trained, tmp_path, target, lowering, length):
    report = export(trained, "tflite", tmp_path / "x", length, target=target, lowering=lowering)
    assert report["largest_difference"] <= 1e-5


def _of_a_table(folder):
    """A recipe of one epoch on a table of 200 vectors, which are measured on too."""
    lines = [f"{n % 2}.{n % 7},{(n + 1) % 2}.{n % 5},{'ab'[n % 2]}" for n in range(200)]
    (folder / "table.csv").write_text("one,two,label\n" + "\n".join(lines) + "\n")
    files = {split: str(folder / "table.csv") for split in ("train", "validation", "test")}
    recipe = load_recipe("one_to_one_dense").override("task", "vector_classification")
    recipe = with_data(recipe, files=files).override("training.epochs", 1)
    return dataclasses.replace(recipe, arguments={}, baselines={"run": []})


def test_a_recipe_says_how_the_file_that_training_writes_stores_numbers(tmp_path):
    recipe = _of_a_table(tmp_path).override("export.quantize", "float16")
    report = train(recipe, tmp_path / "out", formats=["tflite"])["exports"]["tflite"]
    assert report["quantize"] == "float16"
    assert 0 < report["largest_difference"] < 1e-2
    assert report["score"]["examples"] == 200


def test_a_model_whose_whole_numbers_find_no_data_is_kept(tmp_path, monkeypatch):
    def gone(folder):
        raise DataError("The examples are gone.")

    monkeypatch.setattr("kerasrnn.training._quantised.recipe_splits", gone)
    recipe = _of_a_table(tmp_path).override("export.quantize", "int8")
    with pytest.raises(ExportError, match="are gone. .*is in .*out-not-exported"):
        train(recipe, tmp_path / "out", formats=["tflite"])
    assert (tmp_path / "out-not-exported" / "model.weights.h5").exists()
