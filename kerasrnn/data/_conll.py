"""CoNLL column files: one token a line, blank lines between sentences."""

import codecs
import re
from pathlib import Path
from typing import NamedTuple

from kerasrnn._files import atomic_file
from kerasrnn.data._bio import split_tag, to_bio
from kerasrnn.data._sentence import Sentence

_SUPPORTED = "2 (word tag) or 4 (word pos chunk tag)"
_DOCUMENT = "-DOCSTART-"


class DataError(ValueError):
    """Data that cannot be read; the message says where, why and how to mend it.

    Example:
        >>> from kerasrnn.data import DataError, read_conll
        >>> try:
        ...     read_conll("nowhere.txt")
        ... except DataError as error:
        ...     print(str(error)[:26])
        nowhere.txt: no such file.
    """


class _Layout(NamedTuple):
    """How the rows of one file are written, and the line of the row that says so."""

    tabs: bool
    columns: int
    line: int


def read_conll(path, tags=None):
    """Reads tagged sentences from a CoNLL file.

    Format: UTF-8; one token a line, in 2 columns (word tag) or 4 (word pos chunk tag, as in
    CoNLL-2003); a blank line ends a sentence. Tags may be BIO, IOB1, IOBES or BILOU (see
    `to_bio`). The first row sets the number of columns and what separates them: tabs if it holds
    one, otherwise runs of spaces.

    Skipped are lines that start with `-DOCSTART-` (which also end a sentence) and comments. A
    line is a comment if it starts with `#` and is not a row: a row has the file's number of
    columns and a valid tag in the last, so `# O` is the token `#` in a file of two columns, and
    `# text = I live in Rome O` is a comment. The first row is looked for among the lines that do
    not start with `#`, and only if there are none among those that do.

    Args:
        path: the file to read.
        tags: the BIO tags that may occur, such as those of the training data; `None` is any.

    Returns:
        A tuple of `Sentence`, with BIO tags; at least one, none of them empty.

    Raises:
        DataError: the file is missing, a folder, not UTF-8, without sentences, or has a row with
            another number of columns than the first, with a bad tag or with one not in `tags`.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.data import read_conll
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "train.txt")
        ...     _ = path.write_text("Ada I-PER\\nwrote O\\n")
        ...     read_conll(path)
        (Sentence(tokens=('Ada', 'wrote'), tags=('B-PER', 'O')),)
    """
    lines = _read_lines(path)
    layout = _find_layout(path, lines)
    sentences, rows = [], []
    for number, line in enumerate([*lines, ""], start=1):
        if not line or line.startswith(_DOCUMENT):
            if rows:
                sentences.append(_sentence(path, rows, tags))
                rows = []
        elif not _is_comment(line, layout):
            rows.append((number, *_parse_row(path, number, line, layout)))
    return tuple(sentences)


def _sentence(path, rows, known):
    numbers, words, tags = zip(*rows, strict=True)
    bio = to_bio(tags)
    for number, tag in zip(numbers, bio, strict=True):
        if known is not None and tag not in known:
            raise DataError(
                f"{path}:{number}: tag {tag!r} does not occur in the training data, whose tags "
                f"are {', '.join(sorted(known))}. Mend the tag, or train on data that has it."
            )
    return Sentence(words, bio)


def write_conll(path, sentences):
    """Writes sentences as a CoNLL file of two columns, such that `read_conll` gives them back.

    Format: UTF-8, `word<TAB>tag`, a blank line after each sentence. The file is replaced whole:
    a failure leaves the older one as it was.

    Args:
        path: the file to write.
        sentences: iterable of `Sentence` with BIO tags.

    Raises:
        ValueError: there is no sentence, or one that would not read back: it is empty, its tags
            are not BIO, or a token is empty, holds a tab or a line break, begins or ends with
            a space, or starts with `-DOCSTART-` or a byte order mark.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.data import Sentence, read_conll, write_conll
        >>> sentences = (Sentence(("Ada", "wrote"), ("B-PER", "O")),)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "train.txt")
        ...     write_conll(path, sentences)
        ...     read_conll(path) == sentences
        True
    """
    sentences = tuple(sentences)
    if not sentences:
        raise ValueError(f"write_conll needs at least one sentence to write to {path}; got none.")
    for number, sentence in enumerate(sentences):
        _check_writable(number, sentence)
    lines = []
    for sentence in sentences:
        lines += [
            f"{word}\t{tag}\n" for word, tag in zip(sentence.tokens, sentence.tags, strict=True)
        ]
        lines.append("\n")
    with atomic_file(path) as temporary_path:
        temporary_path.write_text("".join(lines), encoding="utf-8", newline="\n")


def can_write(sentence):
    """Whether `write_conll` takes the sentence."""
    try:
        _check_writable(0, sentence)
    except ValueError:
        return False
    return True


def read_bytes(path):
    """The content of a file; DataError where there is none."""
    try:
        if Path(path).is_dir():
            raise DataError(f"{path}: is a folder. Name one of the files in it.")
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise DataError(
            f"{path}: no such file. Check the path, and the folder it is relative to."
        ) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}.") from error


def _read_lines(path):
    """The file's lines without what surrounds them; a line of white space alone becomes ''."""
    raw = read_bytes(path)
    utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # Split at line feeds only: str.splitlines would also break a line at U+0085 and its like,
    # and str.split, in `_split`, would break a token at a no-break space.
    raw_lines = raw.removeprefix(codecs.BOM_UTF8).split(b"\n")
    lines = [_decode(path, number, line, utf16) for number, line in enumerate(raw_lines, start=1)]
    return [line.strip(" \t\r") if line.strip() else "" for line in lines]


def _decode(path, number, raw_line, utf16):
    try:
        return raw_line.decode("utf-8")
    except UnicodeDecodeError as error:
        encoding = "utf-16" if utf16 else "latin-1"
        raise DataError(
            f"{path}:{number}: not UTF-8: byte {error.start + 1} of the line is "
            f"0x{raw_line[error.start]:02x}. If the file is {encoding}, convert it: "
            f"`iconv -f {encoding} -t utf-8 {path} > converted.txt`."
        ) from error


def _split(line, tabs):
    return [part.strip(" ") for part in line.split("\t")] if tabs else re.split("[ \t]+", line)


def _is_row(columns, counts):
    if len(columns) not in counts:
        return False
    try:
        split_tag(columns[-1])
    except ValueError:
        return False
    return True


def _is_comment(line, layout):
    return line.startswith("#") and not _is_row(_split(line, layout.tabs), [layout.columns])


def _find_layout(path, lines):
    numbered = [
        (number, line, "\t" in line)
        for number, line in enumerate(lines, start=1)
        if line and not line.startswith(_DOCUMENT)
    ]
    rows = [row for row in numbered if not row[1].startswith("#")]
    if not rows:
        rows = [row for row in numbered if _is_row(_split(*row[1:]), [2, 4])]
    if not rows:
        raise DataError(
            f"{path}: no sentence in it. Write one token a line in columns, {_SUPPORTED}, and a "
            "blank line after each sentence."
        )
    number, line, tabs = rows[0]
    columns = _split(line, tabs)
    if len(columns) not in (2, 4):
        raise DataError(
            f"{path}:{number}: {_count(columns)}; supported are {_SUPPORTED}. Keep the word and "
            "its tag, separated by a tab."
        )
    return _Layout(tabs, len(columns), number)


def _parse_row(path, number, line, layout):
    columns = _split(line, layout.tabs)
    if len(columns) != layout.columns:
        raise DataError(
            f"{path}:{number}: {_count(columns)}, where the first row (line {layout.line}) has "
            f"{layout.columns}. Give each row {layout.columns} columns separated by "
            f"{'tabs' if layout.tabs else 'spaces'}; a blank line ends a sentence."
        )
    try:
        split_tag(columns[-1])
    except ValueError as error:
        raise DataError(
            f"{path}:{number}: {error}. Correct it, or put the tag in the last column."
        ) from error
    return columns[0], columns[-1]


def _count(columns):
    return f"{len(columns)} column{'s' * (len(columns) != 1)} {columns!r}"


def _check_writable(number, sentence):
    if not sentence.tokens:
        raise ValueError(f"sentence {number} is empty; a CoNLL file cannot hold it.")
    if to_bio(sentence.tags) != tuple(sentence.tags):
        raise ValueError(
            f"sentence {number} has tags that are not BIO: {sentence.tags!r}; use `to_bio`."
        )
    for word in sentence.tokens:
        if (
            not word
            or word != word.strip(" \t\r\n")
            or "\t" in word
            or "\n" in word
            or word.startswith((_DOCUMENT, "\ufeff"))
        ):
            raise ValueError(
                f"sentence {number} has the token {word!r}, which would not read back: a token "
                "is not empty, holds no tab or line break, neither begins nor ends with a space, "
                f"and does not start with `{_DOCUMENT}` or a byte order mark."
            )
