"""What a model is measured beside: simpler ways, fitted to the same split.

Each takes the task, the `Splits` and the model's recipe, and gives probabilities `(test examples,
labels)`, the labels in alphabetical order as encoders have them.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from kerasrnn.training._label_scores import label_scores
from kerasrnn.training._recipe import RecipeError, fit_to_size, for_other_data, load_recipe
from kerasrnn.training._task import get_task

_TREES = 500
_MOST_NUMBERS = 2**28  # of all training vectors together: two gibibytes, and a forest of hours


def run_baselines(recipe, splits, report):
    """Scores of the recipe's baselines on the test examples, a dictionary by their names.

    What needs scikit-learn is left out where that is not installed, what is for other contents,
    and what these examples are too few or too poor for; each is told. The model is trained by now,
    and must not be lost for what it is measured beside.
    """
    task, found = get_task(recipe.task), {}
    for name in recipe.baselines.get("run", ()):
        baseline = BASELINES[name]
        if not baseline.fits(getattr(task, "dense_task", "")):
            report(f"Left out the baseline {name}: it is not for {task.item}s")
            continue
        if baseline.needs_sklearn and importlib.util.find_spec("sklearn") is None:
            report(f"Without scikit-learn no {name}: pip install 'kerasrnn[baseline]'")
            continue
        if len(splits.train) * task.vector_size(splits.train) > _MOST_NUMBERS:
            report(f"Left out the baseline {name}: {len(splits.train)} such vectors are too many")
            continue
        report(f"Measuring the baseline {name}")
        try:
            found[name] = _scores(splits, baseline.fit(task, splits, recipe))
        except (ValueError, MemoryError) as error:
            report(f"Left out the baseline {name}: {error}")
    return found


def require_known_baselines(recipe):
    """Raises RecipeError where the recipe names a baseline that there is not."""
    for name in recipe.baselines.get("run", ()):
        if name not in BASELINES:
            raise RecipeError(f"[baselines] {name!r} is unknown; known are {', '.join(BASELINES)}.")


def _scores(splits, probabilities):
    labels = sorted({example.label for example in splits.train})
    numbers = [labels.index(example.label) for example in splits.test]
    parts = [example.part for example in splits.test]
    scores = label_scores(numbers, probabilities, labels, parts=parts if any(parts) else None)
    return {
        "accuracy": scores["accuracy"],
        "confidence": scores["confidence"]["accuracy"],
        "macro_f1": scores["macro_f1"],
        "parts": {part: found["accuracy"] for part, found in scores["parts"].items()},
    }


def _tfidf(task, splits, recipe):
    """TF-IDF of words and logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(), LogisticRegression(max_iter=1000, random_state=recipe.seed)
    )
    return _fit_sklearn(model, splits, lambda example: example.content)


def _random_forest(task, splits, recipe):
    """Random forest on one-hot rows."""
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(_TREES, random_state=recipe.seed, n_jobs=-1)
    return _fit_sklearn(model, task.as_vectors(splits), lambda example: example.content)


def _logistic_regression(task, splits, recipe):
    """Logistic regression on one-hot rows."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=1000, random_state=recipe.seed)
    return _fit_sklearn(model, task.as_vectors(splits), lambda example: example.content)


def _fit_sklearn(model, splits, content):
    train = splits.train
    model.fit([content(example) for example in train], [example.label for example in train])
    return model.predict_proba([content(example) for example in splits.test])


def _dense(task, splits, recipe):
    """`one_to_one_dense`, the network without memory, by its own recipe.

    Of other data than the offline ones that recipe is fitted to their size, as the model's is.
    """
    import keras

    from kerasrnn.training._fit import build, fit

    seed, source = recipe.seed, recipe.data["source"]
    recipe = replace(load_recipe("one_to_one_dense"), task=task.dense_task, seed=seed)
    if source != "offline":
        recipe = fit_to_size(for_other_data(recipe, {"source": source}), len(splits.train))
    if task.dense_task == "vector_classification":
        recipe, splits = replace(recipe, vocabulary={}), task.as_vectors(splits)
    keras.utils.set_random_seed(seed)
    vocabulary, model, _ = build(recipe, splits.train)
    fit(model, vocabulary, recipe, splits)
    return get_task(recipe.task).predict(model, vocabulary, splits.test)


class _Baseline(NamedTuple):
    fit: Callable
    needs_sklearn: bool
    fits: Callable  # of the task that `one_to_one_dense` has in the model's place; "" is none


def _of_texts(dense_task):
    return dense_task == "bag_of_words"


def _of_vectors(dense_task):
    return dense_task == "vector_classification"


BASELINES = {
    "tfidf_logistic_regression": _Baseline(_tfidf, True, _of_texts),
    "random_forest": _Baseline(_random_forest, True, _of_vectors),
    "logistic_regression": _Baseline(_logistic_regression, True, _of_vectors),
    "one_to_one_dense": _Baseline(_dense, False, bool),
}
