import importlib.metadata
import json
import subprocess
import sys
from dataclasses import replace

import pytest

from kerasrnn.data import DataError, Sentence, Splits, offline_ner, write_conll
from kerasrnn.training import RecipeError, load_recipe, load_splits
from kerasrnn.training._fit import require_known_entries
from kerasrnn.training._sources import absolute, describe
from kerasrnn.training._task import get_task


def numbered(count, start=0):
    return [Sentence((f"w{n}",), ("B-PER" if n % 2 else "O",)) for n in range(start, start + count)]


@pytest.fixture
def write(tmp_path):
    def write_numbered(name, count, start=0):
        path = tmp_path / f"{name}.conll"
        write_conll(path, numbered(count, start))
        return str(path)

    return write_numbered


def test_given_files_are_taken_as_they_are(write):
    files = {name: write(name, 3, n) for n, name in enumerate(("train", "validation", "test"))}
    splits = load_splits({"source": "files", **files})
    assert splits == tuple(tuple(numbered(3, n)) for n in range(3))


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        ((), (40, 5, 5)),
        (("validation",), (45, 7, 5)),
        (("test",), (45, 5, 7)),
        (("validation", "test"), (50, 7, 7)),
    ],
)
def test_a_tenth_is_held_out_for_each_missing_file(write, given, sizes):
    files = {"train": write("train", 50), **{name: write(name, 7, 100) for name in given}}
    splits = load_splits({"source": "files", **files})
    assert tuple(map(len, splits)) == sizes
    held_out = [split for name, split in splits._asdict().items() if name not in given]
    together = [sentence for split in held_out for sentence in split]
    assert len(together) == len(set(together)) == 50  # disjoint, and nothing is lost
    assert set(together) == set(numbered(50))


def test_the_same_seed_holds_out_the_same_and_another_seed_others(write):
    data = {"source": "files", "train": write("train", 50)}
    assert load_splits(data, seed=3) == load_splits(data, seed=3)
    assert load_splits(data, seed=3).test != load_splits(data, seed=4).test
    assert set(load_splits(data).test) != set(numbered(50)[:5])


def test_files_that_are_given_as_none_are_missing(write):
    data = {"source": "files", "train": write("train", 20), "validation": None, "test": None}
    assert tuple(map(len, load_splits(data))) == (16, 2, 2)


def test_the_least_that_can_be_held_out_from(write):
    splits = load_splits({"source": "files", "train": write("train", 3)})
    assert tuple(map(len, splits)) == (1, 1, 1)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_sentences_to_hold_out_from_are_refused(write, count):
    path = write("train", count)
    with pytest.raises(DataError, match=f"has {count} sentences, too few .* validation and test"):
        load_splits({"source": "files", "train": path})


def tags_of(sentences):
    return {tag for sentence in sentences for tag in sentence.tags}


@pytest.mark.parametrize("seed", range(30))
def test_a_rare_tag_always_stays_in_training(tmp_path, seed):
    """Twenty sentences, two of which alone have a tag: by chance both would often be held out."""
    rare = [
        Sentence(("Expo", "70"), ("B-EVENT", "I-EVENT")),
        Sentence(("the", "Expo"), ("O", "B-EVENT")),
    ]
    sentences = [*numbered(18), *rare]
    write_conll(tmp_path / "train.conll", sentences)
    splits = load_splits({"source": "files", "train": str(tmp_path / "train.conll")}, seed)
    assert tuple(map(len, splits)) == (16, 2, 2)
    assert tags_of(splits.train) == tags_of(sentences)
    assert sorted((*splits.train, *splits.validation, *splits.test), key=str) == sorted(
        sentences, key=str
    )


def test_fewer_are_held_out_where_most_sentences_have_a_tag_of_their_own(tmp_path):
    sentences = [Sentence((f"w{n}",), (f"B-T{n}",)) for n in range(27)]
    write_conll(tmp_path / "train.conll", [*sentences, *numbered(3)])
    data = {"source": "files", "train": str(tmp_path / "train.conll")}
    splits = load_splits(data)
    assert tuple(map(len, splits)) == (28, 1, 1)
    write_conll(tmp_path / "train.conll", sentences)
    with pytest.raises(DataError, match="27 sentences, too few .* and keep each tag in training"):
        load_splits(data)


@pytest.mark.parametrize("name", ["validation", "test"])
def test_a_tag_that_the_training_file_lacks_is_refused_with_file_and_line(write, tmp_path, name):
    odd = tmp_path / "odd.conll"
    odd.write_text("# a comment\nw1\tB-PER\n\nthe\tO\nNile\tI-RIVER\n")
    with pytest.raises(DataError) as caught:
        load_splits({"source": "files", "train": write("train", 20), name: str(odd)})
    assert str(caught.value) == (
        f"{odd}:5: tag 'B-RIVER' does not occur in the training data, whose tags are B-PER, O. "
        "Mend the tag, or train on data that has it."
    )


HELD_OUT = """
import json, sys
from kerasrnn.training import load_splits
splits = load_splits({"source": "files", "train": sys.argv[1]}, seed=3)
print(json.dumps([[sentence.tokens for sentence in split] for split in splits]))
"""


def test_every_process_holds_out_the_same(write, monkeypatch):
    """The order of a set of strings differs from process to process; nothing may hang on it."""
    command = [sys.executable, "-c", HELD_OUT, write("train", 50)]
    found = []
    for seed in "12":
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        found.append(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))
    assert found[0] == found[1]


def test_a_split_without_sentences_is_refused_by_name(monkeypatch):
    data = {"source": "offline", "train": 9, "validation": 0, "test": 0}
    with pytest.raises(DataError, match="'offline' has no sentences for validation and test"):
        load_splits(data)
    monkeypatch.setattr(
        "kerasrnn.training._tagging.load_tfds", lambda name: Splits(tuple(numbered(3)), (), ())
    )
    with pytest.raises(DataError, match="'tfds:toy' has no sentences for validation and test"):
        load_splits({"source": "tfds:toy"})


def test_absolute_paths_name_the_same_files_from_anywhere(write, tmp_path, monkeypatch):
    write("train", 20)
    monkeypatch.chdir(tmp_path)
    data = absolute({"source": "files", "train": "train.conll", "test": None})
    assert data == {"source": "files", "train": str(tmp_path / "train.conll"), "test": None}
    monkeypatch.chdir("/")
    assert tuple(map(len, load_splits(data))) == (16, 2, 2)
    for other in ({"source": "offline", "train": 5}, {"source": "tfds:conll2003"}):
        assert absolute(other) == other


def test_a_single_training_sentence_is_enough_with_all_files(write):
    files = {name: write(name, 1) for name in ("train", "validation", "test")}
    assert tuple(map(len, load_splits({"source": "files", **files}))) == (1, 1, 1)


def test_files_without_one_to_train_on_are_refused(write):
    with pytest.raises(DataError, match="train on are missing"):
        load_splits({"source": "files", "test": write("test", 5)})


def test_an_unknown_source_is_refused_by_name():
    with pytest.raises(DataError, match="'web' is unknown; use offline, tfds:NAME or files"):
        load_splits({"source": "web"})


def test_offline_data_takes_the_arguments_of_the_recipe_and_its_own_seed():
    data = {"source": "offline", "seed": 5, "train": 12, "validation": 6, "test": 7}
    assert load_splits(data, seed=9) == offline_ner(seed=5, train=12, validation=6, test=7)


def test_a_description_names_source_counts_and_a_sum_over_all_sentences(write):
    data = {"source": "files", "train": write("train", 20)}
    splits = load_splits(data)
    description = describe(data, splits)
    assert description["source"] == "files"
    assert description["examples"] == {"train": 16, "validation": 2, "test": 2}
    assert description["sha256"] == describe(data, load_splits(data))["sha256"]
    assert description["sha256"] != describe(data, load_splits(data, seed=1))["sha256"]
    changed = splits._replace(test=(Sentence(splits.test[0].tokens, ("B-LOC",)), splits.test[1]))
    assert description["sha256"] != describe(data, changed)["sha256"]


def test_a_description_of_offline_data_names_the_package_it_was_made_with():
    splits = Splits(*(tuple(numbered(2)) for _ in range(3)))
    description = describe({"source": "offline"}, splits)
    assert description["faker"] == importlib.metadata.version("faker")


def test_an_offline_source_that_reports_is_given_the_report(monkeypatch):
    def pieces(voices="all", report=None):
        report(f"read {voices}")
        return Splits((1,), (2,), (3,))

    said = []
    monkeypatch.setattr(get_task("music_generation"), "offline", pieces, raising=False)
    data = {"source": "offline", "voices": "melody"}
    found = load_splits(data, task="music_generation", report=said.append)
    assert (found, said) == (Splits((1,), (2,), (3,)), ["read melody"])


def test_a_recipe_has_no_report():
    recipe = load_recipe("music_lstm")
    data = {"source": "offline", "voices": "all"}
    require_known_entries(replace(recipe, data=data))
    with pytest.raises(RecipeError, match=r"\[data\] has no 'report'; it may have: voices, cache"):
        require_known_entries(replace(recipe, data={**data, "report": "x"}))
