"""Tables of numbers with a label: CSV and TSV files."""

import csv

import numpy as np

from kerasrnn.data._conll import DataError, _read_lines
from kerasrnn.data._labelled import Labelled


def read_vectors(path, label="label"):
    """Reads labelled vectors from a table.

    Format: UTF-8; a header with a name for each column, then one example a line. Columns are
    separated by tabs if the header holds one, otherwise by commas; cells may be quoted. One
    column is the label, each other one a number. Blank lines are skipped.

    Args:
        path: the file to read.
        label: name of the column of labels.

    Returns:
        A tuple of `Labelled`, at least one; contents are float64 `(columns - 1,)`, in the order of
        the columns.

    Raises:
        DataError: the file is missing, a folder, not UTF-8 or without examples; the header lacks
            the label, any other column or has a name twice; or a row has another number of
            columns than the header, no label, or a cell that is not a finite number.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.data import read_vectors
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "flowers.csv")
        ...     _ = path.write_text("petal,label,sepal\\n1.4,setosa,5.1\\n")
        ...     read_vectors(path)
        (Labelled(content=array([1.4, 5.1]), label='setosa', part=''),)
    """
    lines = [(number, line) for number, line in enumerate(_read_lines(path), start=1) if line]
    if not lines:
        raise DataError(f"{path}: is empty. Write a header and one example a line.")
    (first, header), *rows = lines
    separator = "\t" if "\t" in header else ","
    names = _cells(path, first, header, separator)
    _check_header(f"{path}:{first}", names, label)
    examples = [_example(path, n, _cells(path, n, row, separator), names, label) for n, row in rows]
    if not examples:
        raise DataError(f"{path}: no example below the header. Write one a line.")
    return tuple(examples)


def _cells(path, number, line, separator):
    try:
        (cells,) = csv.reader([line], delimiter=separator, strict=True)
    except csv.Error as error:
        raise DataError(
            f"{path}:{number}: is not a row of cells: {error}. Close each quotation mark in the "
            "line that it is opened in."
        ) from error
    return [cell.strip() for cell in cells]


def _check_header(place, names, label):
    if label not in names:
        raise DataError(
            f"{place}: no column is called {label!r}; the header has "
            f"{', '.join(map(repr, names))}. Give the first line a name for each column, and say "
            "which one is the label: --label-column NAME."
        )
    if "" in names:
        raise DataError(
            f"{place}: column {names.index('') + 1} has no name; it would be read as a number to "
            "learn from. Name it, or leave it out: pandas' to_csv(index=False) does."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{place}: columns {twice} occur twice or more. Rename or remove them.")
    if len(names) < 2:
        raise DataError(
            f"{place}: there is no column besides {label!r}. Add one a number, separated by tabs "
            "or by commas."
        )


def _example(path, number, cells, names, label):
    if len(cells) != len(names):
        raise DataError(
            f"{path}:{number}: {len(cells)} columns, where the header has {len(names)}. Give each "
            "row a cell for each column; quote a cell that holds the separator."
        )
    row = dict(zip(names, cells, strict=True))
    found = row.pop(label)
    if not found:
        raise DataError(f"{path}:{number}: the label is empty. Fill it in, or remove the row.")
    numbers = [_number(path, number, name, cell) for name, cell in row.items()]
    return Labelled(np.array(numbers), found)


def _number(path, number, name, cell):
    try:
        value = float(cell) if "_" not in cell else None  # Python reads 1_000 as 1000
    except ValueError:
        value = None
    if value is None or not np.isfinite(value):
        raise DataError(
            f"{path}:{number}: column {name!r} is {cell!r}, not a finite number. Write numbers "
            "such as -1.5e3, fill in what is missing, or remove the column or the row."
        )
    return value
