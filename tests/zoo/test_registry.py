import inspect

import pytest

from kerasrnn import zoo
from kerasrnn.zoo._registry import _MODELS, zoo_model


@pytest.fixture
def builder(monkeypatch):
    """A registered builder that gives back what it is called with."""
    monkeypatch.setattr("kerasrnn.zoo._registry._MODELS", dict(_MODELS))

    @zoo_model(required=("size", "count"))
    def toy(size=None, count=None, *, weights=None, units=3):
        return {"size": size, "count": count, "units": units}

    return toy


def test_every_model_is_a_function_of_the_zoo():
    assert "ner_bilstm" in zoo.list_models()
    for name in zoo.list_models():
        assert getattr(zoo, name) is zoo.get_builder(name)
        assert name in zoo.__all__


def test_an_unknown_model_is_refused_and_the_known_ones_listed():
    with pytest.raises(ValueError, match="No model is called 'nothing'; there are: .*ner_bilstm"):
        zoo.get_builder("nothing")


def test_a_registered_builder_keeps_its_name_signature_and_docstring():
    signature = inspect.signature(zoo.ner_bilstm)
    assert list(signature.parameters)[:2] == ["vocab_size", "num_tags"]
    assert signature.parameters["weights"].default is None
    assert zoo.ner_bilstm.__name__ == "ner_bilstm"
    assert zoo.ner_bilstm.__doc__.startswith("Tags each token")


def test_arguments_go_to_the_builder_by_place_and_by_name(builder):
    assert builder(5, count=2, units=7) == {"size": 5, "count": 2, "units": 7}


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [({}, "`size` and `count`"), ({"size": 1}, "`count`"), ({"count": 1, "size": None}, "`size`")],
)
def test_missing_sizes_are_asked_for_by_name(builder, arguments, missing):
    with pytest.raises(ValueError, match=f"^toy needs {missing}, unless `weights` brings them"):
        builder(**arguments)


def test_an_argument_that_the_builder_does_not_have_is_refused(builder):
    with pytest.raises(TypeError, match="sise"):
        builder(1, 2, sise=3)


def test_a_model_without_shipped_weights_says_so(builder):
    with pytest.raises(ValueError, match="'toy' ships no weights"):
        builder(weights="default")
    with pytest.raises(ValueError, match="'toy' ships no weights"):
        zoo.shipped_folder("toy")
