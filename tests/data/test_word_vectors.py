"""Word vectors of others: both text formats, what is wrong with a file, and an embedding's rows."""

import gzip

import numpy as np
import pytest

from kerasrnn.data import DataError, TextEncoder, embedding_matrix, read_word_vectors

ROWS = "the 0.5 -1.25 3e-1\ngood 1 2 3\nbad -1 -2 -3\n"
GOOD = np.array([1, 2, 3], "float32")


def write(tmp_path, content):
    path = tmp_path / "vectors.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("header", ["", "3 3\n", "3 3 \r\n", "\ufeff", "\ufeff3 3\n"])
def test_both_formats_are_read_with_and_without_a_first_line_of_sizes(tmp_path, header):
    vectors = read_word_vectors(write(tmp_path, header + ROWS))
    assert list(vectors) == ["the", "good", "bad"]
    assert np.array_equal(vectors["the"], np.array([0.5, -1.25, 0.3], "float32"))
    assert all(vector.dtype == "float32" for vector in vectors.values())


def test_a_space_or_a_carriage_return_at_the_end_of_a_line_is_no_number(tmp_path):
    path = write(tmp_path, ROWS.replace("\n", " \r\n"))
    assert np.array_equal(read_word_vectors(path)["good"], GOOD)


def test_only_the_words_wanted_are_read(tmp_path):
    path = write(tmp_path, ROWS + "odd x y z\n")
    assert list(read_word_vectors(path, ["bad", "nowhere"])) == ["bad"]
    assert read_word_vectors(path, []) == {}


def test_a_compressed_file_is_read_whatever_its_name(tmp_path):
    path = write(tmp_path, gzip.compress(ROWS.encode(), mtime=0))
    assert np.array_equal(read_word_vectors(path)["good"], GOOD)


def test_words_may_hold_spaces_and_what_other_readers_break_lines_at(tmp_path):
    path = write(tmp_path, "x 0 0 0\n. . . 1 2 3\na\xa0b 1 2 3\nc\u2028d\x85 1 2 3\n")
    assert list(read_word_vectors(path)) == ["x", ". . .", "a\xa0b", "c\u2028d\x85"]


def test_of_a_word_that_occurs_twice_the_first_vector_counts(tmp_path):
    path = write(tmp_path, "good 1 2 3\ngood 4 5 6\n")
    assert np.array_equal(read_word_vectors(path)["good"], GOOD)


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        ("", "", "no vector in it"),
        ("2 3\n", "", "no vector in it"),
        ("4 3\n" + ROWS, "", "says 4 words, and there are 3"),
        ("2 3\n" + ROWS, "", "says 2 words, and there are 3"),
        (ROWS + "few 1 2\n", ":4", "2 numbers, where there should be 3"),
        (ROWS + "many 1 2 3 4\n", ":4", "4 numbers, where there should be 3"),
        ("word\n", ":1", "0 numbers"),
        (ROWS + "odd 1 x 3\n", ":4", "'x' is not a number"),
        (ROWS + "odd 1  3\n", ":4", "'' is not a number"),
        (ROWS + "odd 1 nan 3\n", ":4", "infinite or none at all"),
        (ROWS + "odd 1 inf 3\n", ":4", "infinite or none at all"),
        (ROWS.encode() + b"caf\xe9 1 2 3\n", ":4", "not UTF-8"),
        (gzip.compress(ROWS.encode(), mtime=0)[:-12], ":", "cannot be read"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path, content, place, reason):
    path = write(tmp_path, content)
    with pytest.raises(DataError) as caught:
        read_word_vectors(path)
    assert str(caught.value).startswith(f"{path}{place}")
    assert reason in str(caught.value)


def test_blank_lines_are_skipped(tmp_path):
    found = read_word_vectors(write(tmp_path, "\n" + ROWS + "\n\n"))
    assert list(found) == list(read_word_vectors(write(tmp_path, ROWS)))
    assert len(found) == 3


def test_a_path_to_nothing_or_to_a_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_word_vectors(tmp_path / "nowhere")
    with pytest.raises(DataError, match="is a folder"):
        read_word_vectors(tmp_path)


def test_known_words_have_their_vectors_and_padding_is_zero():
    encoder = TextEncoder(("n", "p"), ["good", "odd", "bad"])
    matrix, found = embedding_matrix(encoder, {"bad": [3.0, 4.0], "good": [1.0, 2.0], "x": [0, 0]})
    assert found == 2
    assert matrix.dtype == "float32"
    assert matrix.shape == (encoder.sizes["vocab_size"], 2)
    assert matrix[[0, 2, 4]].tolist() == [[0, 0], [1, 2], [3, 4]]
    assert np.all(matrix[[1, 3]] != 0)


def test_other_rows_are_drawn_with_the_spread_of_the_vectors_by_the_seed():
    encoder = TextEncoder(("n", "p"), [f"word{number}" for number in range(500)])
    vectors = {"word0": np.full(40, 5.0), "word1": np.full(40, -5.0)}
    matrix, found = embedding_matrix(encoder, vectors)
    drawn = matrix[4:]
    assert found == 2
    assert abs(drawn.mean()) < 0.2
    assert drawn.std() == pytest.approx(5.0, rel=0.05)
    assert np.array_equal(matrix, embedding_matrix(encoder, vectors)[0])
    assert not np.array_equal(matrix, embedding_matrix(encoder, vectors, seed=1)[0])


def test_no_vectors_or_unequal_ones_are_refused():
    encoder = TextEncoder(("n", "p"), ["good"])
    with pytest.raises(DataError, match="no word vectors"):
        embedding_matrix(encoder, {})
    with pytest.raises(DataError, match=r"of the lengths \[1, 2\]"):
        embedding_matrix(encoder, {"good": [1.0], "bad": [1.0, 2.0]})
