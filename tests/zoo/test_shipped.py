"""The artefact in saved_models: it loads, is what its files say, and is good and small enough."""

import importlib.metadata
import json

import numpy as np
import pytest

from kerasrnn.data import TaggingVocabulary, offline_ner, read_conll, spans
from kerasrnn.export import LiteRTModel
from kerasrnn.export._litert import operator_names
from kerasrnn.training import Tagger, entity_scores, load_recipe, load_splits
from kerasrnn.training._artefact import wrong_sums
from kerasrnn.zoo import get_builder, list_models, ner_bilstm, shipped_folder

SENTENCE = "Harry Potter and Hermione Granger invented a new spell"


@pytest.fixture(scope="module")
def folder():
    return shipped_folder("ner_bilstm")


@pytest.fixture(scope="module")
def metrics(folder):
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", list_models())
def test_every_model_loads_with_its_default_weights(name):
    model = get_builder(name)(weights="default")
    assert not model.compiled
    assert model.count_params() > 0


def test_default_weights_are_those_of_the_folder(folder):
    inputs = TaggingVocabulary.load(folder).encode([SENTENCE.split()])
    by_name, by_path = ner_bilstm(weights="default"), ner_bilstm(weights=folder)
    np.testing.assert_array_equal(by_name(inputs), by_path(inputs))


def test_all_sums_are_right_and_cover_all_files(folder):
    assert wrong_sums(folder) == []
    names = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    # A wheel's folder may hold what makes it a package besides.
    there = {path.name for path in folder.iterdir() if path.suffix not in (".py", "")}
    assert there == names
    assert {"model.weights.h5", "ner_bilstm.tflite", "vocabulary.json", "metrics.json"} <= names


def test_the_files_together_are_smaller_than_five_megabytes(folder):
    sizes = {path.name: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    assert sum(sizes.values()) < 5_000_000, sizes


def test_test_f1_is_at_least_nine_tenths_on_at_least_a_thousand_sentences(metrics):
    assert metrics["test"]["f1"] >= 0.90
    assert metrics["data"]["sentences"]["test"] >= 1000


def test_the_tflite_file_has_the_score_of_the_metrics_on_the_recipes_test_sentences(
    folder, metrics
):
    recorded, installed = metrics["data"]["faker"], importlib.metadata.version("faker")
    if recorded != installed:
        pytest.skip(
            f"the test sentences were made with Faker {recorded}; installed is {installed}, "
            "whose lists of names may be others"
        )
    data = load_recipe("ner_bilstm").data
    # Each split is made by itself: without the others the test sentences are the same.
    sizes = {"train": 0, "validation": 0, "test": data["test"]}
    sentences = offline_ner(seed=data["seed"], **sizes).test
    scores = entity_scores(sentences, Tagger(folder / "ner_bilstm.tflite").predict(sentences))
    assert scores["support"] == metrics["test"]["support"]
    # The metrics were measured with Keras, whose last digits may turn a tie the other way.
    for name in ("precision", "recall", "f1", "token_accuracy"):
        assert scores[name] == pytest.approx(metrics["test"][name], abs=1e-3), name


def test_metrics_are_of_this_recipe_and_these_files(folder, metrics):
    recipe = load_recipe("ner_bilstm")
    assert metrics["seed"] == recipe.seed
    sizes = {name: recipe.data[name] for name in ("train", "validation", "test")}
    assert metrics["data"]["sentences"] == sizes
    assert metrics["parameters"] == ner_bilstm(weights=folder).count_params()
    tflite = metrics["exports"]["tflite"]
    assert tflite["bytes"] == (folder / "ner_bilstm.tflite").stat().st_size
    assert tflite["largest_difference"] <= 1e-5
    assert tflite["sequence_length"] == recipe.export["sequence_length"]


def test_the_recipe_in_the_config_is_that_of_the_zoo(folder):
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    recipe = load_recipe("ner_bilstm")
    assert config["model"] == recipe.model
    for name, value in config["recipe"].items():
        assert value == getattr(recipe, name), name
    assert {name: config["arguments"][name] for name in recipe.arguments} == recipe.arguments


def test_the_tflite_file_has_builtin_operators_alone_and_this_vocabulary(folder):
    names = operator_names(folder / "ner_bilstm.tflite")
    assert not [name for name in names if name.startswith(("CUSTOM", "Flex"))]
    text = LiteRTModel(folder / "ner_bilstm.tflite").read_file("vocabulary.json")
    assert text == TaggingVocabulary.load(folder).to_json()


def test_weights_and_tflite_file_give_the_same_tags(folder):
    sentences = read_conll(folder / "samples.conll")
    assert len(sentences) >= 20
    by_keras, by_litert = Tagger(folder), Tagger(folder / "ner_bilstm.tflite")
    assert by_keras.predict(sentences) == by_litert.predict(sentences)
    for one, other in zip(
        by_keras.probabilities([s.tokens for s in sentences]),
        by_litert.probabilities([s.tokens for s in sentences]),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_names_that_were_never_seen_in_training_are_found(folder):
    recipe = load_recipe("ner_bilstm")
    splits = load_splits(recipe.data)
    seen = {token.lower() for split in splits for sentence in split for token in sentence.tokens}
    assert "and" in seen
    assert not seen & {"harry", "potter", "hermione", "granger"}
    sentence = Tagger(folder / "ner_bilstm.tflite").tag(SENTENCE)
    assert spans(sentence.tags) == [("PER", 0, 2), ("PER", 3, 5)]
