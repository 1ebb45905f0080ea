"""A training of long sequences: what reads and watches the model while its twin is trained."""

import keras
import numpy as np
import pytest

from kerasrnn.data import Splits
from kerasrnn.data._token_encoder import END
from kerasrnn.inspection import GradientFlow, gradient_flow
from kerasrnn.training._fit import build, fit
from kerasrnn.training._language import LANGUAGE
from kerasrnn.training._token_scores import TokenReader
from kerasrnn.training._windowed import Windowed
from tests.conftest import few


@pytest.fixture
def splits(texts_file):
    texts = LANGUAGE.read(texts_file, {}, lambda message: None)
    (text, *_) = texts
    return Splits((text,), (text,), ())


@pytest.fixture
def traced(monkeypatch):
    """The chunks that were traced; each run of one that is compiled leaves nothing here."""
    read, found = TokenReader._log_probs_of_chunk, []

    def told(self, *arguments):
        found.append(self)
        return read(self, *arguments)

    monkeypatch.setattr(TokenReader, "_log_probs_of_chunk", told)
    return found


def test_validation_is_compiled_once_and_reads_with_each_epochs_weights(texts_file, splits, traced):
    recipe = few("char_lm_gru", texts_file, **{"training.epochs": 3, "training.patience": 9})
    keras.utils.set_random_seed(1)
    vocabulary, model, _ = build(recipe, splits.train)
    weights = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: weights.append(model.get_weights())
    )
    found = fit(model, vocabulary, recipe, splits, [keep]).history["val_bits"]
    assert len(traced) == 1
    assert len(set(found)) == 3
    targets = vocabulary.encode(*splits.validation)
    tokens = np.array([[END, *targets[:-1]]])
    for values, bits in zip(weights, found, strict=True):
        model.set_weights(values)
        probabilities = np.array(model({"tokens": tokens}))[0, range(len(targets)), targets]
        scores = LANGUAGE.scores(splits.validation, [np.log(probabilities)], vocabulary)
        assert scores["bits"] == pytest.approx(bits, rel=1e-5)


@pytest.mark.parametrize("samples", [0, 3])
def test_the_flow_of_gradients_is_that_of_the_model_itself(texts_file, splits, samples):
    """Of other sizes than the twin's batches, and of no state that goes on."""
    recipe = few("char_lm_gru", texts_file, **{"training.sampled_softmax": samples})
    vocabulary, model, _ = build(recipe, splits.train)
    tokens = np.random.default_rng(0).integers(3, len(vocabulary), (3, 6))
    inputs, targets = {"tokens": tokens[:, :-1]}, tokens[:, 1:]
    watch = GradientFlow(inputs, targets)
    fit(model, vocabulary, recipe, splits._replace(validation=()), [watch])
    expected = gradient_flow(model, inputs, targets)
    assert watch.epochs == [0]
    assert watch.flows[0].keys() == expected.keys()
    for name, norms in expected.items():
        np.testing.assert_allclose(watch.flows[0][name], norms, rtol=1e-5)


def test_a_task_that_lacks_something_is_not_made():
    class Forgets(Windowed):
        pass

    with pytest.raises(TypeError, match="length"):
        Forgets()
