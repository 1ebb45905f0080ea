"""The artefacts in saved_models: they load, are what their files say, and good and small enough."""

import importlib.metadata
import json
from pathlib import Path

import numpy as np
import pytest

from kerasrnn.data import TaggingVocabulary, offline_ner, read_conll, spans
from kerasrnn.export import LiteRTModel
from kerasrnn.export._litert import operator_names
from kerasrnn.training import Tagger, entity_scores, load_predictor, load_recipe, load_splits
from kerasrnn.training._artefact import read_recipe, task_of, wrong_sums
from kerasrnn.training._next_token import NextToken
from kerasrnn.training._recipe_entries import CLIPPING
from kerasrnn.training._task import get_task
from kerasrnn.zoo import get_builder, list_models, ner_bilstm, shipped_folder

ROOT = Path(__file__).parents[2]
SENTENCE = "Harry Potter and Hermione Granger invented a new spell"
LANGUAGE_MODELS = [
    name for name in list_models() if isinstance(get_task(load_recipe(name).task), NextToken)
]
CLASSIFIERS = [name for name in list_models() if name not in ("ner_bilstm", *LANGUAGE_MODELS)]
# Of models of the next token: the figure, and of which share of which baselines' it must be below.
BELOW = {
    "char_lm_gru": ("bits", 0.9, "kneser_ney_5"),
    "word_lm_lstm": ("perplexity", 1.0, "kneser_ney_3"),
    "name_gru": ("bits", 1.0, None),
    "music_lstm": ("bits", 1.0, None),
}
# What a model and its baselines must reach on the recipe's test examples; a part's, if it is named.
CLAIMS = {
    "sentiment_gru": {"part": "order", "least": 0.95, "baselines_most": 0.60},
    "video_lrcn": {"part": None, "least": 0.95, "baselines_most": 0.50},
}


def metrics_of(name):
    return json.loads((shipped_folder(name) / "metrics.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder():
    return shipped_folder("ner_bilstm")


@pytest.fixture(scope="module")
def metrics():
    return metrics_of("ner_bilstm")


@pytest.mark.parametrize("name", list_models())
class TestEachModel:
    def test_it_loads_with_its_default_weights(self, name):
        model = get_builder(name)(weights="default")
        assert not model.compiled
        assert model.count_params() == metrics_of(name)["parameters"] > 0

    def test_all_sums_are_right_and_cover_all_files(self, name):
        folder = shipped_folder(name)
        assert wrong_sums(folder) == []
        names = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
        # A wheel's folder may hold what makes it a package besides.
        there = {path.name for path in folder.iterdir() if path.suffix not in (".py", "")}
        assert there == names
        assert {"model.weights.h5", f"{name}.tflite", "vocabulary.json", "metrics.json"} <= names

    def test_its_files_are_smaller_than_five_megabytes(self, name):
        """Together; of models of the next token, which know a book, each by itself."""
        sizes = [path.stat().st_size for path in shipped_folder(name).rglob("*") if path.is_file()]
        assert (max if name in LANGUAGE_MODELS else sum)(sizes) < 5_000_000

    def test_metrics_are_of_this_recipe_and_these_files(self, name):
        recipe, metrics, folder = load_recipe(name), metrics_of(name), shipped_folder(name)
        assert metrics["seed"] == recipe.seed
        assert metrics["task"] == recipe.task
        sizes = {split: recipe.data.get(split) for split in ("train", "validation", "test")}
        if sizes["train"] is not None:
            assert metrics["data"]["examples"] == sizes
        assert list(metrics["baselines"]) == recipe.baselines.get("run", [])
        tflite = metrics["exports"]["tflite"]
        assert tflite["bytes"] == (folder / f"{name}.tflite").stat().st_size
        assert tflite["quantize"] == (recipe.export.get("quantize") or None)
        if tflite["quantize"]:
            assert tflite["largest_difference"] <= 1e-3
            score, count = tflite["score"], metrics["data"]["examples"]["test"]
            assert score["examples"] == min(500, count)
            assert score["before"] == pytest.approx(metrics["score"]["test"])
            assert score["after"] >= score["before"] - 0.005
        else:
            assert tflite["largest_difference"] <= 1e-5
        assert tflite["sequence_length"] == recipe.export["sequence_length"]

    def test_it_was_trained_within_fifteen_minutes_on_two_cores(self, name):
        metrics = metrics_of(name)
        assert metrics["environment"]["cores"] == 2
        assert metrics["training"]["seconds"] < 15 * 60

    def test_the_recipe_in_the_config_is_that_of_the_zoo(self, name):
        folder, recipe = shipped_folder(name), load_recipe(name)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        assert config["model"] == recipe.model
        stored = read_recipe(folder)  # in which older entries have the names that they have now
        # What a recipe changes for other data took no part in making this.
        for entry in config["recipe"].keys() - {"training", "other_data"}:
            assert getattr(stored, entry) == getattr(recipe, entry), entry
        assert {**dict.fromkeys(CLIPPING, 0.0), **stored.training} == recipe.training
        assert {entry: config["arguments"][entry] for entry in recipe.arguments} == recipe.arguments

    def test_the_tflite_file_has_builtin_operators_alone_and_this_vocabulary(self, name):
        folder = shipped_folder(name)
        names = operator_names(folder / f"{name}.tflite")
        assert not [operator for operator in names if operator.startswith(("CUSTOM", "Flex"))]
        text = LiteRTModel(folder / f"{name}.tflite").read_file("vocabulary.json")
        assert text == task_of(folder).vocabulary.load(folder).to_json()


@pytest.mark.parametrize("name", CLASSIFIERS)
class TestEachClassifier:
    def test_weights_and_tflite_file_give_the_same_probabilities(self, name):
        folder = shipped_folder(name)
        task = task_of(folder)
        samples = task.read_samples(folder / task.samples)
        by_keras, by_litert = load_predictor(folder), load_predictor(folder / f"{name}.tflite")
        assert by_litert.task is task
        atol = 1e-3 if load_recipe(name).export.get("quantize") else 1e-5
        np.testing.assert_allclose(by_keras.predict(samples), by_litert.predict(samples), atol=atol)

    def test_the_tflite_file_has_the_score_of_the_metrics_on_the_recipes_test_examples(self, name):
        recipe, metrics = load_recipe(name), metrics_of(name)
        for package in task_of(shipped_folder(name)).decided_by:
            recorded, installed = metrics["data"][package], importlib.metadata.version(package)
            if recorded != installed:
                pytest.skip(f"the data were made with {package} {recorded}, here is {installed}")
        # Each split is made by itself: without the others the test examples are the same.
        data = {
            **recipe.data,
            **{split: 1 for split in ("train", "validation") if split in recipe.data},
        }
        test = load_splits(data, recipe.seed, recipe.task).test
        model = load_predictor(shipped_folder(name) / f"{name}.tflite")
        scores = model.task.scores(test, model.predict(test), model.vocabulary, confidence=False)
        assert len(test) == metrics["data"]["examples"]["test"]
        # The metrics were measured with Keras, whose last digits may turn a tie the other way.
        assert scores["accuracy"] == pytest.approx(metrics["test"]["accuracy"], abs=2 / len(test))


@pytest.mark.parametrize("name", LANGUAGE_MODELS)
class TestModelOfTheNextToken:
    def test_weights_and_tflite_file_give_the_same_probabilities(self, name):
        folder = shipped_folder(name)
        samples = task_of(folder).read_samples(folder / task_of(folder).samples)
        by_keras, by_litert = load_predictor(folder), load_predictor(folder / f"{name}.tflite")
        pairs = zip(by_keras.predict(samples), by_litert.predict(samples), strict=True)
        for expected, found in pairs:
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)

    def test_it_is_below_its_baselines(self, name):
        metrics, (figure, share, baseline) = metrics_of(name), BELOW[name]
        baselines = metrics["baselines"]
        assert baselines
        for other in [baseline] if baseline else baselines:
            assert metrics["test"][figure] < share * baselines[other][figure]

    @pytest.mark.long
    def test_keras_has_the_score_of_the_metrics_on_the_recipes_test_examples(self, name):
        recipe, metrics = load_recipe(name), metrics_of(name)
        if recipe.data["source"] != "offline":
            pytest.skip("the data are a download")
        for package in task_of(shipped_folder(name)).decided_by:
            recorded, installed = metrics["data"][package], importlib.metadata.version(package)
            if recorded != installed:
                pytest.skip(f"the data were made with {package} {recorded}, here is {installed}")
        test = load_splits(recipe.data, recipe.seed, recipe.task).test
        model = load_predictor(shipped_folder(name))
        scores = model.task.scores(test, model.predict(test), model.vocabulary)
        assert scores["bits"] == pytest.approx(metrics["test"]["bits"], rel=1e-4)


@pytest.mark.parametrize("name", CLAIMS)
def test_it_is_right_where_its_baselines_are_not(name):
    claim, metrics = CLAIMS[name], metrics_of(name)

    def accuracy(scores):
        found = scores if claim["part"] is None else scores["parts"][claim["part"]]
        return found["accuracy"] if isinstance(found, dict) else found

    assert accuracy(metrics["test"]) > claim["least"]
    for baseline in metrics["baselines"].values():
        assert accuracy(baseline) < claim["baselines_most"]


def test_ten_folds_of_dna_are_of_this_recipe_and_above_forests_in_eight_or_more():
    content = json.loads((ROOT / "benchmarks" / "dna_folds.json").read_text(encoding="utf-8"))
    recipe = load_recipe("dna_bigru")
    assert content["settings"]["training"] == recipe.training
    assert content["settings"]["arguments"] == recipe.arguments
    assert len(content["folds"]) == 10
    ours, forests = (
        np.array([np.mean(fold["right"][side]) / fold["test"] for fold in content["folds"]])
        for side in ("dna_bigru", "random_forest")
    )
    assert all(len(fold["right"]["random_forest"]) == 10 for fold in content["folds"])
    assert ours.mean() > 0.970
    assert sum(ours > forests) >= 8


def test_default_weights_are_those_of_the_folder(folder):
    inputs = TaggingVocabulary.load(folder).encode([SENTENCE.split()])
    by_name, by_path = ner_bilstm(weights="default"), ner_bilstm(weights=folder)
    np.testing.assert_array_equal(by_name(inputs), by_path(inputs))


def test_test_f1_is_at_least_nine_tenths_on_at_least_a_thousand_sentences(metrics):
    assert metrics["test"]["f1"] >= 0.90
    assert metrics["data"]["examples"]["test"] >= 1000


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
