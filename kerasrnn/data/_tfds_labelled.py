"""Labelled texts, letters and clips from TensorFlow Datasets."""

from kerasrnn.data._conll import DataError
from kerasrnn.data._hold_out import hold_out
from kerasrnn.data._labelled import Labelled
from kerasrnn.data._sentence import Splits
from kerasrnn.data._tfds_builder import (
    find_builder,
    listed,
    prepare,
    prepared_splits,
    validation_name,
)

_CONTENTS = ("text", "sentence", "seq", "video")
_NO_LABEL = -1  # TFDS's number for it


def load_tfds_labelled(
    name,
    data_dir=None,
    download=True,
    held_out=0.1,
    seed=0,
    *,
    frames=16,
    size=64,
    report=lambda message: None,
):
    """Loads a data set for classification from TensorFlow Datasets.

    Format: a feature `label`, a `ClassLabel`, and one content: the feature `text`, `sentence` or
    `seq` of type `Text`, or `video` of type `Video`, or else the only one of these types. So have,
    for example, `imdb_reviews`, `glue/sst2`, `genomics_ood` and `ucf101`.

    Splits are `train`, `validation` (or `dev`, or `valid`) and `test`; others, such as
    `unsupervised` of `imdb_reviews` or `test_ood` of `genomics_ood`, are left out. Where there is
    no validation, it is held out of `train`, each label's share of it, equal contents together. A
    test split without labels, as `glue/sst2` has one, is left out: the validation split is taken
    as the test then, and validation is held out of `train`. With `train` alone both are held out.
    `report` is told of all this.

    Of a clip, frames at equal distances are decoded and resized to a square, whatever its sides
    were. All examples are kept in memory: a clip of 16 frames of 64 by 64 has 0.2 MB.

    The first call downloads and prepares the data; later ones read it from `data_dir`. Without a
    network TFDS tries for some minutes before it gives up; `download=False` fails at once.

    Args:
        name: a TFDS name, such as `"imdb_reviews"` or `"glue/sst2"`.
        data_dir: where TFDS keeps prepared data; its own default if None.
        download: whether to download and prepare data that is not in `data_dir`.
        held_out: share of `train` that is held out for each split that is missing.
        seed: seed of the holding out.
        frames: frames of a clip; one that has fewer has some of them twice or more.
        size: height and width of a frame.
        report: function that is told what is done with the splits, a short string.

    Returns:
        `Splits` of `Labelled`; contents are strings, or uint8 arrays `(frames, size, size,
        channels)`.

    Raises:
        DataError: the name is unknown, the features are not those above, there are no labelled
            examples in a split that is needed, an example (counted from 0) of a labelled split
            has no label, or the data cannot be downloaded.

    Example:
        >>> from kerasrnn.data import load_tfds_labelled
        >>> load_tfds_labelled("glue/sst2").train[0].label  # doctest: +SKIP
        'negative'
    """
    builder = find_builder(name, data_dir)
    reader = _Reader(name, builder, frames, size)
    if download:
        prepare(name, builder)
    train, validation, test = _read_splits(name, builder, reader, report)
    missing = [validation, test].count(None)
    if missing:
        whole = len(train)
        train, *held = hold_out(train, missing, held_out, seed)
        sizes = ", ".join(f"{len(part):,}" for part in held)
        what = "validation" if missing == 1 else "validation and test"
        report(f"{name}: of {whole:,} examples to train on, {sizes} are held out for {what}")
        validation, test = held[0], test if missing == 1 else held[1]
    return Splits(train, validation, test)


def _read_splits(name, builder, reader, report):
    """The three splits; `None` for validation, and for test, where it is to be held out."""
    found = prepared_splits(name, builder)
    names = ["train", validation_name(found), "test"]
    if "train" not in found:
        raise DataError(f"TFDS data set {name!r} needs the split 'train'; found {found!r}.")
    left_out = [split for split in found if split not in names]
    if left_out:
        report(f"{name}: left out are the splits {', '.join(left_out)}")
    splits = [reader.read(split) if split in found else None for split in names]
    for split, examples in zip(names, splits, strict=True):
        if split in found and examples is None:
            report(f"{name}: {split} has no labels and is left out")
    train, validation, test = splits
    if train is None:
        raise DataError(f"TFDS data set {name!r} has no labels in 'train'; choose another one.")
    if test is None and validation is not None:
        report(f"{name}: {names[1]} is taken as the test split")
        validation, test = None, validation
    return train, validation, test


class _Reader:
    """Reads a data set's splits into `Labelled`s."""

    def __init__(self, name, builder, frames, size):
        import tensorflow_datasets as tfds

        if min(frames, size) < 1:
            raise ValueError(
                f"`frames` and `size` must be positive; received {frames!r} and {size!r}."
            )
        features = builder.info.features
        self._name, self._builder = name, builder
        self._content = _content_name(name, features)
        self._label = features["label"]
        self._decoders, self._prepared = None, lambda content: content
        if isinstance(features[self._content], tfds.features.Video):
            # Most frames are not needed: those that are, are decoded here.
            self._decoders = {self._content: tfds.decode.SkipDecoding()}
            self._prepared = _sampler(features[self._content].feature, frames, size)

    def read(self, split):
        """A tuple of `Labelled`, or `None` where no example has a label."""
        rows = list(self._rows(split))
        if not rows:
            raise DataError(f"{self._place(split)} has no examples.")
        if all(label == _NO_LABEL for _, label in rows):
            return None
        for number, (_, label) in enumerate(rows):
            if not 0 <= label < self._label.num_classes:
                raise DataError(
                    f"{self._place(split)}, example {number}: label {label} is none of the "
                    f"{self._label.num_classes} classes, while other examples have labels."
                )
        return tuple(Labelled(content, self._label.int2str(label)) for content, label in rows)

    def _rows(self, split):
        import tensorflow as tf

        def cut(example):
            return self._prepared(example[self._content]), example["label"]

        try:
            dataset = self._builder.as_dataset(split=split, decoders=self._decoders)
        except ValueError as error:  # so TFDS says that there is nothing
            raise DataError(f"{self._place(split)} has no examples ({error}).") from error
        count = 0
        try:
            for content, label in dataset.map(cut).as_numpy_iterator():
                yield content.decode() if isinstance(content, bytes) else content, int(label)
                count += 1
        except (UnicodeDecodeError, tf.errors.InvalidArgumentError) as error:
            raise DataError(
                f"{self._place(split)}, example {count}: the content cannot be read: "
                f"{str(error).splitlines()[0]}. Prepare the data again."
            ) from error

    def _place(self, split):
        return f"TFDS data set {self._name!r}, split {split!r}"


def _content_name(name, features):
    import tensorflow_datasets as tfds

    if "label" not in features or not isinstance(features["label"], tfds.features.ClassLabel):
        raise DataError(
            f"TFDS data set {name!r} has no feature 'label' that is a ClassLabel; found "
            f"{listed(features)}. Choose a data set for classification."
        )
    possible = [key for key in sorted(features) if _is_content(features[key])]
    known = [key for key in _CONTENTS if key in possible]
    if not known and len(possible) == 1:
        known = possible
    if not known:
        raise DataError(
            f"TFDS data set {name!r} has no feature {', '.join(map(repr, _CONTENTS))}, nor just "
            f"one of another name, that is a Text or a Video of uint8; found {listed(features)}. "
            "Choose a data set of single texts or clips."
        )
    return known[0]


def _is_content(feature):
    import tensorflow_datasets as tfds

    if isinstance(feature, tfds.features.Video):
        return feature.feature.np_dtype == "uint8"
    # A Text may be stored as numbers of an encoder's.
    return isinstance(feature, tfds.features.Text) and feature.encoder is None


def _sampler(image, frames, size):
    """A function from encoded frames `(time,)` to uint8 `(frames, size, size, channels)`.

    Frames and squares are chosen as `read_video` chooses them.
    """
    import tensorflow as tf

    def sample(encoded):
        count = tf.shape(encoded)[0]
        tf.debugging.assert_positive(count, "the clip has no frames")
        last = tf.cast(count - 1, "float32")
        places = tf.cast(tf.floor(tf.linspace(0.0, last, frames) + 0.5), "int32")
        chosen = tf.stack([image.decode_example(encoded[place]) for place in tf.unstack(places)])
        height, width = tf.unstack(tf.shape(chosen)[1:3])
        side = tf.minimum(height, width)
        chosen = tf.image.crop_to_bounding_box(
            chosen, (height - side) // 2, (width - side) // 2, side, side
        )
        resized = tf.image.resize(tf.cast(chosen, "float32"), (size, size), antialias=True)
        return tf.cast(tf.clip_by_value(tf.round(resized), 0, 255), "uint8")

    return sample
