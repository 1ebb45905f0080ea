import itertools

import numpy as np
import pytest

from kerasrnn.data import batches
from kerasrnn.data._batches import padded_length

LENGTHS = [3, 16, 17, 1, 64, 30, 2, 5]


def make(lengths=LENGTHS, batch_size=2, time=None, **arguments):
    """A dataset whose tokens are the numbers of their sentence, from 1, and of their step."""
    time = time or max(lengths)
    words = np.zeros((len(lengths), time), "int32")
    for row, length in enumerate(lengths):
        words[row, :length] = row + 1
    steps = np.where(words > 0, np.arange(1, time + 1, dtype="int32"), 0)
    letters = np.repeat(words[:, :, None], 3, axis=2)
    inputs = {"words": words, "characters": letters}
    return batches(inputs, steps, lengths, batch_size, **arguments)


def shapes(dataset):
    return [tuple(inputs["words"].shape) for inputs, _ in dataset]


def order(dataset):
    """The sentences' numbers as one pass brings them, batch by batch."""
    return [[n for n in inputs["words"][:, 0].numpy() if n] for inputs, _ in dataset]


def test_each_batch_is_padded_to_a_boundary():
    # 3, 16, 1, 2, 5 | 17, 30 | 64
    assert shapes(make()) == [(2, 16)] * 3 + [(2, 32), (2, 64)]
    assert shapes(make(boundaries=(4, 100))) == [(2, 4)] * 2 + [(2, 100)] * 3


@pytest.mark.parametrize(("length", "padded"), [(65, 128), (128, 128), (129, 192)])
def test_beyond_the_last_boundary_it_is_padded_to_a_multiple_of_it(length, padded):
    assert shapes(make([length, 3])) == [(2, 16), (2, padded)]


def test_all_inputs_and_targets_of_a_batch_are_cut_to_one_time():
    for inputs, targets in make():
        assert inputs["characters"].shape == (*inputs["words"].shape, 3)
        assert targets.shape == inputs["words"].shape


def test_arrays_that_are_padded_further_than_needed_are_cut_and_keep_every_token():
    for dataset in (make(), make(time=200)):
        found = {}
        for inputs, targets in dataset:
            for words, steps in zip(inputs["words"].numpy(), targets.numpy(), strict=True):
                real = words > 0
                assert steps[real].tolist() == list(range(1, real.sum() + 1))
                if real.any():
                    found[int(words[0])] = int(real.sum())
        assert found == dict(enumerate(LENGTHS, start=1))


def test_a_batch_that_lacks_rows_is_filled_with_empty_ones():
    (inputs, targets), *_ = make([3, 4, 5], batch_size=8)
    assert inputs["words"].shape == (8, 16)
    for array in (inputs["words"], inputs["characters"], targets):
        assert np.any(array[:3], axis=tuple(range(1, array.ndim))).all()
        assert not np.any(array[3:])


def test_the_type_of_each_array_is_kept_and_only_time_is_open():
    inputs, targets = make().element_spec
    assert inputs["words"].shape.as_list() == [2, None]
    assert inputs["characters"].shape.as_list() == [2, None, 3]
    assert targets.dtype == inputs["words"].dtype == "int32"


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_each_pass_brings_every_sentence_once_and_as_many_batches_as_it_says(shuffle, batch_size):
    dataset = make(batch_size=batch_size, shuffle=shuffle)
    for _ in range(2):
        found = order(dataset)
        assert sorted(itertools.chain(*found)) == list(range(1, len(LENGTHS) + 1))
        assert len(found) == int(dataset.cardinality())


def test_without_shuffling_the_order_is_that_of_length_groups_and_rows():
    dataset = make()
    assert order(dataset) == order(dataset) == [[1, 2], [4, 7], [8], [3, 6], [5]]


def test_each_pass_has_an_order_of_its_own_which_the_seed_repeats():
    lengths = [3] * 20 + [20] * 20
    dataset = make(lengths, batch_size=4, shuffle=True, seed=7)
    first, second = order(dataset), order(dataset)
    assert first != second
    assert {frozenset(rows) for rows in first} != {frozenset(rows) for rows in second}
    again = make(lengths, batch_size=4, shuffle=True, seed=7)
    assert [order(again), order(again)] == [first, second]
    assert order(make(lengths, batch_size=4, shuffle=True, seed=8)) not in (first, second)


def test_shuffling_mixes_batches_of_different_length():
    found = shapes(make([3] * 40 + [20] * 40, batch_size=4, shuffle=True))
    assert found != sorted(found)


def test_lengths_may_be_an_array_or_a_list():
    assert order(make(np.array(LENGTHS))) == order(make(LENGTHS))


# With weights: one target a sequence


def weighted(lengths=LENGTHS, batch_size=3, weights=None, features=None, **arguments):
    """A dataset of sequences full of their number, from 1, which is their target too."""
    lengths = np.asarray(lengths)
    rows = np.arange(1, len(lengths) + 1, dtype="int32")
    words = np.where(np.arange(lengths.max()) < lengths[:, None], rows[:, None], 0).astype("int32")
    inputs = {"words": words} if features is None else {"features": features}
    weights = rows.astype("float32") if weights is None else weights
    return batches(inputs, rows, lengths, batch_size, weights=weights, **arguments)


def test_with_weights_each_sequence_has_one_target_and_its_weight():
    found = {}
    for inputs, targets, weights in weighted():
        assert targets.shape == weights.shape == (3,)
        real = weights.numpy() > 0
        np.testing.assert_array_equal(inputs["words"][:, 0], targets)
        found |= dict(zip(targets.numpy()[real].tolist(), weights.numpy()[real], strict=True))
    assert found == {row: row for row in range(1, len(LENGTHS) + 1)}
    inputs, targets, weights = weighted().element_spec
    assert (targets.shape, weights.shape, weights.dtype) == ((3,), (3,), "float32")


def test_with_weights_a_batch_is_filled_with_its_first_row_which_weighs_nothing():
    ((inputs, targets, weights),) = weighted([3, 4], batch_size=5)
    np.testing.assert_array_equal(inputs["words"][2:], np.repeat(inputs["words"][:1], 3, axis=0))
    assert targets.numpy().tolist() == [1, 2, 1, 1, 1]
    assert weights.numpy().tolist() == [1, 2, 0, 0, 0]


def test_filling_rows_change_neither_the_sum_of_the_loss_nor_a_gradient():
    import keras
    import tensorflow as tf

    model = keras.Sequential(
        [keras.layers.Embedding(10, 3), keras.layers.LSTM(2), keras.layers.Dense(10)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")

    def measured(batch_size):
        ((inputs, targets, weights),) = weighted([3, 4, 2], batch_size=batch_size)
        with tf.GradientTape() as tape:
            total = loss(targets, model(inputs["words"]), sample_weight=weights)
        return total, tape.gradient(total, model.trainable_variables[1:])

    (total, gradients), (filled, filled_gradients) = measured(3), measured(8)
    assert float(total) > 1
    np.testing.assert_allclose(filled, total, rtol=1e-5)
    for expected, found in zip(gradients, filled_gradients, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


# With weights of steps


def stepped(lengths=LENGTHS, batch_size=3, **arguments):
    """A dataset of sequences of one target a step, and of one number of their own."""
    lengths = np.asarray(lengths)
    rows = np.arange(1, len(lengths) + 1, dtype="int32")
    real = np.arange(lengths.max()) < lengths[:, None]
    words = np.where(real, rows[:, None], 0).astype("int32")
    steps = np.where(real, np.arange(1, lengths.max() + 1), 0).astype("int32")
    inputs = {"words": words, "category": rows * 10}
    return batches(inputs, steps, lengths, batch_size, weights=real.astype("float32"), **arguments)


@pytest.mark.parametrize("shuffle", [False, True])
def test_with_weights_of_steps_each_step_has_a_target_and_a_weight(shuffle):
    found = {}
    for inputs, targets, weights in stepped(shuffle=shuffle):
        assert inputs["words"].shape == targets.shape == weights.shape
        np.testing.assert_array_equal(weights, np.array(targets) > 0)
        for row, target in zip(inputs["words"].numpy(), targets.numpy(), strict=True):
            if target.any():
                count = int((target > 0).sum())
                assert (row[:count] == row[0]).all()
                assert target[:count].tolist() == list(range(1, count + 1))
                found[int(row[0])] = count
    assert found == dict(enumerate(LENGTHS, start=1))


def test_inputs_without_time_are_neither_cut_nor_padded_and_stay_with_their_rows():
    for inputs, targets, weights in stepped():
        assert inputs["category"].shape == (3,)
        real = weights.numpy().any(axis=1)
        np.testing.assert_array_equal(
            inputs["category"].numpy()[real], 10 * inputs["words"].numpy()[real, 0]
        )
        assert not targets.numpy()[~real].any()
    spec, targets, weights = stepped().element_spec
    assert (spec["category"].shape, spec["category"].dtype) == ((3,), "int32")
    assert targets.shape.as_list() == weights.shape.as_list() == [3, None]
    assert weights.dtype == "float32"


def test_with_weights_of_steps_rows_that_lack_are_empty_and_weigh_nothing():
    ((inputs, targets, weights),) = stepped([3, 4], batch_size=5)
    assert inputs["category"].numpy().tolist() == [10, 20, 0, 0, 0]
    for array in (inputs["words"], targets, weights):
        assert not np.any(array[2:])
    assert weights.numpy().sum() == 7


def test_sequences_of_one_step_have_weights_of_steps_too():
    ((inputs, targets, weights),) = stepped([1, 1], batch_size=2)
    assert targets.shape == weights.shape == (2, 1)
    assert inputs["category"].numpy().tolist() == [10, 20]
    assert inputs["words"].shape == (2, 1)


def test_vectors_have_no_time_to_cut_or_pad():
    features = np.arange(20, dtype="float32").reshape(5, 4)
    dataset = weighted([1] * 5, batch_size=2, features=features)
    assert dataset.element_spec[0]["features"].shape == (2, 4)
    found = np.concatenate([inputs["features"] for inputs, *_ in dataset])
    np.testing.assert_array_equal(found[:5], features)


def test_clips_of_one_frame_have_a_time():
    clips = np.ones((3, 1, 2, 2, 1), "float32")
    dataset = weighted([1] * 3, batch_size=3, features=clips)
    assert dataset.element_spec[0]["features"].shape.as_list() == [3, None, 2, 2, 1]
    ((inputs, *_),) = dataset
    assert inputs["features"].shape == (3, 1, 2, 2, 1)


def test_sequences_of_one_length_are_padded_to_that():
    for inputs, *_ in weighted([20] * 4, batch_size=2):
        assert inputs["words"].shape == (2, 20)
    assert shapes(make([20] * 4)) == [(2, 20)] * 2


def test_a_change_is_made_anew_in_each_pass_of_the_rows_it_is_asked_for():
    asked = []

    def change(rows, rng):
        asked.extend(rows.tolist())
        return np.full((len(rows), 4), 100 + rng.integers(1000), "int32")

    dataset = weighted([4] * 5, batch_size=2, change={"words": change})
    passes = [[inputs["words"].numpy() for inputs, *_ in dataset] for _ in range(2)]
    assert sorted(asked) == sorted([*range(5)] * 2)
    assert all((batch >= 100).all() for found in passes for batch in found)
    assert not np.array_equal(passes[0], passes[1])
    again = weighted([4] * 5, batch_size=2, change={"words": change})
    repeated = [[inputs["words"].numpy() for inputs, *_ in again] for _ in range(2)]
    np.testing.assert_array_equal(repeated, passes)
    other = weighted([4] * 5, batch_size=2, change={"words": change}, seed=1)
    assert not np.array_equal([inputs["words"].numpy() for inputs, *_ in other], passes[0])


def test_a_change_is_of_the_inputs_it_names_alone():
    dataset = weighted([4] * 3, change={"letters": lambda rows, rng: np.zeros((len(rows), 4))})
    ((inputs, targets, _),) = dataset
    np.testing.assert_array_equal(inputs["words"][:, 0], targets)


@pytest.mark.parametrize(
    ("longest", "padded"), [(1, 16), (16, 16), (17, 32), (64, 64), (65, 128), (300, 320)]
)
def test_the_padded_length_is_the_least_boundary_or_multiple_of_the_last(longest, padded):
    assert padded_length(np.array([longest, 1000]), longest) == padded


@pytest.mark.parametrize(("length", "padded"), [(0, 1), (1, 1), (13, 13), (300, 300)])
def test_the_padded_length_of_sequences_of_one_length_is_that(length, padded):
    assert padded_length(np.array([length] * 3), length) == padded
