"""A model's steps, one by one and in chunks, give what the model gives on whole sequences."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasrnn import layers
from kerasrnn.streaming import StepModel
from tests.conformance.registry import FORWARD_LAYERS, MinimalGatedCell, named

BATCH, TIME, FEATURES = 2, 6, 4
RNG = np.random.default_rng(3)
MASK = np.array([[0, 1, 1, 0, 1, 0], [1, 0, 0, 1, 1, 1]], bool)


def randomised(model):
    """With random weights: zeros in a bias would hide errors."""
    rng = np.random.default_rng(5)
    model.set_weights([rng.normal(0, 0.6, w.shape) for w in model.get_weights()])
    return model


def sequences():
    return RNG.normal(size=(BATCH, TIME, FEATURES)).astype("float32")


def stepped(step, inputs, length=1, states=None):
    """The outputs of all chunks of one input, and the last states."""
    states = step.initial_states(BATCH) if states is None else states
    outputs = []
    for t in range(0, TIME, length):
        output, states = step(inputs[:, t : t + length], states)
        outputs.append(ops.convert_to_numpy(output))
    return outputs, states


def assert_close(received, expected):
    received, expected = ops.convert_to_numpy(received), ops.convert_to_numpy(expected)
    np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-5)


def masked_model(layer):
    """A layer over sequences of which steps of -1 are masked."""
    x = keras.Input((None, FEATURES), name="x")
    return randomised(keras.Model(x, layer(keras.layers.Masking(-1.0)(x))))


@pytest.mark.parametrize(**named(FORWARD_LAYERS))
@pytest.mark.parametrize("length", [1, 4])
def test_steps_and_chunks_of_a_masked_sequence_give_the_whole(entry, length):
    model = masked_model(entry.factory(return_sequences=True))
    x = sequences()
    x[~MASK] = -1
    outputs, _ = stepped(StepModel(model, check=False), x, length)
    assert_close(np.concatenate(outputs, axis=1), model(x))


@pytest.mark.parametrize(**named(FORWARD_LAYERS))
def test_each_step_gives_the_last_output_of_the_sequence_so_far(entry):
    model = masked_model(entry.factory())
    x = sequences()
    x[~MASK] = -1
    outputs, _ = stepped(StepModel(model, check=False), x)
    for t, output in enumerate(outputs, start=1):
        assert_close(output, model(x[:, :t]))


def test_zeros_are_put_at_masked_steps_where_the_layer_does():
    model = masked_model(layers.LSTM(3, return_sequences=True, zero_output_for_mask=True))
    x = sequences()
    x[~MASK] = -1
    outputs, _ = stepped(StepModel(model), x)
    whole = np.concatenate(outputs, axis=1)
    assert_close(whole, model(x))
    assert np.all(whole[~MASK] == 0)


def test_states_are_named_by_layer_and_letter():
    x = keras.Input((None, FEATURES), name="x")
    y = layers.LSTM(3, return_sequences=True, name="my-reader")(x)
    step = StepModel(keras.Model(x, layers.FullGRU(2, name="last")(y)))
    assert list(step.state_specs.items()) == [
        ("my_reader_a", ((None, 3), "float32")),
        ("my_reader_c", ((None, 3), "float32")),
        ("last_c", ((None, 2), "float32")),
    ]
    assert {n: tuple(s.shape) for n, s in step.initial_states(5).items()} == {
        "my_reader_a": (5, 3),
        "my_reader_c": (5, 3),
        "last_c": (5, 2),
    }


def test_levels_within_levels_have_states_of_their_own():
    inner = layers.DeepRNN("full_gru", units=[2, 3], name="inner")
    layer = layers.DeepRNN([inner, layers.BasicRNN(2, name="top")], name="outer")
    x = keras.Input((None, FEATURES))
    step = StepModel(randomised(keras.Model(x, layer(x))))
    assert list(step.state_specs) == [
        "outer_inner_level_1_c",
        "outer_inner_level_2_c",
        "outer_top_a",
    ]
    x = sequences()
    outputs, _ = stepped(step, x)
    assert_close(outputs[-1], step.model(x))


def test_names_never_meet_each_other_or_the_models_own():
    x = keras.Input((None, FEATURES), name="a_b_a")
    y = layers.BasicRNN(FEATURES, return_sequences=True, name="a-b")(x)
    y = layers.BasicRNN(FEATURES, return_sequences=True, name="a_b")(y)
    step = StepModel(keras.Model(x, keras.layers.Dense(1, name="a_b_a_2")(y)))
    assert list(step.state_specs) == ["a_b_a_3", "a_b_a_4"]


def test_a_layer_called_twice_has_states_for_each_call():
    x = keras.Input((None, FEATURES))
    shared = layers.LSTM(FEATURES, return_sequences=True, name="shared")
    model = randomised(keras.Model(x, shared(shared(x))))
    step = StepModel(model)
    assert list(step.state_specs) == ["shared_a", "shared_c", "shared_2_a", "shared_2_c"]
    x = sequences()
    outputs, _ = stepped(step, x)
    assert_close(np.concatenate(outputs, axis=1), model(x))


def test_the_last_output_is_kept_where_no_state_shows_it():
    """The cell gives f∘c and keeps c."""
    masked = StepModel(masked_model(layers.RNN(MinimalGatedCell(3), name="reader")))
    assert list(masked.state_specs) == ["reader_c", "reader_output"]
    x = keras.Input((None, FEATURES))
    unmasked = StepModel(keras.Model(x, layers.RNN(MinimalGatedCell(3), name="reader")(x)))
    assert list(unmasked.state_specs) == ["reader_c"]


def two_inputs():
    """Masked numbers of words and vectors beside them, and a vector for the whole sequence."""
    words = keras.Input((None,), dtype="int32", name="words")
    vectors = keras.Input((None, FEATURES), name="vectors")
    whole = keras.Input((2,), name="whole")
    embedded = keras.layers.Embedding(5, 3, mask_zero=True)(words)
    y = layers.LSTM(3, return_sequences=True)(layers.JoinFeatures()([embedded, vectors]))
    last = layers.FullGRU(2, name="last")(y)
    outputs = {"each": keras.layers.Dense(2)(y), "end": keras.layers.Concatenate()([last, whole])}
    inputs = {"words": words, "vectors": vectors, "whole": whole}
    return randomised(keras.Model(inputs, outputs))


def test_several_inputs_and_outputs_go_by_name_and_one_may_have_no_time():
    model = two_inputs()
    step, states = StepModel(model), None
    inputs = {
        "words": np.array([[0, 1, 4, 0, 2, 3], [3, 2, 1, 4, 0, 0]], "int32"),
        "vectors": sequences(),
        "whole": RNG.normal(size=(BATCH, 2)).astype("float32"),
    }
    expected, each = model(inputs), []
    states = step.initial_states(BATCH)
    for t in range(TIME):
        at_t = {n: a if n == "whole" else a[:, t : t + 1] for n, a in inputs.items()}
        outputs, states = step(at_t, states)
        each.append(ops.convert_to_numpy(outputs["each"]))
    assert_close(np.concatenate(each, axis=1), expected["each"])
    assert_close(outputs["end"], expected["end"])


@pytest.mark.parametrize("unroll", [False, True])
def test_a_model_of_a_fixed_time_streams(unroll):
    model = randomised(
        keras.Sequential(
            [
                keras.Input((TIME, FEATURES)),
                layers.PeepholeLSTM(3, return_sequences=True, unroll=unroll),
                keras.layers.BatchNormalization(),
                keras.layers.Dense(2, activation="softmax"),
            ]
        )
    )
    model.set_weights([abs(w) for w in model.get_weights()])  # a variance is positive
    x = sequences()
    outputs, _ = stepped(StepModel(model), x)
    assert_close(np.concatenate(outputs, axis=1), model(x))


def test_a_layer_within_each_time_step_keeps_nothing_for_the_next():
    x = keras.Input((None, 3, FEATURES))
    y = keras.layers.TimeDistributed(layers.LSTM(2, name="within"))(x)
    model = randomised(keras.Model(x, layers.BasicRNN(3, name="over")(y)))
    assert list(StepModel(model).state_specs) == ["over_a"]


def test_the_states_of_the_first_step_may_be_given():
    x = keras.Input((None, FEATURES))
    layer = layers.LSTM(3, return_sequences=True, name="reader")
    step = StepModel(randomised(keras.Model(x, layer(x))))
    x, a, c = sequences(), *(RNG.normal(size=(BATCH, 3)).astype("float32") for _ in range(2))
    outputs, last = stepped(step, x, states={"reader_a": a, "reader_c": c})
    expected = layer(x, initial_state=[a, c])
    assert_close(np.concatenate(outputs, axis=1), expected)
    assert_close(last["reader_a"], expected[:, -1])


def test_a_call_outside_a_stream_starts_from_zeros_as_before():
    x = keras.Input((None, FEATURES))
    model = randomised(keras.Model(x, layers.BasicRNN(3)(x)))
    x = sequences()
    before = ops.convert_to_numpy(model(x))
    stepped(StepModel(model), x)
    np.testing.assert_array_equal(ops.convert_to_numpy(model(x)), before)


def test_states_of_other_names_are_refused():
    x = keras.Input((None, FEATURES))
    step = StepModel(keras.Model(x, layers.BasicRNN(3, name="r")(x)))
    with pytest.raises(ValueError, match=r"must be \['r_a'\]; received \['r_c'\]"):
        step(sequences()[:, :1], {"r_c": np.zeros((BATCH, 3))})


@pytest.mark.tensorflow
def test_a_step_is_traced_in_a_graph_of_any_batch_and_chunk():
    import tensorflow as tf

    model = masked_model(layers.DeepRNN([MinimalGatedCell(3), layers.LSTM(2)], residual=False))
    step = StepModel(model)
    states = {n: tf.TensorSpec(s, d) for n, (s, d) in step.state_specs.items()}
    traced = tf.function(
        lambda x, states: step(x, states),
        input_signature=[tf.TensorSpec((None, None, FEATURES)), states],
    )
    x = sequences()
    x[~MASK] = -1
    for length in (1, 4):
        outputs, _ = stepped(traced_as(traced, step), x, length)
        assert_close(outputs[-1], model(x))


def traced_as(function, step):
    """A traced step that has the step's first states."""

    class Traced:
        initial_states = step.initial_states

        def __call__(self, inputs, states):
            return function(inputs, states)

    return Traced()


@pytest.mark.tensorflow
def test_one_step_of_a_graph_has_no_loop():
    import tensorflow as tf

    x = keras.Input((None, FEATURES), name="x")
    step = StepModel(keras.Model(x, layers.PeepholeLSTM(3)(x)))
    states = {n: tf.TensorSpec(s, d) for n, (s, d) in step.state_specs.items()}
    traced = tf.function(lambda x, states: step(x, states))
    graph = traced.get_concrete_function(tf.TensorSpec((None, 1, FEATURES)), states).graph
    assert not [op.type for op in graph.get_operations() if "While" in op.type]
