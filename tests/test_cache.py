"""Where downloads are kept."""

from pathlib import Path

import pytest

from kerasrnn._cache import cache_folder


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"KERASRNN_CACHE": "own", "XDG_CACHE_HOME": "xdg"}, "own"),
        ({"KERASRNN_CACHE": "", "XDG_CACHE_HOME": "xdg"}, "xdg/kerasrnn"),
        ({"XDG_CACHE_HOME": ""}, ".cache/kerasrnn"),
        ({}, ".cache/kerasrnn"),
    ],
)
def test_the_environment_says_where(monkeypatch, variables, folder):
    for name in ("KERASRNN_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")
    for name, value in variables.items():
        monkeypatch.setenv(name, value and f"/home/somebody/{value}")
    assert cache_folder() == Path("/home/somebody", folder)


def test_a_caller_may_say_so_instead(monkeypatch):
    monkeypatch.setenv("KERASRNN_CACHE", "/elsewhere")
    assert cache_folder("here") == Path("here")
