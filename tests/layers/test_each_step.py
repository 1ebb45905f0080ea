import keras
import numpy as np
import pytest

from kerasrnn.layers import LSTM, EachStep

X = np.random.default_rng(0).normal(size=(2, 5, 8, 8, 1)).astype("float32")


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def network():
    x = keras.Input((8, 8, 1))
    y = keras.layers.Conv2D(3, 3)(x)
    return keras.Model(x, keras.layers.Flatten()(y))


def test_each_step_is_what_the_layer_makes_of_it():
    inner = network()
    y = array(EachStep(inner)(X))
    for t in range(X.shape[1]):
        np.testing.assert_allclose(y[:, t], array(inner(X[:, t])), rtol=1e-5, atol=1e-6)


def test_it_agrees_with_keras():
    inner = network()
    expected = array(keras.layers.TimeDistributed(inner)(X))
    np.testing.assert_allclose(array(EachStep(inner)(X)), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("time", [5, None])
def test_shapes_are_known_as_far_as_those_of_the_inputs_are(time):
    assert EachStep(network())(keras.Input((time, 8, 8, 1))).shape == (None, time, 108)


@pytest.mark.tensorflow
@pytest.mark.parametrize("shape", [(None, None), (2, None), (None, 5), (2, 5)])
def test_a_graph_of_open_sizes_computes_every_step(shape):
    """keras.layers.TimeDistributed computes as many steps as there are rows: see the docstring."""
    import tensorflow as tf

    layer = EachStep(network())
    expected = np.asarray(layer(X))
    graph = tf.function(layer, autograph=False).get_concrete_function(
        tf.TensorSpec((*shape, 8, 8, 1), "float32")
    )
    np.testing.assert_allclose(graph(tf.constant(X)), expected, rtol=1e-5, atol=1e-6)


def test_the_layer_is_told_whether_this_is_training():
    layer = EachStep(keras.layers.Dropout(0.5))
    np.testing.assert_array_equal(array(layer(X)), X)
    np.testing.assert_array_equal(array(layer(X, training=False)), X)
    assert np.mean(array(layer(X, training=True)) == 0) > 0.3


def test_batch_normalisation_takes_all_steps_of_a_batch_together():
    normalise = keras.layers.BatchNormalization(epsilon=1e-7)
    y = array(EachStep(normalise)(X, training=True))
    np.testing.assert_allclose(y, (X - X.mean()) / X.std(), rtol=1e-4, atol=1e-4)


def test_the_mask_is_handed_on():
    x = np.ones((2, 5, 3), "float32")
    x[0, 3:] = 0
    each, reader = EachStep(keras.layers.Dense(4)), LSTM(2)
    found = array(reader(each(keras.layers.Masking()(x))))
    np.testing.assert_allclose(found[0], array(reader(each(x[:1, :3])))[0], rtol=1e-5, atol=1e-6)
    assert np.abs(found - array(reader(each(x)))).max() > 1e-3


def test_no_layer_is_refused():
    with pytest.raises(ValueError, match="keras.layers.Layer"):
        EachStep(3)
