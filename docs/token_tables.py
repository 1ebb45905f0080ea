"""The tables of models of the next token: perplexity and bits, n-grams, what they made, speed.

Each function takes what a metrics.json or a file of benchmarks/ holds and gives Markdown.
"""

from markdown_table import markdown_table

_SIDES = {"keras": "Keras", "litert": "TFLite"}


def token_metrics_table(test):
    """How probable a model finds the test tokens."""
    rows = [
        ["perplexity a token", f"{test['perplexity']:.2f}"],
        [f"bits a {test['unit']}", f"{test['bits']:.4f}"],
        ["tokens, each `<EOS>` one", f"{test['tokens']:,}"],
        [f"{test['unit']}s", f"{test['units']:,}"],
        ["unknown tokens", f"{test['unknown']:,} ({test['unknown'] / test['tokens']:.2%})"],
    ]
    if _has_others(test):
        rows.append(["perplexity a known token", f"{test['known']['perplexity']:.2f}"])
    return markdown_table(["", "test"], rows)


def token_baselines_table(metrics, called):
    """The model and what it is measured beside, and by how much less it has.

    Args:
        metrics: the content of a metrics.json.
        called: function from a baseline's key to what people call it.
    """
    own, others = metrics["test"], _has_others(metrics["test"])
    heads = ["", f"bits a {own['unit']}", "perplexity", *["of known tokens"] * others]
    heads += ["bits: the model has less by", "perplexity: less by"]
    rows = [[f"**`{metrics['model']}`**", *_figures(own, others), "", ""]]
    for key, found in metrics["baselines"].items():
        less = [f"{1 - own[name] / found[name]:.1%}" for name in ("bits", "perplexity")]
        rows.append([called(key), *_figures(found, others), *less])
    return markdown_table(heads, rows)


def generated_table(found, item):
    """How much of what a model made is new."""
    made = [f"{found['made']:,}", f"{found['novel']:.1%}", f"{found['distinct']:.1%}"]
    return markdown_table([f"{item}s made", "not in the training data", "different ones"], [made])


def generation_table(rows):
    """What a token costs after ten tokens and after thousands; no rows were not measured."""
    if not rows:
        return "Not measured yet: `make bench-generation` has not been run."
    places = list(rows[0]["milliseconds"]["keras"])
    heads = ["model", "parameters", "by", *(f"token {int(place):,}" for place in places)]
    made = [
        [
            f"`{row['model']}`",
            f"{row['parameters']:,}",
            _SIDES[side],
            *(f"{found[place]:.3f} ms" for place in places),
        ]
        for row in rows
        for side, found in row["milliseconds"].items()
    ]
    return markdown_table(heads, made)


def _figures(found, others):
    known = found["known"]["perplexity"]
    figures = [f"{found['bits']:.4f}", f"{found['perplexity']:.2f}"]
    return figures + ["–" if known is None else f"{known:.2f}"] * others


def _has_others(test):
    """Whether there are both known and unknown tokens, so that both conventions differ."""
    return bool(test["unknown"]) and test["known"]["perplexity"] is not None
