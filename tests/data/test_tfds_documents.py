"""Texts that are prepared on disk, as TFDS itself would leave them, and loaded offline."""

import pytest
import tensorflow_datasets as tfds

from kerasrnn.data import DataError, Document, load_tfds_documents
from tests.data.prepared_tfds import prepare

TEXT = tfds.features.Text()


def texts(*contents, feature="text"):
    return [{feature: content} for content in contents]


def load(folder, splits, kinds=None, **options):
    kinds = tfds.features.FeaturesDict(kinds or {"text": TEXT})
    prepare(folder, "my_texts", kinds, splits)
    return load_tfds_documents("my_texts", folder, **options)


def test_three_splits_are_taken_as_they_are(tmp_path):
    said = []
    splits = {"train": texts("One\n\nTwo\n"), "dev": texts("Three"), "test": texts("", "Café")}
    found = load(tmp_path, splits, download=False, report=said.append)
    assert found.train == (Document(("One", "Two"), "train 0"),)
    assert found.validation == (Document(("Three",), "dev 0"),)
    assert found.test == (Document(("Café",), "test 1"),)
    assert said == []


def test_missing_splits_are_held_out_of_training(tmp_path):
    said = []
    sentences = [f"Sentence {n:02d}" for n in range(40)]
    found = load(tmp_path, {"train": texts(*sentences), "extra": texts("x")}, report=said.append)
    assert [len(split) for split in found] == [32, 4, 4]
    assert sorted(d.segments[0] for split in found for d in split) == sentences
    assert said == [
        "my_texts: left out are the splits extra",
        "my_texts: of 440 characters to train on, 44, 44 are held out for validation and test",
    ]
    again = load_tfds_documents("my_texts", tmp_path)
    assert again == found
    assert load_tfds_documents("my_texts", tmp_path, seed=1).test != found.test


@pytest.mark.parametrize(("given", "missing"), [("test", "validation"), ("validation", "test")])
def test_one_missing_split_is_held_out_of_a_long_text(tmp_path, given, missing):
    said = []
    book = "\n".join(f"line {n:02d}" for n in range(20))
    splits = {"train": texts(book), given: texts("Given")}
    found = load(tmp_path, splits, held_out=0.2, report=said.append)
    assert getattr(found, given) == (Document(("Given",), f"{given} 0"),)
    assert getattr(found, missing)[0].segments == tuple(f"line {n}" for n in range(16, 20))
    assert found.train[0].segments[-1] == "line 15"
    assert said == [
        f"my_texts: of 140 characters to train on, 28 are held out for {missing}",
    ]


def test_segments_and_the_number_of_examples_are_chosen(tmp_path):
    splits = {name: texts("One\ntwo\n\nThree", "Four") for name in ("train", "dev", "test")}
    found = load(tmp_path, splits, segments="paragraph", most=1)
    assert found.train == (Document(("One two", "Three"), "train 0"),)
    for options in ({"most": 0}, {"segments": "page"}):
        with pytest.raises(ValueError, match="must be"):
            load_tfds_documents("my_texts", tmp_path, **options)


@pytest.mark.parametrize("feature", ["sentence", "of_another_name"])
def test_the_text_is_found_by_its_name_or_as_the_only_one(tmp_path, feature):
    kinds = {feature: TEXT, "label": tfds.features.ClassLabel(names=["a", "b"])}
    if feature == "sentence":
        kinds["another"] = TEXT
    rows = [{**{key: "x" for key in kinds}, feature: "One", "label": 0}]
    found = load(tmp_path, {name: rows for name in ("train", "dev", "test")}, kinds)
    assert found.train[0].segments == ("One",)


@pytest.mark.parametrize(
    "kinds",
    [
        {"one": TEXT, "two": TEXT},
        {"text": tfds.features.Sequence(TEXT)},
        {"label": tfds.features.ClassLabel(names=["a", "b"])},
    ],
)
def test_features_of_another_form_are_refused_and_listed(tmp_path, kinds):
    with pytest.raises(DataError, match="has no feature 'text', 'sentence'") as caught:
        load(tmp_path, {"train": []}, kinds)
    assert all(f"{key}: " in str(caught.value) for key in kinds)


@pytest.mark.parametrize(
    ("splits", "reason"),
    [
        ({"test": texts("One")}, r"needs the split 'train'; found \['test'\]"),
        ({"train": texts(" "), "test": texts("One")}, "split 'train' has no text"),
        ({"train": texts("One"), "test": texts("Two")}, "cannot be held out"),
        ({"train": texts("One", b"caf\xe9")}, "split 'train', example 1: the text cannot be read"),
        ({"train": []}, "split 'train' cannot be read"),
    ],
)
def test_splits_that_do_not_suffice_are_refused(tmp_path, splits, reason):
    with pytest.raises(DataError, match=reason):
        load(tmp_path, splits)


def test_an_unknown_name_and_data_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(DataError, match="TFDS has no data set 'no_such_data'"):
        load_tfds_documents("no_such_data", tmp_path)
    with pytest.raises(DataError, match="is not in .*tiny_shakespeare.*download=True"):
        load_tfds_documents("tiny_shakespeare", tmp_path, download=False)


@pytest.mark.parametrize("name", ["tiny_shakespeare", "lm1b"])
def test_the_data_sets_by_their_names_have_texts(tmp_path, name):
    builder = tfds.builder(name, data_dir=tmp_path)
    splits = {"train": texts("One\ntwo"), "validation": texts("Three"), "test": texts("Four")}
    if name == "lm1b":
        splits = {"train": texts(*(f"Sentence {n}." for n in range(30))), "test": texts("Four")}
    prepare(tmp_path, name, builder.info.features, splits, str(builder.version))
    found = load_tfds_documents(name, tmp_path)
    assert all(isinstance(document, Document) for split in found for document in split)
    assert len(found.validation) == (3 if name == "lm1b" else 1)
