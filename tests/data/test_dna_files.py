"""FASTA files with labels."""

import gzip

import pytest

from kerasrnn.data import DataError, Labelled, read_fasta


@pytest.fixture
def write(tmp_path):
    def write(text, name="sites.fa"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("first ei", "ei"),
        ("first of a gene\tei", "ei"),
        ("first|ei", "ei"),
        ("gb|X1|ei", "ei"),
        ("gb|X1 ei", "ei"),
        ("first label=ei length=60", "ei"),
        ("label=ei", "ei"),
        (" first  ei ", "ei"),
    ],
)
def test_the_label_stands_in_the_header(write, header, label):
    assert read_fasta(write(f">{header}\nACGT\n")) == (Labelled("ACGT", label),)


def test_a_sequence_may_have_several_lines_blank_ones_and_spaces(write):
    path = write(">a ei\nACG\n\n  TT GG \n>b n\nC")
    assert read_fasta(path) == (Labelled("ACGTTGG", "ei"), Labelled("C", "n"))


def test_small_letters_u_and_ambiguity_codes_are_read(write):
    assert read_fasta(write(">a n\nacguUnRYSWKMBDHV\n"))[0].content == "ACGTTNRYSWKMBDHV"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(write, end):
    path = write(end.join([">a ei", "AC", "GT", ">b n", "A"]))
    assert [e.content for e in read_fasta(path)] == ["ACGT", "A"]


def test_a_byte_order_mark_is_skipped(write):
    assert len(read_fasta(write(b"\xef\xbb\xbf>a ei\nAC\n"))) == 1


def test_a_gzipped_file_is_read_whatever_its_name(write):
    assert len(read_fasta(write(gzip.compress(b">a ei\nAC\n", mtime=0), "sites.txt"))) == 1


@pytest.mark.parametrize(
    "table",
    ["a,ei\nb,n\n", "name,label\na,ei\nb,n\nc,ie\n", "a\tei\nb\tn\n", 'id\tclass\n"a"\tei\n\nb\tn'],
)
def test_labels_may_stand_in_a_table_by_the_headers_first_word(write, table):
    path = write(">a of x|y\nAC\n>b\nGT\n")
    assert [e.label for e in read_fasta(path, write(table, "labels"))] == ["ei", "n"]


def test_a_name_may_occur_twice_in_a_table_with_one_label(write):
    path = write(">a\nAC\n")
    assert read_fasta(path, labels=write("a,ei\na,ei\n", "labels"))[0].label == "ei"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ": no sequence in it"),
        ("\n \n", ": no sequence in it"),
        ("ACGT\n>a ei\nA\n", ":1: letters before the first header"),
        (">a ei\n>b n\nA\n", ":1: no sequence after the header 'a ei'"),
        (">a ei\nA\n\n>b n\n\n", ":4: no sequence after the header 'b n'"),
        (">a\nACGT\n", ":1: no label in the header 'a'"),
        (">\nACGT\n", ":1: no label in the header ''"),
        (">a|\nACGT\n", ":1: no label in the header 'a|'"),
        (">a ei\nAC\nA-T\n", ":3: the line has '-' at letter 2"),
        (">a ei\nAC.T\n", r":2: the line has '\.' at letter 3"),
        (">a ei\nAC*\n", r":2: the line has '\*' at letter 3"),
        (">a ei\n1 ACGT\n", ":2: the line has '1' at letter 1"),
        (">a ei\nACGX\n", ":2: the line has 'X' at letter 4, .*Write N where"),
        (b">a ei\nAC\xff\n", ":2: not UTF-8: 0xff"),
        (b"\x1f\x8bnothing", ": a broken gzip archive"),
        (gzip.compress(b">a ei\nAC\n", mtime=0)[:-9], ": a broken gzip archive"),
    ],
)
def test_a_bad_file_is_refused_with_the_line(write, text, message):
    path = write(text)
    with pytest.raises(DataError, match=message) as caught:
        read_fasta(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("b,n\n", r"sites.fa:1: .*labels has no label for 'a'"),
        ("a,ei\na,n\n", "labels:2: 'a' has two labels, 'ei' and 'n'"),
        ("a\n", r"labels:1: \['a'\] is not a name and a label"),
        ("a,ei,1\n", "labels:1: .* is not a name and a label"),
        ("a,\n", "labels:1: .* is not a name and a label"),
    ],
)
def test_a_bad_table_is_refused_with_the_line(write, table, message):
    path = write(">a\nAC\n")
    with pytest.raises(DataError, match=message):
        read_fasta(path, write(table, "labels"))


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.fa: no such file"):
        read_fasta(tmp_path / "nowhere.fa")
    with pytest.raises(DataError, match="is a folder"):
        read_fasta(tmp_path)
