"""Tagged sentences from TensorFlow Datasets."""

from kerasrnn.data._bio import to_bio
from kerasrnn.data._conll import DataError
from kerasrnn.data._sentence import Sentence, Splits
from kerasrnn.data._tfds_builder import (
    VALIDATION_NAMES,
    find_builder,
    listed,
    prepare,
    prepared_splits,
    validation_name,
)


def load_tfds(name, data_dir=None, download=True):
    """Loads a named-entity data set from TensorFlow Datasets.

    Format: features `tokens` (a sequence of `Text`) and `ner` (a sequence of `ClassLabel`), as
    `conll2003` has them; splits `train`, `validation` (or `dev`, or `valid`) and `test`. Examples
    without tokens, which TFDS makes of a blank line at the end of a CoNLL file, are left out.

    The first call downloads and prepares the data; later ones read it from `data_dir`. Without a
    network TFDS tries for some minutes before it gives up; `download=False` fails at once.

    Args:
        name: a TFDS name, such as `"conll2003"`.
        data_dir: where TFDS keeps prepared data; its own default if None.
        download: whether to download and prepare data that is not in `data_dir`.

    Returns:
        `Splits` of sentences with BIO tags (see `to_bio`).

    Raises:
        DataError: the name is unknown, the features or splits are not those above, the data
            cannot be downloaded, or an example (counted from 0) has not one valid tag a token.

    Example:
        >>> from kerasrnn.data import load_tfds
        >>> load_tfds("conll2003").train[0].tags  # doctest: +SKIP
        ('B-ORG', 'O', 'B-MISC', 'O', 'O', 'O', 'B-MISC', 'O', 'O')
    """
    builder = find_builder(name, data_dir)
    tag_names = _tag_names(name, builder.info.features)
    if download:
        prepare(name, builder)
    return Splits(*(_read_split(name, builder, s, tag_names) for s in _split_names(name, builder)))


def _tag_names(name, features):
    import tensorflow_datasets as tfds

    wanted = {"tokens": tfds.features.Text, "ner": tfds.features.ClassLabel}
    for key, kind in wanted.items():
        if key not in features or not isinstance(getattr(features[key], "feature", None), kind):
            raise DataError(
                f"TFDS data set {name!r} has no feature {key!r} that is a sequence of "
                f"{kind.__name__}; found {listed(features)}. Choose a data set with `tokens` and "
                "`ner`."
            )
    return features["ner"].feature.names


def _split_names(name, builder):
    found = prepared_splits(name, builder)
    validation = validation_name(found)
    if validation is None or "train" not in found or "test" not in found:
        raise DataError(
            f"TFDS data set {name!r} needs the splits 'train', one of "
            f"{', '.join(map(repr, VALIDATION_NAMES))}, and 'test'; found {found!r}."
        )
    return "train", validation, "test"


def _read_split(name, builder, split, tag_names):
    labels = dict(enumerate(tag_names))
    sentences = []
    for number, example in enumerate(builder.as_dataset(split=split).as_numpy_iterator()):
        tokens = tuple(token.decode("utf-8") for token in example["tokens"])
        try:
            # A label without a name (TFDS writes -1 for "no label") shows as its number.
            tags = to_bio(labels.get(label, label) for label in example["ner"].tolist())
            sentence = Sentence(tokens, tags)
        except ValueError as error:
            raise DataError(
                f"TFDS data set {name!r}, split {split!r}, example {number}: {error}"
            ) from error
        if tokens:
            sentences.append(sentence)
    return tuple(sentences)
