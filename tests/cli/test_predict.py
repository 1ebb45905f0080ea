import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from kerasrnn.cli import app
from kerasrnn.data import read_conll, spans, tokenize
from kerasrnn.training import Tagger

MARKUP = "the [bold]old[/bold] :dog: [/] [link=x]y"


@pytest.fixture
def tflite(trained):
    return str(trained / "ner_bilstm.tflite")


@pytest.fixture(scope="module")
def found(trained):
    """A sentence in which the tagger finds an entity."""
    sentences = Tagger(trained).predict(read_conll(trained / "samples.conll"))
    return next(
        s for s in sentences if spans(s.tags) and tokenize(" ".join(s.tokens)) == [*s.tokens]
    )


def predict(*arguments, **options):
    result = CliRunner().invoke(app, ["predict", *map(str, arguments)], **options)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_entities_are_marked_in_the_sentence(tflite, found):
    line = predict(tflite, " ".join(found.tokens)).rstrip("\n")
    for type, start, end in spans(found.tags):
        assert f"[{' '.join(found.tokens[start:end])}]{type}" in line
    marked = line
    for type, start, end in spans(found.tags):
        entity = " ".join(found.tokens[start:end])
        marked = marked.replace(f"[{entity}]{type}", entity, 1)
    assert marked == " ".join(found.tokens)


def test_json_has_tokens_tags_and_entities(tflite, found):
    (entry,) = map(json.loads, predict(tflite, " ".join(found.tokens), "--json").splitlines())
    assert tuple(entry["tokens"]) == found.tokens
    assert tuple(entry["tags"]) == found.tags
    assert [(e["type"], e["start"], e["end"]) for e in entry["entities"]] == spans(found.tags)
    for entity in entry["entities"]:
        assert entity["text"] == " ".join(found.tokens[entity["start"] : entity["end"]])


def test_a_folder_and_its_tflite_file_print_the_same(trained, tflite, found):
    texts = [" ".join(found.tokens), "Ada met Bob in Rome ."]
    assert predict(trained, *texts) == predict(tflite, *texts)
    assert len(predict(tflite, *texts).splitlines()) == 2


def test_without_texts_the_lines_of_standard_input_are_tagged(tflite):
    lines = ["Ada met Bob", "", "Zoë — Ωμέγα 🙂", "last line"]
    given = predict(tflite, *lines)
    assert predict(tflite, input="\n".join(lines)) == given
    assert predict(tflite, input="\r\n".join(lines) + "\n") == given
    assert len(given.splitlines()) == 4


def test_no_input_gives_no_output(tflite):
    assert predict(tflite, input="") == ""


def plain(text):
    return " ".join(tokenize(text))


@pytest.mark.parametrize("text", [MARKUP, "[/bold]", "[bold", "\\[x]", "{x} %s"])
def test_markup_in_a_sentence_is_printed_as_it_is(tflite, text):
    (entry,) = map(json.loads, predict(tflite, text, "--json").splitlines())
    assert entry["tokens"] == tokenize(text)
    line = predict(tflite, text)
    for part in entry["entities"]:  # take the marks away again
        line = line.replace(f"[{part['text']}]{part['type']}", part["text"], 1)
    assert line.rstrip("\n") == plain(text)


def test_a_long_sentence_is_one_line(tflite):
    text = "word " * 200
    assert len(predict(tflite, text).splitlines()) == 1
    assert len(predict(tflite, text, "--json").splitlines()) == 1


def test_in_a_process_of_its_own_only_the_result_is_printed(tflite, found):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from kerasrnn.cli import main; main()",
            "predict",
            tflite,
            "--json",
        ],
        input=" ".join(found.tokens) + "\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert tuple(json.loads(done.stdout)["tags"]) == found.tags


@pytest.mark.parametrize("text", ["-5 degrees", "--json is an option", "-5", "- Ada", "-"])
def test_a_text_may_begin_with_a_dash(tflite, text):
    for arguments in ([tflite, text, "--json"], ["--json", tflite, text], [tflite, "--json", text]):
        assert json.loads(predict(*arguments))["tokens"] == tokenize(text)
    assert json.loads(predict(tflite, "--json", "--", "--help"))["tokens"] == tokenize("--help")


def test_what_looks_like_an_option_is_not_taken_for_a_text(tflite):
    result = CliRunner().invoke(app, ["predict", tflite, "Ada", "--jsn"])
    assert result.exit_code == 2
    assert "--jsn" in result.stderr


def test_the_shipped_model_is_used_beside_a_folder_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ner_bilstm").mkdir()
    result = CliRunner().invoke(app, ["predict", "ner_bilstm", "Ada Lovelace slept"])
    assert result.stdout == "[Ada Lovelace]PER slept\n"
    assert result.stderr.startswith("Note: the folder ner_bilstm here is not a trained model's")


def test_a_saved_model_is_refused_with_what_to_give(trained):
    result = CliRunner().invoke(app, ["predict", str(trained / "saved_model"), "Ada"])
    assert result.exit_code == 1
    assert "saved_model is a SavedModel, which TensorFlow runs; give the folder" in result.stderr


def test_a_missing_model_is_one_message(tmp_path):
    result = CliRunner().invoke(app, ["predict", str(tmp_path / "[bold]no"), "Ada"])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {tmp_path}/[bold]no: there is no such folder or file")


def test_a_file_that_is_no_model_is_one_message(tmp_path):
    (tmp_path / "x.tflite").write_text("not a model")
    result = CliRunner().invoke(app, ["predict", str(tmp_path / "x.tflite"), "Ada"])
    assert result.exit_code == 1
    assert f"{tmp_path}/x.tflite is not a TFLite file" in result.stderr
