"""Writing whole files and folders: what failures and killed processes leave behind."""

import hashlib
import os
import stat
import subprocess
import sys

import pytest

from kerasrnn._files import atomic_file, atomic_folder, require_writable, sha256


def write_file(path, text="new"):
    with atomic_file(path) as temporary:
        temporary.write_text(text)


def write_folder(path, text="new"):
    with atomic_folder(path) as temporary:
        (temporary / "file").write_text(text)


def old_file(path):
    path.write_text("old")
    return path


def old_folder(path):
    path.mkdir()
    (path / "file").write_text("old")
    (path / "inner").mkdir()
    return path


def fail_while_writing(atomic, path, name, error):
    with atomic(path) as temporary:
        (temporary / name).write_text("half")
        raise error


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_appears_with_the_folders_above_it(tmp_path):
    path = tmp_path / "a" / "b" / "file.txt"
    write_file(path)
    assert path.read_text() == "new"
    assert names(path.parent) == ["file.txt"]


def test_a_folder_appears_with_the_folders_above_it(tmp_path):
    path = tmp_path / "a" / "b"
    write_folder(path)
    assert (path / "file").read_text() == "new"
    assert names(path.parent) == ["b"]


def test_an_older_file_is_replaced(tmp_path):
    write_file(old_file(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "new"
    assert names(tmp_path) == ["file"]


def test_an_older_folder_is_replaced_as_a_whole(tmp_path):
    write_folder(old_folder(tmp_path / "folder"))
    assert names(tmp_path / "folder") == ["file"]  # nothing of the older one is left in it
    assert (tmp_path / "folder" / "file").read_text() == "new"
    assert names(tmp_path) == ["folder"]


def test_the_older_one_stands_while_the_new_one_is_written(tmp_path):
    file, folder = old_file(tmp_path / "file"), old_folder(tmp_path / "folder")
    with atomic_file(file) as temporary:
        temporary.write_text("new")
        assert file.read_text() == "old"
    with atomic_folder(folder) as temporary:
        (temporary / "file").write_text("new")
        assert (folder / "file").read_text() == "old"


def test_the_temporary_name_keeps_the_suffix(tmp_path):
    with atomic_file(tmp_path / "model.weights.h5") as temporary:
        assert temporary.name.endswith("model.weights.h5")
        assert temporary.parent == tmp_path


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), SystemExit(3)])
def test_an_exception_leaves_the_older_file_and_nothing_else(tmp_path, error):
    path = old_file(tmp_path / "file")
    with pytest.raises(type(error)):
        fail_while_writing(atomic_file, path, "", error)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), SystemExit(3)])
def test_an_exception_leaves_the_older_folder_and_nothing_else(tmp_path, error):
    path = old_folder(tmp_path / "folder")
    with pytest.raises(type(error)):
        fail_while_writing(atomic_folder, path, "file", error)
    assert (path / "file").read_text() == "old"
    assert names(path) == ["file", "inner"]
    assert names(tmp_path) == ["folder"]


def test_an_exception_leaves_nothing_where_nothing_was(tmp_path):
    for atomic in (atomic_file, atomic_folder):
        with pytest.raises(ValueError, match="no"), atomic(tmp_path / "it"):
            raise ValueError("no")
    assert names(tmp_path) == []


STOPS = [OSError("no"), KeyboardInterrupt(), SystemExit(3)]


def stop_renaming(monkeypatch, stop):
    """Has `os.rename` call `stop(source, target)` before it moves anything."""
    rename = os.rename

    def rename_or_stop(source, target):
        stop(source, target)
        rename(source, target)

    monkeypatch.setattr(os, "rename", rename_or_stop)


@pytest.mark.parametrize("error", STOPS, ids=repr)
def test_stopped_between_the_two_moves_the_older_folder_is_put_back(tmp_path, monkeypatch, error):
    path = old_folder(tmp_path / "folder")

    def stop(source, target):
        if ".writing-" in str(source):
            assert not path.exists()  # the older one is aside, the new one not yet in place
            raise error

    stop_renaming(monkeypatch, stop)
    with pytest.raises(type(error)):
        write_folder(path)
    assert (path / "file").read_text() == "old"
    assert names(path) == ["file", "inner"]
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("error", STOPS, ids=repr)
def test_stopped_before_the_first_move_the_older_folder_stays(tmp_path, monkeypatch, error):
    path = old_folder(tmp_path / "folder")

    def stop(source, target):
        raise error

    stop_renaming(monkeypatch, stop)
    with pytest.raises(type(error)):
        write_folder(path)
    assert (path / "file").read_text() == "old"
    assert names(tmp_path) == ["folder"]


def test_an_older_folder_that_cannot_be_put_back_is_not_deleted(tmp_path, monkeypatch):
    path = old_folder(tmp_path / "folder")

    def stop(source, target):
        if str(target) == str(path):  # neither the new folder nor the older one gets there
            raise OSError("no")

    stop_renaming(monkeypatch, stop)
    with pytest.raises(OSError, match="no"):
        write_folder(path)
    (aside,) = tmp_path.iterdir()
    assert aside.name.startswith(".old-folder-")
    assert (aside / "folder" / "file").read_text() == "old"


def test_the_folder_one_is_in_can_be_written(tmp_path, monkeypatch):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    write_folder(".")
    assert (folder / "file").read_text() == "new"
    assert names(tmp_path) == ["here"]


# before the work


def test_what_can_be_written_is_let_through_and_nothing_is_made(tmp_path):
    file, folder = old_file(tmp_path / "file"), old_folder(tmp_path / "folder")
    for path in (file, folder, tmp_path / "new", tmp_path / "a" / "b" / "c", folder / "new"):
        require_writable(path)
        require_writable(str(path))
    assert names(tmp_path) == ["file", "folder"]


def test_below_a_file_nothing_can_be_written(tmp_path):
    file = old_file(tmp_path / "file")
    for path in (file / "new", file / "a" / "b"):
        with pytest.raises(NotADirectoryError, match=rf"cannot be written: {file} is not a folder"):
            require_writable(path)


def test_in_a_folder_that_may_not_be_written_to_nothing_can_be_written(tmp_path, monkeypatch):
    # As root every folder may be written to.
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    with pytest.raises(PermissionError, match=rf"{tmp_path} may not be written to"):
        require_writable(tmp_path / "a" / "b")


def test_a_mount_point_cannot_be_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(os.path, "ismount", lambda path: path == tmp_path / "volume")
    with pytest.raises(OSError, match="it is a mount point; name a folder in it"):
        require_writable(tmp_path / "volume")
    require_writable(tmp_path / "volume" / "tagger")


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_killed_process_leaves_the_older_one_whole(tmp_path, kind):
    path = {"file": old_file, "folder": old_folder}[kind](tmp_path / "it")
    target = "temporary" if kind == "file" else "temporary / 'file'"
    script = (
        "import os, sys\n"
        f"from kerasrnn._files import atomic_{kind}\n"
        f"with atomic_{kind}(sys.argv[1]) as temporary:\n"
        f"    ({target}).write_text('half')\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode == 9
    assert (path if kind == "file" else path / "file").read_text() == "old"
    # what it was writing is beside it under a hidden name, never in its place
    assert all(name == "it" or name.startswith(".writing-") for name in names(tmp_path))
    # and it does not stand in the way of the next
    {"file": write_file, "folder": write_folder}[kind](path)
    assert (path if kind == "file" else path / "file").read_text() == "new"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_permissions_are_those_of_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_file(tmp_path / "file")
        write_folder(tmp_path / "folder")
        assert os.umask(umask) == umask  # reading it has not changed it
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~umask
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o777 & ~umask


def test_the_sum_is_that_of_the_content(tmp_path):
    content = bytes(range(256)) * 5000
    (tmp_path / "file").write_bytes(content)
    assert sha256(tmp_path / "file") == hashlib.sha256(content).hexdigest()
    assert sha256(tmp_path / "file") == sha256(str(tmp_path / "file"))
