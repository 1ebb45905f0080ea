"""Docstrings as the site shows them: their sections as Markdown, and the layers' signatures.

A docstring's sections are lines such as `Equations:` or `Weights (gate order (u, c)):` with an
indented block, or `Source: ...`. mkdocstrings loads `Docstrings` as an extension of Griffe, which
reads the source; `docs/hooks.py` takes a cell's equations from `equations`.
"""

import importlib
import inspect
import logging
import re
import textwrap

import griffe

logger = logging.getLogger("mkdocs.plugins.kerasrnn")  # a warning there fails a strict build

BLOCKS = {"Equations": "text", "Example": "pycon"}  # kept line by line, in this language
LISTS = ("Args", "Call arguments", "Class attributes", "Raises", "Weights")
TEXTS = ("Format", "Masking", "Returns", "Signatures", "Source")
HEADER = re.compile(r"(?P<name>[A-Z][a-z]+(?: [a-z]+)?)(?P<detail> \(.*\))?:(?P<rest> .*)?")
ENTRY = re.compile(r"(?P<names>[\w*][\w*, ]*): (?P<text>.*)", re.S)
PUBLIC = re.compile(r"`(kerasrnn(?:\.[a-z]+)(?:\.[A-Za-z][\w.]*)?)(\(.*?\))?`")


def to_markdown(docstring, path):
    """A docstring with its sections written as Markdown; `path` names what it belongs to."""
    return "\n".join(_parts(docstring, path))


def equations(docstring):
    """The lines under `Equations:`, without their indent."""
    lines = inspect.cleandoc(docstring).splitlines()
    for at, line in enumerate(lines):
        if (header := HEADER.fullmatch(line)) and header["name"] == "Equations":
            return _block(lines[at + 1 :])[0]
    raise ValueError(f"There are no equations in: {lines[0]}")


def _parts(docstring, path):
    lines = inspect.cleandoc(docstring).splitlines()
    at = 0
    while at < len(lines):
        header = HEADER.fullmatch(lines[at])
        at += 1
        if not header or header["name"] not in (*BLOCKS, *LISTS, *TEXTS):
            if header and not header["rest"]:
                logger.warning("%s has an unknown section %r.", path, lines[at - 1])
            yield _linked(lines[at - 1])
            continue
        title = f"**{header['name']}**{header['detail'] or ''}"
        if header["rest"]:  # text that begins in the header's own line
            yield _linked(f"{title}:{header['rest']}")
            while at < len(lines) and lines[at].strip():
                yield _linked(lines[at].strip())
                at += 1
            continue
        block, count = _block(lines[at:])
        at += count
        yield f"{title}:\n"
        if header["name"] in BLOCKS:
            yield f"```{BLOCKS[header['name']]}\n{block}\n```\n"
        elif header["name"] in LISTS:
            yield _list(block) + "\n"
        else:
            yield _linked(block) + "\n"


def _block(lines):
    """The indented lines at the beginning, without their indent, and how many they are."""
    count = 0
    while count < len(lines) and (not lines[count].strip() or lines[count].startswith(" ")):
        count += 1
    return textwrap.dedent("\n".join(lines[:count])).strip("\n"), count


def _list(block):
    """Entries `name: text`, which go on in deeper lines, as a list."""
    items = []
    for line in block.splitlines():
        if line.startswith(" ") and items:
            items[-1] += " " + line.strip()
        elif line.strip():
            items.append(line)
    return "\n".join(_item(item) for item in items)


def _item(item):
    entry = ENTRY.fullmatch(item)
    if not entry:
        return f"- {_linked(item)}"
    names = ", ".join(f"`{name}`" for name in entry["names"].split(", "))
    return f"- {names}: {_linked(entry['text'])}"


def _linked(text):
    """Public names of the library as links to where the reference explains them."""
    return PUBLIC.sub(lambda match: f"[{match[0]}][{match[1]}]", text)


class Docstrings(griffe.Extension):
    """Gives Griffe's objects the docstrings and signatures that the site shows."""

    def on_object(self, *, obj, **kwargs):
        if obj.docstring and not obj.is_module:
            obj.docstring.value = to_markdown(obj.docstring.value, obj.path)

    def on_package(self, *, pkg, **kwargs):
        """The layers' signatures are put together when Python runs, so Python is asked."""
        layers = importlib.import_module("kerasrnn.layers")
        for name in layers.__all__:
            signature = vars(getattr(layers, name)).get("__signature__")
            if signature is not None:
                _set_signature(pkg["layers"][name].final_target, signature)


def _set_signature(found, signature):
    parameters = [griffe.Parameter("self", kind=griffe.ParameterKind.positional_or_keyword)]
    for parameter in signature.parameters.values():
        parameters.append(
            griffe.Parameter(
                parameter.name,
                kind=griffe.ParameterKind[parameter.kind.name.lower()],
                default=None if parameter.default is parameter.empty else repr(parameter.default),
            )
        )
    init = griffe.Function("__init__", parameters=griffe.Parameters(*parameters))
    found.set_member("__init__", init)
