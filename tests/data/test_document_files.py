"""Texts in files and folders."""

import gzip

import pytest

from kerasrnn.data import DataError, Document, read_documents

WRAPPED = f"{'a word ' * 9}and\n{'more words ' * 5}here\nend.\n\n{'a word ' * 9}and\nmore\n"


@pytest.fixture
def write(tmp_path):
    def write(name, content="One.\nTwo.\n"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize("name", ["a.txt", "a.md", "README", "a.txt.gz"])
def test_a_file_is_a_document_whatever_its_name(write, name):
    content = b"One.\n\n  Two. \n"
    path = write(name, gzip.compress(content) if name.endswith(".gz") else content)
    assert read_documents(path) == (Document(("One.", "  Two."), name),)
    assert read_documents(str(path)) == read_documents(path)


def test_paragraphs_are_found_or_asked_for(write):
    path = write("a.txt", WRAPPED)
    assert len(read_documents(path)[0].segments) == 2
    assert read_documents(path, "paragraph") == read_documents(path, "auto")
    assert len(read_documents(path, "line")[0].segments) == 5
    with pytest.raises(ValueError, match="`segments` must be one of"):
        read_documents(path.with_name("missing.txt"), "page")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Café\n".encode(), None),
        ("Café\n".encode(), ""),
        ("Café\n".encode("utf-8-sig"), ""),
        ("Café\n".encode("utf-16"), ""),
        ("Café\n".encode("latin-1"), "latin-1"),
    ],
)
def test_encodings_are_read(write, content, encoding):
    path = write("a.txt", content)
    assert read_documents(path, encoding=encoding)[0].segments == ("Café",)
    assert read_documents(path.parent, encoding=encoding)[0].segments == ("Café",)


def test_a_folder_gives_its_files_in_the_order_of_their_paths(write, tmp_path):
    for name in ("b.txt", "a/z.py", "a/b/c.md", "a.txt", ".hidden", ".git/a.txt"):
        write(name, name)
    said = []
    found = read_documents(tmp_path, report=said.append)
    assert [document.name for document in found] == ["a/b/c.md", "a/z.py", "a.txt", "b.txt"]
    assert all(document.segments == (document.name,) for document in found)
    assert said == []


def test_what_is_no_text_in_a_folder_is_left_out_and_told(write, tmp_path):
    write("a.txt")
    for number in range(5):
        write(f"picture{number}.png", b"\x89PNG\0\xff")
    write("empty.txt", " \n")
    said = []
    assert len(read_documents(tmp_path, report=said.append)) == 1
    assert said == [
        f"{tmp_path}: 5 files are left out, being no text file: picture0.png, picture1.png, "
        "picture2.png and 2 more",
        f"{tmp_path}: 1 file is left out, being without text: empty.txt",
    ]


def test_several_paths_are_read_in_their_order(write, tmp_path):
    write("folder/b.txt"), write("folder/a.txt")
    paths = [write("z.txt"), tmp_path / "folder", str(write("a.txt"))]
    assert [d.name for d in read_documents(paths)] == ["z.txt", "a.txt", "b.txt", "a.txt"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "a.txt: no text in it"),
        ("a.txt", b" \n\t\n", "a.txt: no text in it"),
        ("a.txt", b"One\nTw\0o\n", "a.txt:2: a NUL character"),
        ("a.txt", b"One\nTwo\ncaf\xe9\n", "a.txt:3: not UTF-8: byte 0xe9"),
        ("a.txt.gz", gzip.compress(b"One\n")[:-4], "a.txt.gz: a broken gzip archive"),
    ],
)
def test_files_that_cannot_be_read_are_refused_with_the_place(write, name, content, reason):
    path = write(name, content)
    with pytest.raises(DataError, match=reason):
        read_documents(path)
    with pytest.raises(DataError, match="no text in" if "no text" in reason else reason):
        read_documents(path.parent)  # by its name it is text, so it is not left out


def test_paths_without_text_are_refused(write, tmp_path):
    with pytest.raises(DataError, match="missing: no such file"):
        read_documents(tmp_path / "missing")
    with pytest.raises(DataError, match="no text in this folder"):
        read_documents(tmp_path)
    with pytest.raises(DataError, match="no file to read"):
        read_documents([])
    write("a.bin", b"\0")
    with pytest.raises(DataError, match="in which a.bin cannot be read as text"):
        read_documents(tmp_path)


def test_an_unknown_encoding_is_refused(write, tmp_path):
    write("a.bin", b"text")
    for path in (tmp_path, tmp_path / "a.bin"):
        with pytest.raises(DataError, match="there is no encoding 'latin-99'"):
            read_documents(path, encoding="latin-99")
