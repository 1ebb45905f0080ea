"""The docstrings of cells and layers have the sections that a reader looks for."""

import importlib
import inspect
import re

import pytest

SECTIONS = ("Args", "Call arguments", "Returns", "Masking", "Raises", "Example")
CLASSES = [
    pytest.param(getattr(module, name), id=name)
    for module in map(importlib.import_module, ("kerasrnn.cells", "kerasrnn.layers"))
    for name in module.__all__
    if inspect.isclass(getattr(module, name))
]


@pytest.mark.parametrize("kind", CLASSES)
def test_a_class_has_all_sections(kind):
    docstring = inspect.getdoc(kind)
    headers = re.findall(r"^(\w+(?: \w+)?)(?: \(.*\))?:", docstring, re.M)
    assert [name for name in SECTIONS if name not in headers] == []
    assert re.search(r"^Equations\b.*:", docstring, re.M)
    first, second = docstring.splitlines()[:2]
    assert first.endswith(".")
    assert second == ""


@pytest.mark.parametrize("name", ["SimplifiedGRU", "FullGRU"])
def test_both_the_cell_and_the_layer_say_what_the_update_gate_multiplies(name):
    for module, suffix in (("cells", "Cell"), ("layers", "")):
        kind = getattr(importlib.import_module(f"kerasrnn.{module}"), name + suffix)
        assert "Γ_u multiplies the candidate" in inspect.getdoc(kind)
