"""The README's blocks of Python run as they stand, each in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import keras

from kerasrnn.data import read_conll
from kerasrnn.layers import LSTM

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)
TEN_LINES, SHIPPED, OWN_CELL = range(3)


def last_line(number, folder, then=""):
    """What a block, in a process of its own, prints last."""
    done = subprocess.run(
        [sys.executable, "-c", f"{BLOCKS[number]}\n{then}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(README.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == []
    return done.stdout.splitlines()[-1]


def test_every_target_that_is_named_is_in_the_makefile():
    makefile = README.with_name("Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z-]+):.*##", makefile, re.M))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", README.read_text(encoding="utf-8"), re.M))
    assert {"demo", "install", "test"} <= named <= known


def test_tensorflows_notes_on_xla_are_silenced_as_the_readme_says(tmp_path):
    (name, value) = re.search(r"`export (\w+)=(\w+)`", README.read_text(encoding="utf-8")).groups()
    code = (
        "import keras, numpy\n"
        "from kerasrnn.layers import LSTM\n"
        "model = keras.Sequential([LSTM(2)])\n"
        "model.compile('sgd', 'mse')\n"
        "model.fit(numpy.ones((2, 3, 2)), numpy.ones((2, 2)), verbose=0)\n"
        "print(model.layers[0].last_way.split(':')[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(README.parent), name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "compiled\n"), done.stderr
    assert "XLA" not in done.stderr


TOKENS = "Sentence(tokens=('Ada', 'Lovelace', 'lived', 'in', 'London', '.'), tags=("


def test_every_block_is_run_here():
    assert len(BLOCKS) == 3


def test_ten_lines_train_a_tagger_that_finds_a_person(tmp_path):
    assert len([line for line in BLOCKS[TEN_LINES].splitlines() if line.strip()]) <= 12
    last = last_line(TEN_LINES, tmp_path)
    assert last.startswith(TOKENS)
    assert "'B-PER'" in last


def test_the_shipped_model_finds_a_person(tmp_path):
    assert last_line(SHIPPED, tmp_path).startswith(f"{TOKENS}'B-PER', 'I-PER', 'O', 'O'")


def test_a_sentence_is_written_in_a_file_as_the_readme_shows(tmp_path):
    (block,) = re.findall(r"^```\n(Ada .*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)
    (tmp_path / "my.conll").write_text(block.replace("\n", "\r\n"))
    (sentence,) = read_conll(tmp_path / "my.conll")
    assert sentence.tokens == ("Ada", "Lovelace", "lived", "in", "London", ".")
    assert sentence.tags == ("B-PER", "I-PER", "O", "O", "B-LOC", "O")


def test_a_keras_file_loads_after_the_import_that_the_readme_names(tmp_path):
    path = str(tmp_path / "model.keras")
    x = keras.Input((None, 3))
    keras.Model(x, LSTM(2)(x)).save(path)
    code = f"import keras, kerasrnn.layers\nprint(keras.saving.load_model({path!r}).output_shape)"
    assert "`import kerasrnn.layers`" in README.read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(README.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "(None, 2)\n"), done.stderr


def test_a_cell_of_ones_own_runs_in_a_layer(tmp_path):
    call = "import numpy as np\nprint(layer(np.ones((2, 5, 3), 'float32')).shape)"
    assert last_line(OWN_CELL, tmp_path, then=call) == "(2, 5, 64)"
