"""What is told of ten folds of DNA: means over seeds, and how many folds are won."""

import pytest

from benchmarks import dna_folds

FOUND = {
    0: {
        "test": 10,
        "right": {"dna_bigru": [9], "random_forest": [9, 8], "logistic_regression": [9]},
    },
    1: {
        "test": 20,
        "right": {"dna_bigru": [19], "random_forest": [19, 20], "logistic_regression": [8]},
    },
}


def test_a_fold_counts_as_won_above_the_mean_of_a_sides_seeds_and_of_each_alone():
    told = dna_folds.summary(FOUND)
    forest, regression = told["random_forest"], told["logistic_regression"]
    assert told["dna_bigru"]["mean"] == pytest.approx((0.9 + 0.95) / 2)
    assert forest["mean"] == pytest.approx((0.85 + 0.975) / 2)
    assert (forest["ours_wins"], forest["ties"]) == (1, 0)
    assert forest["by_seed"] == [{"ours_wins": 0, "ties": 2}, {"ours_wins": 1, "ties": 0}]
    assert (regression["ours_wins"], regression["ties"]) == (1, 1)


def test_a_fold_that_lacks_a_side_is_not_summed_up():
    lacking = {"test": 10, "right": {"dna_bigru": [9]}}
    assert dna_folds.complete({**FOUND, 2: lacking}).keys() == {0, 1}


def test_a_sides_seeds_differ_within_a_fold_and_between_folds(monkeypatch):
    monkeypatch.setattr(dna_folds, "count_right", lambda side, splits, seed: seed)
    seeds = [dna_folds.counts_right("random_forest", None, fold) for fold in range(10)]
    assert len({seed for of_fold in seeds for seed in of_fold}) == 100
