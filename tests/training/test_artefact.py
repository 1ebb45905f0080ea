import json

import h5py
import numpy as np
import pytest

from kerasrnn.data import DataError, Sentence, TaggingVocabulary, read_conll, write_conll
from kerasrnn.training import _artefact
from kerasrnn.training._tagging import TAGGING


def test_json_is_written_for_people_and_read_again(tmp_path):
    content = {"name": "Zoë", "numbers": [1, 2.5]}
    _artefact.write_json(tmp_path, "x.json", content)
    assert "Zoë" in (tmp_path / "x.json").read_text(encoding="utf-8")
    assert _artefact.read_json(tmp_path, "x.json") == content


def test_a_folder_that_is_no_models_is_refused_and_says_what_is_missing(tmp_path):
    with pytest.raises(ValueError, match=r"not a trained model's folder: it has no config\.json"):
        _artefact.read_json(tmp_path, "config.json")
    with pytest.raises(ValueError, match=r"no config\.json"):
        _artefact.load_model(tmp_path)


def test_a_damaged_file_is_refused_with_its_path(tmp_path):
    (tmp_path / "config.json").write_text('{"model": ')
    with pytest.raises(ValueError, match=r"config\.json is damaged: .*line 1"):
        _artefact.read_json(tmp_path, "config.json")


def test_sums_cover_every_file_but_themselves(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "b").write_text("b")
    (tmp_path / "a").write_text("a")
    for _ in range(2):  # the second time there is a file of sums already
        _artefact.write_sums(tmp_path)
        lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
        assert [line[64:] for line in lines] == ["  a", "  inner/b"]
    assert _artefact.wrong_sums(tmp_path) == []


def test_a_changed_and_a_missing_file_have_wrong_sums(tmp_path):
    for name in "abc":
        (tmp_path / name).write_text(name)
    _artefact.write_sums(tmp_path)
    (tmp_path / "a").write_text("other")
    (tmp_path / "b").unlink()
    assert _artefact.wrong_sums(tmp_path) == ["a", "b"]


def test_samples_are_the_first_sentences_that_a_file_can_hold(tmp_path):
    odd = [Sentence((token,), ("O",)) for token in ("", "a\tb", "a\nb", " a", "\ufeff")]
    good = [Sentence((f"w{n}",), ("O",)) for n in range(40)]
    samples = TAGGING.choose_samples([*odd, *good])
    assert samples == tuple(good[:32])
    write_conll(tmp_path / "samples.conll", samples)
    assert read_conll(tmp_path / "samples.conll") == samples
    with pytest.raises(DataError, match="No test sentence can be written to a CoNLL file"):
        TAGGING.choose_samples(odd)


def test_only_a_models_folder_or_an_empty_place_may_be_written(tmp_path):
    models, empty, foreign = tmp_path / "models", tmp_path / "empty", tmp_path / "foreign"
    for folder in (models, empty, foreign):
        folder.mkdir()
    (models / "config.json").write_text("{}")
    _artefact.write_sums(models)
    (foreign / "thesis.txt").write_text("years of work")
    for place in (models, empty, tmp_path / "nothing"):
        _artefact.refuse_foreign_folder(place)
    for place in (foreign, foreign / "thesis.txt"):
        with pytest.raises(FileExistsError, match="exists and is not a trained model's folder"):
            _artefact.refuse_foreign_folder(place)


def test_the_folder_of_training_holds_what_the_docstring_lists(trained):
    assert {path.name for path in trained.iterdir()} == {
        "SHA256SUMS",
        "config.json",
        "metrics.json",
        "model.weights.h5",
        "ner_bilstm.tflite",
        "samples.conll",
        "saved_model",
        "vocabulary.json",
    }
    for name in ("config.json", "metrics.json", "model.weights.h5", "samples.conll", "SHA256SUMS"):
        assert name in _artefact.__doc__
    assert _artefact.wrong_sums(trained) == []


def test_the_model_of_a_folder_has_the_sizes_of_its_vocabulary(trained):
    vocabulary = TaggingVocabulary.load(trained)
    model = _artefact.load_model(trained)
    assert model.output_shape[-1] == len(vocabulary.tags)
    assert model.get_layer("words_in").input_dim == len(vocabulary.words)
    assert not model.compiled
    inputs = vocabulary.encode(read_conll(trained / "samples.conll"))
    np.testing.assert_array_equal(_artefact.load_model(trained)(inputs), model(inputs))


def test_the_config_holds_the_recipe_and_all_of_the_builders_sizes(trained, tiny_recipe):
    config = json.loads((trained / "config.json").read_text())
    assert config["model"] == "ner_bilstm"
    assert config["recipe"]["training"] == tiny_recipe.training
    assert config["recipe"]["data"] == tiny_recipe.data
    assert config["arguments"].keys() == tiny_recipe.arguments.keys() | {
        "vocab_size",
        "num_tags",
        "num_characters",
    }


def test_weights_are_stored_without_the_optimizer(trained):
    with h5py.File(trained / "model.weights.h5") as file:
        assert "optimizer" not in file


def test_a_models_folder_with_a_file_of_the_users_own_is_not_replaced(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    _artefact.write_sums(tmp_path)
    (tmp_path / "notes.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="would be lost: notes.txt. Move them"):
        _artefact.refuse_foreign_folder(tmp_path)
