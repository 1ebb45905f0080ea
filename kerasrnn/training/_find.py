"""What a user means by a model: a path, or the name of a model that ships."""

import warnings
from pathlib import Path

from kerasrnn._shipped import shipped_folder
from kerasrnn.training import _artefact


def find_model(name, *, report=lambda message: None):
    """A folder or TFLite file of a trained model.

    Args:
        name: a path, or the name of a model that ships with the library.
        report: function that is told where a folder of a shipped model's name, which is no
            trained model's, is passed over.

    Returns:
        A `pathlib.Path`; of a shipped model the TFLite file, which needs no TensorFlow.

    Raises:
        FileNotFoundError: there is neither.
    """
    return _path(name, report) or _shipped(name) / f"{name}.tflite"


def named_model(name):
    """What `find_model` finds; a folder that is passed over is told of by a warning."""
    return find_model(name, report=lambda message: warnings.warn(message, stacklevel=6))


def find_folder(name, *, report=lambda message: None):
    """The folder of a trained model, by its path or by the name of a model that ships."""
    path = _path(name, report) or _shipped(name)
    if not path.is_dir():
        raise ValueError(f"{path} is a file; give the folder that `kerasrnn train` wrote.")
    return path


def shipped_metrics(name):
    """The metrics.json of a model that ships, or `None`."""
    try:
        return _artefact.read_json(shipped_folder(name), _artefact.METRICS)
    except ValueError:
        return None


def _path(name, report):
    path = Path(name)
    if not path.exists():
        return None
    if path.is_dir() and not (path / _artefact.CONFIG).exists() and _ships(name):
        report(
            f"Note: the folder {path} here is not a trained model's; this is the {name} that ships "
            "with the library."
        )
        return None
    return path


def _ships(name):
    try:
        return shipped_folder(name).is_dir()
    except ValueError:
        return False


def _shipped(name):
    try:
        return shipped_folder(name)
    except ValueError:
        raise FileNotFoundError(
            f"{name}: there is no such folder or file, and no model of that name ships with the "
            "library; `kerasrnn list` names those that do."
        ) from None
