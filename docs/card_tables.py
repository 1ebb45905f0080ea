"""The tables of the models: of README.md and of the model cards, from what trainings measured.

Each function takes what a metrics.json or a file of benchmarks/ holds and gives Markdown.
"""

import json
from pathlib import Path

from markdown_table import markdown_table
from token_tables import generated_table, token_baselines_table, token_metrics_table

from kerasrnn.training._baselines import BASELINES
from kerasrnn.training._task import get_task

ROOT = Path(__file__).parents[1]
_MOST_CLASSES = 12  # in a confusion matrix: more columns would not fit a page
_DATA_KEYS = ("source", "sha256", "examples")  # all else in `data` is a package's version
_SECTIONS = ("metrics", "baselines", "facts", "exports", "generated")
_NO_EXPORTS = "Not measured yet: `make zoo-exports` has not been run for this model."


def read_metrics():
    """The content of each metrics.json that ships, by its folder."""
    return {
        path.parent: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(ROOT.glob("saved_models/*/metrics.json"))
    }


def models_table(shipped):
    """One row a model that ships."""
    rows = []
    for metrics in shipped:
        name, tflite = metrics["model"], metrics["exports"]["tflite"]
        rows.append(
            [
                f"[`{name}`](zoo/{name}/README.md)",
                metrics["task"].replace("_", " ").replace("dna", "DNA"),
                _score(metrics, "test"),
                f"{metrics['parameters']:,}",
                f"{tflite['bytes'] / 1e6:.2f} MB",
                f"{tflite['milliseconds']} ms {_read_at_once(metrics)}",
            ]
        )
    return markdown_table(
        ["model", "task", "test score", "parameters", "TFLite", "on one thread"], rows
    )


def card_sections(metrics, folder):
    """The sections of a model's card, a dictionary from their names."""
    name = metrics["model"]
    sections = {"metrics": metrics_table(metrics), "facts": facts_table(metrics, folder)}
    if "classes" in metrics["test"]:
        sections["baselines"] = baselines_table(metrics)
    if "perplexity" in metrics["test"]:
        sections["baselines"] = token_baselines_table(metrics, _baseline)
    if "generated" in metrics:
        sections["generated"] = generated_table(metrics["generated"], _item(metrics))
    if name == "dna_bigru":
        sections["folds"] = folds_table(_read_benchmark("dna_folds"))
    rows = _read_benchmark("zoo_exports")["models"].get(name)
    return {**sections, "exports": exports_table(metrics, rows)}


def unmeasured_sections(text, model):
    """The sections of the card of a model that has not been trained yet."""
    said = f"Not measured yet: `make recipe MODEL={model}` has not been run."
    return {name: said for name in _SECTIONS if f"<!-- {name}:begin" in text}


def metrics_table(metrics):
    """How good a model is on the test examples."""
    test = metrics["test"]
    if "perplexity" in test:
        return token_metrics_table(test)
    if "types" in test:
        return _rows_of_scores("type", {**test["types"], "all": test}, "entities")
    parts = [_summary_table(test), _rows_of_scores("label", test["classes"], f"{_item(metrics)}s")]
    if len(test["classes"]) <= _MOST_CLASSES:
        parts.append(_confusion_table(test))
    return "\n\n".join(parts)


def facts_table(metrics, folder):
    """Data, sizes and latency."""
    tflite, environment = metrics["exports"]["tflite"], dict(metrics["environment"])
    cores, item = environment.pop("cores"), _item(metrics)
    score, training = metrics["score"], metrics["training"]
    facts = {f"{item}s": _counts(metrics["data"]), "data": _data(metrics["data"])}
    facts |= {
        "parameters": f"{metrics['parameters']:,}",
        "training": f"{training['epochs']} epochs, {training['seconds']:.0f} s on {cores} cores",
        "seed": metrics["seed"],
        f"best validation {score['name']}": _figure(score["validation"]),
    }
    if "clipping" in training:
        facts["clipping of gradients"] = _clipping(training["clipping"])
    if "token_accuracy" in metrics["test"]:
        facts["token accuracy on the test sentences"] = f"{metrics['test']['token_accuracy']:.3f}"
    facts |= {
        "weights file": f"{(folder / 'model.weights.h5').stat().st_size / 1e6:.2f} MB",
        "TFLite file": f"{tflite['bytes'] / 1e6:.2f} MB, vocabulary inside",
        "TFLite, largest difference from Keras": f"{tflite['largest_difference']:.1e}·max(1, |y|)",
        **_quantised(tflite),
        _read_at_once(metrics, "TFLite, one {}", "TFLite, {} tokens"): _latency(metrics),
        "made with": ", ".join(f"{key} {value}" for key, value in environment.items()),
    }
    return markdown_table(["", ""], facts.items())


def _quantised(tflite):
    """What a file whose numbers are stored shorter scores beside Keras."""
    if not tflite.get("quantize"):
        return {}
    score, quantize = tflite.get("score"), tflite["quantize"]
    told = _before_and_after(score, quantize)
    if score is None:
        return {f"TFLite, numbers as {quantize}": told}
    told += f" on {score['examples']} test examples"
    return {f"TFLite, numbers as {quantize}: {score['metric']}": told}


def baselines_table(metrics):
    """The model and what it is measured beside, on the same splits."""
    test = metrics["test"]
    own = {
        "accuracy": test["accuracy"],
        "confidence": test["confidence"]["accuracy"],
        "macro_f1": test["macro_f1"],
        "parts": {part: found["accuracy"] for part, found in test["parts"].items()},
    }
    parts = list(own["parts"])
    rows = [
        [
            name,
            f"{found['accuracy']:.3f}",
            _interval(found["confidence"]),
            f"{found['macro_f1']:.3f}",
            *(f"{found['parts'][part]:.3f}" for part in parts),
        ]
        for name, found in [
            (f"**`{metrics['model']}`**", own),
            *((_baseline(key), found) for key, found in metrics["baselines"].items()),
        ]
    ]
    heads = ["", "accuracy", "95 % interval", "macro F1", *(f"accuracy, {p}" for p in parts)]
    return markdown_table(heads, rows)


def folds_table(content):
    """Accuracies fold by fold, their mean and deviation, and in how many folds ours is best."""
    summary, folds = content["summary"], content["folds"]
    rows = [
        [row["fold"], row["test"], *(_share(row["right"][s], row["test"]) for s in summary)]
        for row in folds
    ]
    for figure, said in (("mean", "mean"), ("deviation", "standard deviation")):
        rows.append([said, "", *(f"{summary[side][figure]:.4f}" for side in summary)])
    names = [f"`{side}`" if side == "dna_bigru" else _baseline(side) for side in summary]
    table = markdown_table(["fold", "sequences", *names], rows)
    wins = [_wins(side, found, len(folds)) for side, found in summary.items() if "by_seed" in found]
    return f"{table}\n\n`dna_bigru` wins {'; '.join(wins)}."


def _share(counts, of):
    """The accuracy of a side in a fold; of several seeds the mean, the least and the most."""
    mean = f"{sum(counts) / len(counts) / of:.4f}"
    if len(counts) == 1:
        return mean
    return f"{mean} ({min(counts) / of:.4f} to {max(counts) / of:.4f})"


def _wins(side, found, folds):
    """In how many folds ours is above a side: above its mean, and above each of its seeds."""
    of, alone = found["by_seed"], ""
    if len(of) > 1:
        each = ", ".join(str(seed["ours_wins"]) for seed in of)
        alone = f", the mean of {len(of)} seeds, and {each} over each of them alone"
    folds = f"{found['ours_wins']} of {folds} folds ({found['ties']} equal)"
    return f"{folds} over {_baseline(side)}{alone}"


def _before_and_after(score, quantize):
    """The score of a file beside Keras's; files that are not quantised compute what Keras does."""
    if score is None:
        return "not measured" if quantize else "as Keras"
    return f"{score['before']:.4f} → {score['after']:.4f}"


def exports_table(metrics, rows):
    """Size, parity, score and time of each export of a model; `None` rows were not measured."""
    if rows is None:
        return _NO_EXPORTS
    made = []
    for row in rows:
        asked, score = row["asked"], row.get("score")
        made.append(
            [
                asked["target"],
                asked.get("lowering", "auto"),
                row["quantize"] or "–",
                f"{row['bytes'] / 1e6:.2f} MB",
                f"{row['largest_difference']:.1e}",
                _before_and_after(score, row["quantize"]),
                f"{row['milliseconds']} ms",
            ]
        )
    heads = ["`--target`", "`--lowering`", "`--quantize`", "size", "largest difference"]
    measured = [row["score"]["metric"] for row in rows if row.get("score")]
    name = measured[0] if measured else metrics["score"]["name"]
    return markdown_table([*heads, name, _read_at_once(metrics)], made)


def _rows_of_scores(kind, found, counted):
    rows = [
        [name, *(f"{row[key]:.3f}" for key in ("precision", "recall", "f1")), row["support"]]
        for name, row in found.items()
    ]
    return markdown_table([kind, "precision", "recall", "F1", counted], rows)


def _summary_table(test):
    rows = [
        [name, f"{test[key]:.3f}", _interval(test["confidence"][key])]
        for key, name in (("accuracy", "accuracy"), ("macro_f1", "macro F1"), ("auc", "ROC AUC"))
        if test[key] is not None
    ]
    for part, found in test["parts"].items():
        name = f"accuracy of part `{part}` ({found['support']})"
        rows.append([name, f"{found['accuracy']:.3f}", _interval(found["confidence"]["accuracy"])])
    return markdown_table(["", "test", "95 % interval"], rows)


def _confusion_table(test):
    labels = list(test["classes"])
    rows = [[f"**{label}**", *row] for label, row in zip(labels, test["confusion"], strict=True)]
    return markdown_table(["true ↓ predicted →", *labels], rows)


def _interval(confidence):
    return "–" if confidence is None else f"{confidence[0]:.3f} to {confidence[1]:.3f}"


def _item(metrics):
    return get_task(metrics["task"]).item


def _baseline(name):
    """What a baseline is, by the first line of its function."""
    if name not in BASELINES:
        return name
    return BASELINES[name].fit.__doc__.splitlines()[0].rstrip(".")


def _counts(data):
    return ", ".join(f"{count:,} {split}" for split, count in data["examples"].items())


def _data(data):
    packages = [f"{name} {data[name]}" for name in data if name not in _DATA_KEYS]
    return ", ".join([f"`{data['source']}`", *packages, f"SHA-256 `{data['sha256'][:16]}…`"])


def _latency(metrics):
    tflite = metrics["exports"]["tflite"]
    steps = tflite["sequence_length"]
    padded = f", {steps} time steps" if steps > 1 and not _is_of_tokens(metrics) else ""
    return f"{tflite['milliseconds']} ms on one thread{padded}"


def _read_at_once(metrics, one="a {}", several="for {} tokens"):
    """What a TFLite file reads at once: an example, or of the next token's models some tokens."""
    if _is_of_tokens(metrics):
        return several.format(metrics["exports"]["tflite"]["sequence_length"])
    return one.format(_item(metrics))


def _is_of_tokens(metrics):
    return "perplexity" in metrics["test"]


def _score(metrics, split):
    """The score that decides, with a word where a lower one is better."""
    score = metrics["score"]
    lower = " (lower is better)" if get_task(metrics["task"]).lower_is_better else ""
    return f"{score['name']} {_figure(score[split])}{lower}"


def _figure(value):
    """Three decimal places, or fewer of a number that is not small, such as a perplexity."""
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def _clipping(found):
    return (
        f"`{found['by']}` at {found['at']} acted in {found['share_of_steps']:.1%} of the steps; "
        f"the largest norm was {found['largest_norm']}"
    )


def _read_benchmark(name):
    return json.loads((ROOT / "benchmarks" / f"{name}.json").read_text(encoding="utf-8"))
