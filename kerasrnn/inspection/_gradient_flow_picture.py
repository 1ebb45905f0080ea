"""A picture of how gradients flow back through time."""

from pathlib import Path

import numpy as np

from kerasrnn._files import atomic_file

_SUFFIXES = (".png", ".svg")


def plot_gradient_flow(flows, path):
    """Draws the norms of gradients over the steps, a panel a model, on one logarithmic axis.

    A straight line that falls to the left is a gradient that vanishes by a factor a step, one that
    rises to the left a gradient that explodes. Norms of zero have no place on such an axis and are
    left out.

    Args:
        flows: dictionary from what a panel is called, such as a model's name, to what
            `gradient_flow` gave.
        path: file to write, a `.png` or an `.svg`; one that exists is replaced.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: the file's name ends otherwise, there is no flow, or none has a norm above zero.

    Example:
        >>> import pathlib, tempfile
        >>> import numpy as np
        >>> from kerasrnn.inspection import plot_gradient_flow
        >>> flows = {"BasicRNN": {"a": np.array([0.01, 0.1, 1.0])}}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "flow.png")
        ...     plot_gradient_flow(flows, path)
        ...     path.stat().st_size > 0
        True
    """
    path = Path(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise ValueError(f"{path}: a picture is a {' or a '.join(_SUFFIXES)} file.")
    if not any(np.any(np.asarray(norms) > 0) for flow in flows.values() for norms in flow.values()):
        raise ValueError("`flows` has no norm above zero, so there is nothing to draw.")
    matplotlib = _matplotlib()
    figure = _figure(matplotlib, flows)
    # Equal flows give equal files: an SVG has a date, and identifiers that are drawn by chance.
    metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
    with atomic_file(path) as temporary, matplotlib.rc_context({"svg.hashsalt": "kerasrnn"}):
        figure.savefig(temporary, format=path.suffix[1:].lower(), dpi=120, metadata=metadata)


def _matplotlib():
    try:
        import matplotlib.figure
    except ImportError as error:
        raise ImportError(
            "A picture of the flow of gradients needs matplotlib: pip install 'kerasrnn[plot]'."
        ) from error
    return matplotlib


def _figure(matplotlib, flows):
    # A figure of its own, not pyplot's: that has state, and may ask for a screen.
    size = (1 + 3.2 * len(flows), 3.4)
    figure = matplotlib.figure.Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, len(flows), sharey=True, squeeze=False)[0]
    for axes, (name, flow) in zip(panels, flows.items(), strict=True):
        axes.set_yscale("log")
        for state, norms in flow.items():
            norms = np.asarray(norms, dtype=float)
            shown = np.where(norms > 0, norms, np.nan)
            steps = range(1, len(norms) + 1)
            axes.plot(steps, shown, marker=".", label=f"∂L/∂{state}⟨t⟩")
        axes.set_title(name, parse_math=False)
        axes.set_xlabel("step t")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(which="major", alpha=0.3)
        axes.legend()
    panels[0].set_ylabel("mean norm of the gradient")
    return figure
