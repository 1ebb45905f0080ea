"""The command that measures the exports of the models that ship."""

import sys

import pytest

from benchmarks import zoo_exports


def test_a_misspelt_model_is_an_error_that_names_the_known_ones(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["zoo_exports", "--models", "name_gru", "char_lm_gur"])
    monkeypatch.setattr(zoo_exports, "OUTPUT", tmp_path / "found.json")
    with pytest.raises(SystemExit, match="2"):
        zoo_exports.main()
    error = capsys.readouterr().err
    assert "'char_lm_gur'" in error
    assert "char_lm_gru" in error
    assert list(tmp_path.iterdir()) == []
