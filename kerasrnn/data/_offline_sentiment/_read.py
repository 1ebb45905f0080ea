"""Reads the text files that lie beside this module."""

from importlib import resources


def sections(file):
    """Read a file to a dictionary of section, `""` before the first, to (place, line) pairs."""
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    found, name = {}, ""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("[") and line.endswith("]"):
            name = line.strip("[]")
        elif line.strip() and not line.startswith("#"):
            found.setdefault(name, []).append((f"{file}, line {number}", line.strip()))
    return found
