import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from kerasrnn.data import Labelled, Splits
from kerasrnn.training import RecipeError, load_recipe
from kerasrnn.training._baselines import BASELINES, run_baselines
from kerasrnn.training._fit import require_known_entries
from tests.training.short_texts import short_texts

pytest.importorskip("sklearn")

SPLITS = Splits(short_texts(200), short_texts(20, 1), short_texts(40, 2))


def run(recipe, splits, *names, said=None):
    recipe = replace(recipe, baselines={"run": list(names)})
    return run_baselines(recipe, splits, [].append if said is None else said.append)


def vectors(count, seed, order=False):
    draw = np.random.default_rng(seed)
    return tuple(
        Labelled(draw.normal(n % 2 * 3, 1, 4), ("no", "yes")[n % 2], "early" if n < 10 else "late")
        for n in range(count)
    )


VECTORS = Splits(vectors(80, 0), vectors(20, 1), vectors(30, 2))


def vector_recipe():
    return load_recipe("one_to_one_dense").override("task", "vector_classification")


@pytest.mark.parametrize("name", ["tfidf_logistic_regression", "one_to_one_dense"])
def test_a_baseline_learns_what_words_alone_tell(name):
    found = run(load_recipe("sentiment_gru"), SPLITS, name)[name]
    assert found["accuracy"] > 0.9
    low, high = found["confidence"]
    assert low <= found["accuracy"] <= high
    assert found["parts"] == {}


@pytest.mark.parametrize("name", ["logistic_regression", "random_forest", "one_to_one_dense"])
def test_a_baseline_of_vectors_learns_them_and_tells_of_parts(name):
    found = run(vector_recipe(), VECTORS, name)[name]
    assert found["accuracy"] > 0.9
    assert list(found["parts"]) == ["early", "late"]
    assert found["parts"]["early"] * 10 + found["parts"]["late"] * 20 == pytest.approx(
        found["accuracy"] * 30
    )


def test_labels_may_stand_in_any_order_and_be_missing_in_the_test_data():
    test = tuple(example for example in VECTORS.test if example.label == "yes")
    found = run(vector_recipe(), VECTORS._replace(test=test), "logistic_regression")
    assert found["logistic_regression"]["accuracy"] > 0.9


def test_the_seed_decides_what_comes_out():
    noise = tuple(replace(e, content=e.content + 9 * n % 7) for n, e in enumerate(VECTORS.test))
    splits, recipe = VECTORS._replace(test=noise), vector_recipe()
    first, again = (run(recipe, splits, "one_to_one_dense") for _ in range(2))
    assert first == again


def test_only_those_of_the_recipe_are_run_and_each_is_told():
    said = []
    assert run(load_recipe("sentiment_gru"), SPLITS, said=said) == {}
    assert said == []
    run(load_recipe("sentiment_gru"), SPLITS, "tfidf_logistic_regression", said=said)
    assert said == ["Measuring the baseline tfidf_logistic_regression"]


def test_without_scikit_learn_what_needs_it_is_left_out_and_told(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    said = []
    assert run(vector_recipe(), VECTORS, "random_forest", said=said) == {}
    assert said == ["Without scikit-learn no random_forest: pip install 'kerasrnn[baseline]'"]


@pytest.mark.parametrize(
    ("recipe", "name"),
    [
        (load_recipe("one_to_one_dense").override("task", "vector_classification"),
         "tfidf_logistic_regression"),
        (load_recipe("sentiment_gru"), "random_forest"),
        (load_recipe("ner_bilstm"), "one_to_one_dense"),
    ],
)  # fmt: skip
def test_a_baseline_for_other_contents_is_left_out_and_told(recipe, name):
    said = []
    assert run(recipe, VECTORS, name, said=said) == {}
    (message,) = said
    assert message.startswith(f"Left out the baseline {name}: it is not for ")


def test_data_that_a_baseline_cannot_read_lose_no_trained_model():
    examples = (Labelled("", "a"), Labelled("!", "b"), Labelled("?", "b"))
    said = []
    names = ("tfidf_logistic_regression", "one_to_one_dense")
    assert run(load_recipe("sentiment_gru"), Splits(*[examples] * 3), *names, said=said) == {}
    assert [message.split(":")[0] for message in said if message.startswith("Left")] == [
        f"Left out the baseline {name}" for name in names
    ]


def test_an_unknown_baseline_is_an_error_before_training():
    recipe = replace(load_recipe("sentiment_gru"), baselines={"run": ["magic"]})
    with pytest.raises(RecipeError, match="'magic' is unknown; known are tfidf_"):
        require_known_entries(recipe)


@pytest.mark.parametrize("model", ["sentiment_gru", "dna_bigru", "video_lrcn", "one_to_one_dense"])
def test_the_recipes_that_ship_name_baselines_that_fit(model):
    from kerasrnn.training._task import get_task

    recipe = load_recipe(model)
    assert recipe.baselines["run"]
    for name in recipe.baselines["run"]:
        assert BASELINES[name].fits(get_task(recipe.task))
