import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data import DataError, Labelled, read_vectors


def write(folder, text, name="table.csv"):
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("separator", [",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_each_column_but_the_label_is_a_number_in_its_order(tmp_path, separator, end, mark):
    rows = ["x,label,y", "1,low,-2.5", "", " 3e2 , high ,0"]
    text = mark + end.join(rows).replace(",", separator) + end
    found = read_vectors(write(tmp_path, text))
    assert found == (
        Labelled(np.array([1, -2.5]), "low"),
        Labelled(np.array([300.0, 0]), "high"),
    )
    assert found[0].content.dtype == "float64"


def test_the_label_column_may_have_another_name(tmp_path):
    path = write(tmp_path, "kind,label\nnew,7\n")
    assert read_vectors(path, label="kind") == (Labelled(np.array([7.0]), "new"),)


def test_cells_may_be_quoted(tmp_path):
    path = write(tmp_path, '"x, in metres",label\n"1.5","low, or so ""low"""\n')
    assert read_vectors(str(path)) == (Labelled(np.array([1.5]), 'low, or so "low"'),)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_are_read_as_python_writes_them(tmp_path_factory, numbers):
    header = ",".join([*(f"x{place}" for place in range(len(numbers))), "label"])
    text = header + "\n" + ",".join([*map(repr, numbers), "a"]) + "\n"
    (found,) = read_vectors(write(tmp_path_factory.getbasetemp(), text))
    assert found.content.tolist() == numbers


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "", "is empty"),
        ("x,label\n", "", "no example below the header"),
        ("x,y\n1,2\n", ":1", "no column is called 'label'; the header has 'x', 'y'"),
        ("1,2\n", ":1", "no column is called 'label'"),
        ("label\na\n", ":1", "no column besides 'label'"),
        ("x,label,x\n1,a,2\n", ":1", r"columns \['x'\] occur twice"),
        ("x,label\n1,a\n\n1,a,2\n", ":4", "3 columns, where the header has 2"),
        ("x,y,label\n1,a\n", ":2", "2 columns, where the header has 3"),
        ("x,label\none,a\n", ":2", "column 'x' is 'one', not a finite number"),
        ("x,label\n,a\n", ":2", "column 'x' is '', not a finite number"),
        ("x,label\n1_000,a\n", ":2", "column 'x' is '1_000'"),
        ('x,label\n"1,5",a\n', ":2", "column 'x' is '1,5'"),
        ("x,label\nnan,a\n", ":2", "column 'x' is 'nan'"),
        ("x,label\n1,a\n-inf,a\n", ":3", "column 'x' is '-inf'"),
        ("x,label\n1e999,a\n", ":2", "column 'x' is '1e999'"),
        ("x,label\n1,\n", ":2", "the label is empty"),
        ('x,label\n1,"a\n', ":2", "is not a row of cells"),
        (b"x,label\n1,caf\xe9\n", ":2", "not UTF-8"),
    ],
)
def test_what_is_not_a_table_of_numbers_is_refused_with_its_place(tmp_path, text, place, reason):
    path = write(tmp_path, text)
    with pytest.raises(DataError, match=reason) as caught:
        read_vectors(path)
    assert str(caught.value).startswith(f"{path}{place}: ")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_vectors(tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_vectors(tmp_path)
