import dataclasses
import json
import os

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.data import (
    DataError,
    Sentence,
    Splits,
    TaggingVocabulary,
    read_conll,
    write_conll,
)
from kerasrnn.export import ExportError, LiteRTModel
from kerasrnn.sequence import engine
from kerasrnn.training import (
    _artefact,
    evaluate,
    export,
    export_name,
    find_folder,
    find_model,
    train,
)
from kerasrnn.training._callbacks import StopAtBest
from kerasrnn.zoo import shipped_folder

PEOPLE = ["Ada", "Bob", "Eve", "Kim", "Lou", "Max", "Ned", "Pia"]
SENTENCES = [
    Sentence((name, verb, "in", "Rome"), ("B-PER", "O", "O", "B-LOC"))
    for name in PEOPLE
    for verb in ("lives", "works")
]


@pytest.fixture
def small(tiny_recipe, tmp_path, monkeypatch):
    """One epoch on sentences of the test's own, in a file by a path from this folder.

    In the loop, which need not be compiled, and with few steps to export.
    """
    monkeypatch.chdir(tmp_path)
    write_conll("data/train.conll", SENTENCES)
    recipe = dataclasses.replace(tiny_recipe, data={"source": "files", "train": "data/train.conll"})
    with engine("loop"):
        yield recipe.override("training.epochs", 1).override("export.sequence_length", 6)


def metrics_of(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_metrics_say_what_was_measured_and_on_what(trained, tiny_recipe):
    metrics = metrics_of(trained)
    assert metrics["model"] == "ner_bilstm"
    assert metrics["seed"] == tiny_recipe.seed
    assert metrics["parameters"] == _artefact.load_model(trained).count_params()
    assert metrics["data"]["examples"] == {"train": 300, "validation": 20, "test": 20}
    assert 1 <= metrics["training"]["epochs"] <= 16
    clipping = metrics["training"]["clipping"]
    assert (clipping["by"], clipping["at"]) == ("global_clipnorm", 5.0)
    assert (clipping["share_of_steps"] > 0) == (clipping["largest_norm"] > 5)
    assert metrics["environment"]["tensorflow"] == tf.__version__
    assert metrics["environment"]["cores"] == os.cpu_count()
    assert set(metrics["test"]["types"]) <= {"PER", "LOC", "ORG", "MISC"}
    assert metrics["exports"].keys() == {"saved_model", "tflite"}
    for report in metrics["exports"].values():
        assert 0 <= report["largest_difference"] <= 1e-5
    assert metrics["exports"]["tflite"]["sequence_length"] == 24
    assert metrics["exports"]["tflite"]["bytes"] == (trained / "ner_bilstm.tflite").stat().st_size


def test_samples_are_of_the_test_sentences_and_at_most_32(trained):
    assert len(read_conll(trained / "samples.conll")) == 20


def test_training_learns_some_entities(trained):
    assert sum(metrics_of(trained)["score"][name] for name in ("validation", "test")) > 0


@pytest.mark.long
def test_the_same_recipe_gives_the_same_weights_and_scores(trained, tiny_recipe, tmp_path):
    metrics = train(tiny_recipe, tmp_path / "again", formats=[])
    assert metrics["test"] == metrics_of(trained)["test"]
    assert metrics["data"] == metrics_of(trained)["data"]
    assert not (tmp_path / "again" / "saved_model").exists()
    assert metrics["exports"] == {}
    one, other = (_artefact.load_model(folder) for folder in (trained, tmp_path / "again"))
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_callbacks_and_reports_are_told_and_an_older_model_is_replaced(
    small, tmp_path, monkeypatch
):
    folder = tmp_path / "tagger"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "older").write_text("older")
    _artefact.write_sums(folder)
    logs, told = [], []

    class Listener(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, epoch_logs=None):
            logs.append(epoch_logs)

    train(small, folder, formats=[], callbacks=[Listener()], report=told.append)
    assert not (folder / "older").exists()
    assert metrics_of(folder)["data"]["examples"] == {"train": 12, "validation": 2, "test": 2}
    assert len(logs) == 1
    assert logs[0].keys() >= {"loss", "accuracy", "val_f1"}
    assert told[0] == "Reading the data"
    assert told[1] == f"Replacing {folder}"
    assert told[2] == "Training ner_bilstm on 12 sentences, 16 a step, for 1 epoch at most"
    # and it can be measured again from any folder
    monkeypatch.chdir("/")
    assert evaluate(folder) == metrics_of(folder)["test"]


def test_a_failing_export_leaves_the_older_folder_as_it_was(small, tmp_path, monkeypatch):
    folder = tmp_path / "runs" / "tagger"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    _artefact.write_sums(folder)
    run = LiteRTModel.run
    monkeypatch.setattr(LiteRTModel, "run", lambda self, inputs: run(self, inputs) + 0.01)
    with pytest.raises(ExportError, match="differs from Keras.*tagger-not-exported"):
        train(small, folder, formats=["tflite"])
    assert [path.name for path in sorted(folder.iterdir())] == ["SHA256SUMS", "config.json"]
    # What was trained is not lost.
    kept = folder.with_name("tagger-not-exported")
    assert sorted(folder.parent.iterdir()) == [folder, kept]
    assert _artefact.load_model(kept).count_params() == metrics_of(kept)["parameters"]
    assert metrics_of(kept)["exports"] == {}
    assert not _artefact.wrong_sums(kept)


@pytest.mark.long
def test_a_better_model_is_not_replaced_without_a_word(small, tmp_path):
    first, second = [], []
    train(small, tmp_path / "tagger", formats=[], report=first.append)
    path = tmp_path / "tagger" / "metrics.json"
    path.write_text(
        json.dumps({**json.loads(path.read_text()), "score": {"name": "F1", "test": 0.898}})
    )
    train(small, tmp_path / "tagger", formats=[], report=second.append)
    assert [line for line in first if line.startswith("Replacing")] == []
    replacing = f"Replacing {tmp_path / 'tagger'} (test F1 0.90)"
    assert second.index(replacing) < next(
        number for number, line in enumerate(second) if line.startswith("Training")
    )


class Epochs(keras.Model):
    """As much of a model as a callback that stops training needs."""

    stop_training = False


def epochs_run(scores, patience):
    callback = StopAtBest("f1", patience)
    callback.set_model(Epochs())
    callback.on_train_begin()
    for epoch, score in enumerate(scores):
        callback.on_epoch_end(epoch, {"val_f1": score})
        if callback.model.stop_training:
            return epoch + 1
    return len(scores)


def test_training_is_not_stopped_before_the_first_entity_is_found():
    assert epochs_run([0.0] * 10, patience=2) == 10
    assert epochs_run([0.0] * 5 + [0.2, 0.3, 0.3, 0.3, 0.3], patience=2) == 9
    assert epochs_run([0.2, 0.0, 0.0, 0.0], patience=2) == 3


def test_a_model_that_found_nothing_says_what_to_change(small, tmp_path):
    told = []
    recipe = small.override("training.learning_rate", 1e-9)
    train(recipe, tmp_path / "tagger", formats=[], report=told.append)
    (warning,) = [line for line in told if line.startswith("Warning")]
    assert "--epochs 3" in warning
    assert "--batch-size 4" in warning


class TestBeforeTraining:
    """What is refused before any training."""

    @pytest.fixture(autouse=True)
    def no_fit(self, monkeypatch):
        def fail(*arguments, **options):
            pytest.fail("training began")

        monkeypatch.setattr(keras.Model, "fit", fail)

    def test_a_foreign_folder_is_refused_and_left_alone(self, small, tmp_path):
        with pytest.raises(FileExistsError, match="not a trained model's folder"):
            train(small, tmp_path / "data")
        assert [path.name for path in (tmp_path / "data").iterdir()] == ["train.conll"]

    @pytest.mark.parametrize("split", ["validation", "test"])
    def test_a_tag_that_training_lacks_is_refused_by_name(self, small, tmp_path, split):
        path = tmp_path / "odd.conll"
        write_conll(path, [Sentence(("the", "Nile"), ("O", "B-RIVER"))])
        recipe = dataclasses.replace(small, data={**small.data, split: str(path)})
        with pytest.raises(DataError, match=r"odd\.conll:2: tag 'B-RIVER' does not occur"):
            train(recipe, tmp_path / "tagger")
        assert not (tmp_path / "tagger").exists()

    @pytest.mark.parametrize("split", ["validation", "test"])
    def test_a_tag_that_training_lacks_is_refused_in_data_without_lines(
        self, small, tmp_path, monkeypatch, split
    ):
        splits = Splits(*[tuple(SENTENCES)] * 3)._replace(
            **{split: (Sentence(("the", "Nile"), ("O", "B-RIVER")),)}
        )
        monkeypatch.setattr("kerasrnn.training._tagging.load_tfds", lambda name: splits)
        recipe = dataclasses.replace(small, data={"source": "tfds:toy"})
        told = []
        with pytest.raises(DataError, match=r"'B-RIVER' in sentence 1 \('the Nile'\)"):
            train(recipe, tmp_path / "tagger", report=told.append)
        assert told[1].startswith("TFDS downloads them")

    def test_a_file_without_an_entity_is_refused(self, small, tmp_path):
        write_conll("data/plain.conll", [Sentence(("all", "plain"), ("O", "O"))] * 20)
        recipe = dataclasses.replace(small, data={"source": "files", "train": "data/plain.conll"})
        with pytest.raises(DataError, match=r"^data/plain\.conll has no entity tag; there is"):
            train(recipe, tmp_path / "tagger")

    def test_test_sentences_that_no_file_can_hold_are_refused(self, small, tmp_path, monkeypatch):
        splits = Splits(*[tuple(SENTENCES)] * 2, (Sentence(("a\tb",), ("O",)),))
        monkeypatch.setattr("kerasrnn.training._tagging.load_tfds", lambda name: splits)
        recipe = dataclasses.replace(small, data={"source": "tfds:toy"})
        with pytest.raises(DataError, match="No test sentence can be written to a CoNLL file"):
            train(recipe, tmp_path / "tagger")

    @pytest.mark.parametrize("place", ["tagger", "runs/tagger"])
    def test_a_place_below_a_file_is_refused_before_the_data_are_read(
        self, small, tmp_path, monkeypatch, place
    ):
        def fail(*arguments, **options):
            pytest.fail("the data were read")

        monkeypatch.setattr("kerasrnn.training._train.load_splits", fail)
        with pytest.raises(OSError, match=r"cannot be written: .*train\.conll is not a folder"):
            train(small, tmp_path / "data" / "train.conll" / place)

    def test_a_missing_file_is_refused(self, small, tmp_path):
        recipe = dataclasses.replace(small, data={"source": "files", "train": "nowhere.conll"})
        with pytest.raises(DataError, match=r"nowhere\.conll: no such file"):
            train(recipe, tmp_path / "tagger")
        assert not (tmp_path / "tagger").exists()

    def test_an_unknown_cell_is_refused(self, small, tmp_path):
        with pytest.raises(ValueError, match="`cell` must be one of"):
            train(small.override("arguments.cell", "gru"), tmp_path / "tagger")

    def test_an_unknown_format_is_refused(self, small, tmp_path):
        with pytest.raises(ValueError, match="`format` must be one of saved_model, tflite"):
            train(small, tmp_path / "tagger", formats=["onnx"])
        assert not (tmp_path / "tagger").exists()


# export, find


def test_an_export_of_another_length_reads_that_many_tokens(trained, tmp_path):
    report = export(trained, "tflite", tmp_path / "short.tflite", sequence_length=7)
    assert report["sequence_length"] == 7
    assert report["bytes"] == (tmp_path / "short.tflite").stat().st_size
    assert report["largest_difference"] <= 1e-5
    model = LiteRTModel(tmp_path / "short.tflite")
    assert model.input_shapes["words"] == (1, 7)
    vocabulary = TaggingVocabulary.from_json(model.read_file("vocabulary.json"))
    assert vocabulary.to_json() == TaggingVocabulary.load(trained).to_json()


def test_an_export_of_another_format_or_length_is_refused(trained, tmp_path):
    with pytest.raises(ValueError, match="`format` must be one of .* received 'onnx'"):
        export(trained, "onnx", tmp_path / "x")
    with pytest.raises(ValueError, match="is for TFLite files; a SavedModel reads any length"):
        export(trained, "saved_model", tmp_path / "x", sequence_length=8)
    for length in (0, -3):
        with pytest.raises(ValueError, match=f"`sequence_length` must be 1 or more; .* {length}"):
            export(trained, "tflite", tmp_path / "x", sequence_length=length)
    assert list(tmp_path.iterdir()) == []


def test_exports_have_the_names_of_the_artefact(trained):
    assert export_name(trained, "tflite") == "ner_bilstm.tflite"
    assert export_name(trained, "saved_model") == "saved_model"


def test_a_path_is_found_before_a_name(trained, tmp_path, monkeypatch):
    assert find_model(str(trained)) == trained
    assert find_folder(trained) == trained
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ner_bilstm").mkdir()
    (tmp_path / "ner_bilstm" / "config.json").write_text("{}")
    assert find_model("ner_bilstm").resolve() == tmp_path / "ner_bilstm"


def test_a_folder_that_is_no_model_does_not_hide_the_shipped_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ner_bilstm").mkdir()
    told = []
    assert find_model("ner_bilstm", report=told.append).name == "ner_bilstm.tflite"
    assert find_folder("ner_bilstm", report=told.append) == shipped_folder("ner_bilstm")
    assert [line.split(";")[0] for line in told] == [
        "Note: the folder ner_bilstm here is not a trained model's"
    ] * 2


def test_neither_path_nor_name_is_refused(trained):
    for find in (find_model, find_folder):
        with pytest.raises(FileNotFoundError, match="nothing: there is no such folder or file"):
            find("nothing")
    with pytest.raises(ValueError, match="is a file; give the folder"):
        find_folder(trained / "ner_bilstm.tflite")
