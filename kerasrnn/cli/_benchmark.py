"""`kerasrnn benchmark`."""

import json as json_module

import typer

from kerasrnn.cli._console import console, friendly_errors, note


def run(cells, modes, sizes, sides, rounds, threads, json):
    """See `kerasrnn.cli._app.benchmark`."""
    with friendly_errors():
        from kerasrnn.benchmarking import compare, doubts, first_steps, legend, table

        sizes = [_size(text) for text in sizes]
        measured = []
        for cell in cells:
            for mode in modes:
                for size in sizes:
                    note(f"{cell}, {mode}, {size}")
                    measured += compare(cell, mode, size, sides, rounds, threads)
        if json:
            found = [{**m._asdict(), "size": m.size._asdict()} for m in measured]
            typer.echo(json_module.dumps(found, indent=1))
        else:
            parts = (table(measured), legend(measured), first_steps(measured))
            console.print("\n\n".join(filter(None, parts)), markup=False, soft_wrap=True)
        for doubt in doubts(measured):
            note(f"Warning: {doubt}")


def _size(text):
    from kerasrnn.benchmarking import Size

    parts = text.split(",")
    if len(parts) != 4 or not all(part.strip().isdigit() and int(part) > 0 for part in parts):
        raise ValueError(
            "`--size` must be four whole numbers, batch,time,features,units, such as "
            f"32,100,128,128; received {text!r}."
        )
    return Size(*map(int, parts))
