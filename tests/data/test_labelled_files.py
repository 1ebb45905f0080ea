"""Files of labelled texts: what is read from each kind, and what is wrong with one."""

import csv
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasrnn.data import DataError, Labelled, read_labelled, write_labelled

GOOD, BAD = Labelled("Not bad.", "positive"), Labelled("Bad, bad!", "negative")
CSV = 'text,label\nNot bad.,positive\n"Bad, bad!",negative\n'
TSV = "label\ttext\npositive\tNot bad.\nnegative\tBad, bad!\n"
JSON = '{"text": "Not bad.", "label": "positive"}\n\n{"label": "negative", "text": "Bad, bad!"}\n'


def write(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", CSV), ("a.CSV", CSV), ("a.tsv", TSV), ("a.jsonl", JSON), ("a.ndjson", JSON)],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_kind_is_read_in_each_encoding(tmp_path, name, content, encoding, end):
    path = write(tmp_path, name, content.replace("\n", end).encode(encoding))
    assert read_labelled(path) == (GOOD, BAD)


def test_cells_may_hold_line_breaks_and_quotes_and_errors_still_name_the_line(tmp_path):
    table = 'text,label\n"one\ntwo ""three""",a\n\n"four,\r\nfive",b\n'
    texts = [example.content for example in read_labelled(write(tmp_path, "a.csv", table))]
    assert texts == ['one\ntwo "three"', "four,\r\nfive"]
    with pytest.raises(DataError, match=r"a\.csv:7: 1 cells, where the header has 2"):
        read_labelled(write(tmp_path, "a.csv", table + "six\n"))


def test_quotes_are_taken_as_written_on_request(tmp_path):
    path = write(tmp_path, "a.tsv", 'text\tlabel\n"So" they say\ta\n"open\tb\n')
    with pytest.raises(DataError, match=r"a\.tsv:2: .*files\.quotes=false"):
        read_labelled(path)
    texts = [example.content for example in read_labelled(path, quotes=False)]
    assert texts == ['"So" they say', '"open']


def test_columns_have_the_names_that_are_given(tmp_path):
    path = write(tmp_path, "a.csv", "id,review,stars,set\n1,Not bad.,4,x\n")
    expected = (Labelled("Not bad.", "4", "x"),)
    assert read_labelled(path, text="review", label="stars", part="set") == expected


def test_a_column_of_parts_is_read_where_there_is_one(tmp_path):
    table = "text,label,part\nx,a,order\ny,b,\n"
    path = write(tmp_path, "a.csv", table)
    assert [example.part for example in read_labelled(path)] == ["order", ""]
    assert [example.part for example in read_labelled(path, part=None)] == ["", ""]
    lines = '{"text": "x", "label": "a", "part": null}\n{"text": "y", "label": "b", "part": 1}'
    assert [e.part for e in read_labelled(write(tmp_path, "a.jsonl", lines))] == ["", "1"]


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("1", "1"),
        ("1.0", "1.0"),
        ("-2", "-2"),
        ("0", "0"),
        ("true", "true"),
        ("false", "false"),
        ('" a "', "a"),
    ],
)
def test_labels_of_json_become_strings(tmp_path, written, label):
    path = write(tmp_path, "a.jsonl", f'{{"text": "x", "label": {written}}}')
    assert read_labelled(path) == (Labelled("x", label),)


def test_labels_of_tables_stay_as_written_but_for_what_surrounds_them(tmp_path):
    path = write(tmp_path, "a.csv", "text , label\nx, 1\ny,01 \n")
    assert [example.label for example in read_labelled(path)] == ["1", "01"]


def test_empty_texts_are_kept_and_texts_stay_as_they_are(tmp_path):
    path = write(tmp_path, "a.csv", "text,label\n,a\n x \u2028,b\n")
    assert [example.content for example in read_labelled(path)] == ["", " x \u2028"]


def test_a_text_may_be_longer_than_the_csv_module_reads_by_default(tmp_path):
    limit = csv.field_size_limit()
    path = write(tmp_path, "a.csv", f"text,label\n{'x' * (limit + 1)},a\n")
    assert len(read_labelled(path)[0].content) == limit + 1
    assert csv.field_size_limit() == limit


def test_an_encoding_may_be_named(tmp_path):
    path = write(tmp_path, "a.csv", "text,label\ncafé,a\n".encode("latin-1"))
    assert read_labelled(path, encoding="latin-1")[0].content == "café"
    path = write(tmp_path, "a.csv", CSV.encode("utf-16-le"))
    assert read_labelled(path, encoding="utf-16-le") == (GOOD, BAD)
    with pytest.raises(DataError, match="there is no encoding 'latin-99'"):
        read_labelled(path, encoding="latin-99")


LATIN = "text,label\nx,a\ncafé,a\n".encode("latin-1")


@pytest.mark.parametrize(
    ("name", "content", "place", "reason"),
    [
        ("a.csv", "", "", "no example in it"),
        ("a.csv", "text,label\n", "", "no example in it"),
        ("a.jsonl", "\n\n", "", "no example in it"),
        ("a.csv", LATIN, ":3", "byte 0xe9"),
        ("a.csv", LATIN, ":3", "iconv -f latin1 -t utf-8"),
        ("a.csv", "text,label\nx,a\n".encode("utf-16")[:-1], ":2", "not UTF-16: byte 0x0a"),
        ("a.csv", "text,label\nx,\0a\n", ":2", "a NUL character"),
        ("a.csv", CSV.encode("utf-16-le"), ":1", "a NUL character"),
        ("a.csv", CSV.encode("utf-32"), ":1", "a NUL character"),
        ("a.csv", "review,label\nx,a\n", ":2", "no column 'text'; there are 'review', 'label'"),
        ("a.csv", "review,label\nx,a\n", ":2", "--text-column NAME"),
        ("a.csv", "text,labels\nx,a\n", ":2", "Did you mean 'labels'?"),
        ("a.csv", "text,labels\nx,a\n", ":2", "--label-column NAME"),
        ("a.csv", "text,label,text\nx,a,y\n", ":1", "names 'text' twice"),
        ("a.csv", CSV + "x,a,b\n", ":4", "3 cells, where the header has 2"),
        ("a.csv", CSV + "x\n", ":4", "1 cells, where the header has 2"),
        ("a.csv", CSV + "x,\n", ":4", "no label"),
        ("a.csv", CSV + "x,  \n", ":4", "no label"),
        ("a.csv", CSV + '"x,a\ny,b\n', ":4", "ends with one"),
        ("a.csv", CSV + '"x"y,a\n', ":4", "those within it are doubled"),
        ("a.jsonl", JSON + '{"text": "x"}', ":4", "no column 'label'; there are 'text'"),
        ("a.jsonl", JSON + '{"text": "x", "label": null}', ":4", "no label"),
        ("a.jsonl", JSON + '{"text": "x", "label": ["a"]}', ":4", "'label' must be a string"),
        ("a.jsonl", JSON + '{"text": 1, "label": "a"}', ":4", "'text' must be a string; it is 1"),
        ("a.jsonl", JSON + '{"text": null, "label": "a"}', ":4", "'text' must be a string"),
        ("a.jsonl", JSON + '{"text": "\\u0000", "label": "a"}', ":4", "a NUL character"),
        ("a.jsonl", JSON + '{"text": "\\ud800", "label": "a"}', ":4", "half of a surrogate"),
        ("a.jsonl", JSON + '{"text": "x", "text": "y", "label": "a"}', ":4", "stands twice"),
        ("a.jsonl", JSON + '{"text": "x", "label": NaN}', ":4", "NaN is no number of JSON"),
        ("a.jsonl", JSON + '{"text": "x"', ":4", "not JSON"),
        ("a.jsonl", JSON + '["x", "a"]', ":4", "not an object"),
        ("a.jsonl", "[" * 100000, ":1", "not JSON"),
        ("a.txt", CSV, "", "known are .csv, .tsv, .jsonl, .ndjson"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path, name, content, place, reason):
    path = write(tmp_path, name, content)
    with pytest.raises(DataError) as caught:
        read_labelled(path)
    assert str(caught.value).startswith(f"{path}{place}: ")
    assert reason in str(caught.value)


def test_a_path_to_nothing_or_to_a_folder_and_one_column_for_both_are_refused(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_labelled(tmp_path / "nowhere.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="is a folder"):
        read_labelled(tmp_path / "folder.csv")
    with pytest.raises(DataError, match="cannot both be in the column 'x'"):
        read_labelled(write(tmp_path, "a.csv", CSV), text="x", label="x")


TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
NAMES = TEXTS.map(str.strip)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.builds(Labelled, TEXTS, NAMES.filter(bool), NAMES), min_size=1))
def test_what_is_written_reads_back(tmp_path, examples):
    path = tmp_path / "test.jsonl"
    write_labelled(path, examples)
    assert read_labelled(path) == tuple(examples)


def test_examples_are_written_as_one_object_a_line(tmp_path):
    write_labelled(tmp_path / "a.ndjson", [Labelled("Ζεύς\n", "a", "order")])
    content = (tmp_path / "a.ndjson").read_text(encoding="utf-8")
    assert "Ζεύς" in content
    assert json.loads(content) == {"text": "Ζεύς\n", "label": "a", "part": "order"}


@pytest.mark.parametrize(
    ("examples", "reason"),
    [
        ([], "at least one example"),
        ([GOOD, Labelled([1.0, 2.0], "a")], "example 2: its text is no string"),
        ([Labelled("x", 1)], "its label is no string"),
        ([Labelled("x", "")], "would not read back"),
        ([Labelled("x", " a")], "would not read back"),
        ([Labelled("x", "a", "b ")], "the part 'b ' would not read back"),
        ([Labelled("x\0", "a")], "a NUL character"),
        ([Labelled("x", "\ud800")], "half of a surrogate pair"),
    ],
)
def test_what_would_not_read_back_is_not_written(tmp_path, examples, reason):
    path = tmp_path / "a.jsonl"
    path.write_text("older")
    with pytest.raises(ValueError, match=reason):
        write_labelled(path, examples)
    assert path.read_text() == "older"


def test_a_file_that_would_not_be_read_by_its_name_is_not_written(tmp_path):
    with pytest.raises(ValueError, match=r"is named \.jsonl or \.ndjson"):
        write_labelled(tmp_path / "a.csv", [GOOD])
