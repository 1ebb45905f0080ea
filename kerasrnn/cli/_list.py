import ast
import textwrap
from pathlib import Path

from kerasrnn.cli._console import console, friendly_errors, size


def run():
    """Prints the zoo's models, what each does and what ships of it, without importing a model."""
    with friendly_errors():
        from kerasrnn._shipped import recipe_names

        names = recipe_names()
        wide = max(map(len, names))
        for name in names:
            console.print(f"{name:{wide}}  {_figures(name)}".rstrip(), soft_wrap=True)
            for line in textwrap.wrap(described(name), max(console.width, 40) - 4):
                console.print(f"    {line}", markup=False, soft_wrap=True)
        console.print("\nTest scores; what ships has parameters and the size of a TFLite file.")
        console.print("Use one with: kerasrnn predict NAME TEXT, or generate and score")
        console.print("Train one with: kerasrnn train NAME")


def described(name):
    """What a model does: the first line of its builder's docstring, read from the source.

    To import a builder is to import Keras, which takes seconds.
    """
    path = Path(__file__).parents[1] / "zoo" / f"_{name}.py"
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return ast.get_docstring(node).splitlines()[0]
    raise LookupError(f"{path} has no function {name}")


def _figures(name):
    """Score and sizes of the artefact that ships, or that there is none."""
    from kerasrnn.training import shipped_metrics

    metrics = shipped_metrics(name)
    if not metrics:
        return "ships no weights; train it"
    score = metrics["score"]
    bytes = metrics["exports"]["tflite"]["bytes"]
    return (
        f"{score['name']} {score['test']:.3f}, {metrics['parameters']:,} parameters, {size(bytes)}"
    )
