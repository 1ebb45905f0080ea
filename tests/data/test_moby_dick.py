"""The novel, from a small package that is made here and read without a network."""

import base64
import hashlib
import io
import tarfile

import pytest

from kerasrnn.data import DataError, moby_dick
from kerasrnn.data import _moby_dick as module


def package():
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for part in module._PARTS:
            text = f"{part.upper()}. Title.\n\nA  long—line.\n\n     Verse,\n     verse.\n".encode()
            entry = tarfile.TarInfo(f"package/data/{part}.txt")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    return content.getvalue()


PACKAGE = package()


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A registry of files, and the sum of what is there."""
    monkeypatch.delenv("NPM_CONFIG_REGISTRY", raising=False)
    path = tmp_path / "registry" / module._PATH
    path.parent.mkdir(parents=True)
    path.write_bytes(PACKAGE)
    monkeypatch.setenv("npm_config_registry", (tmp_path / "registry").as_uri())
    digest = base64.b64encode(hashlib.sha512(PACKAGE).digest()).decode()
    monkeypatch.setattr(module, "_INTEGRITY", digest)
    return path


def test_chapters_are_spread_over_three_splits(registry, tmp_path):
    splits = moby_dick(tmp_path / "cache")
    assert [len(split) for split in splits] == [111, 14, 13]
    names = [[document.name for document in split] for split in splits]
    assert names[0][:3] == ["etymology", "extracts", "chapter 1"]
    assert names[0][-1] == "epilogue"
    assert names[1] == [f"chapter {number}" for number in range(5, 136, 10)]
    assert names[2] == [f"chapter {number}" for number in range(10, 136, 10)]
    assert len({name for part in names for name in part}) == 138


def test_titles_and_paragraphs_are_segments(registry, tmp_path):
    assert moby_dick(tmp_path / "cache").test[0].segments == (
        "CHAPTER_10. Title.",
        "A long—line.",
        "Verse, verse.",
    )


def test_it_is_downloaded_once(registry, tmp_path):
    said = []
    first = moby_dick(tmp_path / "cache", report=said.append)
    assert said == [f"downloading {registry.as_uri().replace('%40', '@')}"]
    registry.unlink()
    assert moby_dick(str(tmp_path / "cache"), report=said.append) == first
    assert len(said) == 1
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [registry.name]


def test_a_kept_package_that_was_changed_is_downloaded_again(registry, tmp_path):
    moby_dick(tmp_path / "cache")
    kept = tmp_path / "cache" / registry.name
    kept.write_bytes(PACKAGE[:-1])
    assert len(moby_dick(tmp_path / "cache").train) == 111
    assert kept.read_bytes() == PACKAGE


def test_another_package_is_refused_and_not_kept(registry, tmp_path):
    registry.write_bytes(PACKAGE + b"more")
    with pytest.raises(DataError, match="its SHA-512 sum is not that of the package"):
        moby_dick(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("address", ["missing", "http://127.0.0.1:9/", "no address"])
def test_without_a_network_the_error_says_what_to_do(registry, tmp_path, monkeypatch, address):
    monkeypatch.setenv(
        "npm_config_registry", (tmp_path / "x").as_uri() if address == "missing" else address
    )
    with pytest.raises(DataError, match="(?s)cannot be downloaded.*network once.*--train FILE"):
        moby_dick(tmp_path / "cache")


def test_a_folder_that_cannot_be_written_is_told_and_the_text_is_read(registry, tmp_path):
    (tmp_path / "file").write_text("")
    said = []
    assert len(moby_dick(tmp_path / "file" / "cache", report=said.append).train) == 111
    assert "cannot be kept" in said[-1]


def test_the_registry_is_npms_unless_the_environment_names_another(monkeypatch):
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    assert module._url() == f"https://registry.npmjs.org/{module._PATH}"
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://mirror.example/npm/")
    assert module._url() == f"https://mirror.example/npm/{module._PATH}"
    monkeypatch.setenv("npm_config_registry", "https://other.example")
    assert module._url() == f"https://other.example/{module._PATH}"


def test_the_cache_is_where_the_environment_says(registry, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASRNN_CACHE", str(tmp_path / "own"))
    moby_dick()
    assert (tmp_path / "own" / registry.name).read_bytes() == PACKAGE


def test_the_sum_is_of_512_bits():
    assert len(base64.b64decode(module._INTEGRITY)) == 64
