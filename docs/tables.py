"""Writes the tables of README.md, of the model cards and of the speed pages from what was measured.

    python docs/tables.py          write them
    python docs/tables.py --check  exit with 1 if one is not as metrics.json says

A table stands between `<!-- NAME:begin ... -->` and `<!-- NAME:end -->`.
"""

import json
import math
import re
import sys
from pathlib import Path

from bars import bars_table
from card_tables import card_sections, models_table, read_metrics, unmeasured_sections
from export_tables import export_sections
from token_tables import generation_table

from kerasrnn.benchmarking import Size, summary, table
from kerasrnn.benchmarking._notes import when_it_pays
from kerasrnn.benchmarking._report import grouped
from kerasrnn.benchmarking._rows import measurements_of, read_rows

ROOT = Path(__file__).parents[1]
_BACKENDS = {"jax": "Keras on JAX", "tensorflow": "Keras on TensorFlow"}
_GPU = """\
`make bench-gpu` remakes these. Sides, sizes and modes are as above, and all work is waited for.
Keras's LSTM on JAX and PyTorch's layers run by cuDNN, and so do ours where `last_way` says so:
see [Speed](speed.md#how-a-sequence-is-run). JAX compiles everything else. Matrix products are of
each library's default precision."""


def speed_tables():
    """The tables of docs/pages/speed_tables.md, and those of speed.md, from benchmarks/*.json."""
    rows = read_rows(ROOT / "benchmarks" / "speed.json")
    growth = read_rows(ROOT / "benchmarks" / "growth.json")
    stacks = read_rows(ROOT / "benchmarks" / "stacks.json")
    memory = read_rows(ROOT / "benchmarks" / "memory.json")
    found, grown = measurements_of(rows), measurements_of(growth)
    made_with = environments_of(rows + growth + stacks + memory)
    tables = {
        "summary": summary(found),
        "speed": table(found),
        "growth": growth_table(grown),
        "stacks": stacks_table(measurements_of(stacks)),
        "memory": memory_table(memory),
        "first": first_table(found),
        "environment": made_with,
        "gpu": gpu_section(read_rows(ROOT / "benchmarks" / "gpu.json")),
    }
    return tables, {"bars": bars_table(found)}


def environments_of(rows):
    """A line for each environment in which rows were measured."""
    environments = {json.dumps(row["environment"]): None for row in rows}
    return "\n".join(
        "- " + ", ".join(f"{name} {value}" for name, value in json.loads(text).items())
        for text in environments
    )


def growth_table(measurements):
    """Time and memory of each size and side."""
    sides = list(dict.fromkeys(m.side for m in measurements))
    rows = [
        "| size | " + " | ".join(f"`{side}`" for side in sides) + " |",
        "|---|" + "---|" * len(sides),
    ]
    for size in sorted({m.size for m in measurements}):
        at_size = {m.side: m for m in measurements if m.size == size}
        cells = [
            f"{at_size[side].median * 1e3:.1f} ms, {at_size[side].memory / 1e6:.0f} MB"
            if side in at_size
            else "–"
            for side in sides
        ]
        rows.append(f"| {size} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def stacks_table(measurements):
    """What directions and levels take, divided by what one layer does, or by what ours do."""
    heads = ["mode", "size", "LSTM", "BRNN", "DeepRNN", "Keras, both directions", "Keras, levels"]
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for mode, size in dict.fromkeys((m.mode, m.size) for m in measurements):
        took = {m.side: m.median for m in measurements if (m.mode, m.size) == (mode, size)}
        ratios = [
            f"{took[side] / took[by]:.2f} × {name}"
            for side, by, name in (
                ("ours_brnn", "ours", "LSTM"),
                ("ours_deep", "ours", "LSTM"),
                ("keras_brnn", "ours_brnn", "BRNN"),
                ("keras_deep", "ours_deep", "DeepRNN"),
            )
        ]
        rows.append(f"| {mode} | {size} | {took['ours'] * 1e3:.2f} ms | {' | '.join(ratios)} |")
    return "\n".join(rows)


def gpu_section(rows):
    """A heading and tables for each GPU and backend of `benchmarks/gpu.py`; nothing without one."""
    by_place = {}
    for row in rows:
        place = (row["environment"]["gpu"], row["environment"]["backend"])
        by_place.setdefault(place, []).append(row)
    lines = []
    for (gpu, backend), found in by_place.items():
        made = measurements_of(found)
        lines += [f"## On a GPU: {gpu}, {_BACKENDS[backend]}", "", _GPU, ""]
        lines += [summary(made, memory=False), "", table(made), "", "Made with:", ""]
        lines += [*environments_of(found).splitlines(), ""]
    return "\n".join(["", *lines])


def first_table(measurements):
    """By how much an LSTM's first training step took longer, and when ours has paid."""
    lines = ["| size | kerasrnn | Keras | Keras, `jit_compile=True` |", "|---|---|---|---|"]
    for (cell, mode, size), found in grouped(measurements).items():
        if (cell, mode) == ("lstm", "train"):
            ours = found["ours"]
            others = [
                f"{other.wait:.2f} s: {when_it_pays(ours, other)}"
                for other in (found["keras"], found["keras_jit"])
            ]
            lines.append(f"| {size} | {ours.wait:.2f} s | {' | '.join(others)} |")
    return "\n".join(lines)


def memory_table(rows):
    """By how much each kind of memory grew, and how much of it goes with the size."""
    heads = ["size", "side", "allocated", "of it beyond the smallest size's", "pages of files"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    least = min((row["size"] for row in rows), key=math.prod)
    smallest = {row["side"]: row["bytes"]["RssAnon"] for row in rows if row["size"] == least}
    for row in rows:
        allocated, files = row["bytes"]["RssAnon"], row["bytes"]["RssFile"]
        parts = (allocated, allocated - smallest[row["side"]], files)
        shown = " | ".join(f"{part / 1e6:.0f} MB" for part in parts)
        lines.append(f"| {Size(*row['size'])} | `{row['side']}` | {shown} |")
    return "\n".join(lines)


def pages():
    """For each page its sections."""
    tables, bars = speed_tables()
    yield ROOT / "docs" / "pages" / "speed_tables.md", tables
    yield ROOT / "docs" / "pages" / "speed.md", bars
    exported = read_rows(ROOT / "benchmarks" / "tflite.json")
    yield ROOT / "docs" / "pages" / "export_speed.md", export_sections(exported)
    shipped = read_metrics()
    yield ROOT / "README.md", {"models": models_table(shipped.values())}
    for folder, metrics in shipped.items():
        yield ROOT / "zoo" / metrics["model"] / "README.md", card_sections(metrics, folder)
    trained = {metrics["model"] for metrics in shipped.values()}
    for card in sorted(ROOT.glob("zoo/*/README.md")):
        if card.parent.name not in trained:
            text = card.read_text(encoding="utf-8")
            yield card, unmeasured_sections(text, card.parent.name)
    generation = ROOT / "benchmarks" / "generation.json"
    rows = read_rows(generation) if generation.exists() else []
    yield ROOT / "docs" / "pages" / "generate.md", {"generation": generation_table(rows)}


def with_sections(text, sections):
    """The page with the sections' content put between their marks."""
    for name, content in sections.items():
        pattern = re.compile(rf"(<!-- {name}:begin[^>]*-->\n).*?(<!-- {name}:end -->)", re.S)
        text, count = pattern.subn(lambda m, c=content: f"{m[1]}{c}\n{m[2]}", text)
        if count != 1:
            raise SystemExit(f"A page has {count} sections {name!r}; there must be one.")
    return text


def main():
    stale = []
    for page, sections in pages():
        old = page.read_text(encoding="utf-8")
        new = with_sections(old, sections)
        if new != old:
            stale.append(str(page.relative_to(ROOT)))
            if "--check" not in sys.argv:
                page.write_text(new, encoding="utf-8")
    if stale:
        print(("Stale: " if "--check" in sys.argv else "Wrote ") + ", ".join(stale))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
