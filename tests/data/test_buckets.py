import itertools
from typing import NamedTuple

import numpy as np
import pytest

from kerasrnn.data import Buckets


def padded_steps(lengths, boundaries):
    return sum(min(b for b in boundaries if b >= length) for length in lengths)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 20])
@pytest.mark.parametrize("seed", range(5))
def test_no_other_choice_of_boundaries_pads_less(count, seed):
    lengths = np.random.default_rng(seed).integers(1, 12, size=15)
    found = Buckets(lengths, count)
    allowed = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12]
    others = itertools.combinations(allowed, min(count, len(allowed)))
    least = min(padded_steps(lengths, o) for o in others if o[-1] >= lengths.max())
    assert padded_steps(lengths, found.boundaries) == least
    assert len(found.boundaries) <= count
    assert found.padding == pytest.approx(1 - lengths.sum() / least)


def test_of_many_lengths_few_boundaries_leave_little_padding():
    lengths = np.random.default_rng(0).integers(1, 5000, size=20000)
    found = Buckets(lengths, 10)
    assert found.boundaries[-1] == 5120
    assert len(found.boundaries) == 10
    assert found.padding < 0.125


def test_lengths_may_be_of_any_kind_of_integer():
    assert Buckets(np.array([10, 20, 7, 100], "uint16"), 2).boundaries == (20, 112)


def sequences(lengths):
    import tensorflow as tf

    def generate():
        for number, length in enumerate(lengths, start=1):
            yield np.full((length, 3), number, "float32"), number

    signature = (tf.TensorSpec((None, 3), "float32"), tf.TensorSpec((), "int32"))
    return tf.data.Dataset.from_generator(generate, output_signature=signature)


LENGTHS = [3, 9, 1, 2, 9, 3, 8, 7]


@pytest.mark.tensorflow
@pytest.mark.parametrize("drop_remainder", [False, True])
def test_batches_hold_each_sequence_once_in_few_shapes(drop_remainder):
    buckets = Buckets(LENGTHS, 2)
    assert buckets.boundaries == (3, 10)
    batches = list(buckets.batches(sequences(LENGTHS), 3, drop_remainder=drop_remainder))
    shapes = {tuple(x.shape) for x, _ in batches}
    assert shapes == (
        {(3, 3, 3), (3, 10, 3)}
        | (set() if drop_remainder else {(1, *s) for s in [(3, 3), (10, 3)]})
    )
    assert len(shapes) <= buckets.compilations(drop_remainder)
    found = {}
    for x, numbers in batches:
        for row, number in zip(x.numpy(), numbers.numpy(), strict=True):
            real = row[:, 0] != 0
            assert set(row[real].ravel()) == {number}
            found[int(number)] = int(real.sum())
    expected = dict(enumerate(LENGTHS, start=1))
    assert found.items() <= expected.items()
    assert len(found) == (6 if drop_remainder else 8)


@pytest.mark.tensorflow
def test_a_length_function_and_padding_values_are_used():
    dataset = sequences(LENGTHS).map(lambda x, number: (number, x))
    buckets = Buckets(LENGTHS, 1)
    batches = buckets.batches(
        dataset,
        8,
        length=lambda number, x: len_of(x),
        padding_values=(0, -1.0),
    )
    ((_, x),) = list(batches)
    assert x.shape == (8, 10, 3)
    assert (x.numpy() == -1).sum() == 3 * sum(10 - length for length in LENGTHS)


def len_of(x):
    import tensorflow as tf

    return tf.shape(x, "int64")[0]


@pytest.mark.tensorflow
def test_a_sequence_that_is_too_long_is_named():
    import tensorflow as tf

    with pytest.raises(tf.errors.InvalidArgumentError, match="longer than 3 steps.*Make `Buckets`"):
        list(Buckets([2, 3]).batches(sequences([4]), 1))


@pytest.mark.tensorflow
def test_a_model_trains_on_its_batches():
    import keras

    from kerasrnn import layers

    inputs = keras.Input((None, 3))
    layer = layers.LSTM(2)
    model = keras.Model(inputs, keras.layers.Dense(1)(layer(keras.layers.Masking()(inputs))))
    model.compile("sgd", "mse")
    buckets = Buckets(LENGTHS, 2)
    dataset = buckets.batches(sequences(LENGTHS), 3).repeat()
    before = model.get_weights()
    model.fit(dataset, steps_per_epoch=buckets.steps(3), epochs=2, shuffle=False, verbose=0)
    assert layer.last_way.startswith("compiled: ")
    assert all(np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("lengths", "count", "message"),
    [
        ([], 8, "`lengths` must be positive.*received none"),
        ([3, 0], 8, "`lengths` must be positive.*received 0 at index 1. Leave out empty"),
        ([3, 2.5], 8, "`lengths` must be positive integers.*received an array of float64"),
        ([True, False], 8, "received an array of bool"),
        (["abc", "de"], 8, r"received an array of <U3. Give \[len\(sequence\)"),
        ([[1, 2], [3]], 8, r"received sequences of several lengths. Give \[len\(sequence\)"),
        ([[1, 2], [3, 4]], 8, r"received an array of shape \(2, 2\). Give \[len\(sequence\)"),
        (3, 8, r"received an array of shape \(\)"),
        (iter([3]), 8, "received an object of type list_iterator"),
        (None, 8, "received an object of type NoneType"),
        ([3], 0, "`count` must be a positive integer; received 0"),
        ([3], 2.0, "`count` must be a positive integer; received 2.0"),
        ([3], "2", "`count` must be a positive integer; received '2'"),
        ([3], True, "`count` must be a positive integer; received True"),
    ],
)
def test_wrong_arguments_are_refused(lengths, count, message):
    with pytest.raises(ValueError, match=message):
        Buckets(lengths, count)


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"dataset": [[1, 2]]}, TypeError, "`dataset` must be a tf.data.Dataset; .* type list"),
        ({"batch_size": 0}, ValueError, "`batch_size` must be a positive integer; received 0"),
        ({"batch_size": 2.5}, ValueError, "`batch_size` must be a positive integer; received 2.5"),
        ({"length": 3}, TypeError, "`length` must be a function .*; received 3"),
        ({"length": lambda x, number: x}, ValueError, r"one number.* of shape \(None, 3\)"),
    ],
    ids=["dataset", "no_rows", "part_of_a_row", "length", "lengths"],
)
def test_wrong_arguments_of_batches_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Buckets([3]).batches(**{"dataset": sequences([3]), "batch_size": 2, **arguments})


@pytest.mark.tensorflow
def test_elements_whose_first_tensor_has_no_time_are_refused():
    dataset = sequences([3]).map(lambda x, number: (number, x))
    with pytest.raises(ValueError, match="must have time as its first axis.*`length=`"):
        Buckets([3]).batches(dataset, 2)


@pytest.mark.tensorflow
@pytest.mark.parametrize("drop_remainder", [False, True])
@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_steps_counts_the_batches(batch_size, drop_remainder):
    buckets = Buckets(LENGTHS, 2)
    batches = buckets.batches(sequences(LENGTHS), batch_size, drop_remainder=drop_remainder)
    assert buckets.steps(batch_size, drop_remainder) == len(list(batches))


@pytest.mark.parametrize("batch_size", [0, 2.0, None])
def test_steps_refuses_what_is_no_size(batch_size):
    with pytest.raises(ValueError, match="`batch_size` must be a positive integer"):
        Buckets(LENGTHS).steps(batch_size)


@pytest.mark.tensorflow
@pytest.mark.parametrize("paired", [False, True])
def test_rows_of_ragged_tensors_are_taken(paired):
    import tensorflow as tf

    words = tf.ragged.constant([[1, 2], [3], [4, 5, 6]])
    given = (words, {"tags": -words}) if paired else words
    dataset = tf.data.Dataset.from_tensor_slices(given)
    padding = (7, {"tags": 9}) if paired else 7
    (batch,) = list(Buckets([2, 1, 3], 1).batches(dataset, 3, padding_values=padding))
    found = batch[0] if paired else batch
    assert found.numpy().tolist() == [[1, 2, 7], [3, 7, 7], [4, 5, 6]]
    if paired:
        assert batch[1]["tags"].numpy().tolist() == [[-1, -2, 9], [-3, 9, 9], [-4, -5, -6]]


class Pair(NamedTuple):
    words: object
    tags: object


@pytest.mark.tensorflow
def test_named_elements_keep_their_names():
    import tensorflow as tf

    words = tf.ragged.constant([[1, 2], [3]])
    dataset = tf.data.Dataset.from_tensor_slices(Pair(words, -words))
    (batch,) = list(
        Buckets([2, 1], 1).batches(dataset, 2, length=lambda pair: tf.shape(pair.words)[0])
    )
    assert batch.tags.numpy().tolist() == [[-1, -2], [-3, 0]]


@pytest.mark.tensorflow
def test_a_second_axis_of_unknown_size_is_refused():
    import tensorflow as tf

    letters = tf.ragged.constant([[[1], [2, 2]], [[3]]])
    dataset = tf.data.Dataset.from_tensor_slices(letters)
    with pytest.raises(ValueError, match=r"on its first axis.*\(None, None\).*to_tensor"):
        Buckets([2, 1], 1).batches(dataset, 2)
    padded = dataset.map(lambda word: word.to_tensor(shape=(None, 2)))
    (batch,) = list(Buckets([2, 1], 1).batches(padded, 2))
    assert batch.numpy().tolist() == [[[1, 0], [2, 2]], [[3, 0], [0, 0]]]
