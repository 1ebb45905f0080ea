from pathlib import Path

from kerasrnn.cli._console import console, friendly_errors, load_keras, note, size


def run(model, format, output, length):
    """Exports a trained model and prints what was measured."""
    with friendly_errors():
        load_keras()
        from kerasrnn.training import export, export_name, find_folder

        folder = find_folder(model, report=note)
        output = output or Path(export_name(folder, format))
        report = export(folder, format, output, sequence_length=length)
        difference = report["largest_difference"]
        console.print(
            f"Wrote {output}: {size(report['bytes'])}, differs from Keras by {difference:.1e}",
            markup=False,
            soft_wrap=True,
        )
