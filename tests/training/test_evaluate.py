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


def test_a_tflite_file_alone_has_no_test_sentences(trained, tmp_path):
    alone = shutil.copy(trained / "ner_bilstm.tflite", tmp_path)
    with pytest.raises(ValueError, match="is not a trained model's folder"):
        evaluate(alone)
