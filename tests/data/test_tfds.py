"""The data sets here are prepared on disk, as TFDS itself would leave them, and loaded offline."""

import logging

import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn.data._conll import DataError
from kerasrnn.data._sentence import Sentence
from kerasrnn.data._tfds import load_tfds
from kerasrnn.training import load_splits
from tests.data.prepared_tfds import prepare

TEXTS = tfds.features.Sequence(tfds.features.Text())


def tags(*names):
    return tfds.features.Sequence(tfds.features.ClassLabel(names=list(names)))


def example(tokens="", ner=""):
    return {"tokens": tokens.split(), "ner": ner.split()}


NER = tfds.features.FeaturesDict({"tokens": TEXTS, "ner": tags("O", "B-PER", "I-PER")})
ADA = example("Ada Lovelace wrote", "B-PER I-PER O")


@pytest.fixture
def no_download(monkeypatch):
    """Makes preparing fail, as it does without a network, but at once."""

    def fail_with(error):
        def download_and_prepare(self, **kwargs):
            raise error

        monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", download_and_prepare)

    return fail_with


def test_conll2003_gives_its_three_splits(tmp_path):
    features = tfds.builder("conll2003", data_dir=tmp_path).info.features

    def row(tokens, ner):
        count = len(tokens.split())
        return {**example(tokens, ner), "pos": ["NN"] * count, "chunks": ["O"] * count}

    splits = {
        "train": [row("EU rejects", "B-ORG O"), row("Peter Blackburn", "B-PER I-PER")],
        "dev": [row("LONDON", "B-LOC")],
        "test": [row("Caf\u00e9 AL-AIN", "O B-LOC"), row("", "")],
    }
    prepare(tmp_path, "conll2003/conll2003", features, splits)
    train, validation, test = load_tfds("conll2003", data_dir=tmp_path)
    assert train == (
        Sentence(("EU", "rejects"), ("B-ORG", "O")),
        Sentence(("Peter", "Blackburn"), ("B-PER", "I-PER")),
    )
    assert validation == (Sentence(("LONDON",), ("B-LOC",)),)
    # TFDS makes an example without tokens of the blank line that ends each CoNLL-2003 file.
    assert test == (Sentence(("Caf\u00e9", "AL-AIN"), ("O", "B-LOC")),)


@pytest.mark.parametrize("validation", ["validation", "dev", "valid"])
def test_the_validation_split_goes_by_any_of_its_names(tmp_path, validation):
    other = example("it", "O")
    prepare(tmp_path, "my_tags", NER, {"train": [ADA], validation: [other], "test": [ADA]})
    splits = load_tfds("my_tags", data_dir=str(tmp_path), download=False)
    assert splits.validation == (Sentence(("it",), ("O",)),)
    assert splits.train == splits.test != splits.validation


def test_iob1_tags_become_bio(tmp_path):
    features = tfds.features.FeaturesDict({"tokens": TEXTS, "ner": tags("O", "I-PER", "B-PER")})
    ada = example("Ada Lovelace wrote", "I-PER I-PER O")
    prepare(tmp_path, "my_tags", features, {"train": [ada], "dev": [ada], "test": [ada]})
    assert load_tfds("my_tags", tmp_path).train[0].tags == ("B-PER", "I-PER", "O")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (example("Ada wrote", "B-PER"), "received 2 tokens and 1 tags"),
        (example("", "B-PER"), "received 0 tokens and 1 tags"),
        ({"tokens": ["Ada"], "ner": [-1]}, "tag -1 is neither"),
    ],
)
def test_an_example_without_one_tag_a_token_is_refused_with_its_place(tmp_path, bad, reason):
    prepare(tmp_path, "my_tags", NER, {"train": [ADA], "dev": [ADA, bad], "test": [ADA]})
    with pytest.raises(DataError) as caught:
        load_tfds("my_tags", tmp_path)
    assert "'my_tags', split 'dev', example 1: " in str(caught.value)
    assert reason in str(caught.value)


def test_tags_of_another_form_are_refused_by_name(tmp_path):
    features = tfds.features.FeaturesDict({"tokens": TEXTS, "ner": tags("person", "none")})
    ada = example("Ada", "person")
    prepare(tmp_path, "my_tags", features, {"train": [ada], "dev": [ada], "test": [ada]})
    with pytest.raises(DataError, match="split 'train', example 0: tag 'person' is neither"):
        load_tfds("my_tags", tmp_path)


@pytest.mark.parametrize("name", ["no_such_data", "conll2003/no_such_config", "conll2003:9.9.9"])
def test_an_unknown_name_is_refused_in_a_few_words(tmp_path, name):
    with pytest.raises(DataError) as caught:
        load_tfds(name, tmp_path)
    message = str(caught.value)
    assert repr(name) in message
    assert "https://www.tensorflow.org/datasets/catalog" in message
    assert len(message) < 600  # TFDS's own message lists every data set it knows.


@pytest.mark.parametrize(
    ("features", "missing"),
    [
        ({"text": tfds.features.Text(), "ner": tags("O")}, "'tokens' that is a sequence of Text"),
        ({"tokens": TEXTS, "label": tags("O")}, "'ner' that is a sequence of ClassLabel"),
        ({"tokens": TEXTS, "ner": TEXTS}, "'ner' that is a sequence of ClassLabel"),
        ({"tokens": tfds.features.Text(), "ner": tags("O")}, "'tokens' that is a sequence of Text"),
    ],
)
def test_features_of_another_form_are_refused_and_listed(tmp_path, features, missing):
    prepare(tmp_path, "my_tags", tfds.features.FeaturesDict(features), {"train": []})
    with pytest.raises(DataError) as caught:
        load_tfds("my_tags", tmp_path)
    message = str(caught.value)
    assert missing in message
    assert all(f"{key}: " in message for key in features)


@pytest.mark.parametrize("found", [("train", "test"), ("train", "dev"), ("dev", "test")])
def test_a_missing_split_is_refused_and_the_found_ones_listed(tmp_path, found):
    prepare(tmp_path, "my_tags", NER, {split: [ADA] for split in found})
    with pytest.raises(
        DataError, match="'train', one of 'validation', 'dev', 'valid', and 'test'"
    ) as caught:
        load_tfds("my_tags", tmp_path)
    assert all(repr(split) in str(caught.value).split("found")[1] for split in found)


def test_without_a_network_the_error_says_what_to_do(tmp_path, no_download):
    no_download(ConnectionError("cannot resolve the host\nand more"))
    with pytest.raises(DataError) as caught:
        load_tfds("conll2003", tmp_path)
    message = str(caught.value)
    assert "(ConnectionError: cannot resolve the host)" in message
    assert "needs a network once" in message
    assert str(tmp_path) in message
    assert "--train FILE" in message
    assert isinstance(caught.value.__cause__, ConnectionError)


def test_each_try_without_a_network_is_not_a_warning(tmp_path, monkeypatch, caplog):
    logger = logging.getLogger("urllib3.connectionpool")

    def download_and_prepare(self, **kwargs):
        logger.warning("Retrying")
        raise ConnectionError("cannot resolve the host")

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", download_and_prepare)
    with pytest.raises(DataError, match="could not be downloaded"):
        load_tfds("conll2003", tmp_path)
    assert "Retrying" not in caplog.text
    logger.warning("Retrying")  # elsewhere it is one
    assert "Retrying" in caplog.text


def test_a_missing_package_is_not_called_a_missing_network(tmp_path, no_download):
    no_download(ModuleNotFoundError("No module named 'apache_beam'"))
    with pytest.raises(DataError, match="'apache_beam'. Install the missing package") as caught:
        load_tfds("conll2003", tmp_path)
    assert "network" not in str(caught.value)


def test_data_that_is_not_there_and_may_not_be_downloaded_is_refused(tmp_path):
    with pytest.raises(DataError, match="is not in .*conll2003.*download=True"):
        load_tfds("conll2003", tmp_path, download=False)


def test_training_takes_mocked_conll2003_by_the_name_of_its_source(tmp_path):
    # TFDS's mock knows the splits of a data set by its metadata; the examples are those below.
    features = tfds.builder("conll2003", data_dir=tmp_path).info.features
    prepare(tmp_path, "conll2003/conll2003", features, {"train": [], "dev": [], "test": []})
    mocked = {
        "train": [("Ada Lovelace wrote", "B-PER I-PER O"), ("London calls", "B-LOC O")],
        "dev": [("EU rejects", "B-ORG O")],
        "test": [("Caf\u00e9 AL-AIN", "O B-LOC")],
    }

    def as_dataset(self, split, **kwargs):
        def examples():
            for tokens, ner in mocked[str(split)]:
                numbers = [self.info.features["ner"].feature.str2int(tag) for tag in ner.split()]
                yield {"tokens": tokens.split(), "ner": numbers}

        signature = {
            "tokens": tf.TensorSpec((None,), tf.string),
            "ner": tf.TensorSpec((None,), tf.int64),
        }
        return tf.data.Dataset.from_generator(examples, output_signature=signature)

    with tfds.testing.mock_data(as_dataset_fn=as_dataset, data_dir=str(tmp_path)):
        splits = load_splits({"source": "tfds:conll2003"})
    assert splits._asdict() == {
        name: tuple(Sentence(tuple(t.split()), tuple(n.split())) for t, n in mocked[key])
        for name, key in {"train": "train", "validation": "dev", "test": "test"}.items()
    }
