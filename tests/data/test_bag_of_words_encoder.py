import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data import BagOfWordsEncoder, DataError, Labelled

EXAMPLES = [
    Labelled("A good, good film.", "pos"),
    Labelled("good fun in 1999", "pos"),
    Labelled("A bad film from 2001", "neg"),
    Labelled("", "neg"),
]
TEXTS = [example.content for example in EXAMPLES]


def encode(texts, **options):
    return BagOfWordsEncoder.build(EXAMPLES, **options).encode(texts)["features"]


def test_the_words_are_the_most_frequent_ones():
    assert BagOfWordsEncoder.build(EXAMPLES).words == ("good", "0000", "a", "film")
    assert BagOfWordsEncoder.build(EXAMPLES, max_words=2).words == ("good", "0000")
    assert BagOfWordsEncoder.build(EXAMPLES, min_count=3).words == ("good",)
    assert "fun" in BagOfWordsEncoder.build(EXAMPLES, min_count=1).words


def test_features_are_those_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.feature_extraction.text")
    counts = np.array([[2, 0, 1, 1], [1, 1, 0, 0], [0, 1, 1, 1], [0, 0, 0, 0]])
    transformer = sklearn.TfidfTransformer(norm="l2", smooth_idf=True)
    weights = transformer.fit(counts).idf_
    expected = np.log1p(counts) * weights
    norms = np.linalg.norm(expected, axis=1, keepdims=True)
    found = encode(TEXTS)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, expected / np.maximum(norms, 1e-9), atol=1e-6)
    np.testing.assert_allclose(BagOfWordsEncoder.build(EXAMPLES).weights, weights)


@pytest.mark.parametrize("text", ["", "  ", "nothing that was kept"])
def test_a_text_without_any_word_that_was_kept_is_all_noughts(text):
    np.testing.assert_array_equal(encode([text]), np.zeros((1, 4)))


def test_order_case_and_digits_do_not_count():
    one, other = encode(["a GOOD film of 1234", "Film of 2024: a good"])
    np.testing.assert_array_equal(one, other)


@given(st.lists(st.text("agodbfilm 019.", max_size=20), max_size=6))
def test_a_text_has_the_same_features_alone_and_in_a_batch_and_the_length_one_or_nought(texts):
    encoder = BagOfWordsEncoder.build(EXAMPLES, min_count=1)
    together = encoder.encode(texts)["features"]
    assert together.shape == (len(texts), encoder.sizes["num_features"])
    for row, text in enumerate(texts):
        np.testing.assert_array_equal(encoder.encode([text])["features"][0], together[row])
        assert np.linalg.norm(together[row]) == pytest.approx(float(np.any(together[row])))


def test_a_text_is_one_step():
    encoder = BagOfWordsEncoder.build(EXAMPLES)
    assert encoder.lengths(["", "a b c"]).tolist() == [1, 1]
    assert encoder.encode(["a"], length=9)["features"].shape == (1, 4)


def test_sizes_are_those_that_the_builder_needs():
    from kerasrnn.zoo import one_to_one_dense

    encoder = BagOfWordsEncoder.build(EXAMPLES)
    assert encoder.sizes == {"num_features": 4, "num_classes": 2}
    assert one_to_one_dense(**encoder.sizes)(encoder.encode(TEXTS)).shape == (4, 2)


def test_a_saved_encoder_gives_the_same_features(tmp_path):
    encoder = BagOfWordsEncoder.build([*EXAMPLES, Labelled("Ça va, ça va", "pos")])
    encoder.save(tmp_path / "vocabulary.json")
    again = BagOfWordsEncoder.load(tmp_path)
    assert "ça" in again.words
    assert again.to_json() == encoder.to_json()
    np.testing.assert_array_equal(
        again.encode(TEXTS)["features"], encoder.encode(TEXTS)["features"]
    )


def test_a_vector_encoders_file_is_refused(tmp_path):
    from kerasrnn.data import VectorEncoder

    VectorEncoder("ab", [0], [1]).save(tmp_path / "vocabulary.json")
    with pytest.raises(DataError, match="not a vocabulary of BagOfWordsEncoder"):
        BagOfWordsEncoder.load(tmp_path)


def test_what_is_not_a_text_is_refused():
    with pytest.raises(DataError, match="Content 2 is a bytes, not a text"):
        encode(["a", b"a"])
    with pytest.raises(DataError, match="Content 1 is a list, not a text"):
        BagOfWordsEncoder.build([Labelled([1.0], "a"), Labelled("x", "b")])


@pytest.mark.parametrize(
    "found", [[], [Labelled("", "a"), Labelled("", "b")], [Labelled("one", "a"), Labelled("", "b")]]
)
def test_texts_of_which_no_word_is_kept_are_refused(found):
    with pytest.raises(DataError, match="No word is kept|one label alone"):
        BagOfWordsEncoder.build(found)


@pytest.mark.parametrize(("words", "weights"), [("ab", [1]), ("aa", [1, 1])])
def test_words_and_weights_that_do_not_fit_are_refused(words, weights):
    with pytest.raises(DataError, match="weights|distinct"):
        BagOfWordsEncoder("xy", words, weights)
