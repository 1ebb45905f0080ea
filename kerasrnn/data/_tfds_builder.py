"""Finding and preparing a data set of TensorFlow Datasets, and what to say when that fails."""

import contextlib
import logging

from kerasrnn.data._conll import DataError

VALIDATION_NAMES = ("validation", "dev", "valid")


def find_builder(name, data_dir):
    """TFDS's builder of a data set; raises DataError where there is none of that name."""
    import tensorflow_datasets as tfds

    try:
        return tfds.builder(name, data_dir=data_dir)
    except (ValueError, AssertionError) as error:
        raise DataError(
            f"TFDS has no data set {name!r}: {_first_line(error)} "
            "The names are listed at https://www.tensorflow.org/datasets/catalog."
        ) from error


def listed(features):
    """A data set's features by name, for a message."""
    return ", ".join(f"{key}: {features[key]!r}" for key in sorted(features))


def prepare(name, builder):
    """Downloads and prepares what is not there yet; raises DataError where that fails."""
    try:
        with _without_retries():
            builder.download_and_prepare()
    except ImportError as error:
        raise DataError(
            f"TFDS data set {name!r} cannot be prepared: {error}. "
            "Install the missing package with pip."
        ) from error
    except Exception as error:  # A data set's own code runs here: it may raise anything.
        raise DataError(
            f"TFDS data set {name!r} could not be downloaded and prepared "
            f"({type(error).__name__}: {_first_line(error)}). That needs a network once; "
            f"afterwards it is read from {builder.data_dir}. Without one, give a file of your "
            "own: --train FILE."
        ) from error


def prepared_splits(name, builder):
    """The names of the splits; raises DataError where the data are not prepared."""
    found = list(builder.info.splits)
    if not found:
        raise DataError(
            f"TFDS data set {name!r} is not in {builder.data_dir}. Allow download=True once, with "
            "a network, or give the data_dir that holds it."
        )
    return found


def validation_name(splits):
    """The one of the splits' names that means validation, or `None`."""
    return next((split for split in VALIDATION_NAMES if split in splits), None)


@contextlib.contextmanager
def _without_retries():
    """Keeps back a warning for each of the tries without a network; the error says it once."""
    logger = logging.getLogger("urllib3.connectionpool")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _first_line(error):
    return next(iter(str(error).splitlines()), "no reason given")
