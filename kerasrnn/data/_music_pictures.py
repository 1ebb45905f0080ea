"""Pieces of music as pictures: pitch over time."""

from pathlib import Path

from kerasrnn._files import atomic_file
from kerasrnn.data._piece import HOLD, REST, STEPS_A_QUARTER, notes_of

_SUFFIXES = (".png", ".svg")
_CHORUS = ("soprano", "alto", "tenor", "bass")
_GAP = 0.05  # quarters, between a note and the next of its pitch
_WIDEST = 40  # inches


def draw_piece(piece, path):
    """Draws a piece as a piano roll: time to the right in quarter notes, pitch upwards.

    Each voice has a colour of its own, each note a bar as long as it sounds. Where voices cross
    or meet, the lower voice's bar is drawn thinner, over the other's.

    For a score, see `write_musicxml`.

    Args:
        piece: a `Piece`.
        path: file to write, a `.png` or an `.svg`; one that exists is replaced.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: the file's name ends otherwise.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasrnn.data import Piece, draw_piece
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "piece.png")
        ...     draw_piece(Piece([[67, 60], [-1, -1]]), path)
        ...     path.stat().st_size > 0
        True
    """
    path = Path(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise ValueError(f"{path}: a picture is a {' or a '.join(_SUFFIXES)} file.")
    matplotlib = _matplotlib()
    figure = _figure(piece)
    # Equal pieces give equal files: an SVG has a date, and identifiers that are drawn by chance.
    metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
    with atomic_file(path) as temporary, matplotlib.rc_context({"svg.hashsalt": "kerasrnn"}):
        figure.savefig(temporary, format=path.suffix[1:].lower(), dpi=120, metadata=metadata)


def _matplotlib():
    try:
        import matplotlib.figure
    except ImportError as error:
        raise ImportError(
            "A picture of a piece needs matplotlib: pip install 'kerasrnn[music]'."
        ) from error
    return matplotlib


def _figure(piece):
    quarters = max(1, len(piece) / STEPS_A_QUARTER)
    # A figure of its own, not pyplot's: that has state, and may ask for a screen.
    figure = _matplotlib().figure.Figure(
        figsize=(min(_WIDEST, 2 + 0.2 * quarters), 4), layout="constrained"
    )
    axes = figure.add_subplot()
    count = piece.voices.shape[1]
    names = _CHORUS if count == 4 else [f"voice {number + 1}" for number in range(count)]
    for number, (name, notes) in enumerate(zip(names, notes_of(piece), strict=True)):
        height = 0.9 - 0.5 * number / count
        for start, end, pitch in notes:
            axes.broken_barh(
                [(start / STEPS_A_QUARTER, (end - start) / STEPS_A_QUARTER - _GAP)],
                (pitch - height / 2, height),
                facecolors=f"C{number % 10}",
            )
        axes.plot([], [], color=f"C{number % 10}", linewidth=6, label=name)
    _set_axes(axes, piece, quarters)
    return figure


def _set_axes(axes, piece, quarters):
    sounding = piece.voices[(piece.voices != REST) & (piece.voices != HOLD)]
    lowest, highest = (sounding.min(), sounding.max()) if sounding.size else (60, 72)
    axes.set_xlim(0, quarters)
    axes.set_ylim(lowest - 2, highest + 2)
    octaves = range(12 * (int(lowest - 2) // 12), int(highest) + 3, 12)
    inside = [pitch for pitch in octaves if lowest - 2 <= pitch <= highest + 2]
    axes.set_yticks(inside, [f"C{pitch // 12 - 1}" for pitch in inside])
    axes.grid(alpha=0.3)
    axes.set_xlabel("quarter notes")
    axes.set_title(piece.name, parse_math=False)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
