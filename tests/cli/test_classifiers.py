"""Classifiers of a user's own data, from the command line alone."""

import csv
import json
import random

import numpy as np
import pytest
from typer.testing import CliRunner

from kerasrnn.cli import app
from kerasrnn.data import Labelled
from kerasrnn.sequence import engine
from kerasrnn.training import Classifier
from tests.training.short_texts import short_texts

SMALL = [
    "--epochs",
    "1",
    "--batch-size",
    "16",
    "--units",
    "4",
    "--cell",
    "basic_rnn",
    "--format",
    "tflite",
    "--set",
    "export.sequence_length=8",
    "--set",
    "baselines.run=[]",
]


def run(*arguments, **options):
    options.setdefault("env", {"COLUMNS": "200"})
    return CliRunner().invoke(app, [*map(str, arguments)], **options)


def done(*arguments, **options):
    result = run(*arguments, **options)
    assert result.exit_code == 0, result.output
    return result


def refused(*arguments):
    """What the command says, in one line, when it refuses."""
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    (*_, message) = result.stderr.strip().split("Error: ")
    assert "\n" not in message
    assert "Traceback" not in result.output
    return message


def table(path, examples, text="review", label="verdict", **options):
    with path.open("w", newline="", **options) as file:
        rows = csv.writer(file)
        rows.writerow(["id", text, label])
        rows.writerows((n, e.content, e.label) for n, e in enumerate(examples))
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with reviews.csv, and mine, a classifier that was trained on it."""
    home = tmp_path_factory.mktemp("texts")
    path = table(home / "reviews.csv", short_texts(120))
    (home / "vectors.txt").write_text("film 1 2 3 4\nlovely -1 0.5 4 1\nnowhere 9 9 9 9\n")
    result = done(
        "train", "sentiment_gru", "--train", path, "--text-column", "review",
        "--label-column", "verdict", "--word-vectors", home / "vectors.txt",
        "--epochs", 10, "--units", 8, "--learning-rate", 0.03, "--format", "tflite",
        "--set", "training.class_weight=balanced", "--set", "vocabulary.max_length=16",
        "--set", "export.sequence_length=16", "-o", home / "mine",
        "--set", 'baselines.run=["tfidf_logistic_regression"]',
    )  # fmt: skip
    (home / "said.txt").write_text(result.stdout)
    return home


# Texts


def test_training_on_a_table_tells_what_it_does_and_what_came_of_it(home):
    said = (home / "said.txt").read_text()
    assert f"{home / 'vectors.txt'} has vectors for 2 of " in said
    assert "Training sentiment_gru on 96 texts" in said
    assert "12 test texts" in said
    assert "Macro F1" in said
    assert "Baseline tfidf_logistic_regression: accuracy " in said
    assert said.rstrip().endswith(f'Try: kerasrnn predict {home / "mine"} "a text"')
    metrics = json.loads((home / "mine" / "metrics.json").read_text())
    assert metrics["score"]["name"] == "macro F1"  # decides where labels weigh alike
    assert metrics["score"]["test"] == metrics["test"]["macro_f1"] > 0.7
    assert list(metrics["baselines"]) == ["tfidf_logistic_regression"]
    config = json.loads((home / "mine" / "config.json").read_text())
    assert config["arguments"]["word_dim"] == 4
    assert config["recipe"]["training"]["class_weight"] == "balanced"


def test_evaluate_reads_the_models_own_test_texts_and_draws_a_picture(home, tmp_path):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "confusion.png"
    result = done("evaluate", home / "mine", "--picture", picture)
    assert result.stdout.startswith(f"{home / 'mine'} on its test texts\n")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert f"Wrote {picture}" in result.stderr
    metrics = json.loads((home / "mine" / "metrics.json").read_text())
    scores = json.loads(done("evaluate", home / "mine", "--json").stdout)
    assert scores["confusion"] == metrics["test"]["confusion"]


def test_evaluate_reads_another_file_by_the_columns_of_training(home, tmp_path):
    test = table(tmp_path / "test.csv", short_texts(30, seed=5))
    for model in (home / "mine", home / "mine" / "sentiment_gru.tflite"):
        result = done("evaluate", model, "--test", test)
        assert result.stdout.startswith(f"{model} on {test}\n")
        for label in ("bad", "good"):
            row = next(line for line in result.stdout.splitlines() if f" {label} " in line)
            assert "15" in row
    one = table(tmp_path / "one.csv", short_texts(30, seed=5)[::2])
    assert "AUC" not in done("evaluate", home / "mine", "--test", one).stdout


def test_evaluate_refuses_a_label_that_the_model_does_not_know_in_one_message(home, tmp_path):
    examples = [*short_texts(2), *short_texts(1)]
    path = table(tmp_path / "odd.csv", examples)
    path.write_text(path.read_text().replace(",good", ",marvellous"))
    message = refused("evaluate", home / "mine", "--test", path)
    assert "'marvellous'" in message
    assert "bad, good" in message


def test_predict_prints_a_line_a_text(home):
    texts = ["The film was lovely", "", "The film was [bold]awful[/bold]", "two\nlines\r\nhere"]
    classifier = Classifier(home / "mine")
    lines = done("predict", home / "mine", *texts).stdout.splitlines()
    shown = ["The film was lovely", "", "The film was [bold]awful[/bold]", "two lines here"]
    assert len(lines) == 4
    for line, text, seen in zip(lines, texts, shown, strict=True):
        label, probability = next(iter(classifier.classify(text).items()))
        assert line == f"{label} {probability:.3f}  {seen}".rstrip()


def test_predict_prints_one_json_object_a_text(home):
    texts = ["The film was lovely", "awful\nawful", "- Ωμέγα"]
    result = done("predict", home / "mine" / "sentiment_gru.tflite", *texts, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["input"] for row in rows] == texts
    for row, expected in zip(rows, Classifier(home / "mine").probabilities(texts), strict=True):
        assert row["label"] == max(row["probabilities"], key=row["probabilities"].get)
        found = [row["probabilities"][label] for label in ("bad", "good")]
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_predict_reads_lines_of_the_standard_input(home):
    texts = ["The film was lovely", "", "awful"]
    given = done("predict", home / "mine", *texts).stdout
    assert done("predict", home / "mine", input="\n".join(texts) + "\n").stdout == given


def test_export_writes_files_that_give_what_the_folder_gives(home, tmp_path):
    path = tmp_path / "gpu.tflite"
    result = done("export", home / "mine", "--target", "gpu", "--length", 16, "-o", path, "--json")
    assert json.loads(result.stdout)["target"] == "gpu"
    texts = ["The film was lovely", "", "awful " * 300]
    expected = Classifier(home / "mine").probabilities(texts)
    np.testing.assert_allclose(Classifier(path).probabilities(texts), expected, atol=1e-5)


@pytest.mark.long
def test_export_in_whole_numbers_tells_the_accuracy_before_and_after(home, tmp_path):
    path = tmp_path / "int8.tflite"
    said = done("export", home / "mine", "--quantize", "int8", "-o", path).stdout
    assert "accuracy on 12 test texts: " in said


# Data that cannot be learnt from


def train(path, *more, model="sentiment_gru"):
    columns = ["--text-column", "review", "--label-column", "verdict"]
    output = ["-o", path.parent / "out"]
    return ["train", model, "--train", path, *columns, *output, *SMALL, *more]


def test_a_table_with_one_label_alone_is_one_message(tmp_path):
    path = table(tmp_path / "one.csv", short_texts(40)[::2])
    message = refused(*train(path))
    assert message.startswith(f"{path} has one label alone, 'bad'")
    assert not (tmp_path / "out").exists()


def test_a_table_in_latin_1_is_one_message_that_tells_how_to_read_it(tmp_path):
    examples = [*short_texts(40), *short_texts(1)]
    path = table(tmp_path / "latin.csv", examples, encoding="latin-1")
    path.write_bytes(path.read_bytes().replace(b"The", b"Th\xe9"))
    message = refused(*train(path))
    assert message.startswith(f"{path}:2: not UTF-8: byte 0xe9")
    assert "--set files.encoding=latin-1" in message


def test_a_table_in_utf_16_with_its_mark_is_trained_on_empty_texts_too(tmp_path):
    examples = [*short_texts(40), Labelled("", "bad"), Labelled(" ", "good")]
    done(*train(table(tmp_path / "wide.csv", examples, encoding="utf-16")))


def test_a_column_that_is_not_there_is_one_message(tmp_path):
    path = table(tmp_path / "x.csv", short_texts(10), text="body")
    assert "there is no column 'review'; there are 'id', 'body', 'verdict'" in refused(*train(path))


@pytest.mark.long
def test_texts_that_are_nearly_all_empty_can_be_trained_on(tmp_path):
    path = tmp_path / "empty.csv"
    path.write_text("review,verdict\n" + ",a\n,b\n" * 12 + "word,a\nother,b\nthird,a\nmore,b\n")
    done(*train(path))


# Letters of DNA


@pytest.fixture(scope="module")
def dna(tmp_path_factory):
    """A folder with sites.fa, and dna, a classifier that was trained on it."""
    home, draw = tmp_path_factory.mktemp("dna"), random.Random(0)
    records = []
    for number in range(60):
        letters = "".join(draw.choices("AC" if number % 2 else "GT", k=20))
        records.append(f">site{number} {'ac' if number % 2 else 'gt'}\n{letters}\n")
    (home / "sites.fa").write_text("".join(records))
    with engine("loop"):  # which need not be compiled
        done(
            "train", "dna_bigru", "--train", home / "sites.fa", "-o", home / "dna",
            "--epochs", 12, "--units", 4, "--format", "tflite",
            "--set", "export.sequence_length=20", "--set", "arguments.filters=8",
            "--set", "arguments.hidden=0", "--batch-size", 8,
            "--set", "baselines.run=[]", "--learning-rate", 0.02,
            "--set", "training.average_weights=0.5", "--set", "arguments.members=1",
        )  # fmt: skip
    return home


def test_dna_is_trained_on_and_predicted_from_fasta(dna, tmp_path):
    (tmp_path / "new.fa").write_text(">first of two\nACCAACCACAAC\n>second\nGGTTGTGGTTGG\n")
    lines = done("predict", dna / "dna", tmp_path / "new.fa").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["ac", "gt"]
    assert [line.split("  ")[1] for line in lines] == ["first of two", "second"]
    result = done("predict", dna / "dna" / "dna_bigru.tflite", tmp_path / "new.fa", "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["input"], row["label"]) for row in rows] == [
        ("first of two", "ac"),
        ("second", "gt"),
    ]
    label, _, shown = done("predict", dna / "dna", "acac").stdout.split()
    assert (label, shown) == ("ac", "acac")


def test_letters_that_are_none_are_one_message(dna, tmp_path):
    assert "no nucleotide" in refused("predict", dna / "dna", "ACGZ")
    (tmp_path / "bad.fa").write_text(">x a\nAC-T\n")
    assert f"{tmp_path / 'bad.fa'}:2" in refused("predict", dna / "dna", tmp_path / "bad.fa")


def test_dna_is_evaluated_on_its_own_test_sequences(dna):
    result = done("evaluate", dna / "dna")
    assert result.stdout.startswith(f"{dna / 'dna'} on its test sequences\n")
    assert "Accuracy 1.000" in result.stdout


# Numbers


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    """A folder with points.csv, and points, a classifier that was trained on it."""
    home, draw = tmp_path_factory.mktemp("numbers"), random.Random(0)
    rows = [f"{draw.gauss(4 * (n % 3), 1)},k{n % 3},{draw.gauss(0, 9)}\n" for n in range(150)]
    (home / "points.csv").write_text("x,kind,noise\n" + "".join(rows))
    result = done(
        "train", "one_to_one_dense", "--train", home / "points.csv", "--label-column", "kind",
        "--set", "task=vector_classification", "-o", home / "points", "--epochs", 12,
        "--learning-rate", 0.02, "--format", "tflite",
    )  # fmt: skip
    assert "Left out the baseline tfidf_logistic_regression: it is not for vectors" in result.stdout
    return home


def test_a_table_of_numbers_is_learnt_and_predicted(numbers):
    for path in (numbers / "points", numbers / "points" / "one_to_one_dense.tflite"):
        lines = done("predict", path, "0,0", "-0.5,3", "4,0", "8,-1").stdout.splitlines()
        assert [line.split()[0] for line in lines] == ["k0", "k0", "k1", "k2"]
        assert lines[1].endswith("  -0.5,3")


def test_a_table_of_numbers_is_evaluated(numbers):
    result = done("evaluate", numbers / "points", "--test", numbers / "points.csv", "--json")
    assert json.loads(result.stdout)["accuracy"] > 0.8
    assert json.loads(result.stdout)["support"] == 150


def test_a_vector_of_another_size_or_none_is_one_message(numbers):
    assert "has 3 numbers, where 2 are expected" in refused("predict", numbers / "points", "1,2,3")
    assert "'one' is no vector" in refused("predict", numbers / "points", "one")


# Clips


@pytest.mark.long
def test_a_folder_of_videos_is_learnt_and_predicted(tmp_path):
    av = pytest.importorskip("av")
    draw = random.Random(0)
    for label, bright in (("day", 220), ("night", 20)):
        (tmp_path / "clips" / label).mkdir(parents=True)
        for number in range(12):
            path = tmp_path / "clips" / label / f"{number}.mp4"
            _write_video(av, path, bright + draw.randrange(-15, 16), count=6)
    done(
        "train", "video_lrcn", "--train", tmp_path / "clips", "-o", tmp_path / "video",
        "--set", "files.frames=4", "--set", "files.size=16", "--set", "files.channels=1",
        "--set", "arguments.filters=[4]", "--set", "arguments.frame_dim=8", "--units", 4,
        "--set", "export.sequence_length=4", "--epochs", 8, "--format", "tflite",
        "--learning-rate", 0.02,
    )  # fmt: skip
    new = tmp_path / "new.avi"
    _write_video(av, new, 200, count=9)
    for path in (tmp_path / "video", tmp_path / "video" / "video_lrcn.tflite"):
        (row,) = done("predict", path, new, "--json").stdout.splitlines()
        assert (json.loads(row)["input"], json.loads(row)["label"]) == (str(new), "day")
    result = done("evaluate", tmp_path / "video", "--test", tmp_path / "clips", "--json")
    assert json.loads(result.stdout)["accuracy"] == 1
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    assert "not a video that can be read" in refused(
        "predict", tmp_path / "video", tmp_path / "broken.mp4"
    )


def _write_video(av, path, brightness, count):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for _ in range(count):
            pixels = np.full((32, 32, 3), brightness, "uint8")
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
