"""Reads the text files that lie beside this module."""

from importlib import resources


def numbered_lines(file):
    """Yield (line number, line) for each line of `file` that is neither blank nor a comment."""
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line.strip()


def word_lists(file):
    """Read `[section]` headers and comma-separated entries to a dict of tuples."""
    lists = {}
    for number, line in numbered_lines(file):
        if line.startswith("["):
            section = line.strip("[]")
            lists[section] = ()
        elif not lists:
            raise ValueError(f"{file}, line {number}: an entry before the first [section].")
        else:
            lists[section] += tuple(entry.strip() for entry in line.split(", "))
    return lists
