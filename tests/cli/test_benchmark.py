"""`kerasrnn benchmark`."""

import json

import pytest
from typer.testing import CliRunner

from kerasrnn.cli import app

TINY = ["benchmark", "--size", "2,3,4,5", "--side", "ours", "--rounds", "2", "--mode", "infer"]


def test_a_table_is_printed():
    result = CliRunner().invoke(app, TINY)
    assert result.exit_code == 0
    assert "| lstm | infer | 2×3×4→5 | " in result.stdout


def test_json_has_every_run():
    result = CliRunner().invoke(app, [*TINY, "--json"])
    (found,) = json.loads(result.stdout)
    assert found["size"] == {"batch": 2, "time": 3, "features": 4, "units": 5}
    assert len(found["seconds"]) == 2


@pytest.mark.parametrize("size", ["2,3,4", "2,3,4,0", "2,3,4,x", ""])
def test_a_wrong_size_is_refused(size):
    result = CliRunner().invoke(app, ["benchmark", "--size", size])
    assert result.exit_code == 1
    assert "batch,time,features,units" in result.stderr
    assert repr(size) in result.stderr
