"""A picture of which labels are taken for which."""

from pathlib import Path

import numpy as np

from kerasrnn._files import atomic_file

_SUFFIXES = (".png", ".svg")
_LONGEST = 24  # letters of a label that are shown
_LETTER = 0.085  # inches, on average


def confusion_picture(scores, labels, path):
    """Draws a confusion matrix: a row a true class, a column a predicted one.

    Each cell has its count, and is the darker the larger its share of its row is: a right
    answer lies on the diagonal. Labels of more than 24 letters are cut.

    Args:
        scores: what `label_scores` gives.
        labels: the classes' names, in the order of the rows.
        path: file to write, a `.png` or an `.svg`; one that exists is replaced.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: the file's name ends otherwise, or there are not as many labels as rows.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.training import confusion_picture, label_scores
        >>> scores = label_scores([0, 1], [[0.9, 0.1], [0.2, 0.8]], ["calm", "angry"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "confusion.png")
        ...     confusion_picture(scores, ["calm", "angry"], path)
        ...     path.stat().st_size > 0
        True
    """
    path, counts = Path(path), np.asarray(scores["confusion"])
    if path.suffix.lower() not in _SUFFIXES:
        raise ValueError(f"{path}: a picture is a {' or a '.join(_SUFFIXES)} file.")
    if counts.shape != (len(labels), len(labels)):
        raise ValueError(
            f"The confusion matrix is {counts.shape}; received {len(labels)} labels for its rows."
        )
    matplotlib = _matplotlib()
    figure = _figure(counts, [_shortened(str(label)) for label in labels])
    # Equal scores give equal files: an SVG has a date, and identifiers that are drawn by chance.
    metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
    with atomic_file(path) as temporary, matplotlib.rc_context({"svg.hashsalt": "kerasrnn"}):
        figure.savefig(temporary, format=path.suffix[1:].lower(), dpi=120, metadata=metadata)


def _matplotlib():
    try:
        import matplotlib.figure
    except ImportError as error:
        raise ImportError(
            "A picture of the confusion matrix needs matplotlib: pip install 'kerasrnn[plot]'."
        ) from error
    return matplotlib


def _figure(counts, labels):
    cell = 0.5 if len(labels) > 8 else 0.7  # inches; counts of five digits fit
    longest = _LETTER * max(map(len, labels))
    side, margin = cell * len(labels), 0.6 + longest
    size = side + margin + 0.3
    # A figure of its own, not pyplot's: that has state, and may ask for a screen.
    figure = _matplotlib().figure.Figure(figsize=(size, size))
    axes = figure.add_axes((margin / size, margin / size, side / size, side / size))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    turned = "vertical" if longest > cell else "horizontal"
    axes.set_xticks(range(len(labels)), labels, rotation=turned, parse_math=False)
    axes.set_yticks(range(len(labels)), labels, parse_math=False)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    for row, column in np.ndindex(*counts.shape):
        _write_count(axes, row, column, counts[row, column], shares[row, column])
    return figure


def _write_count(axes, row, column, count, share):
    axes.text(
        column,
        row,
        str(count),
        ha="center",
        va="center",
        fontsize=8,
        color="white" if share > 0.5 else "black" if count else "lightgray",
    )


def _shortened(label):
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"
