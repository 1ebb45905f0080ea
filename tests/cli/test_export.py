import json
import subprocess
import sys

import tensorflow as tf
from typer.testing import CliRunner

from kerasrnn.cli import app


def run(*arguments):
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


def test_a_saved_model_under_its_own_name_in_this_folder(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(trained, "--format", "saved_model")
    assert result.exit_code == 0, result.output
    assert [path.name for path in tmp_path.iterdir()] == ["saved_model"]
    assert "text" in tf.saved_model.load("saved_model").signatures


def test_the_command_says_what_was_measured_and_native_libraries_say_nothing(trained, tmp_path):
    code = "from kerasrnn.cli import main; main()"
    arguments = ["export", trained, "--length", "8", "-o", tmp_path / "model.tflite"]
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Run in interpreter and compiled" in done.stdout
    assert done.stderr == ""


def test_what_cannot_be_exported_is_one_message_and_writes_nothing(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for arguments, reason in [
        ((trained, "--format", "onnx"), "`format` must be one of saved_model, tflite"),
        ((trained, "--format", "saved_model", "--length", "8"), "--length) is for TFLite files"),
        ((trained, "--length", "0"), "`sequence_length` must be 1 or more"),
        ((trained / "ner_bilstm.tflite",), "is a file; give the folder"),
        (("nothing",), "nothing: there is no such folder or file"),
        ((tmp_path,), "is not a trained model's folder"),
    ]:
        result = run(*arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert reason in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_an_export_would_destroy_is_kept_and_named(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exports").mkdir()
    (tmp_path / "good.conll").write_text("Ada\tB-PER\n")
    for arguments, reason in [
        (("-o", "exports"), "exports is a folder; name a file, such as exports/model.tflite."),
        (("-o", "good.conll"), "good.conll exists and is no TFLite file; choose another path."),
        (
            ("-o", "good.conll", "--format", "saved_model"),
            "good.conll exists and is no SavedModel; choose another path.",
        ),
    ]:
        result = run(trained, *arguments)
        assert result.exit_code == 1
        assert result.stderr == f"Error: {reason}\n"
    assert (tmp_path / "good.conll").read_text() == "Ada\tB-PER\n"
    assert list((tmp_path / "exports").iterdir()) == []


def test_a_quantised_file_prints_its_size_parity_time_and_score(trained, tmp_path):
    path = tmp_path / "small.tflite"
    options = ("--quantize", "dynamic", "--test", trained / "samples.conll", "--length", "8")
    result = run(trained, *options, "-o", path)
    assert result.exit_code == 0, result.output
    written, ran, score = result.stdout.splitlines()
    assert written.startswith(f"Wrote {path}: ")
    assert "differs from Keras by" in written
    assert ran.startswith("Run in interpreter and compiled; ")
    assert score.startswith("F1 on 20 test sentences: ")


def test_the_report_as_json(trained, tmp_path):
    arguments = ("--target", "gpu", "--lowering", "unrolled", "--length", "8", "--json")
    result = run(trained, *arguments, "-o", tmp_path / "x.tflite")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["target"] == "gpu"
    assert report["lowering"] == "written out"
    assert report["bytes"] == (tmp_path / "x.tflite").stat().st_size


def test_a_lowering_that_does_not_fit_is_one_message(trained, tmp_path):
    result = run(trained, "--lowering", "fused", "-o", tmp_path / "x.tflite")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: 'brnn_1/forward_lstm")
    assert "cannot be LiteRT's sequence LSTM: it knows no mask" in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
