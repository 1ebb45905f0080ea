"""Reading a file as text of a known encoding, or else an error that names the line."""

import codecs
import gzip
import zlib

from kerasrnn.data._conll import DataError, read_bytes

_GZIP = b"\x1f\x8b"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(path, encoding=None):
    """The text of a file: UTF-8, or UTF-16 with a byte order mark, or what `encoding` says.

    Raises:
        DataError: there is no such file, it is a folder, it is not of that encoding, or it holds
            a NUL character.
    """
    return decode_text(path, read_bytes(path), encoding)


def unzip(path, raw):
    """What a gzip archive holds, or what is none as it is; DataError where it is broken."""
    if not raw.startswith(_GZIP):
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path}: a broken gzip archive ({error}). Make or download it once more."
        ) from error


def decode_text(path, raw, encoding=None):
    """What `read_text` makes of a file's content."""
    if encoding is None:
        encoding = "utf-16" if raw.startswith(_UTF16) else "utf-8"
    try:
        text = raw.decode(encoding)
    except LookupError:
        raise DataError(
            f"{path}: there is no encoding {encoding!r}. Name one that Python knows, such as "
            "'latin-1' or 'cp1252'."
        ) from None
    except UnicodeError as error:
        raise DataError(_not_decodable(path, raw, encoding, error)) from error
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(
            f"{path}:{line}: a NUL character. If the file is UTF-16 or UTF-32, name it, "
            "`--set files.encoding=utf-16-le`; if not, take the character out."
        )
    return text


def _not_decodable(path, raw, encoding, error):
    start = getattr(error, "start", len(raw))  # a UTF-16 file may end within a character
    before = raw[:start].decode(encoding, "ignore")
    byte = f"byte 0x{raw[start]:02x}" if start < len(raw) else "its end"
    return (
        f"{path}:{before.count(chr(10)) + 1}: not {encoding.upper()}: {byte}. If the file is "
        f"Latin-1, convert it: `iconv -f latin1 -t utf-8 {path} > converted`; or name its "
        "encoding: `--set files.encoding=latin-1`."
    )
