"""What a model is measured beside: simpler ways, fitted to the same split.

Each takes the task, the `Splits` and a seed, and gives probabilities `(test examples, labels)`, the
labels in alphabetical order as encoders have them.
"""

import importlib.util
from dataclasses import replace

from kerasrnn.training._label_scores import label_scores
from kerasrnn.training._task import get_task

_TREES = 500


def run_baselines(recipe, splits, report):
    """Scores of the recipe's baselines on the test examples, a dictionary by their names.

    What needs scikit-learn is left out where that is not installed, and told.
    """
    task, found = get_task(recipe.task), {}
    for name in recipe.baselines.get("run", ()):
        fit, needs_sklearn = BASELINES[name]
        if needs_sklearn and importlib.util.find_spec("sklearn") is None:
            report(f"Without scikit-learn no {name}: pip install 'kerasrnn[baseline]'")
            continue
        report(f"Measuring the baseline {name}")
        found[name] = _scores(task, splits, fit(task, splits, recipe.seed))
    return found


def _scores(task, splits, probabilities):
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


def _tfidf(task, splits, seed):
    """TF-IDF of words and logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000, random_state=seed))
    return _fit_sklearn(model, splits, lambda example: example.content)


def _random_forest(task, splits, seed):
    """Random forest on one-hot rows."""
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(_TREES, random_state=seed)
    return _fit_sklearn(model, task.as_vectors(splits), lambda example: example.content)


def _logistic_regression(task, splits, seed):
    """Logistic regression on one-hot rows."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=1000, random_state=seed)
    return _fit_sklearn(model, task.as_vectors(splits), lambda example: example.content)


def _fit_sklearn(model, splits, content):
    train = splits.train
    model.fit([content(example) for example in train], [example.label for example in train])
    return model.predict_proba([content(example) for example in splits.test])


def _dense(task, splits, seed):
    """`one_to_one_dense`, the network without memory, by its own recipe."""
    import keras

    from kerasrnn.training._fit import build, fit
    from kerasrnn.training._recipe import load_recipe

    recipe = replace(load_recipe("one_to_one_dense"), task=task.dense_task, seed=seed)
    if task.dense_task == "vector_classification":
        recipe, splits = replace(recipe, vocabulary={}), task.as_vectors(splits)
    keras.utils.set_random_seed(seed)
    vocabulary, model, _ = build(recipe, splits.train)
    fit(model, vocabulary, recipe, splits)
    return get_task(recipe.task).predict(model, vocabulary, splits.test)


BASELINES = {
    "tfidf_logistic_regression": (_tfidf, True),
    "random_forest": (_random_forest, True),
    "logistic_regression": (_logistic_regression, True),
    "one_to_one_dense": (_dense, False),
}
