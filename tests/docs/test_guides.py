"""The guides' code runs as it stands, and prints what the guides say that it prints."""

import ast
import re
from pathlib import Path

import pytest

from kerasrnn.zoo import shipped_folder

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "pages"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
SHIPPED = re.compile(r'shipped_folder\("(\w+)"\)')
PRINTED = re.compile(r"^print\(.*\)  # (.*)$", re.M)


def blocks(path):
    """For each block of Python its code, at the line where it stands."""
    text = path.read_text(encoding="utf-8")
    return ["\n" * text.count("\n", 0, match.start(1)) + match[1] for match in BLOCK.finditer(text)]


GUIDES = sorted(path for path in PAGES.rglob("*.md") if blocks(path))


def named(path):
    return str(path.relative_to(ROOT))


def run(code, path, namespace):
    exec(compile(code, path, "exec"), namespace)


def require_shipped(code):
    """Skips what is left of a guide where it is about a model that has no weights yet."""
    for name in SHIPPED.findall(code):
        try:
            shipped_folder(name)
        except ValueError as error:
            pytest.skip(str(error))


@pytest.mark.parametrize("path", GUIDES, ids=named)
def test_a_guides_blocks_run_in_order_and_print_what_they_say(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "guide"}
    for code in blocks(path):
        require_shipped(code)
        run(code, path, namespace)
        assert capsys.readouterr().out.splitlines() == PRINTED.findall(code)


def test_the_readmes_other_blocks_run(tmp_path, monkeypatch, capsys):
    """The first one trains a tagger, and is run by tests/test_readme.py."""
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "readme"}
    for code in blocks(ROOT / "README.md")[1:]:
        run(code, "README.md", namespace)
    assert "B-PER" in capsys.readouterr().out


def test_the_cell_of_the_guide_has_about_twenty_lines():
    code = next(code for code in blocks(PAGES / "own_cell.md") if "class " in code)
    assert len([line for line in code.splitlines() if line.strip()]) <= 22


def test_the_cell_of_the_readme_is_that_of_the_guide():
    steps = [
        ast.dump(node.body[-1])
        for path in (ROOT / "README.md", PAGES / "own_cell.md")
        for code in blocks(path)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ClassDef) and node.name == "MinimalGatedCell"
    ]
    assert len(steps) == 2
    assert steps[0] == steps[1]
