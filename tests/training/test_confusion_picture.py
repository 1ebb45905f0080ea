import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from kerasrnn.training import confusion_picture, label_scores
from kerasrnn.training._confusion_picture import _figure


def scores(classes=3, examples=200):
    rng = np.random.default_rng(0)
    expected = rng.integers(0, classes, examples)
    probabilities = rng.random((examples, classes)) + np.eye(classes)[expected]
    return label_scores(expected, probabilities, range(classes), samples=1)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_a_png_has_its_signature(tmp_path):
    pytest.importorskip("matplotlib")
    confusion_picture(scores(), "abc", tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert [path.name for path in tmp_path.iterdir()] == ["confusion.png"]


def test_an_svg_is_one_and_equal_scores_give_equal_files(tmp_path):
    pytest.importorskip("matplotlib")
    for name in ("one.svg", "other.SVG"):
        confusion_picture(scores(), "abc", str(tmp_path / name))
    root = ElementTree.parse(tmp_path / "one.svg").getroot()
    assert root.tag.endswith("svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.SVG").read_bytes()


def test_cells_have_the_counts_with_true_rows_and_predicted_columns():
    pytest.importorskip("matplotlib")
    counts = np.array([[5, 1, 0], [2, 7, 3], [0, 0, 9]])
    (axes,) = _figure(counts, ["a", "b", "c"]).axes
    assert texts(axes) == [str(count) for count in counts.ravel()]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("true", "predicted")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "c"]
    places = {text.get_position(): text.get_text() for text in axes.texts}
    assert places[(2, 1)] == "3"  # x is the predicted class, y the true one
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first class stands above


@pytest.mark.parametrize("classes", [2, 3, 10, 30])
def test_counts_and_labels_do_not_overlap(classes):
    pytest.importorskip("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    counts = np.full((classes, classes), 12345)
    names = [f"a label, and number {number:03d}" for number in range(classes)]
    figure = _figure(counts, names)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (axes,), whole = figure.axes, figure.bbox
    rows, columns = axes.get_yticklabels(), axes.get_xticklabels()
    for group in (axes.texts, rows, columns, [axes.xaxis.label, axes.yaxis.label]):
        boxes = [text.get_window_extent() for text in group]
        assert all(whole.x0 <= b.x0 and whole.y0 <= b.y0 for b in boxes)
        assert all(b.x1 <= whole.x1 and b.y1 <= whole.y1 for b in boxes)
        if classes == 30:
            boxes = boxes[:60]  # two rows; each row is as the next
        assert not any(a.overlaps(b) for place, a in enumerate(boxes) for b in boxes[place + 1 :])


def test_classes_that_do_not_occur_are_drawn_without_a_warning(tmp_path):
    pytest.importorskip("matplotlib")
    found = label_scores([0, 0], [[0.9, 0.1, 0], [0.1, 0.9, 0]], "abc", samples=1)
    confusion_picture(found, "abc", tmp_path / "confusion.png")


def test_labels_are_written_as_they_are_and_long_ones_cut(tmp_path):
    pytest.importorskip("matplotlib")
    labels = ["$x_1", "cost: $5 and $6$", "n" * 100]
    confusion_picture(scores(), labels, tmp_path / "confusion.svg")
    (axes,) = _figure(np.ones((3, 3), "int64"), labels[:2] + ["z"]).axes
    assert not any(label.get_parse_math() for label in axes.get_yticklabels())


def test_no_state_of_pyplot_is_touched(tmp_path):
    pytest.importorskip("matplotlib")
    before = "matplotlib.pyplot" in sys.modules
    confusion_picture(scores(), "abc", tmp_path / "confusion.png")
    assert ("matplotlib.pyplot" in sys.modules) == before


@pytest.mark.parametrize("name", ["confusion.jpg", "confusion", "png"])
def test_another_suffix_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match=r"a picture is a \.png or a \.svg file"):
        confusion_picture(scores(), "abc", tmp_path / name)


def test_labels_that_are_not_as_many_as_rows_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\(3, 3\); received 2 labels"):
        confusion_picture(scores(), "ab", tmp_path / "confusion.png")


def test_without_matplotlib_the_message_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    path = tmp_path / "confusion.png"
    path.write_text("older")
    with pytest.raises(ImportError, match=r"pip install 'kerasrnn\[plot\]'"):
        confusion_picture(scores(), "abc", path)
    assert path.read_text() == "older"
