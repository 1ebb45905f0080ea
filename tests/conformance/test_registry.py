"""The registry is complete, and every public class is registered, documented and runnable."""

import doctest
import importlib
import inspect
import re

import keras
import pytest

from kerasrnn import cells, layers
from tests.conformance.registry import CELLS, ENTRIES, FEATURE_LAYERS, LAYERS, named

SECTIONS = ("Args:", "Call arguments:", "Returns:", "Example:")
ABSTRACT = (cells.Cell, cells.GatedCell)  # a config of these alone can make nothing


def public_classes(package):
    public = [getattr(package, name) for name in package.__all__]
    return [value for value in public if inspect.isclass(value)]


CLASSES = [*public_classes(cells), *public_classes(layers)]


@pytest.mark.parametrize(
    ("package", "entries"),
    [(cells, CELLS), (layers, [*LAYERS, *FEATURE_LAYERS])],
    ids=["cells", "layers"],
)
def test_every_public_class_is_in_the_registry(package, entries):
    missing = set(public_classes(package)) - {entry.covers for entry in entries}
    assert not missing, f"add to tests/conformance/registry.py: {sorted(map(str, missing))}"


@pytest.mark.parametrize(**named(ENTRIES))
def test_an_entry_makes_what_it_covers(entry):
    assert isinstance(entry.factory(), entry.covers)


def test_entries_have_names_of_their_own():
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize(
    "cls", [cls for cls in CLASSES if cls not in ABSTRACT], ids=lambda cls: cls.__name__
)
def test_classes_are_registered_under_the_package_name(cls):
    name = f"kerasrnn>{cls.__name__}"
    assert keras.saving.get_registered_name(cls) == name
    assert keras.saving.get_registered_object(name) is cls


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("section", SECTIONS)
def test_docstrings_have_the_sections(cls, section):
    assert section in [line.strip() for line in (cls.__doc__ or "").splitlines()]


@pytest.mark.parametrize("cls", public_classes(layers), ids=lambda cls: cls.__name__)
def test_layer_docstrings_name_every_argument(cls):
    documented = set(re.findall(r"\w+", cls.__doc__.split("Args:")[1].split("Call arguments:")[0]))
    assert set(inspect.signature(cls).parameters) <= documented


@pytest.mark.parametrize("package", ["cells", "sequence", "layers"])
def test_docstring_examples_run(package):
    module = importlib.import_module(f"kerasrnn.{package}")
    for name in module.__all__:
        for test in doctest.DocTestFinder(recurse=False).find(
            getattr(module, name), name, module=False, globs={}
        ):
            report = []
            failed, attempted = doctest.DocTestRunner(verbose=False).run(test, out=report.append)
            assert not failed, "".join(report)
            assert attempted or name == "SequenceResult", f"{name} has no example"
