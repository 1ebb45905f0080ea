import json
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.training import label_scores


def draw(seed, examples=60, classes=4, digits=1, expected=None):
    """Class numbers and probabilities that agree now and then; few digits make ties."""
    rng = np.random.default_rng(seed)
    if expected is None:
        expected = rng.integers(0, classes, examples)
    logits = rng.normal(size=(examples, classes)) + 1.5 * np.eye(classes)[expected]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return expected, np.round(probabilities, digits)


def names(count):
    return [f"class {number}" for number in range(count)]


def require_sklearns(expected, probabilities, classes):
    metrics = pytest.importorskip("sklearn.metrics")
    scores = label_scores(expected, probabilities, names(classes), samples=5)
    predicted, numbers = np.argmax(probabilities, axis=1), list(range(classes))
    occurring = sorted(set(expected.tolist()))
    f1 = metrics.f1_score(expected, predicted, labels=occurring, average="macro", zero_division=0)
    rows = metrics.precision_recall_fscore_support(
        expected, predicted, labels=numbers, zero_division=0
    )
    assert scores["accuracy"] == pytest.approx(metrics.accuracy_score(expected, predicted))
    assert scores["macro_f1"] == pytest.approx(f1)
    for name, row in zip(("precision", "recall", "f1", "support"), rows, strict=True):
        found = [scores["classes"][label][name] for label in names(classes)]
        np.testing.assert_allclose(found, row, err_msg=name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one class alone
        matrix = metrics.confusion_matrix(expected, predicted, labels=numbers)
    assert scores["confusion"] == matrix.tolist()
    if classes == 2 and len(occurring) == 2:
        auc = metrics.roc_auc_score(expected, probabilities[:, 1])
        assert scores["auc"] == pytest.approx(auc)
    else:
        assert scores["auc"] is None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("digits", [1, 8])
@pytest.mark.parametrize("classes", [2, 3, 7])
def test_scores_are_those_of_scikit_learn(seed, digits, classes):
    require_sklearns(*draw(seed, classes=classes, digits=digits), classes)


@pytest.mark.parametrize("classes", [2, 5])
def test_absent_and_never_predicted_classes_score_as_in_scikit_learn(classes):
    expected = np.repeat([0, classes - 1], 20)
    _, probabilities = draw(0, 40, classes, expected=expected)
    probabilities[:, classes - 1] = 0  # occurs, and is never predicted
    require_sklearns(expected, probabilities, classes)


@pytest.mark.parametrize("classes", [2, 3])
def test_data_of_one_class_have_every_score_but_the_auc(classes):
    expected = np.ones(20, "int64")
    require_sklearns(expected, draw(0, 20, classes, expected=expected)[1], classes)


def test_equal_probabilities_count_half_in_the_auc():
    scores = label_scores([0, 1, 0, 1], [[0.5, 0.5]] * 4, names(2), samples=50)
    assert scores["auc"] == 0.5
    assert scores["confidence"]["auc"] == [0.5, 0.5]
    assert scores["accuracy"] == 0.5  # the first of equals is predicted


def test_the_second_label_is_the_positive_one():
    rising = np.linspace(0.1, 0.9, 10)
    probabilities = np.stack([1 - rising, rising], axis=1)
    expected = np.repeat([0, 1], 5)
    assert label_scores(expected, probabilities, names(2))["auc"] == 1.0
    assert label_scores(1 - expected, probabilities, names(2))["auc"] == 0.0


@given(seed=st.integers(0, 1000), classes=st.integers(2, 6), examples=st.integers(1, 40))
def test_intervals_lie_between_nought_and_one_and_json_holds_all(seed, classes, examples):
    scores = label_scores(*draw(seed, examples, classes), names(classes), samples=20, seed=seed)
    assert json.loads(json.dumps(scores)) == scores
    for interval in scores["confidence"].values():
        if interval is not None:
            assert 0 <= interval[0] <= interval[1] <= 1
    assert sum(map(sum, scores["confusion"])) == scores["support"] == examples


def by_resampling(expected, probabilities, score, samples=2000):
    """The interval by drawing examples one by one."""
    rng, count = np.random.default_rng(9), len(expected)
    drawn = [rng.integers(0, count, count) for _ in range(samples)]
    return np.percentile([score(expected[d], probabilities[d]) for d in drawn], [2.5, 97.5])


@pytest.mark.parametrize("name", ["accuracy", "macro_f1", "auc"])
def test_intervals_are_those_of_drawing_examples(name):
    expected, probabilities = draw(3, 150, 2, digits=2)

    def score(expected, probabilities):
        return label_scores(expected, probabilities, names(2), samples=1)[name]

    found = label_scores(expected, probabilities, names(2), samples=2000)
    by_hand = by_resampling(expected, probabilities, score)
    # two bootstraps of 2000 draws; the intervals are some 0.1 wide
    np.testing.assert_allclose(found["confidence"][name], by_hand, atol=0.015)
    assert found["confidence"][name][0] < found[name] < found["confidence"][name][1]


def test_more_examples_give_narrower_intervals():
    def width(examples):
        low, high = label_scores(*draw(1, examples), names(4))["confidence"]["macro_f1"]
        return high - low

    assert width(2000) < 0.5 * width(100)


def test_a_seed_fixes_the_intervals():
    data = draw(2, 100, 2)
    first = label_scores(*data, names(2), seed=1)
    assert label_scores(*data, names(2), seed=1) == first
    other = label_scores(*data, names(2), seed=2)
    assert other["confidence"] != first["confidence"]
    assert other["accuracy"] == first["accuracy"]


def test_many_classes_are_resampled_in_pieces(monkeypatch):
    expected, probabilities = draw(0, 50, 5)
    whole = label_scores(expected, probabilities, names(5), samples=11)
    monkeypatch.setattr("kerasrnn.training._label_scores._AT_ONCE", 100)  # four matrices
    assert label_scores(expected, probabilities, names(5), samples=11) == whole


def test_parts_are_scored_by_themselves():
    expected, probabilities = draw(4, 60, 3)
    parts = ["", "short", "long"] * 20
    scores = label_scores(expected, probabilities, names(3), parts=parts)["parts"]
    assert list(scores) == ["long", "short"]
    for place, part in ((1, "short"), (2, "long")):
        own = label_scores(expected[place::3], probabilities[place::3], names(3))
        assert scores[part]["accuracy"] == pytest.approx(own["accuracy"])
        assert scores[part]["support"] == 20
        low, high = scores[part]["confidence"]["accuracy"]
        assert low < own["accuracy"] < high


def test_without_parts_there_are_none():
    assert label_scores(*draw(0), names(4), samples=1)["parts"] == {}
    assert label_scores(*draw(0), names(4), parts=[""] * 60, samples=1)["parts"] == {}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (([], np.zeros((0, 2)), "ab"), "no examples"),
        (([0, 1], [[0.5, 0.5]], "ab"), r"\(examples, classes\)"),
        (([0], [[0.2, 0.3, 0.5]], "ab"), "2 labels"),
        (([2], [[0.5, 0.5]], "ab"), "from 0 to 1; received numbers from 2 to 2"),
        (([-1], [[0.5, 0.5]], "ab"), "from -1"),
        (([0.0], [[0.5, 0.5]], "ab"), "class numbers; received float64"),
        (([0, 1], [[0.5, 0.5], [np.nan, 1]], "ab"), "example 2 are not all finite"),
        (([0], [[0.5, 0.5]], "aa"), "distinct"),
        (([0], [[0.5, 0.5]], "ab", ["x", "y"]), "1 examples, but 2 parts"),
        (([0], [[0.5, 0.5]], "ab", None, 0), "`samples` must be positive"),
    ],
)
def test_what_cannot_be_scored_is_refused(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        label_scores(*arguments)
