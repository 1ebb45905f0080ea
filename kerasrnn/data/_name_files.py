"""A user's own names: a table, JSON lines, or one name a line."""

import unicodedata
from dataclasses import replace
from pathlib import Path

from kerasrnn.data._conll import DataError
from kerasrnn.data._labelled import Labelled
from kerasrnn.data._labelled_files import read_labelled
from kerasrnn.data._text_file import read_text

ONE_CATEGORY = "name"
_WITH_LABELS = (".csv", ".tsv", ".jsonl", ".ndjson")


def read_names(path, encoding="", text="text", label="label"):
    """Reads names, of one category or of several.

    Format: `.csv`, `.tsv`, `.jsonl` and `.ndjson` have a column of names and one of categories, as
    `read_labelled` reads them. Any other file is plain text, one name a line; all are of one
    category, `"name"`. Names are brought to NFC, and spaces around them are taken off, several
    within them made one. Blank lines are skipped.

    Args:
        path: the file to read.
        encoding: of the file; `""` is UTF-8, with a byte order mark or without, and UTF-16 with
            one.
        text: the column of the names.
        label: the column of the categories.

    Returns:
        A tuple of `Labelled`; at least one.

    Raises:
        DataError: the file is missing, of another encoding, without names, or a row is not well
            formed or has no name.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.data import read_names
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "rivers.txt")
        ...     _ = path.write_text("Elbe\\nRhine\\n")
        ...     [(name.content, name.label) for name in read_names(path)]
        [('Elbe', 'name'), ('Rhine', 'name')]
    """
    encoding = encoding or None
    if Path(path).suffix.lower() in _WITH_LABELS:
        examples = read_labelled(path, text=text, label=label, encoding=encoding)
        names = tuple(replace(example, content=_tidy(example.content)) for example in examples)
        for number, name in enumerate(names, start=1):
            if not name.content:
                raise DataError(
                    f"{path}: example {number}, of {name.label!r}, has no name. Give it one, or "
                    "leave it out."
                )
        return names
    lines = read_text(path, encoding).splitlines()
    for number, line in enumerate(lines, start=1):
        if "\t" in line.strip():
            raise DataError(
                f"{path}:{number}: a tab in a name. If this is a table, let its name end in .tsv, "
                f"and give it a header row: {text}, tab, {label}."
            )
    names = tuple(Labelled(_tidy(line), ONE_CATEGORY) for line in lines if line.strip())
    if not names:
        raise DataError(f"{path}: no name in it. Write one a line.")
    return names


def _tidy(name):
    return unicodedata.normalize("NFC", " ".join(name.split()))
