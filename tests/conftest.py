"""What several folders of tests share. Imports nothing heavy before a test asks for it."""

import atexit
import gc
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


# Graphs are made of many small objects, among which there is little garbage to look for.
gc.set_threshold(50_000, 20, 20)


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


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """A function that gives the path of what `make` writes, in a folder of all workers.

    Each worker of pytest-xdist has a session of its own: the first one makes it, others wait.
    """
    base = tmp_path_factory.getbasetemp()
    several = "PYTEST_XDIST_WORKER" in os.environ
    shared = (base.parent if several else base) / "made-once"
    shared.mkdir(exist_ok=True)

    def made(name, make):
        path, done = shared / name, shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as lock:
            if several:
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed, or the process ends
            if not done.exists():
                make(path)
                done.touch()
        return path

    return made


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
def trained(tiny_recipe, made_once):
    """The folder of a tagger that was trained by `tiny_recipe`. Do not write into it."""
    from kerasrnn.training import train

    return made_once("tagger", lambda folder: train(tiny_recipe, folder))


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
def small_recipe(made_once):
    """The recipe of sentiment_gru, made small, for a file of short texts; learnt in seconds."""
    from kerasrnn.data import write_labelled
    from kerasrnn.training import load_recipe, with_data
    from tests.training.short_texts import short_texts

    path = made_once("texts.jsonl", lambda path: write_labelled(path, short_texts(300)))
    recipe = with_data(load_recipe("sentiment_gru"), files={"train": str(path)})
    for key, value in SMALL.items():
        recipe = recipe.override(key, value)
    return recipe


@pytest.fixture(scope="session")
def trained_classifier(small_recipe, made_once):
    """The folder of a classifier that was trained by `small_recipe`. Do not write into it."""
    from kerasrnn.training import train

    return made_once("classifier", lambda folder: train(small_recipe, folder))


FEW = {  # of models of the next token
    "vocabulary.min_count": 1,
    "arguments.units": 6,
    "arguments.token_dim": 4,
    "arguments.dropout": 0.0,
    "arguments.input_dropout": 0.0,
    "training.epochs": 1,
    "training.learning_rate": 0.03,
    "training.patience": 1,
    "training.batch_size": 4,
    "training.window": 16,
    "export.sequence_length": 8,
}


def few(model, path, **changes):
    """The recipe of a model of the next token, made small, for a user's file or folder."""
    from kerasrnn.training import load_recipe, with_data

    recipe = with_data(load_recipe(model), files={"train": str(path)})
    known = recipe.keys()
    for key, value in {**FEW, **changes}.items():
        if key in known:
            recipe = recipe.override(key, value)
    return recipe


@pytest.fixture(scope="session")
def texts_file(made_once):
    """Lines of few words; no two are equal."""
    from tests.training.short_texts import short_texts

    text = "".join(f"{text.content}\n" for text in short_texts(60))
    return made_once("texts.txt", lambda path: path.write_text(text))


@pytest.fixture(scope="session")
def names_file(made_once):
    """Names of two categories, which end differently."""
    rows = [f"{a}{b}{end},{label}" for a in "ABCDE" for b in ("na", "lo", "re", "ki")
            for end, label in (("ta", "x"), ("mon", "y"))]  # fmt: skip
    text = "\n".join(["text,label", *rows]) + "\n"
    return made_once("names.csv", lambda path: path.write_text(text))


@pytest.fixture(scope="session")
def trained_characters(texts_file, made_once):
    """The folder of a small `char_lm_gru`. Do not write into it."""
    return _train_few("char_lm_gru", texts_file, made_once, ["kneser_ney_3"])


@pytest.fixture(scope="session")
def trained_words(texts_file, made_once):
    """The folder of a small `word_lm_lstm`. Do not write into it."""
    return _train_few("word_lm_lstm", texts_file, made_once, [])


@pytest.fixture(scope="session")
def trained_names(names_file, made_once):
    """The folder of a small `name_gru` of the categories x and y. Do not write into it."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("kerasrnn.training._names._MADE", 12)
        return _train_few("name_gru", names_file, made_once, ["kneser_ney_2"])


@pytest.fixture(scope="session")
def music_files(made_once):
    """A folder of pieces of two voices, and of a broken file."""
    return made_once("music", _write_music)


def _write_music(folder):
    from kerasrnn.data import Piece, write_midi

    folder.mkdir()
    for number in range(10):
        steps = [[60 + (number + k) % 5, 48 + (number * k) % 4] for k in range(8)]
        rows = [row for step in steps for row in (step, [-1, -1])]
        write_midi(Piece(rows), folder / f"{number}.mid")
    (folder / "broken.mid").write_bytes(b"MThd no more")
    (folder / "readme.txt").write_text("not music")


@pytest.fixture(scope="session")
def trained_music(music_files, made_once):
    """The folder of a small `music_lstm` of two voices. Do not write into it."""
    voices = {"files.voices": 2, "vocabulary.voices": 2, "vocabulary.transpositions": 1}
    return _train_few("music_lstm", music_files, made_once, ["kneser_ney_2"], **voices)


def _train_few(model, path, made_once, baselines, **changes):
    from kerasrnn.training import train

    recipe = few(model, path, **{**changes, "baselines.run": baselines})
    return made_once(model, lambda folder: train(recipe, folder, formats=["tflite"]))
