"""Data sets that are prepared on disk, as TFDS itself would leave them, and loaded offline."""

import numpy as np
import pytest
import tensorflow_datasets as tfds

from kerasrnn.data import DataError, Labelled, load_tfds_labelled
from tests.data.prepared_tfds import prepare

TEXT = tfds.features.Text()


def features(**contents):
    label = tfds.features.ClassLabel(names=["neg", "pos"])
    return tfds.features.FeaturesDict({"label": label, **contents})


def numbered(count, content="text", start=0):
    """Different texts, every other one of each label."""
    return [{content: f"Text {n}", "label": n % 2} for n in range(start, start + count)]


def load(folder, splits, kinds=None, **options):
    prepare(folder, "my_texts", kinds or features(text=TEXT), splits)
    return load_tfds_labelled("my_texts", folder, **options)


def test_three_splits_with_labels_are_taken_as_they_are(tmp_path):
    said = []
    splits = {"train": numbered(4), "dev": numbered(2, start=4), "test": numbered(1, start=9)}
    found = load(tmp_path, splits, download=False, report=said.append)
    assert found.train == tuple(Labelled(f"Text {n}", ("neg", "pos")[n % 2]) for n in range(4))
    assert found.validation == (Labelled("Text 4", "neg"), Labelled("Text 5", "pos"))
    assert found.test == (Labelled("Text 9", "pos"),)
    assert said == []


def test_without_validation_it_is_held_out_of_training(tmp_path):
    said = []
    splits = {
        "train": numbered(40),
        "test": numbered(4, start=50),
        "unsupervised": [{"text": "No label", "label": -1}],
    }
    found = load(tmp_path, splits, held_out=0.2, report=said.append)
    assert [len(split) for split in found] == [32, 8, 4]
    contents = [example.content for example in (*found.train, *found.validation)]
    assert sorted(contents) == sorted(example["text"] for example in splits["train"])
    assert [e.label for e in found.validation].count("pos") == 4
    assert said == [
        "my_texts: left out are the splits unsupervised",
        "my_texts: of 40 examples to train on, 8 are held out for validation",
    ]
    again = load_tfds_labelled("my_texts", tmp_path, held_out=0.2)
    other = load_tfds_labelled("my_texts", tmp_path, held_out=0.2, seed=1)
    assert again == found
    assert again.validation != other.validation


def test_a_test_split_without_labels_gives_way_to_validation(tmp_path):
    said = []
    splits = {
        "train": numbered(40),
        "validation": numbered(6, start=40),
        "test": [{"text": "No label", "label": -1}] * 2,
    }
    found = load(tmp_path, splits, report=said.append)
    assert [len(split) for split in found] == [36, 4, 6]
    assert [example.content for example in found.test] == [f"Text {n}" for n in range(40, 46)]
    assert said == [
        "my_texts: test has no labels and is left out",
        "my_texts: validation is taken as the test split",
        "my_texts: of 40 examples to train on, 4 are held out for validation",
    ]


def test_with_training_data_alone_both_others_are_held_out(tmp_path):
    said = []
    found = load(tmp_path, {"train": numbered(40)}, report=said.append)
    assert [len(split) for split in found] == [32, 4, 4]
    assert said == [
        "my_texts: of 40 examples to train on, 4, 4 are held out for validation and test"
    ]


def test_texts_are_read_as_utf8(tmp_path):
    splits = {
        name: [{"text": "Caf\u00e9\n\u2028", "label": "pos"}] for name in ("train", "dev", "test")
    }
    assert load(tmp_path, splits).test == (Labelled("Caf\u00e9\n\u2028", "pos"),)


@pytest.mark.parametrize("content", ["sentence", "seq", "of_another_name"])
def test_the_content_is_found_by_its_name_or_as_the_only_one(tmp_path, content):
    kinds = {content: TEXT, "idx": tfds.features.Scalar(np.int32)}
    rows = [{**row, "idx": 1} for row in numbered(2, content)]
    if content != "of_another_name":
        kinds["source"] = TEXT
        rows = [{**row, "source": "somewhere"} for row in rows]
    found = load(tmp_path, {n: rows for n in ("train", "dev", "test")}, features(**kinds))
    assert [example.content for example in found.train] == ["Text 0", "Text 1"]


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        ({"text": TEXT}, "no feature 'label' that is a ClassLabel"),
        ({"text": TEXT, "label": tfds.features.Scalar(np.float32)}, "no feature 'label' that is a"),
        ({"text": TEXT, "label": tfds.features.Sequence(TEXT)}, "no feature 'label' that is a"),
        (features(sentence1=TEXT, sentence2=TEXT), "nor just one of another name"),
        (features(text=tfds.features.Scalar(np.int32)), "no feature 'text', 'sentence'"),
        (features(text=tfds.features.Sequence(TEXT)), "no feature 'text', 'sentence'"),
        (features(image=tfds.features.Image()), "no feature 'text', 'sentence'"),
        (features(video=tfds.features.Video((None, 8, 8, 3), dtype=np.uint16)), "Video of uint8"),
    ],
)
def test_features_of_another_form_are_refused_and_listed(tmp_path, kinds, reason):
    kinds = tfds.features.FeaturesDict(dict(kinds))
    with pytest.raises(DataError, match=reason) as caught:
        load(tmp_path, {"train": []}, kinds)
    assert all(f"{key}: " in str(caught.value) for key in kinds)


@pytest.mark.parametrize("split", ["train", "test"])
def test_an_example_without_a_label_among_others_is_refused_with_its_place(tmp_path, split):
    splits = {"train": numbered(4), "dev": numbered(2), "test": numbered(2)}
    splits[split] = [*splits[split], {"text": "No label", "label": -1}]
    place = f"'my_texts', split '{split}', example {len(splits[split]) - 1}: label -1 is none of"
    with pytest.raises(DataError, match=place):
        load(tmp_path, splits)


@pytest.mark.parametrize(
    ("splits", "reason"),
    [
        ({"test": numbered(2), "dev": numbered(2)}, r"needs the split 'train'; found \["),
        ({"train": [{"text": "No label", "label": -1}]}, "has no labels in 'train'"),
        ({"train": numbered(4), "test": []}, "split 'test' has no examples"),
        ({"train": numbered(2)}, "cannot be held out such that each label stays"),
    ],
)
def test_splits_that_do_not_suffice_are_refused(tmp_path, splits, reason):
    with pytest.raises(DataError, match=reason):
        load(tmp_path, splits)


def test_a_text_that_is_not_utf8_is_refused_with_its_place(tmp_path):
    splits = {"train": [*numbered(1), {"text": b"caf\xe9", "label": 0}], "test": numbered(1)}
    with pytest.raises(DataError, match="split 'train', example 1: the content cannot be read"):
        load(tmp_path, splits)


def test_an_unknown_name_and_data_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(DataError, match="TFDS has no data set 'no_such_data'"):
        load_tfds_labelled("no_such_data", tmp_path)
    with pytest.raises(DataError, match="is not in .*imdb_reviews.*download=True"):
        load_tfds_labelled("imdb_reviews", tmp_path, download=False)


def test_without_a_network_the_error_says_what_to_do(tmp_path, monkeypatch):
    def download_and_prepare(self, **kwargs):
        raise ConnectionError("cannot resolve the host")

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", download_and_prepare)
    with pytest.raises(DataError, match="needs a network once.*--train FILE"):
        load_tfds_labelled("imdb_reviews", tmp_path)


# clips


def clips(*counts, side=10, channels=3):
    """Clips of as many frames; each pixel of a frame has the frame's number times ten."""
    shape = (side, side + 2, channels)
    return [
        {"video": np.stack([np.full(shape, 10 * n, "uint8") for n in range(count)]), "label": 0}
        for count in counts
    ]


def load_clips(folder, rows, shape, **options):
    kinds = features(video=tfds.features.Video(shape))  # as PNG, which loses nothing
    return load(folder, {n: rows for n in ("train", "dev", "test")}, kinds, **options).train


@pytest.mark.parametrize("shape", [(None, None, None, 3), (None, 10, 12, 1)])
def test_frames_of_clips_are_at_equal_distances_and_of_the_asked_size(tmp_path, shape):
    rows = clips(16, 4, 3, 1, channels=shape[3])
    found = load_clips(tmp_path, rows, shape, frames=4, size=6)
    assert all(example.content.dtype == "uint8" for example in found)
    assert all(example.content.shape == (4, 6, 6, shape[3]) for example in found)
    numbers = [(example.content[:, 0, 0, 0] // 10).tolist() for example in found]
    assert numbers == [[0, 5, 10, 15], [0, 1, 2, 3], [0, 1, 1, 2], [0, 0, 0, 0]]
    assert all(np.ptp(example.content, axis=(1, 2, 3)).max() == 0 for example in found)


def test_frames_of_the_asked_size_are_left_as_they_are(tmp_path):
    clip = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3)).astype("uint8")
    (found,) = load_clips(
        tmp_path, [{"video": clip, "label": 1}], (None, 8, 8, 3), frames=5, size=8
    )
    assert found == Labelled(clip, "pos")


def test_a_clip_without_frames_is_refused_with_its_place(tmp_path):
    rows = [*clips(2), {"video": np.zeros((0, 10, 12, 3), "uint8"), "label": 0}]
    with pytest.raises(DataError, match="split 'train', example 1: the content cannot be read"):
        load_clips(tmp_path, rows, (None, 10, 12, 3))


@pytest.mark.parametrize("options", [{"frames": 0}, {"size": -1}])
def test_frames_and_size_must_be_positive(tmp_path, options):
    with pytest.raises(ValueError, match="`frames` and `size` must be positive"):
        load_clips(tmp_path, clips(1), (None, 10, 12, 3), **options)


# the data sets by their names, mocked: TFDS draws random examples by their real features


NAMED = {
    "imdb_reviews": ("imdb_reviews/plain_text", ["train", "test", "unsupervised"]),
    "glue/sst2": ("glue/sst2", ["train", "validation", "test"]),
    "genomics_ood": ("genomics_ood", ["train", "validation", "test", "validation_ood", "test_ood"]),
    "ucf101": ("ucf101/ucf101_1_256", ["train", "test"]),
}


@pytest.mark.parametrize("name", NAMED)
def test_the_data_sets_by_their_names_give_three_splits_of_their_contents(tmp_path, name):
    folder, splits = NAMED[name]
    builder = tfds.builder(name, data_dir=tmp_path)
    kinds, version = builder.info.features, str(builder.version)
    # TFDS's mock knows the splits of a data set by its metadata.
    prepare(tmp_path, folder, kinds, {split: [] for split in splits}, version)
    said = []
    with tfds.testing.mock_data(num_examples=12, data_dir=str(tmp_path)):
        found = load_tfds_labelled(
            name, tmp_path, held_out=0.25, frames=3, size=5, report=said.append
        )
    # Each mocked split has the same twelve examples.
    held_out = "validation" not in splits
    assert len(found.train) + len(found.validation) == (12 if held_out else 24)
    assert 0 < len(found.validation) <= (3 if held_out else 12)
    assert len(found.test) == 12
    for example in (*found.train, *found.validation, *found.test):
        assert example.label in kinds["label"].names
        if name == "ucf101":
            assert (example.content.shape, example.content.dtype) == ((3, 5, 5, 3), "uint8")
        else:
            assert isinstance(example.content, str)
    left_out = [split for split in splits if split not in ("train", "validation", "test")]
    assert all(any(split in message for message in said) for split in left_out)


def test_glues_test_sentences_have_no_labels(tmp_path):
    kinds = tfds.builder("glue/sst2", data_dir=tmp_path).info.features

    def rows(count, start):
        return [
            {"sentence": f"s {n}", "label": n % 2, "idx": n} for n in range(start, start + count)
        ]

    unlabelled = [{**row, "label": -1} for row in rows(3, 90)]
    splits = {"train": rows(40, 0), "validation": rows(6, 50), "test": unlabelled}
    version = str(tfds.builder("glue/sst2", data_dir=tmp_path).version)
    prepare(tmp_path, "glue/sst2", kinds, splits, version)
    found = load_tfds_labelled("glue/sst2", tmp_path)
    assert [len(split) for split in found] == [36, 4, 6]
    assert found.test[0] == Labelled("s 50", "negative")
