"""The text encoder in Python, and the same in TensorFlow, which an exported SavedModel carries."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasrnn.data import DataError, Labelled, TextEncoder, tokenize
from tests.data.texts import LINES, MARKED, strings

EXAMPLES = [
    Labelled("Good, good book!", "positive"),
    Labelled("A BAD book in 1999.", "negative"),
    Labelled("Not bad.", "positive"),
]
LABELS = ("negative", "positive")


def alphabet(max_length):
    """An encoder that knows the letters: a is 2, b is 3, ..."""
    return TextEncoder(LABELS, "abcdefghijklmnopqrstuvwxyz", max_length)


@pytest.fixture
def encoder():
    return TextEncoder.build(EXAMPLES, min_count=1)


def test_words_are_numbered_by_how_often_their_keys_occur(encoder):
    assert encoder.word_keys[:4] == (".", "bad", "book", "good")
    assert {"0000", ",", "!"} <= set(encoder.word_keys)
    assert encoder.labels == LABELS


def test_rare_words_are_unknown_and_no_more_than_max_words_are_kept():
    assert TextEncoder.build(EXAMPLES).word_keys == (".", "bad", "book", "good")
    assert TextEncoder.build(EXAMPLES, max_words=2).word_keys == (".", "bad")


def test_sizes_are_those_of_the_vocabulary_and_the_labels(encoder):
    words = encoder.encode([example.content for example in EXAMPLES])["words"]
    assert encoder.sizes == {"vocab_size": words.max() + 1, "num_classes": 2}


def test_one_label_alone_is_refused():
    with pytest.raises(DataError, match="one label alone, 'positive'"):
        TextEncoder.build(EXAMPLES[:1])


def test_padding_is_zero_and_the_unknown_is_one():
    words = alphabet(9).encode(["a ? B", "z"], length=4)["words"]
    assert words.tolist() == [[2, 1, 3, 0], [27, 0, 0, 0]]
    assert words.dtype == "int32"


def test_a_text_may_be_given_as_its_tokens():
    encoder = alphabet(9)
    whole = encoder.encode(["a b, c", "d"])["words"]
    for kind in (list, tuple):
        tokens = [kind(tokenize(text)) for text in ("a b, c", "d")]
        assert np.array_equal(encoder.encode(tokens)["words"], whole)
        assert encoder.lengths(tokens).tolist() == [4, 1]


@pytest.mark.parametrize(
    ("length", "expected"),
    [(1, "a"), (2, "ag"), (3, "abg"), (4, "abfg"), (5, "abcfg"), (6, "abcefg"), (7, "abcdefg")],
)
def test_a_long_text_keeps_its_first_half_and_its_last(length, expected):
    numbers = [2 + "abcdefg".index(letter) for letter in expected]
    text = "a b c d e f g"
    assert alphabet(100).encode([text], length)["words"].tolist() == [numbers]
    assert alphabet(length).encode([text])["words"].tolist() == [numbers]
    assert alphabet(length).lengths([text]).tolist() == [length]


def test_no_more_than_max_length_is_read_however_long_the_array():
    assert alphabet(2).encode(["a b c"], length=4)["words"].tolist() == [[2, 4, 0, 0]]


def test_a_text_without_tokens_is_one_unknown_word(encoder):
    words = encoder.encode(["", " \u2003", [], "bad"], length=2)["words"]
    assert words.tolist() == [[1, 0], [1, 0], [1, 0], [encoder.words["bad"], 0]]
    assert encoder.lengths(["", [], "bad"]).tolist() == [1, 1, 1]


def test_no_texts_make_no_rows(encoder):
    assert encoder.encode([])["words"].shape == (0, 0)
    assert encoder.encode([], length=3)["words"].shape == (0, 3)
    assert encoder.lengths([]).shape == (0,)


@given(LINES, st.integers(1, 8))
def test_a_text_is_read_alike_in_every_batch(texts, max_length):
    encoder = alphabet(max_length)
    together = encoder.encode(texts)["words"]
    lengths = encoder.lengths(texts)
    assert together.shape[1] == lengths.max()
    for row, text, length in zip(together, texts, lengths, strict=True):
        alone = encoder.encode([text])["words"][0]
        assert np.array_equal(row[:length], alone)
        assert not row[length:].any()
        assert alone.all()


@pytest.mark.parametrize("content", [None, 3, b"bytes", np.ones(3), ["a", 1]])
def test_what_is_no_text_is_refused(encoder, content):
    for read in (encoder.encode, encoder.lengths):
        with pytest.raises(DataError, match="A text is a string or a sequence of tokens"):
            read([content])


@pytest.mark.parametrize("length", [0, -1, 2.0, True, "3"])
def test_a_length_that_is_no_positive_integer_is_refused(encoder, length):
    with pytest.raises(ValueError, match="`length` must be a positive integer"):
        encoder.encode(["a"], length)
    with pytest.raises(ValueError, match="`max_length` must be a positive integer"):
        TextEncoder(LABELS, [], length)


def test_an_encoder_written_and_read_again_is_the_same(encoder, tmp_path):
    encoder.save(tmp_path / "vocabulary.json")
    again = TextEncoder.load(tmp_path)
    assert again.to_json() == encoder.to_json()
    assert (again.labels, again.words) == (encoder.labels, encoder.words)
    assert again.max_length == encoder.max_length == 256


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "vocabulary.json"
    path.write_text('{"kind": "letters", "labels": ["a", "b"]}')
    with pytest.raises(DataError, match="not a vocabulary of TextEncoder"):
        TextEncoder.load(path)


# In TensorFlow


def assert_same_reading(texts, known, max_length):
    examples = [Labelled(text, label) for text in known for label in LABELS]
    encoder = TextEncoder.build(examples, min_count=1, max_length=max_length)
    reader = encoder.to_tensorflow()
    received = reader.encode(reader.tokenize(strings(texts)))["words"]
    expected = encoder.encode(texts)["words"]
    assert received.dtype == expected.dtype
    assert received.shape == expected.shape
    assert np.array_equal(received, expected)


@settings(max_examples=60)
@given(st.one_of(LINES, MARKED), st.booleans(), st.integers(1, 12))
def test_tensorflow_reads_texts_as_python_does(texts, all_known, max_length):
    assert_same_reading(texts, texts if all_known else texts[:1], max_length)


@pytest.mark.parametrize("max_length", [1, 2, 3, 6, 7, 8])
def test_tensorflow_cuts_long_texts_and_reads_empty_ones_as_python_does(max_length):
    texts = ["a b c d e f g", "", "a b c", "?!", " \u2003"]
    assert_same_reading(texts, texts, max_length)
    assert_same_reading(["", " "], texts, max_length)


def test_tensorflow_reads_in_a_graph_whose_sizes_are_not_known():
    encoder = alphabet(3)
    reader = encoder.to_tensorflow()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def read(texts):
        return reader.encode(reader.tokenize(texts))["words"]

    for texts in (["a b c d e", ""], ["", ""], ["x"]):
        assert np.array_equal(read(strings(texts)), encoder.encode(texts)["words"])
    assert read(tf.constant([], tf.string)).shape[0] == 0


def test_tensorflow_names_the_likeliest_label():
    reader = alphabet(3).to_tensorflow()
    probabilities = tf.constant([[0.2, 0.8], [0.7, 0.3]])
    result = reader.decode(reader.tokenize(strings(["a", "b"])), probabilities)
    assert result["label"].numpy().tolist() == [b"positive", b"negative"]
    assert np.array_equal(result["probabilities"], probabilities)
    assert set(result) == {"label", "probabilities"}
