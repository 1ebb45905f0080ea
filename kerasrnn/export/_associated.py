"""Small files that travel in a TFLite file, as a zip archive at its end."""

import io
import zipfile
from pathlib import PurePosixPath

# The zip format stores a time for each file; a fixed one keeps equal models equal to the byte.
_TIME = (1980, 1, 1, 0, 0, 0)


def require_texts(files):
    """Raises TypeError or ValueError where files are not texts by names that any system takes."""
    if files is None:
        return
    if not isinstance(files, dict):
        raise TypeError(f"`files` must be a dictionary from names to texts; received {files!r}.")
    for name, text in files.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise TypeError(
                f"`files` must be texts by name; {name!r} is {type(text).__name__}. Decode it, or "
                "write it as text."
            )
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/") or "\0" in name:
            raise ValueError(
                f"`files` has the name {name!r}; a name must not be empty, lead out of the file's "
                "own folder or hold a zero byte."
            )


def archive(files):
    """The bytes of an archive of a dictionary from names to texts; none for no files."""
    if not files:
        return b""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, text.encode())
    return buffer.getvalue()
