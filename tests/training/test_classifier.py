import json
import shutil

import numpy as np
import pytest

from kerasrnn.data import DataError, Labelled
from kerasrnn.export import to_tflite
from kerasrnn.training import Classifier, Tagger, export, load_predictor
from kerasrnn.zoo import sentiment_gru, shipped_folder
from tests.training.short_texts import short_texts

FAR_TOO_LONG = "lovely " + "and then it was so " * 400 + "awful"
TEXTS = (
    "The room was lovely.",
    "",
    " \t\n",
    "awful",
    "The walk was lovely and warm, and the meal was superb, superb, but slow and cold.",
    FAR_TOO_LONG,
    "ΣΊΣΥΦΟΣ 🙂 — Zoë",
)


@pytest.fixture(scope="module")
def classifier(trained_classifier):
    return Classifier(trained_classifier)


@pytest.fixture(scope="module")
def of_file(trained_classifier):
    return Classifier(trained_classifier / "sentiment_gru.tflite")


def test_a_text_gets_the_probability_of_each_label_the_most_probable_first(classifier):
    for text, label in (("The song was superb", "good"), ("The song was awful", "bad")):
        found = classifier.classify(text)
        assert list(found) == [label, *({"good", "bad"} - {label})]
        assert list(found.values()) == sorted(found.values(), reverse=True)
        assert sum(found.values()) == pytest.approx(1, abs=1e-5)
        assert json.loads(json.dumps(found)) == found


def test_it_has_learnt_texts_that_it_never_saw(classifier):
    examples = short_texts(40, seed=9)
    found = classifier.predict(examples)
    labels = [classifier.vocabulary.labels[number] for number in found.argmax(axis=1)]
    assert np.mean([label == e.label for label, e in zip(labels, examples, strict=True)]) > 0.9


@pytest.mark.parametrize("runtime", ["interpreter", "compiled"])
def test_a_folder_and_its_file_agree_on_short_empty_and_far_too_long_texts(
    trained_classifier, classifier, runtime
):
    file = Classifier(trained_classifier / "sentiment_gru.tflite", runtime)
    assert len(FAR_TOO_LONG.split()) > 100 * file.vocabulary.max_length
    np.testing.assert_allclose(
        file.probabilities(TEXTS), classifier.probabilities(TEXTS), atol=1e-5
    )


def test_of_a_text_that_is_too_long_the_first_and_last_half_count(classifier, of_file):
    words = FAR_TOO_LONG.split()
    for found in (classifier, of_file):
        cut, whole, other = found.probabilities(
            [" ".join(words[:6] + words[-6:]), FAR_TOO_LONG, " ".join(words[:12])]
        )
        np.testing.assert_allclose(whole, cut, atol=1e-6)
        assert np.max(np.abs(whole - other)) > 1e-4


def test_a_file_of_a_shorter_length_cuts_more(trained_classifier, classifier, tmp_path):
    path = tmp_path / "short.tflite"
    export(trained_classifier, "tflite", path, sequence_length=4)
    short, text = Classifier(path), "the film was awful they say to end"
    np.testing.assert_allclose(
        short.probabilities([text]), classifier.probabilities(["the film to end"]), atol=1e-5
    )
    assert np.max(np.abs(short.probabilities([text]) - classifier.probabilities([text]))) > 1e-4


def test_an_empty_text_is_one_unknown_word(classifier):
    empty, spaces, unknown = classifier.probabilities(["", "  \n", "qwxyz"])
    np.testing.assert_array_equal(empty, spaces)
    np.testing.assert_allclose(empty, unknown, atol=1e-6)


def test_a_text_gets_the_same_whatever_it_stands_with(classifier):
    texts = [*TEXTS, *(example.content for example in short_texts(150))]
    together = classifier.probabilities(texts)
    alone = [classifier.probabilities([text])[0] for text in texts[:12]]
    np.testing.assert_allclose(together[:12], alone, atol=1e-6)
    backwards = classifier.probabilities(texts[::-1])
    np.testing.assert_allclose(backwards[::-1], together, atol=1e-6)


def test_of_no_texts_there_are_no_rows(classifier, of_file):
    assert classifier.probabilities([]).shape == of_file.predict([]).shape == (0, 2)


def test_labels_of_examples_are_not_read(classifier):
    told, lied = Labelled("The song was dull", "bad"), Labelled("The song was dull", "no such")
    np.testing.assert_array_equal(classifier.predict([told]), classifier.predict([lied]))


def test_what_is_no_text_is_an_error(classifier):
    with pytest.raises(DataError, match="A text is a string"):
        classifier.probabilities([3.5])


def test_a_file_alone_is_enough(trained_classifier, classifier, tmp_path):
    path = tmp_path / "lone.tflite"
    shutil.copy(trained_classifier / "sentiment_gru.tflite", path)
    np.testing.assert_allclose(
        load_predictor(path).probabilities(TEXTS), classifier.probabilities(TEXTS), atol=1e-5
    )


def test_load_predictor_finds_the_task_of_a_folder_and_of_a_file(trained_classifier):
    for path in (trained_classifier, trained_classifier / "sentiment_gru.tflite"):
        predictor = load_predictor(path)
        assert isinstance(predictor, Classifier)
        assert predictor.task.name == "text_classification"
    tagger = shipped_folder("ner_bilstm")
    for path in (tagger, tagger / "ner_bilstm.tflite"):
        assert isinstance(load_predictor(path), Tagger)


@pytest.mark.parametrize("name", ["", "ner_bilstm.tflite"])
def test_a_tagger_is_refused(name):
    with pytest.raises(ValueError, match="is a model of tagging, no classifier"):
        Classifier(shipped_folder("ner_bilstm") / name)


@pytest.mark.parametrize("reader", [Classifier, load_predictor])
def test_what_is_not_there_or_no_model_is_an_error(tmp_path, reader):
    with pytest.raises(FileNotFoundError, match="there is no such folder or file"):
        reader(tmp_path / "nothing")
    with pytest.raises(ValueError, match="not a trained model's folder"):
        reader(tmp_path)


@pytest.mark.parametrize(("content", "kind"), [('{"kind": "odd"}', "'odd'"), ("[1]", "None")])
def test_a_file_with_a_vocabulary_of_an_unknown_kind_is_an_error(tmp_path, content, kind):
    path = tmp_path / "odd.tflite"
    model = sentiment_gru(vocab_size=4, num_classes=2, units=2, word_dim=2)
    samples = [{"words": np.ones((1, 3), "int32")}]
    to_tflite(model, path, samples=samples, files={"vocabulary.json": content})
    with pytest.raises(ValueError, match=f"a vocabulary of an unknown kind, {kind}"):
        load_predictor(path)
