"""Small files that travel in a TFLite file, as a zip archive at its end."""

import io
import zipfile

# The zip format stores a time for each file; a fixed one keeps equal models equal to the byte.
_TIME = (1980, 1, 1, 0, 0, 0)


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
