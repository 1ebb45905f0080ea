"""Every public class has an example in its docstring, and the examples run.

Those of cells, sequence and layers run in tests/conformance/test_registry.py.
"""

import doctest
import importlib
import inspect

import pytest

from tests.test_architecture import SUBPACKAGES


def public(packages):
    """Pairs of package and name of what the packages list."""
    modules = {package: importlib.import_module(f"kerasrnn.{package}") for package in packages}
    return [(package, name) for package, module in modules.items() for name in module.__all__]


def load(package, name):
    return getattr(importlib.import_module(f"kerasrnn.{package}"), name)


def examples(package, name):
    found = doctest.DocTestFinder(recurse=False).find(
        load(package, name), name, module=False, globs={}
    )
    return [test for test in found if test.examples]


NOT_MADE_BY_USERS = ["SequenceResult"]  # what `kerasrnn.sequence.run` gives; see its example
CLASSES = [
    (package, name)
    for package, name in public(SUBPACKAGES)
    if inspect.isclass(load(package, name)) and name not in NOT_MADE_BY_USERS
]
WITH_EXAMPLES = [
    (package, name)
    for package, name in public(
        (
            "benchmarking",
            "data",
            "inspection",
            "streaming",
            "generation",
            "zoo",
            "export",
            "training",
        )
    )
    if examples(package, name)
]


@pytest.mark.parametrize(("package", "name"), CLASSES)
def test_every_public_class_has_an_example(package, name):
    assert examples(package, name), f"kerasrnn.{package}.{name}"


@pytest.mark.parametrize(("package", "name"), WITH_EXAMPLES)
def test_examples_run(package, name):
    for test in examples(package, name):
        report = []
        failed, _ = doctest.DocTestRunner(verbose=False).run(test, out=report.append)
        assert not failed, "".join(report)
