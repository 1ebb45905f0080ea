"""Dropout: off outside training, seeded, one mask for a whole sequence."""

import keras
import numpy as np
import pytest

from kerasrnn import layers
from tests.conformance.registry import CELLS, LAYERS, named
from tests.reference.weights import arrays, assert_same, built, copy_weights, normal

RATE = 0.5
# A loop of JAX's hides the values of its steps.
UNROLL = keras.backend.backend() == "jax"
KINDS = ["dropout", "recurrent_dropout"]
BATCH, TIME, FEATURES = 8, 6, 5


def make(entry, **arguments):
    return built(entry.factory(return_sequences=True, **arguments), (BATCH, TIME, FEATURES))


@pytest.fixture
def x():
    return normal(BATCH, TIME, FEATURES)


@pytest.mark.parametrize(**named(LAYERS))
@pytest.mark.parametrize("kind", KINDS)
def test_dropout_acts_in_training_alone(entry, kind, x):
    plain = make(entry)
    dropping = copy_weights(plain, make(entry, **{kind: RATE, "seed": 3}))
    assert_same(dropping(x), plain(x))
    assert_same(dropping(x, training=False), plain(x))
    difference = np.abs(arrays(dropping(x, training=True))[0] - arrays(plain(x))[0])
    assert difference.max() > 1e-2


@pytest.mark.parametrize(**named(LAYERS))
@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_repeats_the_dropout(entry, kind, x):
    first, same, other = [make(entry, **{kind: RATE, "seed": seed}) for seed in (3, 3, 4)]
    results = [arrays(layer(x, training=True))[0] for layer in (first, same, other)]
    assert_same(results[1], results[0])
    assert np.abs(results[2] - results[0]).max() > 1e-2


@pytest.mark.parametrize(**named(LAYERS))
@pytest.mark.parametrize("kind", KINDS)
def test_each_call_draws_new_masks(entry, kind, x):
    layer = make(entry, **{kind: RATE, "seed": 3})
    first, second = arrays([layer(x, training=True), layer(x, training=True)])
    assert np.abs(first - second).max() > 1e-2


@pytest.mark.parametrize(**named(LAYERS))
def test_recurrent_dropout_leaves_the_first_step_alone(entry, x):
    layer = make(entry, recurrent_dropout=RATE, seed=3)
    one_step = x[:, :1]
    assert_same(layer(one_step, training=True), layer(one_step))


def ones():
    return np.ones((BATCH, TIME, FEATURES), "float32")


class Spy:
    """Puts itself before `project` and `step` of a cell and writes down what they are given."""

    def __init__(self, cell):
        self.projected, self.recurrent_masks = [], []
        project, step = cell.project, cell.step

        def spied_project(inputs):
            self.projected.append(keras.ops.convert_to_numpy(inputs))
            return project(inputs)

        def spied_step(projected, states, matmul):
            mask = matmul(keras.ops.ones_like(states[0]), keras.ops.eye(cell.units))
            self.recurrent_masks.append(keras.ops.convert_to_numpy(mask))
            return step(projected, states, matmul)

        cell.project, cell.step = spied_project, spied_step


def assert_is_a_mask(array):
    """Dropped elements are zero, the others are scaled up so that the mean stays."""
    dropped = array == 0
    assert dropped.any()
    assert_same(array[~dropped], np.full(np.sum(~dropped), 1 / (1 - RATE)))
    assert not (array == array[:1]).all()  # rows have masks of their own
    assert not (array == array[:, :1]).all()  # and so have features


@pytest.mark.parametrize("layer_class", [layers.RNN, keras.layers.RNN])
@pytest.mark.parametrize(**named(CELLS))
def test_inputs_are_dropped_by_one_mask_for_all_steps(entry, layer_class):
    cell = built(entry.factory(dropout=RATE, seed=5), (BATCH, FEATURES))
    spy = Spy(cell)
    layer_class(cell, unroll=UNROLL)(ones(), training=True)
    seen = np.concatenate([p.reshape(BATCH, -1, FEATURES) for p in spy.projected], axis=1)
    assert seen.shape[1] >= TIME  # Keras's own loop runs one step more, to learn its shapes
    assert_same(seen, np.repeat(seen[:, :1], seen.shape[1], axis=1))
    assert_is_a_mask(seen[:, 0])
    assert all(np.all(mask == 1) for mask in spy.recurrent_masks)


@pytest.mark.parametrize("layer_class", [layers.RNN, keras.layers.RNN])
@pytest.mark.parametrize(**named(CELLS))
def test_recurrent_operands_are_dropped_by_one_mask_for_all_steps(entry, layer_class):
    cell = built(entry.factory(recurrent_dropout=RATE, seed=5), (BATCH, FEATURES))
    spy = Spy(cell)
    layer_class(cell, unroll=UNROLL)(ones(), training=True)
    assert len(spy.recurrent_masks) >= TIME
    assert_same(spy.recurrent_masks, [spy.recurrent_masks[0]] * len(spy.recurrent_masks))
    assert_is_a_mask(spy.recurrent_masks[0])
    assert all(np.all(projected == 1) for projected in spy.projected)


@pytest.mark.parametrize("go_backwards", [False, True])
def test_a_masked_sequence_may_be_dropped_too(x, go_backwards):
    layer = layers.LSTM(3, dropout=RATE, recurrent_dropout=RATE, seed=1, go_backwards=go_backwards)
    mask = np.arange(TIME) < np.array([6, 1, 2, 3, 4, 5, 6, 0])[:, None]
    result = arrays(layer(x, mask=mask, training=True))[0]
    assert np.isfinite(result).all()
    assert np.all(result[-1] == 0)
