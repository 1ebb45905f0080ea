"""Where the repository's data folders are: in a wheel, an editable install, or a bare clone."""

from pathlib import Path


def _folder(package, top_level):
    # setup.cfg maps the top-level folder to a package inside kerasrnn, so that wheels hold it.
    # A clone, installed as editable or not at all, has the folder itself.
    inside = Path(__file__).parent / package
    return inside if inside.is_dir() else Path(__file__).parents[1] / top_level


def recipe_file(model):
    """Path of the recipe that made the artefact of a model."""
    return _folder("_recipes", "zoo") / model / "recipe.toml"


def recipe_names():
    """Names of the models that have a recipe, from their files: it imports no model."""
    return sorted(path.parent.name for path in _folder("_recipes", "zoo").glob("*/recipe.toml"))


def shipped_folder(name):
    """The folder of the artefact that ships with the library.

    Args:
        name: a model's name.

    Returns:
        `pathlib.Path` of a folder with weights, vocabulary, TFLite file, metrics and sums.

    Raises:
        ValueError: the model ships no weights.

    Example:
        >>> from kerasrnn.zoo import shipped_folder
        >>> (shipped_folder("ner_bilstm") / "vocabulary.json").exists()
        True
    """
    folder = _folder("_saved_models", "saved_models") / name
    if not (folder / "config.json").exists():
        raise ValueError(f"{name!r} ships no weights (looked in {folder}); train it first.")
    return folder
