import json
import shutil

import pytest
from typer.testing import CliRunner

from kerasrnn.cli import app
from kerasrnn.cli._console import console
from kerasrnn.cli._scores import print_scores
from kerasrnn.data import Sentence, write_conll
from kerasrnn.training import entity_scores, evaluate


def run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)], env={"COLUMNS": "200"})


def test_json_is_what_evaluate_gives(trained):
    result = run(trained, "--test", trained / "samples.conll", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == evaluate(trained, trained / "samples.conll")


def test_the_table_has_a_row_a_type_and_one_for_all(trained):
    scores = evaluate(trained, trained / "samples.conll")
    result = run(trained / "ner_bilstm.tflite", "--test", trained / "samples.conll")
    assert result.exit_code == 0
    for name, row in {**scores["types"], "all": scores}.items():
        figures = [f"{row[key]:.3f}" for key in ("precision", "recall", "f1")]
        line = next(line for line in result.stdout.splitlines() if f" {name} " in line)
        for figure in [*figures, str(row["support"])]:
            assert figure in line


def test_a_bad_file_is_an_error_with_its_line(trained, tmp_path):
    (tmp_path / "bad.conll").write_text("Ada B-PER\nmet\n")
    result = run(trained, "--test", tmp_path / "bad.conll", "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"Error: {tmp_path / 'bad.conll'}:2: 1 column ['met']")


def test_a_folder_that_is_no_model_is_an_error(tmp_path):
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "is not a trained model's folder" in result.stderr


def test_a_lone_tflite_file_asks_for_test_sentences(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(trained / "ner_bilstm.tflite", "mine.tflite")
    result = run("mine.tflite")
    assert result.exit_code == 1
    message = "Error: mine.tflite: a lone .tflite has no test data; pass --test FILE.\n"
    assert result.stderr == message
    assert run("mine.tflite", "--test", trained / "samples.conll").exit_code == 0


def test_a_type_that_the_model_does_not_know_is_named_beside_the_scores(trained, tmp_path):
    sentences = [Sentence(("Ada", "saw", "Nile"), ("B-PER", "O", "B-RIVER"))]
    write_conll(tmp_path / "odd.conll", sentences)
    result = run(trained, "--test", tmp_path / "odd.conll", "--json")
    assert json.loads(result.stdout)["types"]["RIVER"]["recall"] == 0
    assert result.stderr.startswith(
        f"Warning: {tmp_path / 'odd.conll'} has entities of RIVER, which the model was not trained"
    )
    assert run(trained, "--test", trained / "samples.conll").stderr == ""


@pytest.mark.parametrize("text", ["[bold]", "[/bold]", ":dog:", "[link=x]y[/]"])
def test_markup_in_titles_and_types_is_printed_as_it_is(text):
    sentences = [Sentence(("Ada",), (f"B-{text}",))]
    with console.capture() as captured:
        print_scores(entity_scores(sentences, sentences), f"a/{text}/b on c")
    title, *rows = captured.get().splitlines()
    assert title == f"a/{text}/b on c"
    assert sum(text in row for row in rows) == 1


def test_a_path_with_markup_is_read_and_shown(trained, tmp_path):
    path = tmp_path / "[bold]x.conll"
    write_conll(path, [Sentence(("Ada",), ("B-PER",))])
    result = run(trained, "--test", path)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{trained} on {path}\n")
