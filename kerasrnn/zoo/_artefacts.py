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
        Path of the file, and a dictionary, empty where no `config.json` of ours lies beside it.

    Raises:
        FileNotFoundError: there is no such file, or no weights in the folder.
        ValueError: the weights are of another model, or the folder's `config.json` is not of ours.

    Example:
        >>> from kerasrnn.zoo import find_weights
        >>> file, arguments = find_weights("ner_bilstm", "default")
        >>> file.name, arguments["cell"]
        ('model.weights.h5', 'lstm')
    """
    path = shipped_folder(name) if weights == "default" else Path(weights)
    file = path / WEIGHTS if path.is_dir() else path
    if not file.exists():
        raise FileNotFoundError(
            f"`weights` must be None, 'default', a weights file or a folder that holds {WEIGHTS}; "
            f"there is no {file}."
        )
    config_file = file.parent / CONFIG
    if not config_file.is_file():
        return file, {}
    config = _read_config(config_file)
    if config is None and path.is_dir():
        raise ValueError(
            f"{config_file} does not say what the weights were made with: it must hold `model` "
            "and `arguments`, as `kerasrnn train` writes them."
        )
    if config is None:  # many programs call a file config.json
        return file, {}
    if config["model"] != name:
        raise ValueError(f"{config_file} is of the model {config['model']!r}, not of {name!r}.")
    return file, config["arguments"]


def _read_config(file):
    """The content of a config.json that is ours, or `None`."""
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:  # neither JSON nor UTF-8
        return None
    ours = isinstance(config, dict) and isinstance(config.get("arguments"), dict)
    return config if ours and isinstance(config.get("model"), str) else None
