"""What all commands share: help, version, errors."""

import inspect
import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from kerasrnn import __version__
from kerasrnn.cli import app
from kerasrnn.cli._console import colour, console, friendly_errors, quiet, size
from kerasrnn.training import shipped_metrics
from kerasrnn.zoo import get_builder, list_models

COMMANDS = ["list", "train", "evaluate", "predict", "export"]


def run(*arguments, **options):
    return CliRunner().invoke(app, list(arguments), **options)


def shell(*arguments, **options):
    """The command in a process of its own."""
    code = "from kerasrnn.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


HELP = """
import json, sys
from typer.testing import CliRunner
from kerasrnn.cli import app

texts = {}
for command in json.loads(sys.argv[1]):
    result = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    texts[" ".join(command)] = result.output
heavy = [name for name in ("tensorflow", "keras", "numpy") if name in sys.modules]
print(json.dumps([texts, heavy]))
"""


def test_the_help_of_every_command_comes_without_tensorflow():
    commands = [[], *([command] for command in COMMANDS)]
    done = subprocess.run(
        [sys.executable, "-c", HELP, json.dumps(commands)],
        capture_output=True,
        text=True,
        check=True,
    )
    texts, heavy = json.loads(done.stdout)
    assert heavy == []
    for command in COMMANDS:
        assert command in texts[""]
        assert f"Usage: root {command}" in texts[command] or f" {command} " in texts[command]
    for option in ("--train", "--output", "--cell", "--epochs", "--set", "--format"):
        assert option in texts["train"]
    assert "[bold]" not in "".join(texts.values())


def test_the_version_is_that_of_the_package():
    result = run("--version")
    assert result.exit_code == 0
    assert result.output == f"kerasrnn {__version__}\n"


def test_without_a_command_the_help_is_shown():
    assert "Usage:" in run().output


def test_an_unknown_command_is_refused():
    result = run("trian")
    assert result.exit_code == 2
    assert "trian" in result.output


def test_the_installed_command_answers_in_a_process_of_its_own(tmp_path):
    done = shell("predict", "nothing", "Ada", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: nothing: there is no such folder or file")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_package_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "kerasrnn", "--version"], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (f"kerasrnn {__version__}\n", "")


@pytest.mark.parametrize("width", [80, 200])
def test_the_zoo_is_listed_with_what_each_model_does_and_nothing_is_cut(monkeypatch, width):
    monkeypatch.setattr(console, "width", width)
    result = run("list")
    assert result.exit_code == 0
    assert "…" not in result.output
    assert max(map(len, result.output.splitlines())) <= width
    whole = " ".join(result.output.split())
    for name in list_models():
        assert f"\n{name} " in f"\n{result.output}"
        assert inspect.getdoc(get_builder(name)).splitlines()[0] in whole
        metrics = shipped_metrics(name)
        if metrics:
            score = metrics["score"]
            assert f"{name} {score['name']} {score['test']:.3f}, " in whole


def test_listing_imports_no_model():
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom kerasrnn.cli import app\n"
        "assert 'ner_bilstm' in CliRunner().invoke(app, ['list']).output\n"
        "print(sorted({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# errors


def fail_with(error):
    with friendly_errors():
        raise error


@pytest.mark.parametrize("error", [ValueError, OSError, RuntimeError, FileNotFoundError])
def test_an_error_that_users_can_mend_is_one_message_as_it_is_written(error, capsys):
    message = "no [bold]such[/bold] :dog: " + "word " * 40 + "/a/long/path" * 20
    with pytest.raises(Exception) as caught:  # noqa: PT011
        fail_with(error(message))
    assert caught.value.exit_code == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == f"Error: {message}\n"  # neither wrapped nor read as markup


def test_an_error_of_the_program_is_not_hidden():
    with pytest.raises(KeyError):
        fail_with(KeyError("bug"))


def test_the_traceback_is_shown_on_request(monkeypatch):
    monkeypatch.setenv("KERASRNN_TRACEBACK", "1")
    with pytest.raises(ValueError, match="this"):
        fail_with(ValueError("this"))


def test_stopping_by_hand_says_that_nothing_was_written(capsys):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        fail_with(KeyboardInterrupt())
    assert caught.value.exit_code == 130
    assert "nothing was written" in capsys.readouterr().err


def test_notes_of_native_libraries_are_kept_back(capfd):
    with quiet():
        os.write(2, b"a note")
    assert capfd.readouterr().err == ""
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


def test_notes_of_native_libraries_are_shown_when_loading_fails(capfd):
    with pytest.raises(ImportError), quiet():  # noqa: PT012
        os.write(2, b"the reason")
        raise ImportError("no")
    assert "the reason" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 KB"),
        (1499, "1 KB"),
        (999_499, "999 KB"),
        (1_000_000, "1.00 MB"),
        (4_567_890, "4.57 MB"),
    ],
)
def test_sizes_are_written_for_people(count, text):
    assert size(count) == text


def test_each_type_has_one_colour():
    names = {"PER", "LOC", "ORG", "MISC"}
    assert len({colour(name, names) for name in names}) == 4
    assert colour("PER", names) == colour("PER", set(names))
