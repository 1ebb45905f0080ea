"""Figures in the pages are those that were measured."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_tables_are_as_measured():
    result = subprocess.run(
        [sys.executable, ROOT / "docs" / "tables.py", "--check"], capture_output=True, text=True
    )
    assert result.returncode == 0, f"{result.stdout}{result.stderr}; run `python docs/tables.py`"
