"""Word vectors that others trained: reading them, and making an embedding's weights of them."""

import gzip
import zlib
from pathlib import Path

import numpy as np

from kerasrnn.data._conll import DataError

_GZIP = b"\x1f\x8b"


def read_word_vectors(path, words=None):
    """Reads vectors of words from a text file of GloVe or word2vec.

    Format: UTF-8; one word a line, then its numbers, with one space between. The text format of
    word2vec and fastText has a first line of two integers, the number of words and of numbers a
    word; where it is there, it is checked. A word may hold spaces, as some of GloVe's do. Of a
    word that occurs twice the first vector counts. Blank lines are skipped. The file may be
    compressed with gzip.

    Args:
        path: the file to read.
        words: the words wanted, such as `encoder.word_keys`; `None` is all. Rows of other words
            are counted but their numbers are not read.

    Returns:
        Dictionary of word to float32 vector, in the order of the file.

    Raises:
        DataError: the file is missing, a folder, empty, not UTF-8, cut off, or has a row of
            another length than the first or with something that is no number.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.data import read_word_vectors
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "vectors.txt")
        ...     _ = path.write_text("good 1.0 0.5\\nbad -1.0 0.5\\n")
        ...     read_word_vectors(path, words=["bad"])
        {'bad': array([-1. ,  0.5], dtype=float32)}
    """
    wanted = None if words is None else frozenset(words)
    vectors, size, promised, rows = {}, None, None, 0
    for number, line in _lines(path):
        if not line:
            continue
        place = f"{path}:{number}"
        fields = line.split(" ")
        if number == 1 and _is_header(fields):
            promised, size = map(int, fields)
            continue
        if size is None:
            size = len(fields) - 1
        rows += 1
        word = _word(place, fields, size)
        if word not in vectors and (wanted is None or word in wanted):
            vectors[word] = _vector(place, fields[-size:])
    if not rows:
        raise DataError(f"{path}: no vector in it. Give a file of one word and its numbers a line.")
    if promised is not None and promised != rows:
        raise DataError(
            f"{path}: the first line says {promised} words, and there are {rows}. "
            "The file seems to be cut off: fetch it again."
        )
    return vectors


def embedding_matrix(encoder, vectors, seed=0):
    """Makes the weights of an `Embedding` for the words of an encoder.

    Words without a vector, and the row of unknown words, are drawn from a normal distribution
    with the mean 0 and the standard deviation of the vectors' numbers.

    Args:
        encoder: a `TextEncoder`, or another with `words`, a `Vocabulary`.
        vectors: dictionary of word to vector, as `read_word_vectors` gives it.
        seed: integer, of the rows that are drawn.

    Returns:
        A pair: float32 array `(vocab_size, numbers a word)`, whose row 0 (padding) is zeros; and
        how many of the encoder's words have a vector.

    Raises:
        DataError: there is no vector, or vectors are of different lengths.

    Example:
        >>> from kerasrnn.data import TextEncoder, embedding_matrix
        >>> encoder = TextEncoder(["negative", "positive"], ["good", "dull"])
        >>> matrix, found = embedding_matrix(encoder, {"good": [1.0, 0.5]})
        >>> matrix.shape, found, matrix[2].tolist()
        ((4, 2), 1, [1.0, 0.5])
    """
    lengths = {len(vector) for vector in vectors.values()}
    if len(lengths) != 1:
        raise DataError(
            f"The word vectors are of the lengths {sorted(lengths)}; they must all be of one."
            if lengths
            else "There are no word vectors: none of the words wanted is in their file. Are its "
            "words in lower case, and of the same language?"
        )
    spread = np.std(np.array(list(vectors.values()), "float64"))
    shape = (len(encoder.words), lengths.pop())
    matrix = np.random.default_rng(seed).normal(0.0, spread, shape).astype("float32")
    matrix[0] = 0.0
    known = [word for word in encoder.words.symbols if word in vectors]
    for word in known:
        matrix[encoder.words[word]] = vectors[word]
    return matrix, len(known)


def _lines(path):
    """Pairs of number and line, without what ends the line."""
    number = 0
    try:
        with _open(path) as file:
            # Bytes split at line feeds alone; text would be split at U+0085 and its like.
            for number, raw in enumerate(file, start=1):
                line = raw.decode("utf-8").removeprefix("\ufeff" if number == 1 else "")
                yield number, line.rstrip(" \r\n")
    except FileNotFoundError:
        raise DataError(
            f"{path}: no such file. Check the path, and the folder it is relative to."
        ) from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}:{number}: not UTF-8 ({error.reason}). The binary format of word2vec is not "
            "read; save the vectors in the text format, in UTF-8."
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}:{number + 1}: cannot be read: {error}.") from error


def _open(path):
    if Path(path).is_dir():
        raise DataError(f"{path}: is a folder. Name one of the files in it.")
    with open(path, "rb") as file:
        compressed = file.read(len(_GZIP)) == _GZIP
    return gzip.open(path) if compressed else open(path, "rb")


def _is_header(fields):
    return len(fields) == 2 and all(field.isascii() and field.isdigit() for field in fields)


def _word(place, fields, size):
    extra = len(fields) - size
    # A word of several, as GloVe has them, ends in something that is no number.
    if size < 1 or extra < 1 or (extra > 1 and _is_number(fields[extra - 1])):
        raise DataError(
            f"{place}: {max(len(fields) - 1, 0)} numbers, where there should be {max(size, 1)}, as "
            "the first line has. Give each line a word and its numbers, with one space between."
        )
    return " ".join(fields[:extra])


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def _vector(place, fields):
    try:
        vector = np.array(fields, "float32")
    except ValueError:
        bad = next(field for field in fields if not _is_number(field))
        raise DataError(f"{place}: {bad!r} is not a number.") from None
    if not np.all(np.isfinite(vector)):
        raise DataError(f"{place}: one of the numbers is infinite or none at all.")
    return vector
