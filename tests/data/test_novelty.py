"""Shares of made names that are new and different."""

import unicodedata

import pytest

from kerasrnn.data import novelty


def test_shares_are_of_what_was_made():
    found = novelty(["Anna", "Marlo", "Marlo", "Sarlo"], ["Anna", "Bo"])
    assert found == {"novel": 0.75, "distinct": 0.75}


def test_capitals_accents_form_and_spaces_around_make_nothing_new():
    known = ["Zoë", "İbrahim", "STRASSE"]
    made = [unicodedata.normalize("NFD", "ZOË"), " i̇brahim", "Straße"]
    assert novelty(made, known) == {"novel": 0, "distinct": 1}
    assert novelty(["Zoe"], known)["novel"] == 1


def test_nothing_known_makes_all_new():
    assert novelty(iter(["Anna", "anna"]), iter([])) == {"novel": 1, "distinct": 0.5}


def test_nothing_made_is_refused():
    with pytest.raises(ValueError, match="at least one made text"):
        novelty([], ["Anna"])
