"""Scores as tables."""

from rich.table import Table
from rich.text import Text

from kerasrnn._counted import counted
from kerasrnn.cli._console import console


def print_scores(scores, title):
    """Prints the scores of a tagger, a row a type, of a classifier, a row a label, or of tokens."""
    console.print(title, markup=False, soft_wrap=True)
    if "types" in scores:
        _print_table("Type", "Entities", {**scores["types"], "all": scores})
        return
    if "perplexity" in scores:
        console.print(token_line(scores), markup=False, soft_wrap=True)
        return
    _print_table("Label", "Examples", scores["classes"])
    for line in _totals(scores):
        console.print(line, markup=False, soft_wrap=True)


def export_score(score, item):
    """What a quantised file scores beside Keras, in a line."""
    return (
        f"{score['metric']} on {counted(score['examples'], f'test {item}')}: "
        f"{score['before']:.4f} by Keras, {score['after']:.4f} by the file"
    )


def token_line(scores):
    """Bits and perplexity in a line; unknown tokens are told of where there are any."""
    perplexity = f"perplexity {scores['perplexity']:.2f} a token"
    line = f"{scores['bits']:.4f} bits a {scores['unit']}, {perplexity}"
    if not scores["unknown"]:
        return line
    known = scores["known"]["perplexity"]
    without = "none" if known is None else f"{known:.2f}"
    return (
        f"{line} (of {scores['tokens']} tokens {scores['unknown']} are unknown; without them "
        f"{without})"
    )


def _print_table(first, last, rows):
    table = Table()
    table.add_column(first)
    for name in ("Precision", "Recall", "F1", last):
        table.add_column(name, justify="right")
    for name, row in rows.items():
        figures = (f"{row[key]:.3f}" for key in ("precision", "recall", "f1"))
        table.add_row(Text(name), *figures, str(row["support"]))
    console.print(table)


def _totals(scores):
    """Accuracy and what else is one number, each with its interval of 95 %."""
    names = {"accuracy": "Accuracy", "macro_f1": "Macro F1", "auc": "AUC"}
    for key, name in names.items():
        if scores[key] is not None:
            yield f"{name} {scores[key]:.3f} {_interval(scores['confidence'][key])}"
    for part, found in scores["parts"].items():
        interval = _interval(found["confidence"]["accuracy"])
        yield f"Accuracy on {part} {found['accuracy']:.3f} {interval}, {found['support']} examples"


def _interval(ends):
    low, high = ends
    return f"({low:.3f} to {high:.3f})"
