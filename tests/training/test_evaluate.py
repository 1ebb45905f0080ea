import importlib.metadata
import json
import shutil

import pytest

from kerasrnn.data import DataError, Sentence, read_conll, write_conll
from kerasrnn.training import Tagger, entity_scores, evaluate


def test_the_recipes_test_sentences_give_the_scores_of_training(trained):
    metrics = json.loads((trained / "metrics.json").read_text())
    assert evaluate(trained) == metrics["test"]


def test_a_file_is_measured_with_either_model(trained):
    path = trained / "samples.conll"
    sentences = read_conll(path)
    expected = entity_scores(sentences, Tagger(trained).predict(sentences))
    assert expected["support"] > 10
    assert evaluate(trained, path) == expected
    assert evaluate(str(trained / "ner_bilstm.tflite"), str(path)) == expected


def test_what_the_model_says_itself_is_all_right(trained, tmp_path):
    sentences = Tagger(trained).predict(read_conll(trained / "samples.conll"))
    write_conll(tmp_path / "own.conll", sentences)
    scores = evaluate(trained, tmp_path / "own.conll")
    assert scores["f1"] == scores["token_accuracy"] == 1


def test_types_that_the_model_does_not_know_count_as_missed(trained, tmp_path):
    write_conll(tmp_path / "test.conll", [Sentence(("the", "Nile"), ("O", "B-RIVER"))])
    scores = evaluate(trained, tmp_path / "test.conll")
    assert scores["types"]["RIVER"] == {"precision": 0, "recall": 0, "f1": 0, "support": 1}


def test_a_bad_file_is_refused_with_its_line(trained, tmp_path):
    (tmp_path / "bad.conll").write_text("Ada B-PER\nwrote\n")
    with pytest.raises(DataError, match=r"bad\.conll:2: 1 column"):
        evaluate(trained, tmp_path / "bad.conll")


@pytest.fixture
def copy(trained, tmp_path):
    """A copy of the trained folder, whose files may be changed."""
    return shutil.copytree(trained, tmp_path / "copy", ignore=lambda *_: ["saved_model"])


def change(folder, name, change_content):
    content = json.loads((folder / name).read_text())
    change_content(content)
    (folder / name).write_text(json.dumps(content))


def test_names_of_another_faker_are_refused_with_both_versions_and_the_way_out(copy):
    change(copy, "metrics.json", lambda m: m["data"].update(sha256="0" * 64, faker="30.1.0"))
    with pytest.raises(ValueError, match="no longer what it was trained on") as caught:
        evaluate(copy)
    installed = importlib.metadata.version("faker")
    assert f"hang on faker, which was 30.1.0 then; installed is {installed}. " in str(caught.value)
    assert "`pip install faker==30.1.0`, or give test sentences with --test" in str(caught.value)


def test_sentences_of_another_version_of_the_library_are_refused(copy):
    change(copy, "metrics.json", lambda m: m["data"].update(sha256="0" * 64))
    with pytest.raises(ValueError, match="Another version of kerasrnn made them; give test sent"):
        evaluate(copy)


def test_a_file_that_was_changed_is_refused(copy, tmp_path):
    write_conll(tmp_path / "train.conll", [Sentence((f"w{n}",), ("O",)) for n in range(9)])
    data = {"source": "files", "train": str(tmp_path / "train.conll")}
    change(copy, "config.json", lambda config: config["recipe"].update(data=data))
    with pytest.raises(ValueError, match="Bring back the data of then, or give test sentences"):
        evaluate(copy)


@pytest.mark.parametrize("entry", ["model", "recipe"])
def test_a_config_that_lacks_an_entry_is_refused_with_its_path(copy, entry):
    change(copy, "config.json", lambda config: config.pop(entry))
    with pytest.raises(ValueError, match=rf"config\.json is damaged: it has no '{entry}'"):
        evaluate(copy)


def test_a_config_whose_recipe_is_none_is_refused_with_its_path(copy):
    change(copy, "config.json", lambda config: config["recipe"].pop("training"))
    with pytest.raises(ValueError, match=r"config\.json: not a recipe: .*'training'"):
        evaluate(copy)


def test_a_tflite_file_alone_has_no_test_sentences(trained, tmp_path):
    alone = shutil.copy(trained / "ner_bilstm.tflite", tmp_path)
    with pytest.raises(ValueError, match=r"a lone \.tflite has no test data; pass --test FILE"):
        evaluate(alone)
