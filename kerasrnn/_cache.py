"""The folder that keeps what was downloaded or takes long to make."""

import os
from pathlib import Path


def cache_folder(cache=None):
    """The folder that a caller names, or else the environment, or else one in the user's home."""
    if cache is not None:
        return Path(cache)
    if folder := os.environ.get("KERASRNN_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kerasrnn"
