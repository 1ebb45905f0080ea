"""Texts from TensorFlow Datasets, for language models."""

import itertools

from kerasrnn.data._conll import DataError
from kerasrnn.data._document import Document
from kerasrnn.data._hold_out_documents import hold_out_documents
from kerasrnn.data._segments import to_segments
from kerasrnn.data._sentence import Splits
from kerasrnn.data._tfds_builder import (
    find_builder,
    listed,
    prepare,
    prepared_splits,
    validation_name,
)

_TEXTS = ("text", "sentence", "article", "document", "content")


def load_tfds_documents(
    name,
    data_dir=None,
    download=True,
    held_out=0.1,
    seed=0,
    *,
    segments="line",
    most=None,
    report=lambda message: None,
):
    """Loads texts for language models from TensorFlow Datasets.

    Format: a feature of type `Text` that is called `text`, `sentence`, `article`, `document` or
    `content`, or else the only one of this type. So have, for example, `tiny_shakespeare`, one text
    a split, and `lm1b`, one sentence an example. Each example is a document; those without text are
    left out. All are kept in memory: of a large data set, such as `lm1b`, take some, by `most`.

    Splits are `train`, `validation` (or `dev`, or `valid`) and `test`; others are left out. What is
    missing is held out of `train`: whole documents, or of fewer than 20 documents the last
    segments. With a test split alone beside `train`, validation is held out; with a validation
    split alone, test is. `report` is told of all this.

    The first call downloads and prepares the data; later ones read it from `data_dir`. Without a
    network TFDS tries for some minutes before it gives up; `download=False` fails at once.

    Args:
        name: a TFDS name, such as `"tiny_shakespeare"`.
        data_dir: where TFDS keeps prepared data; its own default if None.
        download: whether to download and prepare data that is not in `data_dir`.
        held_out: share of `train` that is held out for each split that is missing.
        seed: seed of the holding out.
        segments: what a segment of a document is; see `read_documents`.
        most: most examples that are read of each split, the first ones; `None` reads all.
        report: function that is told what is done with the splits, a short string.

    Returns:
        `Splits` of `Document`s, named by their split and number, such as `"train 0"`.

    Raises:
        DataError: the name is unknown, there is no such feature, a split that is needed has no
            text, an example (counted from 0) is not UTF-8, or the data cannot be downloaded.
        ValueError: `most` is not positive, or `segments` is another one.

    Example:
        >>> from kerasrnn.data import load_tfds_documents
        >>> load_tfds_documents("tiny_shakespeare").train[0].segments[0]  # doctest: +SKIP
        'First Citizen:'
    """
    to_segments("", segments)  # refuses a wrong argument before anything is downloaded
    if most is not None and most < 1:
        raise ValueError(f"`most` must be None or a positive integer; received {most!r}.")
    builder = find_builder(name, data_dir)
    feature = _text_name(name, builder.info.features)
    if download:
        prepare(name, builder)
    found = prepared_splits(name, builder)
    if "train" not in found:
        raise DataError(f"TFDS data set {name!r} needs the split 'train'; found {found!r}.")
    names = ["train", validation_name(found), "test"]
    left_out = [split for split in found if split not in names]
    if left_out:
        report(f"{name}: left out are the splits {', '.join(left_out)}")
    splits = [
        _read(name, builder, split, feature, segments, most) if split in found else None
        for split in names
    ]
    return Splits(*_completed(name, splits, held_out, seed, report))


def _completed(name, splits, held_out, seed, report):
    """The three splits, those that are `None` held out of the first."""
    train, *others = splits
    missing = [place for place, split in enumerate(others) if split is None]
    if missing:
        whole = _characters(train)
        train, *held = hold_out_documents(train, len(missing), held_out, seed)
        for place, part in zip(missing, held, strict=True):
            others[place] = part
        what = " and ".join(("validation", "test")[place] for place in missing)
        sizes = ", ".join(f"{_characters(part):,}" for part in held)
        report(f"{name}: of {whole:,} characters to train on, {sizes} are held out for {what}")
    return train, *others


def _characters(documents):
    return sum(len(segment) for document in documents for segment in document.segments)


def _read(name, builder, split, feature, segments, most):
    import tensorflow as tf

    place, found = f"TFDS data set {name!r}, split {split!r}", []
    try:
        dataset = builder.as_dataset(split=split).map(lambda example: example[feature])
        rows = itertools.islice(dataset.as_numpy_iterator(), most)
        for number, row in enumerate(rows):
            try:
                text = row.decode()
            except UnicodeDecodeError as error:
                raise DataError(
                    f"{place}, example {number}: the text cannot be read: {error}. Prepare the "
                    "data again."
                ) from error
            if lines := to_segments(text, segments):
                found.append(Document(lines, f"{split} {number}"))
    except DataError:
        raise
    except (ValueError, tf.errors.OpError) as error:  # so TFDS says that there is nothing
        reason = next(iter(str(error).splitlines()), "no reason given")
        raise DataError(f"{place} cannot be read ({reason}). Prepare the data again.") from error
    if not found:
        raise DataError(f"{place} has no text. Choose another data set.")
    return tuple(found)


def _text_name(name, features):
    import tensorflow_datasets as tfds

    possible = [
        key
        for key in sorted(features)
        # A Text may be stored as numbers of an encoder's.
        if isinstance(features[key], tfds.features.Text) and features[key].encoder is None
    ]
    known = [key for key in _TEXTS if key in possible] or possible
    if not known or (len(known) > 1 and known == possible and known[0] not in _TEXTS):
        raise DataError(
            f"TFDS data set {name!r} has no feature {', '.join(map(repr, _TEXTS))}, nor just one "
            f"of another name, that is a Text; found {listed(features)}. Choose a "
            "data set of texts."
        )
    return known[0]
