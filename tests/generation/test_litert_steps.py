"""A TFLite file's steps give the tokens that the model gives."""

import numpy as np
import pytest

from kerasrnn.generation import (
    BeamSearch,
    Greedy,
    KerasSteps,
    LiteRTSteps,
    Repetition,
    TopP,
    generate,
    score,
    stream,
)
from tests.generation.chains import small_model

pytestmark = pytest.mark.tensorflow
CONDITIONS = {False: [None, None], True: [{"language": 1}, {"language": [1, 0, 2]}]}


@pytest.fixture(scope="module", params=[False, True], ids=["tokens", "condition"])
def pair(request, tmp_path_factory):
    """Steps by Keras and by a file, and conditions for one row and for three."""
    from kerasrnn.export import to_tflite

    model = small_model(condition=request.param, seed=3 if request.param else 1)
    path = tmp_path_factory.mktemp("files") / "small.tflite"
    to_tflite(model, path, sequence_length=4, step=True)
    return KerasSteps(model), LiteRTSteps(path), *CONDITIONS[request.param]


@pytest.mark.parametrize("sampler", [Greedy(), None, TopP(0.8), BeamSearch(3, 0.6)])
def test_tokens_are_those_of_keras(pair, sampler):
    by_keras, by_file, one, three = pair
    options = {"seed": 3, "repetition": Repetition(1.2, 8)}
    expected = generate(by_keras, [3, 5], 20, sampler, conditions=one, **options)
    given = generate(by_file, [3, 5], 20, sampler, conditions=one, **options)
    np.testing.assert_array_equal(given, expected)
    prompts = [[3, 5], [], [6, 4, 3]]
    expected = generate(by_keras, prompts, 12, sampler, conditions=three, **options)
    given = generate(by_file, prompts, 12, sampler, conditions=three, **options)
    assert [row.tolist() for row in given] == [row.tolist() for row in expected]
    if not isinstance(sampler, BeamSearch):
        given = list(stream(by_file, [3, 5], 20, sampler, conditions=one, **options))
        assert given == generate(by_file, [3, 5], 20, sampler, conditions=one, **options).tolist()


def test_scores_are_those_of_keras(pair):
    by_keras, by_file, one, _ = pair
    tokens = np.random.default_rng(1).integers(1, 7, 30)
    np.testing.assert_allclose(
        score(by_file, tokens, one), score(by_keras, tokens, one), rtol=1e-4, atol=1e-5
    )


def test_what_is_known_of_the_model_is_known_of_the_file(pair):
    by_keras, by_file, *_ = pair
    assert by_file.num_tokens == by_keras.num_tokens == 7
    assert by_file.condition_names == by_keras.condition_names


def test_a_path_and_an_opened_file_will_do(pair):
    _, by_file, one, _ = pair
    expected = generate(by_file, [3], 6, conditions=one).tolist()
    assert generate(by_file.model, [3], 6, conditions=one).tolist() == expected
    assert generate(by_file.model.path, [3], 6, conditions=one).tolist() == expected
    assert generate(str(by_file.model.path), [3], 6, conditions=one).tolist() == expected


def test_a_file_without_steps_is_refused(tmp_path):
    from kerasrnn.export import to_tflite

    path = tmp_path / "whole.tflite"
    to_tflite(small_model(), path, sequence_length=3, step=False)
    with pytest.raises(ValueError, match=r"whole.tflite has no signature for a step"):
        LiteRTSteps(path)


@pytest.mark.parametrize("quantize", ["dynamic", pytest.param("int8", marks=pytest.mark.long)])
def test_quantised_files_will_do(tmp_path, quantize):
    from kerasrnn.export import to_tflite

    model, path = small_model(), tmp_path / "small.tflite"
    tokens = np.random.default_rng(0).integers(1, 7, (64, 4)).astype("int32")
    to_tflite(model, path, quantize=quantize, representative_data=tokens, sequence_length=4)
    expected, scores = score(model, [3, 4, 5]), score(LiteRTSteps(path), [3, 4, 5])
    np.testing.assert_allclose(np.exp(scores), np.exp(expected), atol=0.05)
    given = generate(LiteRTSteps(path), [4, 5, 6, 3], 12, Greedy())
    np.testing.assert_array_equal(given, generate(model, [4, 5, 6, 3], 12, Greedy()))


def test_probabilities_of_which_small_ones_are_lost_will_do():
    class Lossy(Fake):
        def step(self, inputs, states):
            return np.array([[[0, 0, 0, 0.02, 0.04]]], "float32"), states

    assert generate(Lossy({"tokens": (1, 3)}), [3], 2, Greedy()).tolist() == [4, 4]


class Fake:
    """A file's steps as `LiteRTSteps` asks for them."""

    has_step, path = True, "fake.tflite"

    def __init__(self, shapes, output=(1, 1, 4)):
        self.input_shapes, self._output = shapes, output

    def initial_states(self):
        return {}

    def step(self, inputs, states):
        return np.full(self._output, 0.25, "float32"), states


def test_what_is_asked_for_steps_need_not_be_a_file():
    assert LiteRTSteps(Fake({"tokens": (1, 3)})).num_tokens == 4
    assert generate(Fake({"t": (1, 3), "speaker": (1,)}), [3], 2, conditions={"speaker": 1}).size


@pytest.mark.parametrize(
    ("fake", "message"),
    [
        (Fake({"a": (1, 3), "b": (1, 2)}), "fake.tflite must have an input `tokens`"),
        (Fake({"tokens": (4, 3)}), "of more than one row; export with batch_size=1"),
        (Fake({"tokens": (1, 3)}, (1, 4)), "must have one output, probabilities"),
    ],
)
def test_files_of_other_inputs_or_outputs_are_refused(fake, message):
    with pytest.raises(ValueError, match=message):
        LiteRTSteps(fake)


def test_a_missing_file_is_refused():
    with pytest.raises(FileNotFoundError, match="no such file"):
        generate("nowhere.tflite", [3], 2)
