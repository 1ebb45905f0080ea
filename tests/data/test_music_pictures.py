import sys

import numpy as np
import pytest

from kerasrnn.data._music_pictures import draw_piece
from kerasrnn.data._piece import REST, Piece
from tests.data.music import QUARTET, TUNE

pytest.importorskip("matplotlib")


def colours(path):
    """The numbers of those of matplotlib's colours, C0 and so on, that a picture has."""
    import matplotlib.colors
    import matplotlib.image

    pixels = matplotlib.image.imread(path)[..., :3].reshape(-1, 3)
    wanted = [matplotlib.colors.to_rgb(f"C{number}") for number in range(6)]
    return [n for n, rgb in enumerate(wanted) if (abs(pixels - rgb) < 0.003).all(axis=1).any()]


def test_each_voice_has_a_colour(tmp_path):
    draw_piece(QUARTET, tmp_path / "a.png")
    draw_piece(TUNE, tmp_path / "b.png")
    assert colours(tmp_path / "a.png") == [0, 1, 2, 3]
    assert colours(tmp_path / "b.png") == [0]


@pytest.mark.parametrize("suffix", [".PNG", ".svg"])
def test_equal_pieces_give_equal_files(tmp_path, suffix):
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    draw_piece(QUARTET, first)
    draw_piece(QUARTET, str(second))
    assert first.read_bytes() == second.read_bytes()


def test_an_svg_names_the_piece_and_its_voices(tmp_path, monkeypatch):
    import matplotlib

    monkeypatch.setitem(matplotlib.rcParams, "svg.fonttype", "none")
    draw_piece(Piece(QUARTET.voices, "Song for $5"), tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    for words in ("Song for $5", "soprano", "alto", "tenor", "bass", "quarter notes"):
        assert f">{words}<" in text


@pytest.mark.parametrize(
    "piece", [Piece([[REST, REST]]), Piece(np.zeros((0, 4), int)), Piece([[127]]), Piece([[0]])]
)
def test_any_piece_can_be_drawn(tmp_path, piece):
    draw_piece(piece, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(ValueError, match="a picture is a .png or a .svg file"):
        draw_piece(TUNE, tmp_path / "a.pdf")


def test_without_matplotlib_it_is_said_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'kerasrnn\[music\]'"):
        draw_piece(TUNE, tmp_path / "a.png")
