"""Measuring a trained model again, or on other data."""

import importlib.metadata
from pathlib import Path

from kerasrnn.data import read_conll
from kerasrnn.training import _artefact
from kerasrnn.training._scores import entity_scores
from kerasrnn.training._sources import describe, load_splits
from kerasrnn.training._tagger import Tagger


def evaluate(path, test=None, *, report=lambda message: None):
    """Scores of a trained tagger on test sentences.

    Args:
        path: a folder that `train` wrote, or the TFLite file in it.
        test: a CoNLL file; `None` takes the test sentences of the model's own recipe.
        report: function that is told what makes the scores mean less, a short string.

    Returns:
        Dictionary as `entity_scores` gives it.

    Raises:
        ValueError: `test` is `None` and no recipe lies beside the model, or its data changed.
        DataError: the test sentences cannot be read.

    Example:
        >>> import tempfile
        >>> from kerasrnn.data import Sentence, write_conll
        >>> from kerasrnn.training import evaluate
        >>> from kerasrnn.zoo import shipped_folder
        >>> test = tempfile.mkdtemp() + "/test.conll"
        >>> write_conll(test, [Sentence(("Ada", "Lovelace", "slept"), ("B-PER", "I-PER", "O"))])
        >>> evaluate(shipped_folder("ner_bilstm"), test)["support"]
        1
    """
    tagger = Tagger(path)
    sentences = _recipe_test(path) if test is None else read_conll(test)
    unknown = _types(s.tags for s in sentences) - _types([tagger.vocabulary.tags])
    if unknown:
        known = ", ".join(sorted(_types([tagger.vocabulary.tags])))
        report(
            f"Warning: {test} has entities of {', '.join(sorted(unknown))}, which the model was "
            f"not trained on and never finds; its types are {known}."
        )
    return entity_scores(sentences, tagger.predict(sentences))


def _types(lines):
    return {tag[2:] for tags in lines for tag in tags if tag != "O"}


def _recipe_test(path):
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    if not Path(path).is_dir() and not (folder / _artefact.CONFIG).exists():
        raise ValueError(f"{path}: a lone .tflite has no test data; pass --test FILE.")
    return recipe_splits(folder).test


def recipe_splits(folder):
    """The sentences that a trained model's folder was made of.

    Raises:
        ValueError: they are not what they were.
    """
    recipe = _artefact.read_recipe(folder)
    trained_on = _artefact.read_json(folder, _artefact.METRICS, "data")["data"]
    splits = load_splits(recipe.data, seed=recipe.seed)
    if describe(recipe.data, splits)["sha256"] != trained_on["sha256"]:
        raise ValueError(
            f"The data of {folder} are no longer what it was trained on, so its test sentences "
            f"may be training sentences now. {_what_changed(recipe.data, trained_on)}"
        )
    return splits


def _what_changed(data, trained_on):
    if data["source"] != "offline":
        return "Bring back the data of then, or give test sentences with --test."
    then, now = trained_on["faker"], importlib.metadata.version("faker")
    if then == now:
        return "Another version of kerasrnn made them; give test sentences with --test."
    return (
        f"Their names came from Faker {then}; installed is Faker {now}. "
        f"Do `pip install faker=={then}`, or give test sentences with --test."
    )
