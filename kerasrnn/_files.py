"""Writing files and folders so that a reader sees the old one or the new one, never half of one."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path


@contextlib.contextmanager
def atomic_file(path):
    """Yields a temporary path; on success it becomes `path`, on failure it is removed."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays last: some writers choose their format by it.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix="-" + path.name)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_folder(path):
    """Yields a temporary folder; on success it becomes `path`, on failure it is removed.

    An older folder at `path` is moved aside first and deleted last, since no system call swaps
    two folders portably; if the second move fails, the older folder is put back.
    """
    path = Path(path).resolve()  # `.` cannot be moved, the folder by its name can
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".writing-{path.name}-"))
    try:
        yield temporary
        temporary.chmod(0o777 & ~_umask())
        _replace_folder(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _replace_folder(new, path):
    if not path.exists():
        os.rename(new, path)
        return
    aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".old-{path.name}-"))
    older = aside / path.name
    try:
        os.rename(path, older)
        os.rename(new, path)
    finally:
        if not path.exists():  # stopped between the two, by an error or by hand
            os.rename(older, path)
        # Only now: if the older folder could not be put back, it is still there.
        shutil.rmtree(aside, ignore_errors=True)


def require_writable(path):
    """Finds out whether a file or folder can be written, without writing: before work, not after.

    Raises:
        OSError: what is above `path` is no folder or may not be written to, or `path` is a mount
            point, which nothing can replace.
    """
    path = Path(path).resolve()
    above = next(folder for folder in path.parents if os.path.lexists(folder))
    if not above.is_dir():
        raise NotADirectoryError(f"{path} cannot be written: {above} is not a folder.")
    if not os.access(above, os.W_OK | os.X_OK):
        raise PermissionError(f"{path} cannot be written: {above} may not be written to.")
    if os.path.ismount(path):
        raise OSError(f"{path} cannot be replaced: it is a mount point; name a folder in it.")


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def sha256(path):
    """The SHA-256 sum of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
