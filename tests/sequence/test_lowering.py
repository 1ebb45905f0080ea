"""Sequences written out, or in loops over blocks, give what the plain loop gives."""

import keras
import numpy as np
import pytest

from kerasrnn import layers
from kerasrnn.sequence import engine
from kerasrnn.sequence._lowering import WRITTEN_OUT, Blocks, lowered

TIME, FEATURES, UNITS = 23, 3, 4
PLANS = {
    "one step a round": Blocks(1, 50),
    "rest and short last piece": Blocks(4, 3),
    "one round a loop": Blocks(5, 1),
    "two loops a projection": Blocks(2, 3, 2),
    "one block": Blocks(23, 1),
    "block longer than the sequence": Blocks(30, 2),
    "written out": WRITTEN_OUT,
}
LAYERS = {
    "LSTM": lambda **a: layers.LSTM(UNITS, **a),
    "FullGRU": lambda **a: layers.FullGRU(UNITS, **a),
    "backwards": lambda **a: layers.PeepholeLSTM(UNITS, go_backwards=True, **a),
    "BRNN": lambda **a: layers.BRNN(layers.BasicRNN(UNITS, **a)),
    "DeepRNN": lambda **a: layers.DeepRNN("simplified_gru", units=[UNITS, 3], **a),
}


def random_layer(name, **arguments):
    layer = LAYERS[name](**arguments)
    layer.build((None, TIME, FEATURES))
    rng = np.random.default_rng(0)
    layer.set_weights([rng.normal(0, 0.7, w.shape) for w in layer.get_weights()])
    return layer


def drawn(batch):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(batch, TIME, FEATURES)).astype("float32")
    return x, rng.random((batch, TIME)) < 0.7


def in_a_graph(layer, x, mask, choose):
    import tensorflow as tf

    seen = []

    def noted(sequence):
        seen.append(sequence.cell)
        return choose(sequence)

    @tf.function
    def run():
        with engine("loop"), lowered(noted):
            return layer(x, mask=mask)

    return keras.tree.map_structure(np.asarray, run()), seen


@pytest.mark.tensorflow
@pytest.mark.parametrize("masked", [False, True], ids=["all", "masked"])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("plan", PLANS)
def test_every_plan_gives_the_numbers_of_the_loop(plan, batch, masked):
    x, mask = drawn(batch)
    mask = mask if masked else None
    for arguments in ({"return_sequences": True, "return_state": True}, {}):
        layer = random_layer("LSTM", **arguments)
        expected = layer(x, mask=mask)
        found, seen = in_a_graph(layer, x, mask, lambda _: PLANS[plan])
        keras.tree.map_structure(
            lambda y, found: np.testing.assert_allclose(found, y, atol=1e-6), expected, found
        )
        assert seen == [layer.cell]


@pytest.mark.tensorflow
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_can_be_lowered(name, return_sequences):
    x, mask = drawn(2)
    layer = random_layer(name, return_sequences=return_sequences)
    found, seen = in_a_graph(layer, x, mask, lambda _: Blocks(4, 3))
    np.testing.assert_allclose(found, layer(x, mask=mask), atol=1e-6)
    assert len(seen) == (2 if name in ("BRNN", "DeepRNN") else 1)


@pytest.mark.tensorflow
def test_sequences_of_unknown_length_are_not_asked_about():
    import tensorflow as tf

    layer = random_layer("LSTM")

    @tf.function(input_signature=[tf.TensorSpec((1, None, FEATURES))])
    def run(x):
        with engine("loop"), lowered(lambda _: pytest.fail("it was asked")):
            return layer(x)

    x, _ = drawn(1)
    np.testing.assert_allclose(run(x), layer(x), atol=1e-6)


@pytest.mark.tensorflow
def test_a_sequence_says_whether_it_starts_at_rest():
    seen = []

    def noted(sequence):
        seen.append(sequence.at_rest)
        return WRITTEN_OUT

    layer, (x, _) = random_layer("LSTM"), drawn(1)
    for states in (None, [np.ones((1, UNITS), "float32")] * 2):
        with lowered(noted):
            layer(x, initial_state=states)
    assert seen == [True, False]
