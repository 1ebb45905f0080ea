"""Where the weights of a model are, and what they were made with."""

import json
from pathlib import Path

from kerasrnn._shipped import shipped_folder

CONFIG = "config.json"
WEIGHTS = "model.weights.h5"


def find_weights(name, weights):
    """The weights file that `weights=` means, and the builder's arguments it was made with.

    Args:
        name: a model's name.
        weights: `"default"`, a weights file, or a folder like those in saved_models.

    Returns:
        Path of the file, and a dictionary, empty where no `config.json` lies beside the file.

    Raises:
        FileNotFoundError: there is no such file, or no weights in the folder.
        ValueError: the weights are of another model.
    """
    path = shipped_folder(name) if weights == "default" else Path(weights)
    file = path / WEIGHTS if path.is_dir() else path
    if not file.exists():
        raise FileNotFoundError(
            f"`weights` must be None, 'default', a weights file or a folder that holds {WEIGHTS}; "
            f"there is no {file}."
        )
    config = file.parent / CONFIG
    return file, _arguments(name, config) if config.exists() else {}


def _arguments(name, file):
    config = json.loads(file.read_text(encoding="utf-8"))
    if config.get("model") != name:
        raise ValueError(f"{file} is of the model {config.get('model')!r}, not of {name!r}.")
    return config["arguments"]
