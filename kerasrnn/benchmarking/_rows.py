"""Measurements as rows of a JSON file, with what they hang on."""

import datetime
import importlib.metadata
import json
import platform
from pathlib import Path

from kerasrnn._files import atomic_file
from kerasrnn._machine import cores
from kerasrnn.benchmarking._compare import Measurement
from kerasrnn.benchmarking._size import Size

_PACKAGES = ("tensorflow", "keras", "jax", "torch", "numpy")


def row(measurements):
    """A row of the sides of one comparison, with the date, the machine and the packages."""
    first = measurements[0]
    return {
        "cell": first.cell,
        "mode": first.mode,
        "size": list(first.size),
        "environment": environment(),
        "sides": {
            m.side: {"seconds": m.seconds, "memory": m.memory, "first": m.first}
            for m in measurements
        },
    }


def write_rows(path, rows):
    """Writes rows, one a line, all or nothing."""
    with atomic_file(Path(path)) as temporary:
        temporary.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")


def read_rows(path):
    """The rows of a file; none, if there is no file."""
    path = Path(path)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def measurements_of(rows):
    """The `Measurement`s in rows."""
    return [
        Measurement(side, r["cell"], r["mode"], Size(*r["size"]), **made)
        for r in rows
        for side, made in r["sides"].items()
    ]


def environment():
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {"date": datetime.date.today().isoformat(), "machine": _machine(), **versions}


def _machine():
    """The processor, by the name that Linux gives it, and the number of cores."""
    name, info = platform.processor() or platform.machine(), Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        name = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), name)
    return f"{name}, {cores()} cores"
