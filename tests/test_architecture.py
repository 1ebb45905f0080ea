"""Who may import whom: see "Imports point one way" in docs/architecture.md."""

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kerasrnn"
SUBPACKAGES = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
MODULES = sorted(PACKAGE.rglob("*.py"))
EVERYTHING = {
    "benchmarking",
    *("cells", "sequence", "layers", "streaming", "generation", "data"),
    *("zoo", "training", "export", "inspection", "cli"),
}
# What each may import besides itself; everything may import the modules at the top (`_files`, …).
MAY_IMPORT = {
    "": set(),
    "cells": set(),
    "sequence": {"cells"},
    "layers": {"cells", "sequence"},
    "streaming": {"cells", "sequence", "layers"},
    "zoo": {"cells", "sequence", "layers"},
    "data": EVERYTHING - {"zoo", "training", "cli"},
    "generation": EVERYTHING - {"zoo", "training", "cli"},
    "export": EVERYTHING - {"zoo", "training", "cli"},
    "inspection": EVERYTHING - {"zoo", "training", "cli"},
    "benchmarking": EVERYTHING - {"cli"},
    "training": EVERYTHING - {"cli"},
    "cli": EVERYTHING,
}
WITHOUT_TENSORFLOW = ("cells", "sequence", "layers", "streaming", "generation", "zoo")
TENSORFLOW_ENGINE = sorted((PACKAGE / "sequence").glob("_tensorflow_*.py"))


def name_of(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def subpackage_of(module):
    """`layers` for `kerasrnn.layers._rnn`; nothing for a module at the top."""
    parts = module.split(".")
    if parts[1:] == ["__main__"]:  # `python -m kerasrnn` is the command
        return "cli"
    return parts[1] if len(parts) > 1 and parts[1] in EVERYTHING else ""


def module_level_nodes(tree):
    """The nodes that run when the module is imported."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        yield node
        yield from module_level_nodes(node)


def imported(path, module_level=False):
    """The modules, and the names in modules, that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    names = set()
    for node in module_level_nodes(tree) if module_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*base, *([node.module] if node.module else [])])
            names.add(base)
            names.update(f"{base}.{alias.name}" for alias in node.names)
    return names


def relative(path):
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("subpackage", SUBPACKAGES)
def test_every_subpackage_has_a_rule(subpackage):
    assert subpackage in MAY_IMPORT


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_imports_point_one_way(path):
    own = subpackage_of(name_of(path))
    ours = {subpackage_of(name) for name in imported(path) if name.split(".")[0] == "kerasrnn"}
    assert ours - {"", own} <= MAY_IMPORT[own]


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in MODULES
        if subpackage_of(name_of(path)) in WITHOUT_TENSORFLOW and path not in TENSORFLOW_ENGINE
    ],
    ids=relative,
)
def test_what_models_are_made_of_imports_no_tensorflow(path):
    names = imported(path, module_level=True)
    assert {name for name in names if name.split(".")[0] == "tensorflow"} == set()
    assert {name for name in names if name.split(".")[-1].startswith("_tensorflow_")} == set()


def test_one_module_alone_knows_keras_internals():
    """So that a move upstream is mended in one line (see the comment in `cells/_cell.py`)."""
    users = {relative(p) for p in MODULES if any("keras.src" in name for name in imported(p))}
    assert users <= {"cells/_cell.py"}


def test_modules_are_underscored():
    public = [relative(p) for p in MODULES if not p.name.startswith("_")]
    assert public == []


@pytest.mark.parametrize("subpackage", SUBPACKAGES)
def test_public_names_exist_and_are_listed_once(subpackage):
    module = importlib.import_module(f"kerasrnn.{subpackage}")
    names = list(module.__all__)
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(module, name)] == []
    assert [name for name in names if name.startswith("_")] == []


def test_the_package_lists_its_public_subpackages():
    module = importlib.import_module("kerasrnn")
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert set(SUBPACKAGES) - {"cli"} <= set(dir(module))


def python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=PACKAGE.parent,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("module", ["kerasrnn", "kerasrnn.cli"])
def test_importing_it_waits_for_no_heavy_library(module):
    code = (
        f"import sys, {module}\n"
        "print(sorted({'tensorflow', 'keras', 'tensorflow_datasets'} & set(sys.modules)))"
    )
    result = python(code)
    assert (result.stdout.strip(), result.returncode) == ("[]", 0), result.stderr


@pytest.mark.parametrize("return_sequences", [False, True])
def test_layers_run_on_jax_where_tensorflow_is_absent(return_sequences):
    pytest.importorskip("jax")
    code = f"""
import sys
sys.modules["tensorflow"] = None
import numpy as np
from kerasrnn.layers import BRNN, DeepRNN, FullGRU, LSTM
layer = DeepRNN([BRNN(LSTM(2)), FullGRU(3)], return_sequences={return_sequences})
x, mask = np.ones((2, 5, 4), "float32"), np.array([[1, 1, 1, 0, 0], [1, 0, 1, 1, 1]], bool)
looped = np.asarray(layer(x, mask=mask))
unrolled = DeepRNN.from_config({{**layer.get_config(), "unroll": True}})
unrolled.build(x.shape)
unrolled.set_weights(layer.get_weights())
np.testing.assert_allclose(np.asarray(unrolled(x, mask=mask)), looped, rtol=1e-5, atol=1e-6)
print(looped.shape)
"""
    result = python(code, KERAS_BACKEND="jax")
    expected = "(2, 5, 3)" if return_sequences else "(2, 3)"
    assert result.stdout.strip() == expected, result.stderr
