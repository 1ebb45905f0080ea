"""Reading recipes: TOML files, and the recipes of trained models."""

import tomllib
from pathlib import Path

from kerasrnn._hints import did_you_mean
from kerasrnn._shipped import recipe_file, recipe_names
from kerasrnn.training._other_data import for_small_data
from kerasrnn.training._recipe import RENAMED, Recipe
from kerasrnn.training._recipe_entries import RecipeError


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
    shipped = not str(name).endswith(".toml")
    if shipped and name not in recipe_names():
        raise RecipeError(_no_recipe(str(name)))
    path = recipe_file(name) if shipped else Path(name)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(
            f"There is no recipe {path}; check the path, and the folder it is relative to."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not TOML: {error}.") from None
    if shipped:
        content.setdefault("other_data", for_small_data(content))
    return make_recipe(content, path)


def make_recipe(content, where):
    """The `Recipe` of a dictionary that was read; `where` is for the message of an error.

    Entries of older recipes get the names that they have now.
    """
    try:
        return Recipe(**{key: _renamed(key, value) for key, value in content.items()})
    except (TypeError, RecipeError) as error:
        raise RecipeError(f"{where}: not a recipe: {error}") from None


def _renamed(section, entries):
    """A section with the names that its entries have now."""
    if type(entries) is not dict:
        return entries
    if section == "other_data":
        return {name: _renamed(name, changed) for name, changed in entries.items()}
    found = {old: new for old, new in RENAMED.get(section, {}).items() if old in entries}
    for old, new in found.items():
        if new in entries:
            raise RecipeError(f"{section}.{old} is now called {section}.{new}; give that alone.")
    return {found.get(entry, entry): value for entry, value in entries.items()}


def _no_recipe(name):
    if Path(name).is_file() or Path(name).name != name:
        return f"{name} is not a TOML recipe: a recipe of your own is a file that ends in .toml."
    meant = did_you_mean(name, recipe_names())
    return f"No model is called {name!r}; there are: {', '.join(recipe_names())}.{meant}"
