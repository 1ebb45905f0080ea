"""`kerasrnn score`: how probable a model of the next token finds texts, names and music."""

import json
import re

import pytest
from typer.testing import CliRunner

from kerasrnn.cli import app
from kerasrnn.training import LanguageModel

TEXT = "The film was dull"


def invoke(*arguments, **options):
    return CliRunner().invoke(app, ["score", *map(str, arguments)], **options)


def score(*arguments, **options):
    result = invoke(*arguments, **options)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def texts(trained_characters):
    return trained_characters / "char_lm_gru.tflite"


@pytest.fixture(scope="module")
def words(trained_words):
    return trained_words / "word_lm_lstm.tflite"


@pytest.fixture(scope="module")
def names(trained_names):
    return trained_names / "name_gru.tflite"


def test_a_line_has_the_log_probability_perplexity_and_bits(texts):
    found = LanguageModel(texts).score(TEXT)
    assert score(texts, TEXT) == (
        f"ln P {found['log_prob']:.3f}  perplexity {found['perplexity']:.2f}  "
        f"{found['bits']:.3f} bits a character  {TEXT}\n"
    )


def test_a_folder_and_its_file_print_the_same_but_for_roundings(trained_characters, texts):
    one, other = (json.loads(score(path, TEXT, "--json")) for path in (trained_characters, texts))
    assert one["log_prob"] == pytest.approx(other["log_prob"], abs=1e-3)


def test_json_has_the_whole_score(words):
    first, second = map(json.loads, score(words, TEXT, "dull was", "--json").splitlines())
    found = LanguageModel(words).score(TEXT)
    assert first == {"text": TEXT, **found, "tokens": [list(pair) for pair in found["tokens"]]}
    assert second["text"] == "dull was"


def test_lines_of_standard_input_are_scored(texts):
    lines = ["The film", "", "[bold]x[/] -5"]
    assert score(texts, input="\n".join(lines) + "\n") == score(texts, *lines)
    assert score(texts, input="") == ""


def test_tokens_are_told_one_a_line(words):
    printed = score(words, "the film", "--tokens").splitlines()
    assert [line.split()[-1] for line in printed[1:]] == ["the", "film", "<EOS>"]
    total = sum(float(line.split()[0]) for line in printed[1:])
    assert total == pytest.approx(float(re.search("ln P (-[0-9.]+)", printed[0])[1]), abs=0.01)


def test_unknown_words_may_be_left_out(words):
    text = "the zebra was dull"
    counted, skipped = score(words, text), score(words, text, "--skip-unknown")
    assert "bits a character" in counted
    assert "bits" not in skipped
    values = [float(re.search("ln P (-[0-9.]+)", line)[1]) for line in (counted, skipped)]
    assert values[1] > values[0]
    assert score(words, "zebra", "--skip-unknown", "--tokens").count("\n") == 2  # and <EOS>


def test_a_name_is_scored_with_the_category_that_is_named(names):
    model = LanguageModel(names)
    for category in ("x", "y"):
        for option in (("--category", category), (f"--category={category}",)):
            (line,) = score(names, *option, "Anata").splitlines()
            expected = model.sentence_log_prob("Anata", category=category)
            assert line.startswith(f"ln P {expected:.3f} ")
            assert line.endswith("  Anata")
    result = invoke(names, "Anata")
    assert result.exit_code == 1
    assert "--category must be one of x, y" in result.stderr


def test_music_is_scored_by_its_files(trained_music, music_files):
    path = trained_music / "music_lstm.tflite"
    line = score(path, music_files / "0.mid")
    assert " bits a note  " in line
    result = invoke(path, "nowhere.mid")
    assert result.exit_code == 1
    assert "nowhere.mid" in result.stderr


@pytest.mark.parametrize("line", ["", " "])
def test_of_music_a_file_must_be_named(trained_music, line):
    path = trained_music / "music_lstm.tflite"
    for result in (invoke(path, line), invoke(path, input=f"{line}\n")):
        assert result.exit_code == 1
        assert result.stdout == ""
        assert f"Error: No file is named, and {path} scores files" in result.stderr
        assert "name a MIDI or MusicXML file" in result.stderr
        assert "read_music" not in result.stderr


def test_a_file_is_no_text(texts, names, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("The film\n", encoding="utf-8")
    (tmp_path / "Anata").write_text("", encoding="utf-8")
    for model, path in ((texts, "a.txt"), (texts, tmp_path / "Anata"), (names, "a.txt")):
        result = invoke(model, "The film", path)
        assert result.exit_code == 1
        assert result.stdout == ""
        assert (
            f"{path} is a file, and texts are scored. `kerasrnn score {model} < " in result.stderr
        )
        assert f"`kerasrnn evaluate {model} --test {path}`" in result.stderr
    assert score(names, "--category", "x", "Anata")
    assert score(texts, "b.txt", "x" * 5000, "a.\0")


def test_a_tflite_file_may_stand_in_for_the_folder(trained_characters, texts, words):
    assert score(trained_characters, TEXT, "--tflite", texts) == score(texts, TEXT)
    result = invoke(trained_characters, TEXT, "--tflite", words)
    assert result.exit_code == 1
    assert "has another vocabulary" in result.stderr


def test_texts_have_no_category(texts):
    result = invoke(texts, TEXT, "--category", "x")
    assert "--category is for models of names, and this is one of language mod" in result.stderr


def test_texts_may_begin_with_a_dash_and_stand_before_options(texts):
    assert score(texts, "-5", "--tokens", "- x") == score(texts, "--tokens", "--", "-5", "- x")


def test_an_option_without_its_value_is_refused(names):
    result = invoke(names, "Anata", "--category")
    assert result.exit_code == 2
    assert "--category" in result.stderr


def test_a_tagger_tells_no_next_token(trained):
    result = invoke(trained / "ner_bilstm.tflite", TEXT)
    assert result.exit_code == 1
    assert "is a model of tagging, which tells no next token" in result.stderr


def test_a_model_is_measured_and_exported_like_all_others(trained_characters, tmp_path):
    metrics = json.loads((trained_characters / "metrics.json").read_text())
    result = CliRunner().invoke(app, ["evaluate", str(trained_characters)])
    assert result.exit_code == 0, result.output
    figures = f"{metrics['test']['bits']:.4f} bits a character, perplexity "
    assert result.stdout.splitlines()[-1].startswith(figures) or figures in result.stdout
    path = tmp_path / "x.tflite"
    result = CliRunner().invoke(app, ["export", str(trained_characters), "-o", str(path)])
    assert result.exit_code == 0, result.output
    assert score(path, TEXT) == score(trained_characters / "char_lm_gru.tflite", TEXT)


def test_training_tells_bits_baselines_and_what_to_try(texts_file, tmp_path):
    settings = {
        "arguments.token_dim": 4, "training.window": 16, "training.batch_size": 4,
        "baselines.run": '["kneser_ney_2", "tfidf_logistic_regression"]',
        "export.sequence_length": 8,
    }  # fmt: skip
    options = [part for item in settings.items() for part in ("--set", "=".join(map(str, item)))]
    arguments = ["char_lm_gru", "--train", texts_file, "-o", tmp_path / "lm", "--units", 5]
    arguments += ["--epochs", 1, "--format", "tflite", *options]
    result = CliRunner().invoke(app, ["train", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    output = result.stdout
    assert "Training char_lm_gru on 1 document, 4 rows a step, for 1 epoch at most" in output
    assert re.search(r"epoch 1/1  loss [\d.]+  validation bits a character [\d.]+ \(best", output)
    assert "1 test document\n" in output
    assert re.search(r"\n[\d.]+ bits a character, perplexity [\d.]+ a token", output)
    assert re.search(r"Baseline kneser_ney_2: [\d.]+ bits a character, perplexity", output)
    assert "Left out the baseline tfidf_logistic_regression: it is not for documents" in output
    assert output.rstrip().endswith(
        f"Try: kerasrnn generate {tmp_path / 'lm'} --prompt 'Some words'"
    )
