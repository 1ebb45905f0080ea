import os
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data._conll import DataError, read_conll, write_conll
from kerasrnn.data._sentence import Sentence

ADA = Sentence(("Ada", "wrote"), ("B-PER", "O"))
ROME = Sentence(("in", "Rome"), ("O", "B-LOC"))
TWO = "Ada\tB-PER\nwrote\tO\n\nin\tO\nRome\tB-LOC\n"


@pytest.fixture
def write(tmp_path):
    def write_text(text, name="file.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return path

    return write_text


def tokens_of(path):
    return [sentence.tokens for sentence in read_conll(path)]


def assert_refused(path, line, *reasons):
    with pytest.raises(DataError) as caught:
        read_conll(path)
    message = str(caught.value)
    where = f"{path}:{line}: " if line else f"{path}: "
    assert message.startswith(where), message
    for reason in reasons:
        assert reason in message, message


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TWO, id="tabs"),
        pytest.param(TWO.replace("\t", " "), id="a space"),
        pytest.param(TWO.replace("\t", "   "), id="several spaces"),
        pytest.param(TWO.replace("\t", " \t "), id="a tab among spaces"),
        pytest.param(TWO.replace("\n", "  \t\n"), id="trailing white space"),
        pytest.param(TWO.replace("\n", "\r\n"), id="CRLF"),
        pytest.param("\ufeff" + TWO, id="byte order mark"),
        pytest.param(TWO.rstrip("\n"), id="no newline at the end"),
        pytest.param(TWO.replace("\n\n", "\n \t \n"), id="white space on the blank line"),
        pytest.param(TWO.replace("\n\n", "\n\u00a0\f\n"), id="other white space on it"),
        pytest.param("\n\n" + TWO.replace("\n\n", "\n\n\n\n") + "\n\n", id="many blank lines"),
        pytest.param(TWO.replace("B-", "I-"), id="IOB1"),
        pytest.param(TWO.replace("B-", "S-"), id="IOBES"),
        pytest.param(
            "Ada NNP I-NP I-PER\nwrote VBD I-VP O\n\nin IN I-PP O\nRome NNP I-NP I-LOC\n",
            id="four columns",
        ),
        pytest.param("-DOCSTART- -X- O O\n\n" + TWO, id="a document line first"),
        pytest.param(TWO.replace("\n\n", "\n-DOCSTART-\tO\n"), id="a document line between"),
        pytest.param("# id = 1\n" + TWO.replace("wrote", "# note\nwrote"), id="comments"),
    ],
)
def test_every_way_of_writing_a_file_gives_the_same_sentences(write, text):
    assert read_conll(write(text)) == (ADA, ROME)


def test_conll_2003_tags_become_bio(write):
    path = write("a I-PER\nb B-PER\nc I-PER\nd I-LOC\n")
    assert read_conll(path)[0].tags == ("B-PER", "B-PER", "I-PER", "B-LOC")


def test_an_entity_does_not_reach_over_a_blank_line(write):
    first, second = read_conll(write("a I-PER\n\nb I-PER\n"))
    assert first.tags == second.tags == ("B-PER",)


def test_a_path_may_be_a_string(write):
    assert read_conll(str(write(TWO))) == (ADA, ROME)


def test_a_hash_with_a_tag_is_a_token(write):
    assert tokens_of(write("a\tO\n#\tO\n#b\tB-X\n")) == [("a", "#", "#b")]
    assert tokens_of(write("# O\na O\n")) == [("#", "a")]
    assert tokens_of(write("# # B-NP O\na DT I-NP O\n")) == [("#", "a")]


def test_a_file_of_hash_tokens_alone_is_read(write):
    assert tokens_of(write("# a note\n#a O\n#b O\n")) == [("#a", "#b")]


@pytest.mark.parametrize("row", ["a O", "a\tO", "a DT I-NP O", "a\tDT\tI-NP\tO"])
@pytest.mark.parametrize("comment", ["#", "# text = I live in Rome O", "# note", "## B-", "#\t"])
def test_a_hash_line_that_is_no_row_of_this_file_is_a_comment(write, comment, row):
    assert tokens_of(write(f"{comment}\n{row}\n{comment}\n{row}\n")) == [("a", "a")]


def test_a_row_of_four_columns_is_a_comment_in_a_file_of_two(write):
    assert tokens_of(write("# in Rome O\na O\n")) == [("a",)]


def test_in_a_file_with_tabs_a_hash_line_without_one_is_a_comment(write):
    assert tokens_of(write("# O\na\tO\n# O\n")) == [("a",)]


def test_a_token_keeps_white_space_that_does_not_separate(write):
    text = "New York\tB-LOC\n12\u00a0000\tO\nx\u0085\u2028y\tO\n"
    assert tokens_of(write(text)) == [("New York", "12\u00a0000", "x\u0085\u2028y")]
    assert tokens_of(write("12\u00a0000 O\n")) == [("12\u00a0000",)]


@pytest.mark.parametrize(
    ("row", "count"), [("word", "1 column "), ("a NN O", "3 columns "), ("a b c d O", "5 columns ")]
)
def test_a_first_row_of_another_width_says_which_are_supported(write, row, count):
    path = write(f"# note\n\n{row}\n")
    assert_refused(path, 3, count, "2 (word tag) or 4 (word pos chunk tag)")


@pytest.mark.parametrize("row", ["b", "b NN O", "b NN I-NP O"])
def test_a_row_unlike_the_first_is_refused_with_its_line(write, row):
    assert_refused(write(f"\na O\n\nb O\n{row}\n"), 5, "the first row (line 2) has 2", "spaces")


def test_a_row_without_tabs_in_a_file_with_tabs_is_refused(write):
    assert_refused(write("a\tO\nb O\n"), 2, "1 column ['b O']", "separated by tabs")


def test_a_bad_tag_is_refused_with_its_line(write):
    assert_refused(write("a O\nb PER\n"), 2, "tag 'PER'", "PREFIX-TYPE", "last column")
    assert_refused(write("a PER\n"), 1, "tag 'PER'")


def test_a_file_that_is_not_utf8_says_where_and_how_to_convert_it(write):
    path = write("a O\n\ncaf\u00e9 O\n".encode("latin-1"))
    assert_refused(path, 3, "byte 4", "0xe9", "iconv -f latin-1 -t utf-8")
    assert_refused(write("a O\n".encode("utf-16")), 1, "iconv -f utf-16 -t utf-8")


@pytest.mark.parametrize(
    "text", ["", "\n \n", "\ufeff", "# note\n# more of it\n", "-DOCSTART- O\n"]
)
def test_a_file_without_sentences_is_refused(write, text):
    assert_refused(write(text), None, "no sentence", "2 (word tag)")


def test_a_missing_file_is_refused_by_name(tmp_path):
    assert_refused(tmp_path / "absent.txt", None, "no such file", "Check the path")


def test_a_folder_is_refused_by_name(tmp_path):
    assert_refused(tmp_path, None, "is a folder", "Name one of the files")


def test_a_file_that_the_system_will_not_open_is_refused_by_name(tmp_path):
    assert_refused(tmp_path / ("long" * 100), None, "cannot be read: ")


TOKENS = st.one_of(
    st.sampled_from(["#", "#a", "a b", "O", "B-X", "-", "\u00a0", "\u0085", "a\rb", "a\u2028b"]),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=5),
    st.text(string.ascii_letters + "#-", min_size=1, max_size=5),
).filter(
    lambda token: (
        token == token.strip(" \r")
        and not set(token) & set("\t\n")
        and not token.startswith("\ufeff")
    )
)


@st.composite
def sentence(draw):
    tokens = draw(st.lists(TOKENS, min_size=1, max_size=5))
    tags, inside = [], ""
    for _ in tokens:
        choices = ["O", "B-A", "B-b_1"] + ([f"I-{inside}"] if inside else [])
        tags.append(draw(st.sampled_from(choices)))
        inside = tags[-1][2:]
    return Sentence(tuple(tokens), tuple(tags))


@given(sentences=st.lists(sentence(), min_size=1, max_size=4).map(tuple))
def test_what_is_written_is_read_back(tmp_path_factory, sentences):
    path = tmp_path_factory.getbasetemp() / "round_trip.txt"
    write_conll(path, sentences)
    assert read_conll(path) == sentences


def test_a_written_file_has_two_columns_and_a_tab(tmp_path):
    write_conll(tmp_path / "out.txt", iter([ADA, ROME]))
    assert (tmp_path / "out.txt").read_bytes() == TWO.encode() + b"\n"
    assert os.listdir(tmp_path) == ["out.txt"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Sentence((), ()), "is empty"),
        (Sentence(("a",), ("I-X",)), "not BIO"),
        (Sentence(("",), ("O",)), "token ''"),
        (Sentence(("a\tb",), ("O",)), "token 'a\\tb'"),
        (Sentence(("a\nb",), ("O",)), "token 'a\\nb'"),
        (Sentence((" a",), ("O",)), "token ' a'"),
        (Sentence(("-DOCSTART-",), ("O",)), "token '-DOCSTART-'"),
        (Sentence(("\ufeffa",), ("O",)), "byte order mark"),
    ],
)
def test_what_would_not_read_back_is_refused_and_the_older_file_kept(write, tmp_path, bad, reason):
    path = write(TWO)
    with pytest.raises(ValueError, match="sentence 1 ") as caught:
        write_conll(path, [ADA, bad])
    assert reason in str(caught.value)
    assert read_conll(path) == (ADA, ROME)
    assert os.listdir(tmp_path) == ["file.txt"]


def test_writing_no_sentences_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one sentence"):
        write_conll(tmp_path / "out.txt", [])
    assert not os.listdir(tmp_path)
