"""What several folders of tests share. Imports nothing heavy before a test asks for it."""

import atexit
import os
import shutil
import sys
import tempfile

import pytest
from hypothesis import settings

# The same examples in every run, however slow the machine: a test that fails fails again.
settings.register_profile("kerasrnn", deadline=None, derandomize=True)
settings.load_profile("kerasrnn")

# float64, against which the equations are tested, is off in JAX unless asked for.
os.environ.setdefault("JAX_ENABLE_X64", "1")

if os.environ.get("KERAS_BACKEND") == "jax":
    # Each test makes its loops anew, which JAX would compile anew, though most are of one code.
    _compiled = tempfile.mkdtemp(prefix="kerasrnn-jax-")
    atexit.register(shutil.rmtree, _compiled, ignore_errors=True)
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", _compiled)
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


@pytest.fixture(scope="module", autouse=True)
def _no_more_programs_than_fit():
    """Drops what JAX has compiled: a process may map some ten thousand programs, then it ends."""
    yield
    if os.environ.get("KERAS_BACKEND") == "jax":
        import jax

        jax.clear_caches()


@pytest.fixture(autouse=True)
def _the_same_weights_in_every_run():
    """Seeds what initialises weights and drops units, so that a test that fails fails again."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(20)


def pytest_collection_modifyitems(items):
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if backend != "tensorflow":
        for item in items:
            if item.get_closest_marker("tensorflow"):
                item.add_marker(pytest.mark.skip(reason=f"of TensorFlow alone, not {backend}"))


TINY = {
    "data.train": 300,
    "data.validation": 20,
    "data.test": 20,
    "vocabulary.min_count": 1,
    "arguments.units": 12,
    "arguments.word_dim": 12,
    "arguments.character_dim": 6,
    "arguments.character_filters": 16,
    "arguments.dropout": 0.1,
    "arguments.word_dropout": 0.05,
    "training.epochs": 16,
    "training.batch_size": 16,
    "training.learning_rate": 0.02,
    "training.patience": 20,
    "export.sequence_length": 24,
}


@pytest.fixture(scope="session")
def tiny_recipe():
    """The recipe of ner_bilstm, made small; it learns some entities in seconds."""
    from kerasrnn.training import load_recipe

    recipe = load_recipe("ner_bilstm")
    for key, value in TINY.items():
        recipe = recipe.override(key, value)
    return recipe


@pytest.fixture(scope="session")
def trained(tiny_recipe, tmp_path_factory):
    """The folder of a tagger that was trained by `tiny_recipe`. Do not write into it."""
    from kerasrnn.training import train

    folder = tmp_path_factory.mktemp("trained") / "tagger"
    train(tiny_recipe, folder)
    return folder


SMALL = {
    "vocabulary.min_count": 1,
    "vocabulary.max_length": 12,
    "arguments.units": 8,
    "arguments.word_dim": 8,
    "arguments.dropout": 0.0,
    "arguments.word_dropout": 0.0,
    "training.epochs": 3,
    "training.batch_size": 16,
    "training.learning_rate": 0.03,
    "export.sequence_length": 12,
    "baselines.run": [],
}


@pytest.fixture(scope="session")
def small_recipe(tmp_path_factory):
    """The recipe of sentiment_gru, made small, for a file of short texts; learnt in seconds."""
    from kerasrnn.data import write_labelled
    from kerasrnn.training import load_recipe, with_data
    from tests.training.short_texts import short_texts

    path = tmp_path_factory.mktemp("texts") / "texts.jsonl"
    write_labelled(path, short_texts(300))
    recipe = with_data(load_recipe("sentiment_gru"), files={"train": str(path)})
    for key, value in SMALL.items():
        recipe = recipe.override(key, value)
    return recipe


@pytest.fixture(scope="session")
def trained_classifier(small_recipe, tmp_path_factory):
    """The folder of a classifier that was trained by `small_recipe`. Do not write into it."""
    from kerasrnn.training import train

    folder = tmp_path_factory.mktemp("trained") / "classifier"
    train(small_recipe, folder)
    return folder
