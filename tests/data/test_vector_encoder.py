import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data import DataError, Labelled, VectorEncoder

BIG = 1e300


def examples(rows=50, size=3, seed=0):
    rng = np.random.default_rng(seed)
    scales, shifts = 10.0 ** np.arange(-1, size - 1), np.arange(size)
    contents = rng.normal(size=(rows, size)) * scales + shifts
    return [Labelled(content, f"label {n % 3}") for n, content in enumerate(contents)]


def contents_of(found):
    return [example.content for example in found]


def test_each_feature_has_mean_nought_and_deviation_one_in_training():
    found = examples()
    features = VectorEncoder.build(found).encode(contents_of(found))["features"]
    assert (features.shape, features.dtype) == ((50, 3), "float32")
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(features.std(axis=0), 1, atol=1e-5)


@pytest.mark.parametrize("constant", [0.1, 0.0, -BIG, 1e-310])
def test_a_constant_feature_becomes_nought(constant):
    found = [Labelled([constant, n], "ab"[n % 2]) for n in range(7)]
    encoder = VectorEncoder.build(found)
    assert encoder.deviation[0] == 1
    features = encoder.encode(contents_of(found))["features"]
    np.testing.assert_array_equal(features[:, 0], 0)


def test_the_scale_is_that_of_training_alone():
    encoder = VectorEncoder.build(examples())
    kept = encoder.to_json()
    encoder.encode([[100.0, 100.0, 100.0]] * 4)
    assert encoder.to_json() == kept


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=1, max_size=6))
def test_a_content_has_the_same_features_alone_and_in_a_batch(contents):
    encoder = VectorEncoder.build(examples())
    together = encoder.encode(contents)["features"]
    for row, content in enumerate(contents):
        np.testing.assert_array_equal(encoder.encode([content])["features"][0], together[row])


@pytest.mark.parametrize("kind", [list, tuple, np.asarray, lambda x: np.asarray(x, "int8")])
def test_lists_and_arrays_of_any_numbers_are_vectors(kind):
    encoder = VectorEncoder(["a", "b"], [1, 2], [1, 2])
    assert encoder.encode([kind([2, 6])])["features"].tolist() == [[1, 2]]


def test_no_contents_give_no_rows():
    encoder = VectorEncoder(["a", "b"], [1, 2], [1, 2])
    assert encoder.encode([])["features"].shape == (0, 2)
    assert encoder.lengths([]).shape == (0,)


def test_a_vector_is_one_step():
    encoder = VectorEncoder(["a", "b"], [0], [1])
    assert encoder.lengths([[1.0], [2.0]]).tolist() == [1, 1]
    assert encoder.encode([[1.0]], length=5)["features"].shape == (1, 1)


def test_sizes_are_those_that_the_builder_needs():
    from kerasrnn.zoo import one_to_one_dense

    encoder = VectorEncoder.build(examples())
    assert encoder.sizes == {"num_features": 3, "num_classes": 3}
    model = one_to_one_dense(**encoder.sizes)
    assert model(encoder.encode(contents_of(examples(4)))).shape == (4, 3)


def test_a_saved_encoder_gives_the_same_features(tmp_path):
    encoder = VectorEncoder.build(examples())
    encoder.save(tmp_path / "vocabulary.json")
    again = VectorEncoder.load(tmp_path)
    assert again.to_json() == encoder.to_json()
    assert (again.labels, again.sizes) == (encoder.labels, encoder.sizes)
    found = contents_of(examples(seed=1))
    np.testing.assert_array_equal(
        again.encode(found)["features"], encoder.encode(found)["features"]
    )


def test_labels_are_numbered_in_their_order():
    encoder = VectorEncoder.build(examples())
    assert encoder.labels == ("label 0", "label 1", "label 2")
    assert encoder.encode_labels(examples(4)).tolist() == [0, 1, 2, 0]


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        ([[1.0, 2.0]], "Vector 1 has 2 numbers, where 3 are expected"),
        ([[1, 2, 3], [1, 2, 3, 4]], "Vector 2 has 4 numbers, where 3 are expected"),
        ([[1, 2, 3], [1, np.nan, 3]], "Number 2 of vector 2 is nan"),
        ([[np.inf, 2, 3]], "Number 1 of vector 1 is inf"),
        ([[[1, 2, 3]]], "Content 1 is not a vector of numbers"),
        ([3.0], "Content 1 is not a vector of numbers: 3.0"),
        (["text"], "Content 1 is not a vector of numbers: 'text'"),
        ([["1", "2", "3"]], "Content 1 is not a vector of numbers"),
        ([[1, [2], 3]], "Content 1 is not a vector of numbers"),
        ([[0, 0, BIG]], "Number 3 of vector 1 is 1e.300, too far from"),
    ],
)
def test_what_is_not_a_vector_of_the_training_datas_size_is_refused(contents, reason):
    with pytest.raises(DataError, match=reason):
        VectorEncoder.build(examples()).encode(contents)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([], "no training examples"),
        ([Labelled([1], "a"), Labelled([1, 2], "b")], "Vector 2 has 2 numbers"),
        ([Labelled([], "a"), Labelled([], "b")], "vectors are empty"),
        ([Labelled([1], "a")], "one label alone, 'a'"),
        ([Labelled([BIG], "a"), Labelled([-BIG], "b")], "Scale the numbers"),
        ([Labelled([1.7e308], "a"), Labelled([1.6e308], "b")], "Scale the numbers"),
    ],
)
def test_training_examples_without_a_scale_are_refused(found, reason):
    with pytest.raises(DataError, match=reason):
        VectorEncoder.build(found)


@pytest.mark.parametrize(
    ("mean", "deviation"), [([0], []), ([0], [0]), ([0], [-1]), ([np.nan], [1]), ([0], [np.inf])]
)
def test_a_scale_that_is_not_possible_is_refused(mean, deviation):
    with pytest.raises(DataError):
        VectorEncoder("ab", mean, deviation)
