"""The chorales of Bach in music21's corpus, divided such that no melody is on two sides."""

import json
import sys
from collections import Counter
from importlib import metadata
from pathlib import Path

import numpy as np

from kerasrnn._cache import cache_folder
from kerasrnn._files import atomic_file
from kerasrnn.data._conll import DataError
from kerasrnn.data._hold_out import content_key
from kerasrnn.data._melodies import melody_groups, shape_of
from kerasrnn.data._music_scores import guess_key, import_music21, parse_score, part_notes
from kerasrnn.data._piece import STEPS_A_QUARTER, Piece, voices_of
from kerasrnn.data._sentence import Splits

VOICES = ("all", "melody")
_FORMAT = 1  # of the file that is kept
_SHARE = 0.1  # of validation, and of test
_SEED = 0


def chorales(voices="all", cache=None, report=None):
    """The four-part chorales of J. S. Bach that music21 has in its corpus.

    They are read from music21's files once, which takes about a minute, and kept as one small
    file. A piece has the voices soprano, alto, tenor and bass, as they are printed: repeats are
    not played out, fermatas and grace notes not kept. Its key is music21's guess. Left out are
    scores that have not four parts of single notes, those with notes between sixteenths, and those
    that equal another one in some key.

    Bach set many melodies several times. Pieces of one melody are all on one side of a split:
    those whose sopranos begin alike or share a long run of notes, in any key, passing notes aside.
    About a tenth of the pieces each is held out for validation and test, always the same ones.

    Of the licence of the scores music21's `corpus/license.txt` tells.

    Args:
        voices: `"all"` for four voices, `"melody"` for the soprano alone; of equal melodies one
            is kept.
        cache: the folder to keep the file in; `None` is `$KERASRNN_CACHE`, or else `kerasrnn` in
            `$XDG_CACHE_HOME`, or else `~/.cache/kerasrnn`.
        report: function that is told how many pieces there are and were left out, a line of text
            at a time; `None` prints to the standard error.

    Returns:
        `Splits` of `Piece`.

    Raises:
        ImportError: music21 is not installed.
        DataError: music21 was installed without its corpus.
        ValueError: `voices` is neither.

    Example:
        >>> from kerasrnn.data import chorales
        >>> splits = chorales()  # doctest: +SKIP
        >>> splits.train[0].voices[0].tolist()  # doctest: +SKIP
        [69, 64, 61, 57]
    """
    if voices not in VOICES:
        raise ValueError(f"`voices` is one of {', '.join(VOICES)}; received {voices!r}.")
    report = report or _to_standard_error
    path = cache_folder(cache) / f"chorales-{_FORMAT}-music21-{_version()}.npz"
    pieces, left_out = _load(path) or _parse_and_keep(path, report)
    if left_out:
        counts = ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items()))
        report(f"chorales: left out {sum(left_out.values())} of the corpus: {counts}")
    return split_pieces(pieces, voices, report)


def split_pieces(pieces, voices="all", report=None):
    """`Splits` of pieces, those of one melody on one side; equal ones, in any key, once.

    The split does not depend on the order of the pieces, but on their names.
    """
    report = report or _to_standard_error
    pieces = sorted(pieces, key=lambda piece: piece.name)
    groups = melody_groups([piece.melody() for piece in pieces])
    if voices == "melody":
        pieces = [piece.melody() for piece in pieces]
    seen, sides, room = set(), ([], [], []), round(_SHARE * len(pieces))
    for place in np.random.default_rng(_SEED).permutation(len(groups)):
        # The next group that fits goes into test, then into validation; others are learnt from.
        group = groups[place]
        test, validation = (len(side) + len(group) <= room for side in (sides[2], sides[1]))
        sides[2 if test else 1 if validation else 0].extend(group)
    splits = Splits(*(_different([pieces[n] for n in sorted(side)], seen) for side in sides))
    report(
        f"chorales: {len(seen)} pieces of {len(groups)} melodies, {len(pieces) - len(seen)} more "
        f"left out as equal; {', '.join(f'{len(s)} {n}' for n, s in splits._asdict().items())}"
    )
    return splits


def _different(pieces, seen):
    """Those that are not equal to an earlier one in some key; `seen` learns of them."""
    kept = []
    for piece in pieces:
        shape = content_key(shape_of(piece))
        if shape not in seen:
            seen.add(shape)
            kept.append(piece)
    return tuple(kept)


def _parse_and_keep(path, report):
    report("chorales: reading music21's corpus, once; this takes about a minute")
    pieces, left_out = _parse_corpus()
    try:
        _keep(path, pieces, left_out)
    except OSError as error:
        report(f"chorales: not kept for the next time, {path} cannot be written: {error}")
    return pieces, left_out


def _parse_corpus():
    """The pieces, and a `Counter` of reasons to leave others out."""
    corpus = import_music21().corpus
    paths = [p for p in corpus.getComposer("bach") if Path(p).suffix != ".rntxt"]  # analyses
    if not paths:
        raise DataError(
            "music21 has no scores of Bach: it was installed without its corpus. Install it anew: "
            "pip install --force-reinstall 'kerasrnn[music]'."
        )
    pieces, left_out = [], Counter()
    for path in sorted(map(Path, paths)):
        score = parse_score(path)
        name = path.stem.removeprefix("bwv")
        try:
            pieces.append(chorale_of(score, f"BWV {name}"))
        except DataError as error:
            left_out[str(error)] += 1
    return pieces, left_out


def chorale_of(score, name):
    """The `Piece` of a score of four parts; DataError with the reason where it is none."""
    parts = [part_notes(part) for part in getattr(score, "parts", ())]
    if len(parts) != 4:
        raise DataError("have not four parts")
    if not all(parts):
        raise DataError("have an empty part")
    on_grid = [[_on_grid(note) for note in part] for part in parts]
    for part in on_grid:
        if any(after[0] < before[1] for before, after in zip(part, part[1:], strict=False)):
            raise DataError("have several notes at once in a part")
    steps = max(part[-1][1] for part in on_grid)
    return Piece(voices_of(on_grid, steps), name, guess_key(score))


def _on_grid(note):
    start, end = note.start * STEPS_A_QUARTER, note.end * STEPS_A_QUARTER
    if abs(start - round(start)) > 1e-6 or abs(end - round(end)) > 1e-6:
        raise DataError("have notes between sixteenths")
    return round(start), round(end), note.pitch


def _keep(path, pieces, left_out):
    content = {
        "voices": np.concatenate([piece.voices for piece in pieces]),
        "steps": np.array([len(piece) for piece in pieces], "int32"),
        "names": np.array([piece.name for piece in pieces]),
        "keys": np.array([piece.key for piece in pieces]),
        "left_out": np.array(json.dumps(left_out, sort_keys=True)),
    }
    with atomic_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **content)


def _load(path):
    """What `_keep` wrote, or None where there is no whole file."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            rows = np.split(content["voices"], np.cumsum(content["steps"])[:-1])
            names, keys = content["names"].tolist(), content["keys"].tolist()
            left_out = json.loads(content["left_out"].item())
        return [Piece(*piece) for piece in zip(rows, names, keys, strict=True)], left_out
    except Exception:  # NumPy and zipfile raise many kinds for a file that is cut short
        return None


def _version():
    try:
        return metadata.version("music21")
    except metadata.PackageNotFoundError:
        import_music21()  # says how to install it
        raise


def _to_standard_error(line):
    print(line, file=sys.stderr)
