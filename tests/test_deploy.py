"""The examples of docs/deploy.md run as they stand, where kerasrnn cannot be imported."""

import re
import shutil
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import pytest

from kerasrnn.training import Tagger
from kerasrnn.zoo import shipped_folder

PAGE = Path(__file__).parents[1] / "docs" / "deploy.md"
TFLITE, SAVED_MODEL = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)


def output(code, folder, blocked):
    """What an example prints in a folder of its own, without these libraries."""
    hide = f"import sys\nfor name in {blocked!r}:\n    sys.modules[name] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", hide + code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_tflite_file_alone_tags_a_sentence(tmp_path):
    path = shutil.copy(shipped_folder("ner_bilstm") / "ner_bilstm.tflite", tmp_path / "mine.tflite")
    expected = Tagger(path).tag("Harry Potter and Hermione Granger invented a new spell")
    lines = output(TFLITE, tmp_path, ["kerasrnn", "keras", "tensorflow"])
    assert lines == [" ".join(pair) for pair in zip(expected.tokens, expected.tags, strict=True)]
    assert lines[:2] == ["Harry B-PER", "Potter I-PER"]


def test_its_words_are_looked_up_as_the_library_does(trained, tmp_path):
    """With a model that has seen rarer words, and a sentence with digits and other letters."""
    path = shutil.copy(trained / "ner_bilstm.tflite", tmp_path / "mine.tflite")
    text = "In 1987 Zoë met ÉMILE at THE 22nd Opening in Rome"
    code = TFLITE.replace("Harry Potter and Hermione Granger invented a new spell", text)
    code += "for row in probabilities[0]:\n    print(row.tolist())\n"
    lines = output(code, tmp_path, ["kerasrnn", "keras", "tensorflow"])
    tokens = text.split()
    (expected,) = Tagger(path).probabilities([tokens])
    assert [literal_eval(line) for line in lines[len(tokens) :]][: len(tokens)] == expected.tolist()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_saved_model_alone_tags_sentences(trained, tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "mine").symlink_to(trained)
    tagger = Tagger(trained)
    lines = output(SAVED_MODEL, tmp_path, ["kerasrnn"])
    for line, text in zip(lines, re.findall(r'"(\S[^"]*\.)"', SAVED_MODEL), strict=True):
        expected = tagger.tag(text)
        assert literal_eval(line) == list(zip(expected.tokens, expected.tags, strict=True))
