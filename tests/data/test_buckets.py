import itertools

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
    import tensorflow as tf

    from kerasrnn import layers

    inputs = keras.Input((None, 3))
    layer = layers.LSTM(2)
    model = keras.Model(inputs, keras.layers.Dense(1)(layer(keras.layers.Masking()(inputs))))
    model.compile("sgd", "mse")
    dataset = Buckets(LENGTHS, 2).batches(sequences(LENGTHS), 3)
    # Keras warns of data sets that do not say how many batches they have.
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(list(dataset))))
    before = model.get_weights()
    model.fit(dataset, shuffle=False, verbose=0)
    assert layer.last_way.startswith("compiled: ")
    assert all(np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("lengths", "count", "message"),
    [
        ([], 8, "`lengths` must be positive.*received none"),
        ([3, 0], 8, "`lengths` must be positive.*received 0"),
        ([3], 0, "`count` must be a positive integer; received 0"),
    ],
)
def test_wrong_arguments_are_refused(lengths, count, message):
    with pytest.raises(ValueError, match=message):
        Buckets(lengths, count)
