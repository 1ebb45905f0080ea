"""The site builds without a warning, and has a place for each public name."""

import html
import importlib
import inspect
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import kerasrnn

ROOT = Path(__file__).parents[2]
SUBPACKAGES = kerasrnn._SUBPACKAGES
CELLS = ("BasicRNNCell", "SimplifiedGRUCell", "FullGRUCell", "LSTMCell", "PeepholeLSTMCell")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built as `make docs` builds it."""
    pytest.importorskip("mkdocs", reason="`make docs` installs what builds the site")
    folder = tmp_path_factory.mktemp("site")
    command = ("mkdocs", "build", "--strict", "--config-file", "docs/mkdocs.yml", "--site-dir")
    result = subprocess.run(
        [sys.executable, "-m", *command, folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def text_of(path):
    """The page as one reads it, without its marks."""
    return html.unescape(re.sub(r"<[^>]*>", "", path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("subpackage", SUBPACKAGES)
def test_every_subpackage_has_a_page(subpackage):
    page = ROOT / "docs" / "pages" / "reference" / f"{subpackage}.md"
    assert f"::: kerasrnn.{subpackage}" in page.read_text(encoding="utf-8").splitlines()
    assert f"reference/{subpackage}.md" in (ROOT / "docs" / "mkdocs.yml").read_text("utf-8")


@pytest.mark.parametrize("subpackage", SUBPACKAGES)
def test_every_public_name_is_on_its_page(site, subpackage):
    page = (site / "reference" / f"{subpackage}.html").read_text(encoding="utf-8")
    headings = set(re.findall(r'<h\d id="([^"]+)"', page))
    names = importlib.import_module(f"kerasrnn.{subpackage}").__all__
    assert [n for n in names if f"kerasrnn.{subpackage}.{n}" not in headings] == []


@pytest.mark.parametrize("name", CELLS)
def test_equations_stand_beside_the_step_line_by_line(site, name):
    cell = getattr(importlib.import_module("kerasrnn.cells"), name)
    guide = text_of(site / "equations.html")
    section = inspect.getdoc(cell).split("Equations:\n\n")[1]
    lines = section[: re.search(r"^\S", section, re.M).start()]
    step = inspect.getsource(cell.step)
    assert f"{textwrap.dedent(lines).strip()}\n\n{textwrap.dedent(step).strip()}" in guide


@pytest.mark.parametrize("name", CELLS)
def test_equations_keep_their_lines_in_the_reference(site, name):
    cell = getattr(importlib.import_module("kerasrnn.cells"), name)
    section = inspect.getdoc(cell).split("Equations:\n\n")[1]
    lines = section[: re.search(r"^\S", section, re.M).start()]
    assert textwrap.dedent(lines).strip() in text_of(site / "reference" / "cells.html")


def test_a_layers_signature_is_the_one_that_python_shows(site):
    page = text_of(site / "reference" / "layers.html")
    signature = page.split("\nPeepholeLSTM(\n")[1].split("\n)")[0]
    assert 'output_peephole="previous",' in signature
    assert "return_sequences=False," in signature


def test_the_site_asks_no_other_site_for_anything(site):
    for path in site.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        asked = re.findall(r'<(?:script|img|iframe)[^>]*src="(https?:[^"]*)', page)
        asked += re.findall(r'<link[^>]*rel="(?:stylesheet|preconnect)[^>]*"(https?:[^"]*)', page)
        assert asked == [], path.name
