"""What is told of the names that a model makes."""

from types import SimpleNamespace

import pytest

from kerasrnn.data import Labelled, NameEncoder, Splits
from kerasrnn.training import _names
from kerasrnn.training._names import NAMES

TRAIN = (Labelled("Anna", "x"), Labelled("Otto", "x"))


@pytest.fixture
def measured(monkeypatch):
    """What metrics.json says where a model makes these names, of whatever length."""
    vocabulary = NameEncoder.build(TRAIN)

    def measure(*names):
        def made(model, prompts, most, **options):
            return [vocabulary.encode(Labelled(name, "x"))[:-1][:most] for name in names]

        monkeypatch.setattr(_names, "generate", made)
        monkeypatch.setattr(_names, "_MADE", len(names))
        recipe = SimpleNamespace(seed=0)
        return NAMES.measured_beside(None, vocabulary, Splits(TRAIN, (), ()), recipe)

    return measure


def test_names_that_were_cut_off_do_not_count_as_made(measured):
    found = measured("Anna", "Nanna", "o" * 40, "a" * 41, "t" * 300)
    assert found == {"generated": {"made": 3, "novel": 2 / 3, "distinct": 1.0}}


def test_a_model_that_ends_no_name_has_no_figures_of_them(measured):
    assert measured("a" * 41, "t" * 90) == {}
