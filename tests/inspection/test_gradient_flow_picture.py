import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from kerasrnn.inspection import plot_gradient_flow
from kerasrnn.inspection._gradient_flow_picture import _figure

FLOWS = {
    "BasicRNN": {"a": np.array([1e-4, 1e-2, 1.0])},
    "LSTM $x": {"a": np.array([0.3, 0.2, 0.4]), "c": np.array([0.5, np.nan, 0.0])},
}


def test_a_png_has_its_signature(tmp_path):
    pytest.importorskip("matplotlib")
    plot_gradient_flow(FLOWS, tmp_path / "flow.png")
    assert (tmp_path / "flow.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert [path.name for path in tmp_path.iterdir()] == ["flow.png"]


def test_an_svg_is_one_and_equal_flows_give_equal_files(tmp_path):
    pytest.importorskip("matplotlib")
    for name in ("one.svg", "other.SVG"):
        plot_gradient_flow(FLOWS, str(tmp_path / name))
    assert ElementTree.parse(tmp_path / "one.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.SVG").read_bytes()


def test_each_model_has_a_panel_with_a_line_a_state_on_one_logarithmic_axis():
    matplotlib = (
        pytest.importorskip("matplotlib.figure", reason="draws") and sys.modules["matplotlib"]
    )
    first, second = _figure(matplotlib, FLOWS).axes
    assert [axes.get_title() for axes in (first, second)] == list(FLOWS)
    assert {axes.get_yscale() for axes in (first, second)} == {"log"}
    assert first.get_ylim() == second.get_ylim()
    (basic,), (a, c) = first.lines, second.lines
    assert basic.get_xdata().tolist() == [1, 2, 3]
    assert basic.get_ydata().tolist() == [1e-4, 1e-2, 1.0]
    assert [line.get_label() for line in (a, c)] == ["∂L/∂a⟨t⟩", "∂L/∂c⟨t⟩"]
    assert np.isnan(c.get_ydata()).tolist() == [False, True, True]  # zero has no logarithm


def test_another_kind_of_file_and_flows_without_a_norm_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"flow\.pdf: a picture is a \.png or a \.svg file"):
        plot_gradient_flow(FLOWS, tmp_path / "flow.pdf")
    for flows in ({}, {"model": {"a": np.zeros(3)}}):
        with pytest.raises(ValueError, match="no norm above zero"):
            plot_gradient_flow(flows, tmp_path / "flow.png")


def test_without_matplotlib_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'kerasrnn\[plot\]'"):
        plot_gradient_flow(FLOWS, tmp_path / "flow.png")
    assert list(tmp_path.iterdir()) == []
