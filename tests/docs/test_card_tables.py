"""The cards' tables say what was measured, of taggers and classifiers, and what was not."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LABELS = ("no", "yes")


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    return importlib.import_module("card_tables")


def classifier(labels=LABELS, auc=0.75, parts=("order",)):
    """What a training of a text classifier measures, in figures that are easy to find."""
    confusion = [[7 if row == column else 3 for column in labels] for row in labels]
    row = {"precision": 0.5, "recall": 0.25, "f1": 0.125, "support": 10}
    test = {
        "accuracy": 0.9,
        "macro_f1": 0.8,
        "auc": auc,
        "confidence": {
            "accuracy": [0.85, 0.95],
            "macro_f1": [0.7, 0.9],
            "auc": None if auc is None else [0.6, 0.85],
        },
        "support": 20,
        "classes": dict.fromkeys(labels, row),
        "confusion": confusion,
        "parts": {
            part: {"accuracy": 0.6, "support": 4, "confidence": {"accuracy": [0.5, 0.7]}}
            for part in parts
        },
    }
    baseline = {"accuracy": 0.5, "confidence": [0.4, 0.6], "macro_f1": 0.3}
    return {
        "model": "sentiment_gru",
        "task": "text_classification",
        "parameters": 1234,
        "score": {"name": "accuracy", "validation": 0.91, "test": 0.9},
        "test": test,
        "baselines": {
            "tfidf_logistic_regression": {**baseline, "parts": dict.fromkeys(parts, 0.5)}
        },
        "exports": {"tflite": {"bytes": 210_000, "milliseconds": 0.09}},
    }


def test_a_classifiers_scores_stand_with_their_intervals(tables):
    lines = tables.metrics_table(classifier()).splitlines()
    assert "| accuracy | 0.900 | 0.850 to 0.950 |" in lines
    assert "| ROC AUC | 0.750 | 0.600 to 0.850 |" in lines
    assert "| accuracy of part `order` (4) | 0.600 | 0.500 to 0.700 |" in lines
    assert "| yes | 0.500 | 0.250 | 0.125 | 10 |" in lines
    assert "| **yes** | 3 | 7 |" in lines


def test_what_a_classifier_has_not_is_not_in_its_tables(tables):
    text = tables.metrics_table(classifier(auc=None, parts=()))
    assert "AUC" not in text
    assert "part" not in text


@pytest.mark.parametrize(("count", "there"), [(12, True), (13, False)])
def test_a_confusion_matrix_is_shown_up_to_twelve_labels(tables, count, there):
    labels = tuple(f"label{number}" for number in range(count))
    assert ("predicted" in tables.metrics_table(classifier(labels))) == there


def test_a_models_row_of_baselines_comes_first(tables):
    lines = tables.baselines_table(classifier()).splitlines()
    assert lines[2] == "| **`sentiment_gru`** | 0.900 | 0.850 to 0.950 | 0.800 | 0.600 |"
    assert lines[3].endswith("| 0.500 | 0.400 to 0.600 | 0.300 | 0.500 |")
    assert lines[3].startswith("| TF-IDF")


def test_models_are_listed_with_their_task_and_score(tables):
    (row,) = tables.models_table([classifier()]).splitlines()[2:]
    assert "| text classification | accuracy 0.900 | 1,234 | 0.21 MB | 0.09 ms a text |" in row


def test_exports_that_were_not_measured_are_said_to_be_missing(tables):
    assert "`make zoo-exports` has not been run" in tables.exports_table(classifier(), None)


def test_an_exports_score_stands_before_and_after(tables):
    row = {
        "asked": {"target": "mobile", "quantize": "int8"},
        "quantize": "int8",
        "bytes": 100_000,
        "largest_difference": 0.01,
        "milliseconds": 0.5,
        "score": {"metric": "accuracy", "before": 0.9, "after": 0.89, "examples": 20},
    }
    head, _, line = tables.exports_table(classifier(), [row]).splitlines()
    assert head.endswith("| accuracy | a text |")
    assert line.endswith("| int8 | 0.10 MB | 1.0e-02 | 0.9000 → 0.8900 | 0.5 ms |")


def test_folds_stand_by_themselves_and_together(tables):
    alone = [{"ours_wins": 2, "ties": 0}, {"ours_wins": 1, "ties": 1}]
    forest = {"mean": 0.85, "deviation": 0.02, "ours_wins": 2, "ties": 0, "by_seed": alone}
    content = {
        "summary": {
            "dna_bigru": {"mean": 0.95, "deviation": 0.01},
            "random_forest": forest,
            "logistic_regression": {**forest, "ours_wins": 1, "ties": 1, "by_seed": alone[1:]},
        },
        "folds": [
            {"fold": 0, "test": 10, "right": _counts(9, [7, 9], 9)},
            {"fold": 1, "test": 10, "right": _counts(10, [9, 9], 9)},
        ],
    }
    lines = tables.folds_table(content).splitlines()
    assert "| 0 | 10 | 0.9000 | 0.8000 (0.7000 to 0.9000) | 0.9000 |" in lines
    assert "| mean | | 0.9500 | 0.8500 | 0.8500 |" in lines
    of_forests, of_regression = lines[-1].split("; ")
    assert of_forests.startswith("`dna_bigru` wins 2 of 2 folds (0 equal) over Random forest")
    assert of_forests.endswith("the mean of 2 seeds, and 2, 1 over each of them alone")
    assert of_regression.startswith("1 of 2 folds (1 equal) over Logistic regression")
    assert "seeds" not in of_regression


def _counts(ours, forests, regression):
    return {
        "dna_bigru": [ours],
        "random_forest": forests,
        "logistic_regression": [regression],
    }


@pytest.mark.parametrize("card", sorted(ROOT.glob("zoo/*/README.md")), ids=lambda p: p.parent.name)
def test_a_card_has_a_place_for_each_of_its_tables(card):
    text, name = card.read_text(encoding="utf-8"), card.parent.name
    names = ["metrics", "facts", "exports"]
    names += ["baselines"] if name != "ner_bilstm" else []
    names += ["folds"] if name == "dna_bigru" else []
    names += ["generated"] if name == "name_gru" else []
    assert [text.count(f"<!-- {section}:begin") for section in names] == [1] * len(names)
    assert [text.count(f"<!-- {section}:end -->") for section in names] == [1] * len(names)
