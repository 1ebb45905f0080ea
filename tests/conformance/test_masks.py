"""A masked step is as if it were not there."""

import keras
import numpy as np
import pytest

from tests.conformance.registry import BATCH, FEATURES, LAYERS, named
from tests.reference.gradients import value_and_gradients
from tests.reference.weights import arrays, assert_same, built, copy_weights, normal

LENGTH, PADDING = 4, 3


def pad(x, side):
    """Pads the time axis with large values that a leak would show."""
    width = [(0, 0), (0, PADDING) if side == "right" else (PADDING, 0)]
    values = np.pad(x, [*width, (0, 0)], constant_values=5.0)
    mask = np.pad(np.ones(x.shape[:2], bool), width)
    return values, mask


def pair(entry, **arguments):
    """Two layers with the same weights: one returns sequences, one does not; both states."""
    sequences = built(
        entry.factory(return_sequences=True, return_state=True, **arguments), entry.input_shape
    )
    last = built(entry.factory(return_state=True, **arguments), entry.input_shape)
    return sequences, copy_weights(sequences, last)


@pytest.mark.parametrize(**named(LAYERS))
@pytest.mark.parametrize("side", ["right", "left"])
def test_padding_changes_no_output_and_no_state(entry, side):
    sequences, last = pair(entry)
    x = normal(BATCH, LENGTH, FEATURES)
    padded, mask = pad(x, side)
    assert_same(last(padded, mask=mask), last(x))
    outputs, *states = sequences(padded, mask=mask)
    expected, *expected_states = sequences(x)
    real = slice(0, LENGTH) if side == "right" else slice(PADDING, None)
    assert_same([outputs[:, real], *states], [expected, *expected_states])


@pytest.mark.parametrize(**named([entry for entry in LAYERS if entry.name != "BRNN"]))
@pytest.mark.parametrize("side", ["right", "left"])
def test_padding_changes_nothing_when_reading_backwards(entry, side):
    _, last = pair(entry, go_backwards=True)
    x = normal(BATCH, LENGTH, FEATURES)
    padded, mask = pad(x, side)
    assert_same(last(padded, mask=mask), last(x))


@pytest.mark.parametrize(**named(LAYERS))
def test_steps_masked_in_the_middle_are_as_if_removed(entry):
    _, last = pair(entry)
    x = normal(BATCH, 6, FEATURES)
    kept = [0, 2, 5]
    mask = np.zeros((BATCH, 6), bool)
    mask[:, kept] = True
    assert_same(last(x, mask=mask), last(x[:, kept]))


@pytest.mark.parametrize(**named(LAYERS))
def test_rows_of_different_lengths_do_not_touch_each_other(entry):
    _, last = pair(entry)
    x = normal(3, 5, FEATURES)
    lengths = [5, 2, 1]
    mask = np.arange(5) < np.array(lengths)[:, None]
    together = arrays(last(x, mask=mask))
    for row, length in enumerate(lengths):
        alone = last(x[row : row + 1, :length])
        assert_same([array[row : row + 1] for array in together], alone)


@pytest.mark.parametrize(**named(LAYERS))
def test_a_row_without_real_steps_gives_zeros(entry):
    x, mask = normal(*entry.input_shape), np.ones(entry.input_shape[:2], bool)
    mask[1] = False
    for layer in pair(entry):
        for array in arrays(layer(x, mask=mask)):
            assert np.all(array[1] == 0)
            assert np.all(array[0] != 0)


@pytest.mark.parametrize(**named(LAYERS))
def test_a_mask_of_real_steps_alone_changes_nothing(entry):
    for layer in pair(entry):
        x = normal(*entry.input_shape)
        assert_same(layer(x, mask=np.ones(x.shape[:2], bool)), layer(x))


@pytest.mark.parametrize(**named(LAYERS))
def test_masked_inputs_get_no_gradient_and_give_none(entry):
    sequences, _ = pair(entry)
    x = normal(*entry.input_shape).astype("float32")
    mask = np.array([[True, True, False, True, False], [False, True, True, True, True]])

    def loss(x):
        outputs, *_ = sequences(x, mask=mask)
        return keras.ops.sum(keras.ops.where(mask[..., None], outputs, 0) ** 2), None

    def gradients(x):
        _, (to_x,), to_weights = value_and_gradients(loss, sequences, [x])
        return to_x, to_weights

    to_x, to_weights = gradients(x)
    assert np.all(to_x[~mask] == 0)
    assert np.all(to_x[mask] != 0)
    _, to_weights_again = gradients(np.where(mask[..., None], x, 7.0).astype("float32"))
    assert_same(to_weights_again, to_weights)


@pytest.mark.parametrize(**named(LAYERS))
def test_masked_steps_show_the_last_output_or_zeros(entry):
    x = normal(BATCH, 5, FEATURES)
    mask = np.array([[True, True, False, True, False]] * BATCH)
    shown = {}
    for zeros in (False, True):
        layer = entry.factory(return_sequences=True, zero_output_for_mask=zeros)
        shown[zeros] = arrays(built(layer, entry.input_shape)(x, mask=mask))[0]
    assert np.all(shown[True][:, [2, 4]] == 0)
    assert_same(shown[True][:, [0, 1, 3]], shown[False][:, [0, 1, 3]])
    if entry.name not in ("BRNN", "DeepRNN-residual"):  # which always show zeros
        assert_same(shown[False][:, [2, 4]], shown[False][:, [1, 3]])


@pytest.mark.parametrize(**named(LAYERS))
def test_a_mask_of_integers_is_a_mask(entry):
    _, last = pair(entry)
    x = normal(*entry.input_shape)
    mask = np.array([[True, True, True, False, False], [True, False, True, True, True]])
    assert_same(last(x, mask=mask.astype("int32")), last(x, mask=mask))


@pytest.mark.parametrize(**named(LAYERS))
def test_an_embedding_hands_its_mask_through_the_layer(entry):
    tokens = np.array([[3, 1, 2, 0, 0], [0, 2, 4, 1, 5]])
    embedding = keras.layers.Embedding(6, FEATURES, mask_zero=True)
    layer = entry.factory(return_sequences=True)
    inputs = keras.Input((None,))
    outputs = layer(embedding(inputs))
    model = keras.Model(inputs, [outputs, keras.layers.GlobalAveragePooling1D()(outputs)])
    built(layer, entry.input_shape)
    outputs, mean = arrays(model(tokens))
    mask = tokens != 0
    assert_same(outputs, layer(embedding(tokens), mask=mask))
    expected = [row[kept].mean(axis=0) for row, kept in zip(outputs, mask, strict=True)]
    assert_same(mean, np.stack(expected))


@pytest.mark.parametrize(**named(LAYERS))
def test_the_mask_goes_on_with_sequences_alone(entry):
    mask = keras.ops.convert_to_tensor(np.array([[True, True, False, False, False]] * BATCH))
    assert entry.factory().compute_mask(None, mask) is None
    assert entry.factory(return_sequences=True).compute_mask(None, None) is None
    assert_same(entry.factory(return_sequences=True).compute_mask(None, mask), mask)
    layer = entry.factory(return_sequences=True, return_state=True)
    first, *others = layer.compute_mask(None, mask)
    assert_same(first, mask)
    assert others == [None] * len(layer.state_size)


@pytest.mark.parametrize(**named([entry for entry in LAYERS if entry.name != "BRNN"]))
def test_the_mask_turns_with_the_outputs_when_reading_backwards(entry):
    mask = keras.ops.convert_to_tensor(np.array([[True, True, False, False, False]] * BATCH))
    layer = entry.factory(return_sequences=True, go_backwards=True)
    assert_same(layer.compute_mask(None, mask), keras.ops.flip(mask, axis=1))
