import json
from pathlib import Path

from kerasrnn.cli._console import console, friendly_errors, load_keras, note, size
from kerasrnn.cli._scores import export_score


def run(model, format, output, length, options, as_json):
    """Exports a trained model and prints what was measured."""
    with friendly_errors():
        load_keras()
        from kerasrnn.training import export, export_name, find_folder, item_of

        folder = find_folder(model, report=note)
        output = output or Path(export_name(folder, format))
        report = export(folder, format, output, sequence_length=length, report=note, **options)
        if as_json:
            console.print(json.dumps(report, indent=2), markup=False, soft_wrap=True)
        else:
            for line in _lines(output, report, item_of(folder)):
                console.print(line, markup=False, soft_wrap=True)


def _lines(output, report, item):
    difference = f"differs from Keras by {report['largest_difference']:.1e}"
    yield f"Wrote {output}: {size(report['bytes'])}, {difference}"
    if "runtimes" in report:
        ran, took = " and ".join(report["runtimes"]), report["milliseconds"]
        yield f"Run in {ran}; {took} ms a {item}; sequences: {report['lowering'] or 'none'}"
    if "score" in report:
        yield export_score(report["score"], item)
