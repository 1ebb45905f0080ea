"""A trained model's folder: what is in it, writing it, reading it.

config.json       the model's name, the builder's arguments, the recipe
model.weights.h5  Keras weights
vocabulary.json   what turns examples into arrays: words and tags, or labels
metrics.json      what was measured, on which data
samples.conll     held-out examples, on which exports are compared with Keras (.jsonl, .npz)
<model>.tflite    the model for LiteRT, vocabulary inside
saved_model/      the model for TensorFlow (not in the artefacts that ship)
SHA256SUMS        sums of all these, as `sha256sum --check` reads them
"""

import json
from pathlib import Path

from kerasrnn._files import sha256
from kerasrnn.training._recipe_files import make_recipe
from kerasrnn.training._task import get_task

CONFIG = "config.json"
WEIGHTS = "model.weights.h5"
VOCABULARY = "vocabulary.json"
METRICS = "metrics.json"
SAVED_MODEL = "saved_model"
SUMS = "SHA256SUMS"


def read_json(folder, name, *entries):
    """A JSON file of a model's folder, which has these entries.

    Raises:
        ValueError: the folder is not a model's.
    """
    path = Path(folder) / name
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if (Path(folder) / "saved_model.pb").exists():
            raise ValueError(
                f"{folder} is a SavedModel, which TensorFlow runs; give the folder that "
                "`kerasrnn train` wrote, or its .tflite file."
            ) from None
        raise ValueError(
            f"{folder} is not a trained model's folder: it has no {name}. "
            "`kerasrnn train` writes such folders."
        ) from None
    except ValueError as error:  # neither JSON nor UTF-8
        raise ValueError(f"{path} is damaged: {error}.") from None
    missing = [e for e in entries if not isinstance(content, dict) or e not in content]
    if missing:
        raise ValueError(f"{path} is damaged: it has no {', '.join(map(repr, missing))}.")
    return content


def write_json(folder, name, content):
    """Writes a JSON file that people can read."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    (Path(folder) / name).write_text(text, encoding="utf-8")


def describe_older(folder):
    """The trained model's folder that writing one would replace, with its score, or `None`."""
    if not (Path(folder) / SUMS).exists():
        return None
    try:
        score = read_json(folder, METRICS, "score")["score"]
        return f"{folder} (test {score['name']} {score['test']:.2f})"
    except (ValueError, KeyError, TypeError):  # an older model without figures is one too
        return str(folder)


def load_model(folder):
    """The Keras model of a trained model's folder, uncompiled, with its weights."""
    from kerasrnn.zoo import get_builder

    return get_builder(read_json(folder, CONFIG, "model")["model"])(weights=folder)


def read_recipe(folder):
    """The `Recipe` by which a trained model's folder was made."""
    stored = read_json(folder, CONFIG, "recipe")["recipe"]
    return make_recipe(stored, where=Path(folder) / CONFIG)


def task_of(folder):
    """The `Task` of a trained model's folder."""
    return get_task(read_recipe(folder).task)


def save_weights(folder, name, arguments, model):
    """Writes the weights alone: a model that was compiled would write its optimizer too."""
    from kerasrnn.zoo import get_builder

    bare = get_builder(name)(**arguments)
    bare.set_weights(model.get_weights())
    bare.save_weights(Path(folder) / WEIGHTS)


def write_sums(folder):
    """Writes SHA256SUMS over all files of the folder."""
    folder = Path(folder)
    lines = [f"{sha256(folder / name)}  {name}\n" for name in sorted(_files(folder))]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def wrong_sums(folder):
    """Names of files that are missing or differ from SHA256SUMS."""
    folder = Path(folder)
    return [
        name
        for expected, name in _sums(folder)
        if not (folder / name).is_file() or sha256(folder / name) != expected
    ]


def _files(folder):
    """Names of all files of a folder but the sums."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return {path.relative_to(folder).as_posix() for path in files}


def _sums(folder):
    """Pairs of sum and name."""
    lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    return [line.split("  ", 1) for line in lines if "  " in line]


def refuse_foreign_folder(path):
    """Raises FileExistsError where writing a model would replace something that is no model."""
    path = Path(path)
    if path.is_file() or (path.is_dir() and any(path.iterdir()) and not (path / SUMS).exists()):
        raise FileExistsError(
            f"{path} exists and is not a trained model's folder; choose another --output."
        )
    if path.is_dir() and (path / SUMS).exists():
        foreign = _files(path) - {name for _, name in _sums(path)}
        if foreign:
            raise FileExistsError(
                f"{path} holds files that are not the trained model's and would be lost: "
                f"{', '.join(sorted(foreign))}. Move them, or choose another --output."
            )
