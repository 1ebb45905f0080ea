"""Recipes: everything that decides a training run, in one TOML file."""

import tomllib
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from kerasrnn._shipped import recipe_file

_REQUIRED = {
    "data": ("source",),
    "training": ("epochs", "batch_size", "learning_rate", "clip_norm", "patience"),
    "export": ("sequence_length",),
}
_POSITIVE = (
    ("training", "epochs"),
    ("training", "batch_size"),
    ("training", "learning_rate"),
    ("training", "clip_norm"),
    ("export", "sequence_length"),
)


class RecipeError(ValueError):
    """A recipe that cannot be read or does not hold what a recipe holds."""


@dataclass(frozen=True)
class Recipe:
    """What decides a training run.

    Args:
        model: name of a builder in `kerasrnn.zoo`.
        task: what the model does: `"tagging"`.
        seed: seed of weights, dropout and order.
        data: `source` and what the source needs.
        vocabulary: arguments of the vocabulary's `build`.
        arguments: arguments of the builder.
        training: `epochs`, `batch_size`, `learning_rate`, `clip_norm`, `patience`.
        export: `sequence_length` of the TFLite file.

    Raises:
        RecipeError: an entry is of another type, a size is not above 0, or one of those named
            here is missing.

    Example:
        >>> from kerasrnn.training import load_recipe
        >>> recipe = load_recipe("ner_bilstm").override("training.epochs", 2)
        >>> recipe.training["epochs"]
        2
    """

    model: str
    task: str
    seed: int
    data: dict
    vocabulary: dict
    arguments: dict
    training: dict
    export: dict

    def __post_init__(self):
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not field.type:
                kind = "a section" if field.type is dict else f"of type {field.type.__name__}"
                raise RecipeError(f"{field.name!r} must be {kind}; received {value!r}.")
        for section, entries in _REQUIRED.items():
            missing = [entry for entry in entries if entry not in getattr(self, section)]
            if missing:
                raise RecipeError(f"[{section}] needs {', '.join(missing)}.")
        for section, entry in _POSITIVE:
            value = getattr(self, section)[entry]
            if not value > 0:
                raise RecipeError(f"{section}.{entry} must be above 0; received {value!r}.")

    def override(self, key, value):
        """The recipe with one entry changed.

        Args:
            key: `"seed"` or `"section.entry"`, such as `"training.epochs"`.
            value: the new value.

        Returns:
            A new `Recipe`.

        Raises:
            RecipeError: the recipe has no such entry, or the value is of another kind.
        """
        section, _, entry = key.partition(".")
        known = self.keys()
        if key not in known:
            raise RecipeError(f"A recipe has no {key!r}; it has: {', '.join(known)}.")
        if not entry:
            return replace(self, **{key: _same_kind(key, getattr(self, key), value)})
        old = getattr(self, section)
        return replace(self, **{section: {**old, entry: _same_kind(key, old[entry], value)}})

    def keys(self):
        """All entries that `override` can change."""
        sections = {key: value for key, value in asdict(self).items() if isinstance(value, dict)}
        return ["seed", *(f"{key}.{entry}" for key, value in sections.items() for entry in value)]


def load_recipe(name):
    """Reads a recipe.

    Args:
        name: a model's name, for the recipe that made the shipped artefact, or a TOML file.

    Returns:
        A `Recipe`.

    Raises:
        RecipeError: there is none, or its content is not a recipe's.

    Example:
        >>> from kerasrnn.training import load_recipe
        >>> load_recipe("ner_bilstm").task
        'tagging'
    """
    path = Path(name) if str(name).endswith(".toml") else recipe_file(name)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(
            f"There is no recipe {path}; `kerasrnn list` names the models, and a recipe of your "
            "own is a file that ends in .toml."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not TOML: {error}.") from None
    try:
        return Recipe(**content)
    except (TypeError, RecipeError) as error:
        raise RecipeError(f"{path}: not a recipe: {error}") from None


def with_data(recipe, source=None, files=None):
    """The recipe with other data, and with settings that suit data of any size.

    Args:
        recipe: a `Recipe`.
        source: `"offline"`, `"tfds:NAME"`, or `None` for the recipe's or the files.
        files: dictionary of paths: `train` and perhaps `validation` and `test`; or `None`.

    Returns:
        A new `Recipe`.

    Raises:
        RecipeError: both are given, or files without one to train on.

    Example:
        >>> from kerasrnn.training import load_recipe, with_data
        >>> with_data(load_recipe("ner_bilstm"), files={"train": "my.conll"}).data["source"]
        'files'
    """
    if files and source:
        raise RecipeError(f"Give files or a data source, not both; received {source!r} and files.")
    if files and "train" not in files:
        raise RecipeError(f"Files to train on are missing; received only {', '.join(files)}.")
    if files:
        return _for_other_data(recipe, {"source": "files", **files})
    if source and source != recipe.data["source"]:
        return _for_other_data(recipe, {"source": source})
    return recipe


def _for_other_data(recipe, data):
    # The recipe is tuned to its own data, of known size. Small files need small batches, more
    # passes, and all words that occur twice.
    return replace(
        recipe,
        data=data,
        vocabulary={**recipe.vocabulary, "min_count": 2},
        training={**recipe.training, "batch_size": 32, "epochs": 30, "patience": 6},
    )


def _same_kind(key, old, new):
    if isinstance(new, str) and not isinstance(old, str):
        try:
            (new,) = tomllib.loads(f"value = {new}").values()
        except ValueError:  # no TOML, or more than one value
            raise RecipeError(f"{key} must be of the kind of {old!r}; received {new!r}.") from None
    if isinstance(old, float) and type(new) is int:
        new = float(new)
    if type(new) is not type(old):
        raise RecipeError(f"{key} must be of the kind of {old!r}; received {new!r}.")
    return new
