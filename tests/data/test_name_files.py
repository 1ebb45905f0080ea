"""A user's own names, from tables and from plain text."""

import unicodedata

import pytest

from kerasrnn.data import DataError, Labelled, read_names, write_labelled


def written(folder, name, text, encoding="utf-8"):
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def pairs(names):
    return [(name.content, name.label) for name in names]


@pytest.mark.parametrize("name", ["rivers.txt", "rivers", "rivers.names"])
def test_plain_text_is_one_category(tmp_path, name):
    path = written(tmp_path, name, "Elbe\n\n  Rio  Grande \r\nRhône")
    assert pairs(read_names(path)) == [("Elbe", "name"), ("Rio Grande", "name"), ("Rhône", "name")]


def test_tables_and_json_lines_have_categories(tmp_path):
    table = written(tmp_path, "names.csv", "text,label\nAnna,sv\n Jens ,da\n")
    assert pairs(read_names(table)) == [("Anna", "sv"), ("Jens", "da")]
    lines = tmp_path / "names.jsonl"
    write_labelled(lines, [Labelled("Anna", "sv", part="short")])
    assert read_names(lines) == (Labelled("Anna", "sv", part="short"),)


def test_columns_may_have_other_names(tmp_path):
    table = written(tmp_path, "names.tsv", "name\tland\nAnna\tsv\n")
    assert pairs(read_names(table, text="name", label="land")) == [("Anna", "sv")]


@pytest.mark.parametrize("name", ["names.txt", "names.csv"])
def test_names_are_composed(tmp_path, name):
    start, end = ("text,label\n", ",x") if name.endswith("csv") else ("", "")
    path = written(tmp_path, name, start + unicodedata.normalize("NFD", "Zoë") + end)
    assert read_names(path)[0].content == "Zoë"


@pytest.mark.parametrize("name", ["names.txt", "names.csv"])
def test_another_encoding_is_read_if_named(tmp_path, name):
    start, end = ("text,label\n", ",x") if name.endswith("csv") else ("", "")
    path = written(tmp_path, name, f"{start}Zoë{end}\n", encoding="latin-1")
    assert read_names(path, encoding="latin-1")[0].content == "Zoë"
    with pytest.raises(DataError, match="not UTF-8"):
        read_names(path)


def test_a_file_without_names_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"empty.txt: no name in it"):
        read_names(written(tmp_path, "empty.txt", "\n \n"))
    with pytest.raises(DataError, match="no such file"):
        read_names(tmp_path / "nowhere.txt")


def test_a_row_without_a_name_is_told(tmp_path):
    path = written(tmp_path, "names.csv", "text,label\nAnna,sv\n ,da\n")
    with pytest.raises(DataError, match=r"names.csv: example 2, of 'da', has no name"):
        read_names(path)


def test_a_table_under_the_name_of_plain_text_is_told(tmp_path):
    path = written(tmp_path, "names.txt", "Anna\nJens\tda\n")
    with pytest.raises(DataError, match=r"names.txt:2: a tab in a name.*\.tsv"):
        read_names(path)
