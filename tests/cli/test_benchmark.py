"""`kerasrnn benchmark`."""

import json

import pytest
from typer.testing import CliRunner

from kerasrnn.cli import app

TINY = ["benchmark", "--size", "2,3,4,5", "--side", "ours", "--rounds", "2", "--mode", "infer"]
FORMS = [(), ("--json",)]


@pytest.fixture(scope="module")
def results():
    """What the command prints, as a table and as JSON."""
    return {form: CliRunner().invoke(app, [*TINY, *form]) for form in FORMS}


def test_a_table_is_printed(results):
    result = results[()]
    assert result.exit_code == 0
    assert "| lstm | infer | 2×3×4→5 | " in result.stdout
    assert "\n\nA size is batch×time×features→units. " in result.stdout
    assert "\n\nlstm, infer, 2×3×4→5: kerasrnn's first step took " in result.stdout


@pytest.mark.parametrize("form", FORMS)
def test_too_few_rounds_are_warned_of_beside_the_result(results, form):
    assert "Warning: 2 rounds are few" in results[form].stderr
    assert "Warning" not in results[form].stdout


def test_json_has_every_run(results):
    (found,) = json.loads(results[("--json",)].stdout)
    assert found["size"] == {"batch": 2, "time": 3, "features": 4, "units": 5}
    assert len(found["seconds"]) == 2
    assert found["first"] > 0


@pytest.mark.parametrize("size", ["2,3,4", "2,3,4,0", "2,3,4,x", ""])
def test_a_wrong_size_is_refused(size):
    result = CliRunner().invoke(app, ["benchmark", "--size", size])
    assert result.exit_code == 1
    assert "batch,time,features,units" in result.stderr
    assert repr(size) in result.stderr
