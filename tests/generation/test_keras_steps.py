"""A Keras model's steps are compiled once, and give what the model gives."""

import contextlib
import itertools

import keras
import numpy as np
import pytest
from keras import ops

from kerasrnn.generation import (
    BeamSearch,
    Greedy,
    KerasSteps,
    TopK,
    generate,
    score,
    stream,
)
from kerasrnn.layers import BRNN, LSTM, FullGRU
from tests.generation.chains import END, small_model


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def steps(model):
    return KerasSteps(model)


def test_each_step_gives_the_next_tokens_log_probabilities(model, steps):
    tokens = np.array([[2, 3, 4, 5], [2, 6, 6, 1]])
    whole = np.log(ops.convert_to_numpy(model(tokens)))
    state = steps.start(2)
    for t in range(4):
        log_probs, state = steps.advance(tokens[:, t], state)
        assert (log_probs.shape, log_probs.dtype) == ((2, 7), "float32")
        np.testing.assert_allclose(log_probs, whole[:, t], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(np.exp(log_probs).sum(-1), 1, atol=1e-5)


def test_a_state_that_was_handed_in_may_be_used_again(steps):
    _, state = steps.advance(np.array([2, 2]), steps.start(2))
    first, _ = steps.advance(np.array([3, 4]), state)
    steps.advance(np.array([5, 5]), state)
    again, _ = steps.advance(np.array([3, 4]), state)
    np.testing.assert_array_equal(again, first)


def test_rows_may_be_selected_and_repeated(steps):
    _, state = steps.advance(np.array([2, 3]), steps.start(2))
    both, _ = steps.advance(np.array([4, 4]), state)
    selected, _ = steps.advance(np.array([4, 4, 4]), steps.select(state, [1, 0, 1]))
    np.testing.assert_allclose(selected, both[[1, 0, 1]], rtol=1e-5, atol=1e-6)


def greedy(model, prompt, count, language=None):
    """Greedy tokens by the whole model, which reads all again for each.

    What stands behind the last token is of no account; one length is compiled once.
    """
    read = [END, *prompt]
    for _ in range(count):
        tokens = np.array([read + [END] * (20 - len(read))], "int32")
        inputs = tokens if language is None else [tokens, np.array([language], "int32")]
        made = ops.convert_to_numpy(model(inputs))[0, len(read) - 1].copy()
        made[:2] = 0
        if made.argmax() == END:
            break
        read.append(int(made.argmax()))
    return read[len(prompt) + 1 :]


@pytest.mark.parametrize("layer", [LSTM, FullGRU])
def test_greedy_tokens_are_those_of_the_whole_model(layer):
    model = small_model(layer=layer)
    steps = KerasSteps(model)
    for prompt in ([3], [4, 5, 6, 3], []):
        expected = greedy(model, prompt, 12)
        assert generate(steps, prompt, 12, Greedy()).tolist() == expected


def allowed(steps, tokens, language):
    """Log-probability of all tokens but the first, where padding and unknown ones are left out."""
    state, total = steps.start(1, {"language": [language]}), 0.0
    _, state = steps.advance(np.array([END]), state)
    for read, token in itertools.pairwise(tokens):
        log_probs, state = steps.advance(np.array([read]), state)
        total += log_probs[0, token] - np.log(np.exp(log_probs[0, 2:]).sum())
    return total


def test_conditions_go_with_their_rows():
    model = small_model(condition=True, seed=3)
    steps = KerasSteps(model)
    assert steps.condition_names == ["language"]
    expected = [greedy(model, [3], 12, language) for language in (0, 1, 2)]
    assert len(set(map(tuple, expected))) > 1
    given = generate(steps, [[3]] * 3, 12, Greedy(), conditions={"language": [0, 1, 2]})
    assert [answer.tolist() for answer in given] == expected
    for language in range(3):
        options = {"conditions": {"language": language}}
        assert generate(steps, [3], 12, Greedy(), **options).tolist() == expected[language]
        beam = BeamSearch(3).search(steps, [3], 4, **options)[0]
        tokens = [3, *beam.tokens, *[END] * beam.finished]
        whole_score = score(steps, tokens, **options)[1:].sum()
        assert beam.log_prob <= 0
        assert whole_score <= beam.log_prob + 1e-4  # the beam's are of what may be given alone
        assert beam.log_prob == pytest.approx(allowed(steps, tokens, language), abs=1e-4)


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (None, r"must be a dictionary of \['language'\].*received \[\]"),
        ({"tongue": [0, 1]}, r"received \['tongue'\]"),
        ({"language": [0]}, "'language' must have a value for each of 2 rows"),
        ({"language": 0}, r"a value for each of 2 rows; received the shape \(\)"),
    ],
)
def test_conditions_that_do_not_fit_are_refused(conditions, message):
    steps = KerasSteps(small_model(condition=True), check=False)
    with pytest.raises(ValueError, match=message):
        generate(steps, [[3], [4]], 2, conditions=conditions)


def test_nothing_is_traced_again_for_another_length_or_call(monkeypatch):
    model = small_model()
    steps = KerasSteps(model, check=False)
    calls = []
    run = type(model).call
    monkeypatch.setattr(
        model, "call", lambda *args, **keys: calls.append(1) or run(model, *args, **keys)
    )
    for prompt in ([], [3], [3, 4, 5, 6], [4] * 9):
        generate(steps, prompt, 5)
    traced = len(calls)
    for length in (1, 4, 17):
        list(stream(steps, [5] * length, 3 + length, seed=length))
        score(steps, [3] * length)
    if keras.backend.backend() in ("tensorflow", "jax"):
        assert traced <= 1
        assert len(calls) == traced


@pytest.mark.tensorflow
def test_on_tensorflow_other_numbers_of_rows_are_no_trace_either(monkeypatch):
    model = small_model()
    steps = KerasSteps(model, check=False)
    monkeypatch.setattr(model, "call", None)  # is called no more
    for rows in (1, 2, 5):
        generate(steps, [[3, 4]] * rows, 4)
    generate(steps, [3], 4, BeamSearch(3))


def test_weights_that_change_count():
    model = small_model()
    steps = KerasSteps(model)
    before = score(steps, [3, 4, 5])
    model.set_weights([weight * 0.5 for weight in model.get_weights()])
    after = score(steps, [3, 4, 5])
    assert abs(before - after).max() > 0.01
    np.testing.assert_allclose(after, score(model, [3, 4, 5]), rtol=1e-5)


@pytest.mark.parametrize("sampler", [None, TopK(3)])
def test_a_row_of_a_batch_is_given_what_it_is_given_alone(steps, sampler):
    prompts = [[3, 4, 5], [], [6]]
    together = generate(steps, prompts, 10, sampler, seed=2)
    np.testing.assert_array_equal(together[0], generate(steps, prompts[0], 10, sampler, seed=2))
    others = generate(steps, [[5], [], [6]], 10, sampler, seed=2)
    np.testing.assert_array_equal(together[1], others[1])
    np.testing.assert_array_equal(together[2], others[2])
    given = list(stream(steps, prompts[0], 10, sampler, seed=2))
    np.testing.assert_array_equal(together[0], given)


def test_half_precision_is_read_as_single():
    with half_precision():
        model = small_model(scale=0.5)
    steps = KerasSteps(model, check=False)
    log_probs, _ = steps.advance(np.array([2]), steps.start(1))
    assert log_probs.dtype == "float32"
    np.testing.assert_allclose(np.exp(log_probs).sum(), 1, atol=1e-2)


@contextlib.contextmanager
def half_precision():
    """Layers that are made inside compute in float16."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def of_tokens(*layers):
    return keras.Sequential(
        [keras.Input((None,), dtype="int32"), keras.layers.Embedding(7, 4), *layers]
    )


def test_a_sequential_model_will_do():
    model = of_tokens(LSTM(5, return_sequences=True), keras.layers.Dense(7, activation="softmax"))
    assert len(generate(model, [3], 5, Greedy())) <= 5


def test_a_model_without_steps_is_refused():
    both = of_tokens(
        BRNN(LSTM(5, return_sequences=True)), keras.layers.Dense(7, activation="softmax")
    )
    with pytest.raises(ValueError, match="has no step"):
        generate(both, [3], 5)


def test_a_model_of_one_output_a_sequence_is_refused():
    with pytest.raises(ValueError, match="one output, probabilities .*return_sequences=True"):
        generate(of_tokens(LSTM(5), keras.layers.Dense(7, activation="softmax")), [3], 5)


def test_a_model_of_vectors_is_refused():
    model = keras.Sequential([keras.Input((None, 3)), LSTM(5, return_sequences=True)])
    with pytest.raises(ValueError, match=r"one input with time, whole numbers \(batch, time\)"):
        generate(model, [3], 5)


def test_what_has_no_graph_is_refused():
    with pytest.raises(TypeError, match="must be a functional keras.Model"):
        generate(object(), [3], 5)


@pytest.mark.parametrize("scale", [1.0, float("nan")])
def test_outputs_that_are_no_probabilities_are_refused(scale):
    model = of_tokens(LSTM(5, return_sequences=True), keras.layers.Dense(7))
    model.set_weights([weight * scale for weight in model.get_weights()])
    steps = KerasSteps(model, check=False)
    with pytest.raises(ValueError, match="must give probabilities of the next token, as a softmax"):
        generate(steps, [3], 5)
