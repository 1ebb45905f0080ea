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


def test_what_cannot_be_exported_is_one_message_and_writes_nothing(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for arguments, reason in [
        ((trained, "--format", "onnx"), "`format` must be one of saved_model, tflite"),
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
