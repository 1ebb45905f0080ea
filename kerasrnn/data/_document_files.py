"""Texts in files and folders, for language models."""

import codecs
import os
from pathlib import Path

from kerasrnn.data._conll import DataError, read_bytes
from kerasrnn.data._document import Document
from kerasrnn.data._segments import to_segments
from kerasrnn.data._text_file import decode_text, unzip

_TEXTS = (".txt", ".text", ".md", ".rst")


def read_documents(path, segments="auto", encoding=None, report=lambda message: None):
    """Reads texts, each file a document.

    Format: plain text, gzipped or not, whatever the file's name. Of a folder all files are read,
    those of its folders too, in the order of their names; hidden ones, whose names begin with a
    dot, are left out. So are, and `report` is told how many, files without text and those that are
    not text; a file whose name ends in `.txt`, `.text`, `.md` or `.rst`, with `.gz` or without,
    must be text.

    Args:
        path: a file or folder, or a list of several.
        segments: what a segment is. `"line"`: each line that is not blank, without white space at
            its end. `"paragraph"`: what blank lines divide, its lines joined by a space, or by
            nothing after a word's hyphen. `"auto"`: paragraphs in a file that has blank lines and
            whose lines are wrapped, else lines.
        encoding: of the files; `None` or `""` is UTF-8, with a byte order mark or without, and
            UTF-16 with one.
        report: function that is told what of a folder is left out, a short string.

    Returns:
        A tuple of `Document`s, at least one, none without segments; a name is the path within the
        folder that was given, or the file's name.

    Raises:
        DataError: there is no such file or folder, no text in it, or a file is of another encoding
            or holds a NUL character.
        ValueError: `segments` is another one.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.data import read_documents
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "letters.txt")
        ...     _ = path.write_text("Dear Ada,\\n\\nI am well.\\n")
        ...     read_documents(folder)
        (Document(segments=('Dear Ada,', 'I am well.'), name='letters.txt'),)
    """
    to_segments("", segments)  # refuses a wrong argument before anything is read
    paths = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    if not paths:
        raise DataError("There is no file to read. Name a file or a folder of texts.")
    documents = []
    for each in paths:
        if Path(each).is_dir():
            documents += _read_folder(Path(each), segments, encoding or None, report)
        else:
            found = _read_file(each, Path(each).name, segments, encoding or None)
            if not found.segments:
                raise DataError(f"{each}: no text in it. Give a file that has some.")
            documents.append(found)
    return tuple(documents)


def _read_folder(folder, segments, encoding, report):
    _require_encoding(folder, encoding)
    documents, empty, other = [], [], []
    for file in _files(folder):
        name = file.relative_to(folder).as_posix()
        try:
            found = _read_file(file, name, segments, encoding)
        except DataError:
            if _is_text_by_name(name):
                raise
            other.append(name)
            continue
        if found.segments:
            documents.append(found)
        else:
            empty.append(name)
    for names, what in ((other, "no text file"), (empty, "without text")):
        if names:
            files = f"{len(names):,} files are" if len(names) > 1 else "1 file is"
            report(f"{folder}: {files} left out, being {what}: {_shown(names)}")
    if not documents:
        raise DataError(
            f"{folder}: no text in this folder"
            + (f", in which {_shown(other)} cannot be read as text" if other else "")
            + ". Put text files into it, or name its `encoding`."
        )
    return documents


def _files(folder):
    """The files in a folder and its folders, but for hidden ones, in the order of their paths."""
    found = []
    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(above, name) for name in names if not name.startswith(".")]
    # Neither a broken link nor a pipe, which one would wait for.
    return sorted((file for file in found if file.is_file()), key=lambda file: file.parts)


def _read_file(path, name, segments, encoding):
    text = decode_text(path, unzip(path, read_bytes(path)), encoding)
    return Document(to_segments(text, segments), name)


def _require_encoding(path, encoding):
    """Refuses an encoding that Python does not know: each file would seem to be no text."""
    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError:
        decode_text(path, b"?", encoding)


def _is_text_by_name(name):
    return name.lower().removesuffix(".gz").endswith(_TEXTS)


def _shown(names, most=3):
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
