"""The Python in the cards of models of the next token runs, on a user's own files."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

from kerasrnn.data import Piece, write_midi

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def write_texts(folder):
    (folder / "texts").mkdir()
    (folder / "texts" / "a.txt").write_text("The sea is the sea.\nThe sea was wide.\n" * 20)


def write_names(folder):
    (folder / "names.csv").write_text("text,label\nAino,fi_FI\nEero,fi_FI\nAnna,sv_SE\n" * 5)


def write_music(folder):
    (folder / "midi_folder").mkdir()
    voices = np.array([[72, 67, 64, 48], [71, 67, 62, 43]] * 8)
    write_midi(Piece(voices), folder / "midi_folder" / "hymn.mid")


CARDS = {
    "word_lm_lstm": write_texts,
    "char_lm_gru": write_texts,
    "name_gru": write_names,
    "music_lstm": write_music,
}


@pytest.mark.long
@pytest.mark.parametrize("model", CARDS)
def test_a_cards_python_trains_a_model_on_a_users_own_files(model, tmp_path, monkeypatch):
    if model == "music_lstm" and importlib.util.find_spec("music21") is None:
        pytest.skip("music21 is not installed")
    CARDS[model](tmp_path)
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "card"}
    blocks = BLOCK.findall((ROOT / "zoo" / model / "README.md").read_text(encoding="utf-8"))
    assert blocks
    for code in blocks:
        exec(compile(code, f"{model}/README.md", "exec"), namespace)
    assert np.isfinite(namespace["model"].history.history["loss"]).all()
