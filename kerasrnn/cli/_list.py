import inspect

from rich.table import Table

from kerasrnn.cli._console import console, friendly_errors, load_keras, size


def run():
    """Prints a table of the zoo's models and of what ships for each."""
    with friendly_errors():
        load_keras()
        from kerasrnn.training import shipped_metrics
        from kerasrnn.zoo import get_builder, list_models

        table = Table(title="Models", title_justify="left")
        for name in ("Name", "What it does", "Parameters", "Test score", "TFLite"):
            table.add_column(name)
        for name in list_models():
            metrics = shipped_metrics(name)
            what = inspect.getdoc(get_builder(name)).splitlines()[0]
            figures = ("-", "-", "-")
            if metrics:
                figures = (
                    f"{metrics['parameters']:,}",
                    f"{metrics['score']['name']} {metrics['score']['test']:.3f}",
                    size(metrics["exports"]["tflite"]["bytes"]),
                )
            table.add_row(name, what, *figures)
        console.print(table)
        console.print("Train one with: kerasrnn train NAME")
