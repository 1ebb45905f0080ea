"""Labelled texts in files: tables (.csv, .tsv) and JSON lines (.jsonl, .ndjson)."""

import csv
import io
import json
import re
from pathlib import Path

from kerasrnn._files import atomic_file
from kerasrnn._hints import did_you_mean
from kerasrnn.data._conll import DataError
from kerasrnn.data._labelled import Labelled
from kerasrnn.data._text_file import read_text

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_JSON_LINES = (".jsonl", ".ndjson")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_labelled(path, text="text", label="label", part="part", encoding=None, quotes=True):
    """Reads labelled texts from a table or from JSON lines.

    Format: `.csv` and `.tsv` have a header row; a cell in double quotes may hold line breaks and
    what else parts cells, and a quote in it is doubled. `.jsonl` and `.ndjson` have an object a
    line. Blank lines are skipped. Other columns and keys are not read. Texts stay as they are,
    empty ones too; what surrounds a label is stripped. Labels of JSON may be numbers or `true` and
    `false`, which become strings as JSON writes them: `1` is `"1"`, `1.0` is `"1.0"`.

    Args:
        path: the file to read.
        text: the column of the texts.
        label: the column of the labels.
        part: the column of the parts that are also scored by themselves; need not be there.
            `None` reads none.
        encoding: of the file; `None` is UTF-8, with a byte order mark or without, and UTF-16 with
            one.
        quotes: whether double quotes surround cells of a table; `False` takes them as written.

    Returns:
        A tuple of `Labelled`; at least one.

    Raises:
        DataError: the file is missing, of another kind or encoding, without examples or without
            the columns, or a row is not well formed or has no label.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.data import read_labelled
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "train.csv")
        ...     _ = path.write_text('review,label\\n"Not bad, really.",1\\n')
        ...     read_labelled(path, text="review")
        (Labelled(content='Not bad, really.', label='1', part=''),)
    """
    kind = Path(path).suffix.lower()
    if kind not in (*_DELIMITERS, *_JSON_LINES):
        known = ", ".join([*_DELIMITERS, *_JSON_LINES])
        raise DataError(
            f"{path}: is not a file of labelled texts by its name; known are {known}, and of DNA "
            "FASTA (.fa, .fasta and others)."
        )
    if text == label:
        raise DataError(f"The texts and the labels cannot both be in the column {text!r}.")
    content = read_text(path, encoding)
    if kind in _JSON_LINES:
        rows = _json_rows(path, content)
    else:
        rows = _table_rows(path, content, _DELIMITERS[kind], quotes)
    examples = tuple(_example(place, row, text, label, part) for place, row in rows)
    if not examples:
        raise DataError(f"{path}: no example in it. Give it a text and its label in each row.")
    return examples


def write_labelled(path, examples):
    """Writes labelled texts as JSON lines, such that `read_labelled` gives them back.

    The file is replaced whole: a failure leaves the older one as it was.

    Args:
        path: the file to write; its name ends in `.jsonl` or `.ndjson`.
        examples: iterable of `Labelled` with strings for contents.

    Raises:
        ValueError: the name ends otherwise, there is no example, or one would not read back.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.data import Labelled, read_labelled, write_labelled
        >>> examples = (Labelled("Not bad.", "positive", part="order"),)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "test.jsonl")
        ...     write_labelled(path, examples)
        ...     read_labelled(path) == examples
        True
    """
    if Path(path).suffix.lower() not in _JSON_LINES:
        raise ValueError(f"{path}: a file of JSON lines is named {' or '.join(_JSON_LINES)}.")
    rows = [
        {"text": example.content, "label": example.label, "part": example.part}
        for example in examples
    ]
    if not rows:
        raise ValueError(f"write_labelled needs at least one example to write to {path}; got none.")
    for number, row in enumerate(rows, start=1):
        _check_writable(number, row)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    with atomic_file(path) as temporary_path:
        temporary_path.write_text("".join(lines), encoding="utf-8", newline="\n")


def _table_rows(path, content, delimiter, quotes):
    """Pairs of place and dictionary."""
    quoting = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, quoting=quoting,
                        strict=True)  # fmt: skip
    rows, start = [], 1
    limit = csv.field_size_limit(max(len(content), 1))  # a text may be as long as the file
    try:
        for cells in reader:
            if cells:
                rows.append((f"{path}:{start}", cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{path}:{start}: {error}. A cell that begins with a double quote ends with one, and "
            "those within it are doubled; if quotes mean nothing here: `--set files.quotes=false`."
        ) from None
    finally:
        csv.field_size_limit(limit)
    if not rows:
        return []
    (place, header), *rows = rows
    names = _header(place, header)
    for where, cells in rows:
        if len(cells) != len(names):
            raise DataError(
                f"{where}: {len(cells)} cells, where the header has {len(names)}. Put a text that "
                f"holds {'tabs' if delimiter == chr(9) else 'commas'} in double quotes."
            )
    return [(where, dict(zip(names, cells, strict=True))) for where, cells in rows]


def _header(place, cells):
    names = [cell.strip() for cell in cells]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            f"{place}: the header names {', '.join(map(repr, twice))} twice. Name each column once."
        )
    return names


def _json_rows(path, content):
    rows = []
    for number, line in enumerate(content.split("\n"), start=1):
        place = f"{path}:{number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_once, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"{place}: not JSON: {error}. Write one object a line, such as "
                '{"text": "Not bad.", "label": "positive"}.'
            ) from None
        if not isinstance(row, dict):
            raise DataError(f"{place}: not an object in braces: {line.strip():.60}.")
        rows.append((place, row))
    return rows


def _once(pairs):
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a key stands twice in an object")
    return row


def _no_constant(name):
    raise ValueError(f"{name} is no number of JSON")


def _example(place, row, text, label, part):
    for name, entry in ((text, "text"), (label, "label")):
        if name not in row:
            raise DataError(
                f"{place}: there is no column {name!r}; there are "
                f"{', '.join(map(repr, row))}.{did_you_mean(name, row)} "
                f"Name the column of the {entry}s: --{entry}-column NAME."
            )
    return Labelled(
        _string(place, text, row[text]),
        _label(place, label, row[label]),
        "" if part is None else _part(place, part, row.get(part)),
    )


def _string(place, name, value):
    if not isinstance(value, str):
        raise DataError(f"{place}: {name!r} must be a string; it is {json.dumps(value):.60}.")
    if (reason := _unreadable(value)) is not None:
        raise DataError(f"{place}: {name!r} holds {reason}. Take it out.")
    return value


def _label(place, name, value):
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise DataError(f"{place}: there is no label. Give the text one, or leave it out.")
    return _string(place, name, value).strip()


def _part(place, name, value):
    return "" if value in (None, "") else _label(place, name, value)


def _unreadable(text):
    """What in a text could be neither written as UTF-8 nor read alike by every runtime."""
    if "\0" in text:
        return "a NUL character"
    if _SURROGATE.search(text):
        return "half of a surrogate pair"
    return None


def is_writable(example):
    """Whether `write_labelled` takes a `Labelled` text."""
    try:
        _check_writable(1, {"text": example.content, "label": example.label, "part": example.part})
    except ValueError:
        return False
    return True


def _check_writable(number, row):
    for name, value in row.items():
        if not isinstance(value, str):
            raise ValueError(f"example {number}: its {name} is no string: {value!r:.60}.")
        if (reason := _unreadable(value)) is not None:
            raise ValueError(f"example {number}: its {name} holds {reason}.")
    for name in ("label", "part"):
        if row[name] != row[name].strip() or (name == "label" and not row[name]):
            raise ValueError(
                f"example {number}: the {name} {row[name]!r} would not read back: it has spaces "
                "around it, or it is empty."
            )
