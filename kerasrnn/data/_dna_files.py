"""FASTA files of DNA sequences with a label each."""

import csv
import re

from kerasrnn.data._conll import DataError, read_bytes
from kerasrnn.data._dna_encoder import nucleotides
from kerasrnn.data._labelled import Labelled
from kerasrnn.data._text_file import unzip

_LABEL = re.compile(r"(?:^|\s)label=(\S+)")
_WAYS = "`>name label`, `>name|label` or `>name label=...`"


def read_fasta(path, labels=None):
    """Reads labelled DNA sequences from a FASTA file.

    Format: UTF-8, gzipped or not; a line that begins with `>` is a header, the lines up to the
    next one are its sequence; blank lines and spaces in sequences are skipped. Small letters
    (soft-masked) are read as large ones, U as T; IUPAC's ambiguity codes are kept. Gaps (`-`,
    `.`), `*`, digits and other letters are errors.

    The label stands in the header: after `label=`; otherwise it is the last word of two or more;
    otherwise what follows the last `|` of the only word. Or it stands in a table: rows of name and
    label, separated by a tab or a comma, where the name is the header's first word; a first row
    such as `name,label` is skipped, and names that the file does not have are, too.

    Args:
        path: the file to read.
        labels: path of a table; `None` takes the labels of the headers.

    Returns:
        A tuple of `Labelled`, with strings of large letters; at least one, none of them empty.

    Raises:
        DataError: a file is missing, a folder, not UTF-8 or a broken archive; there is no
            sequence, or an empty one; a letter is no nucleotide; or a sequence has no label, or
            two. The message has the line.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.data import read_fasta
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "sites.fa")
        ...     _ = path.write_text(">first ei\\nACGGT\\naagt\\n>second|n\\nUUNR\\n")
        ...     [(example.content, example.label) for example in read_fasta(path)]
        [('ACGGTAAGT', 'ei'), ('TTNR', 'n')]
    """
    table = None if labels is None else _read_table(labels)
    return tuple(
        Labelled("".join(parts), _label(path, line, header, labels, table))
        for line, header, parts in _some_records(path)
    )


def read_sequences(path):
    """Reads DNA sequences without labels from a FASTA file, as `read_fasta` reads those with them.

    Args:
        path: the file to read.

    Returns:
        A tuple of pairs of header and letters, at least one.

    Raises:
        DataError: as `read_fasta`, but for labels.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.data import read_sequences
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "sites.fa")
        ...     _ = path.write_text(">first\\nACGGT\\naagt\\n")
        ...     read_sequences(path)
        (('first', 'ACGGTAAGT'),)
    """
    return tuple((header, "".join(parts)) for _, header, parts in _some_records(path))


def _some_records(path):
    records = _records(path, _lines(path))
    if not records:
        raise DataError(f"{path}: no sequence in it. Write a line {_WAYS}, then its letters.")
    return records


def _records(path, lines):
    """Triples of a header's line number, the header, and the parts of its sequence."""
    records = []
    for number, line in enumerate(lines, start=1):
        if line.startswith(">"):
            _require_letters(path, records)
            records.append((number, line[1:].strip(), []))
        elif letters := "".join(line.split()):
            if not records:
                raise DataError(
                    f"{path}:{number}: letters before the first header. Begin a FASTA file with a "
                    f"line {_WAYS}."
                )
            try:
                records[-1][2].append(nucleotides(letters))
            except ValueError as error:
                raise DataError(f"{path}:{number}: the line {error}.") from None
    _require_letters(path, records)
    return records


def _require_letters(path, records):
    if records and not records[-1][2]:
        number, header, _ = records[-1]
        raise DataError(
            f"{path}:{number}: no sequence after the header {header!r}. Give it one, or take the "
            "header out."
        )


def _label(path, number, header, labels, table):
    words = header.split()
    if table is not None:
        if not words or words[0] not in table:
            raise DataError(
                f"{path}:{number}: {labels} has no label for {words[0] if words else header!r}. "
                "Add a row with the name, the header's first word, and its label."
            )
        return table[words[0]]
    if found := _LABEL.search(header):
        return found[1]
    if len(words) > 1:
        return words[-1]
    label = header.rpartition("|")[2] if "|" in header else ""
    if not label:
        raise DataError(
            f"{path}:{number}: no label in the header {header!r}. Write {_WAYS}, or give a table "
            "of names and labels."
        )
    return label


def _read_table(path):
    """A dictionary from names to labels."""
    lines = _lines(path)
    delimiter = "\t" if any("\t" in line for line in lines) else ","
    found = {}
    for number, line in enumerate(lines, start=1):
        row = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
        if not any(row) or (number == 1 and row[-1].lower() in ("label", "class")):
            continue
        if len(row) != 2 or not all(row):
            raise DataError(
                f"{path}:{number}: {row!r} is not a name and a label. Write both, separated by a "
                "tab or a comma."
            )
        if found.setdefault(row[0], row[1]) != row[1]:
            raise DataError(
                f"{path}:{number}: {row[0]!r} has two labels, {found[row[0]]!r} and {row[1]!r}. "
                "Keep one of them."
            )
    return found


def _lines(path):
    text = _decode(path, unzip(path, read_bytes(path)))
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _decode(path, raw):
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path}:{line}: not UTF-8: 0x{raw[error.start]:02x}. A FASTA file is plain text; "
            "convert it."
        ) from error
