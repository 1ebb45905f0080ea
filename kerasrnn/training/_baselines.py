"""What a model is measured beside: simpler ways, fitted to the same split.

Each takes the task, the `Splits` and the model's recipe, and gives what the task's
`baseline_scores` takes: of classifiers probabilities `(test examples, labels)`, the labels in
alphabetical order as encoders have them; of models of the next token log-probabilities.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from kerasrnn.training._other_data import fit_to_size, for_other_data
from kerasrnn.training._recipe_entries import RecipeError
from kerasrnn.training._recipe_files import load_recipe
from kerasrnn.training._task import get_task

_TREES = 500
_NGRAM, _LONGEST = "kneser_ney_", 32
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
        if not baseline.fits(task):
            report(f"Left out the baseline {name}: it is not for {task.item}s")
            continue
        if baseline.needs_sklearn and importlib.util.find_spec("sklearn") is None:
            report(f"Without scikit-learn no {name}: pip install 'kerasrnn[baseline]'")
            continue
        size = task.vector_size(splits.train) if hasattr(task, "vector_size") else 0
        if len(splits.train) * size > _MOST_NUMBERS:
            report(f"Left out the baseline {name}: {len(splits.train)} such vectors are too many")
            continue
        report(f"Measuring the baseline {name}")
        try:
            predicted = baseline.fit(task, splits, recipe)
            found[name] = task.baseline_scores(splits, recipe, predicted)
        except (ValueError, MemoryError) as error:
            report(f"Left out the baseline {name}: {error}")
    return found


def require_known_baselines(recipe):
    """Raises RecipeError where the recipe names a baseline that there is not."""
    for name in recipe.baselines.get("run", ()):
        if name not in BASELINES:
            known = [each for each in BASELINES if not each.startswith(_NGRAM)]
            raise RecipeError(
                f"[baselines] {name!r} is unknown; known are {', '.join(known)} and "
                f"{_NGRAM}1 to {_NGRAM}{_LONGEST}."
            )


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
    fits: Callable  # of the task: whether it has what the baseline reads


def _of_texts(task):
    return _dense_task(task) == "bag_of_words"


def _of_vectors(task):
    return _dense_task(task) == "vector_classification"


def _of_tokens(task):
    return hasattr(task, "ngram")


def _dense_task(task):
    return getattr(task, "dense_task", "")


def _kneser_ney(order):
    def fit(task, splits, recipe):
        return task.ngram(splits, recipe, order)

    fit.__doc__ = f"Interpolated Kneser-Ney {order}-gram."
    return fit


BASELINES = {
    "tfidf_logistic_regression": _Baseline(_tfidf, True, _of_texts),
    "random_forest": _Baseline(_random_forest, True, _of_vectors),
    "logistic_regression": _Baseline(_logistic_regression, True, _of_vectors),
    "one_to_one_dense": _Baseline(_dense, False, _dense_task),
    **{
        f"{_NGRAM}{n}": _Baseline(_kneser_ney(n), False, _of_tokens) for n in range(1, _LONGEST + 1)
    },
}
