"""Shapes that are known, unknown or one, and dtypes."""

import itertools

import keras
import numpy as np
import pytest

from tests.conformance.registry import (
    BATCH,
    CELLS,
    FEATURES,
    LAYERS,
    ONE_OF_EACH_KIND,
    TIME,
    UNITS,
    named,
)
from tests.reference.weights import arrays, assert_same, built, copy_weights, normal

MASK = np.array([[True, True, True, False, False], [True, False, True, True, True]])


def shapes(result):
    return [tuple(tensor.shape) for tensor in keras.tree.flatten(result)]


def flat_shapes(shape):
    """The shapes in a (nested) result of compute_output_shape."""
    if all(size is None or isinstance(size, int) for size in shape):
        return [tuple(shape)]
    return [flat for part in shape for flat in flat_shapes(part)]


@pytest.mark.parametrize(**named(LAYERS))
@pytest.mark.parametrize(
    ("return_sequences", "return_state"), list(itertools.product([False, True], repeat=2))
)
def test_compute_output_shape_is_the_real_shape(entry, return_sequences, return_state):
    layer = entry.factory(return_sequences=return_sequences, return_state=return_state)
    real = layer(normal(*entry.input_shape))
    assert flat_shapes(layer.compute_output_shape(entry.input_shape)) == shapes(real)
    symbolic = layer(keras.Input((None, FEATURES)))
    expected = [
        (None, *((None, shape[-1]) if len(shape) == 3 else shape[1:])) for shape in shapes(real)
    ]
    assert shapes(symbolic) == expected


@pytest.mark.parametrize(**named(CELLS))
def test_a_cell_gives_an_output_and_states_of_its_sizes(entry):
    cell = entry.factory()
    output, states = cell(normal(*entry.input_shape), cell.get_initial_state(batch_size=BATCH))
    assert shapes(output) == [(BATCH, cell.output_size)]
    assert shapes(states) == [(BATCH, size) for size in cell.state_size]
    assert cell.state_size == [UNITS] * len(cell.state_names)


# Their last output is more than the first state: it is made of several, or normalised.
DERIVED_OUTPUT = ("BRNN", "DeepRNN", "DeepRNN-both-ways", "DeepRNN-residual")


@pytest.mark.parametrize(**named(LAYERS))
def test_a_model_of_unknown_batch_and_time_takes_any(entry):
    inputs = keras.Input((None, FEATURES))
    layer = entry.factory(return_sequences=True)
    model = keras.Model(inputs, layer(inputs))
    built(layer, entry.input_shape)

    assert tuple(model.output.shape[:2]) == (None, None)
    for batch, time in [(1, 3), (4, 1), (2, 7)]:
        x = normal(batch, time, FEATURES).astype("float32")
        assert_same(model(x), layer(x))


@pytest.mark.tensorflow
@pytest.mark.parametrize(**named(LAYERS))
def test_one_graph_of_unknown_batch_and_time_takes_any(entry):
    import tensorflow as tf

    layer = built(entry.factory(return_sequences=True), entry.input_shape)

    @tf.function(input_signature=[tf.TensorSpec([None, None, FEATURES])])
    def unknown(x):
        outputs = layer(x)
        assert outputs.shape.as_list() == [None, None, outputs.shape[-1]]
        return outputs

    for batch, time in [(1, 3), (4, 1), (2, 7), (2, 0)]:
        x = normal(batch, time, FEATURES).astype("float32")
        assert_same(unknown(x), layer(x))


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize(**named(LAYERS))
def test_a_sequence_of_no_steps_gives_no_outputs_and_the_first_states(entry, known):
    inputs = keras.Input((0 if known else None, FEATURES))
    layer = entry.factory(return_sequences=True, return_state=True)
    starts = [keras.Input((size,)) for size in layer.state_size]
    model = keras.Model([inputs, *starts], layer(inputs, initial_state=starts))
    states = [normal(BATCH, size, seed=3 + k) for k, size in enumerate(layer.state_size)]
    empty = np.zeros((BATCH, 0, FEATURES), "float32")
    outputs, *ends = arrays(model([empty, *states]))
    assert outputs.shape == (BATCH, 0, layer.compute_output_shape(entry.input_shape)[0][-1])
    assert_same(ends, states)


@pytest.mark.tensorflow
@pytest.mark.parametrize(**named([entry for entry in LAYERS if entry.name not in DERIVED_OUTPUT]))
def test_in_a_graph_the_last_output_of_no_steps_is_the_first_state(entry):
    import tensorflow as tf

    layer = built(entry.factory(), entry.input_shape)
    states = [normal(BATCH, size, seed=3 + k) for k, size in enumerate(layer.state_size)]

    @tf.function(input_signature=[tf.TensorSpec([None, None, FEATURES])])
    def unknown(x):
        return layer(x, initial_state=states)

    assert_same(unknown(np.zeros((BATCH, 0, FEATURES), "float32")), states[0])


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize(**named([entry for entry in LAYERS if entry.name not in DERIVED_OUTPUT]))
def test_the_last_output_of_no_steps_is_the_first_state(entry, known):
    inputs = keras.Input((0 if known else None, FEATURES))
    layer = entry.factory()
    starts = [keras.Input((size,)) for size in layer.state_size]
    model = keras.Model([inputs, *starts], layer(inputs, initial_state=starts))
    states = [normal(BATCH, size, seed=3 + k) for k, size in enumerate(layer.state_size)]
    empty = np.zeros((BATCH, 0, FEATURES), "float32")
    assert_same(model([empty, *states]), states[0])


@pytest.mark.parametrize(**named([entry for entry in LAYERS if entry.name in ONE_OF_EACH_KIND]))
def test_predict_gives_what_a_call_gives(entry):
    inputs = keras.Input((None, FEATURES))
    layer = entry.factory()
    model = keras.Model(inputs, layer(inputs))
    built(layer, entry.input_shape)
    model.compile(jit_compile=False)
    x = normal(3, 6, FEATURES)
    assert_same(model.predict(x, batch_size=2, verbose=0), layer(x))


@pytest.mark.parametrize(**named(LAYERS))
def test_a_sequence_of_one_step_is_one_step(entry):
    layer = built(entry.factory(return_sequences=True), entry.input_shape)
    last = copy_weights(layer, built(entry.factory(), entry.input_shape))
    x = normal(BATCH, 1, FEATURES)
    assert_same(layer(x)[:, 0], last(x))
    assert_same(last(x, mask=np.ones((BATCH, 1), bool)), last(x))


@pytest.mark.parametrize(**named(LAYERS))
def test_a_batch_of_one_is_a_row_of_a_batch(entry):
    layer = built(entry.factory(return_sequences=True), entry.input_shape)
    x = normal(*entry.input_shape)
    assert_same(layer(x[1:]), layer(x)[1:])


@pytest.mark.parametrize(**named(LAYERS))
@pytest.mark.parametrize(
    ("policy", "dtype", "error"),
    [("mixed_bfloat16", "bfloat16", 5e-2), ("mixed_float16", "float16", 5e-3)],
)
def test_mixed_precision_computes_in_halves_and_keeps_weights_whole(entry, policy, dtype, error):
    arguments = {"return_sequences": True, "return_state": True}
    whole = built(entry.factory(**arguments), entry.input_shape)
    half = built(entry.factory(dtype=policy, **arguments), entry.input_shape)
    copy_weights(whole, half)
    x = normal(*entry.input_shape)
    result = half(x, mask=MASK)
    assert {keras.backend.standardize_dtype(t.dtype) for t in keras.tree.flatten(result)} == {dtype}
    assert {w.dtype for w in half.trainable_weights} == {"float32"}
    result = [array.astype("float32") for array in arrays(result)]
    assert_same(result, whole(x, mask=MASK), rtol=0, atol=error)


@pytest.mark.parametrize(**named(LAYERS))
def test_float64_is_computed_in_float64(entry):
    arguments = {"return_sequences": True, "return_state": True}
    single = built(entry.factory(**arguments), entry.input_shape)
    double = built(entry.factory(dtype="float64", **arguments), entry.input_shape)
    x = normal(*entry.input_shape)
    result = double(x, mask=MASK)
    dtypes = {keras.backend.standardize_dtype(t.dtype) for t in keras.tree.flatten(result)}
    assert dtypes == {"float64"}
    assert {w.dtype for w in double.trainable_weights} == {"float64"}
    assert_same([array.astype("float32") for array in arrays(result)], single(x, mask=MASK))


@pytest.mark.parametrize(**named(CELLS))
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float64"])
def test_a_cell_computes_in_the_dtype_of_its_policy(entry, policy):
    cell = entry.factory(dtype=policy)
    result = cell(normal(*entry.input_shape), cell.get_initial_state(batch_size=BATCH))
    dtypes = {keras.backend.standardize_dtype(t.dtype) for t in keras.tree.flatten(result)}
    assert dtypes == {cell.compute_dtype}
    assert {w.dtype for w in cell.trainable_weights} == {cell.variable_dtype}


def test_the_masks_here_fit_the_registry():
    assert MASK.shape == (BATCH, TIME)
