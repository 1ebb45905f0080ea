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
