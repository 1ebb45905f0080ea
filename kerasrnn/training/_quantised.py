"""What a quantised export of a tagger learns its ranges from, and what it loses."""

import itertools
import random
from pathlib import Path

from kerasrnn.data import DataError, read_conll
from kerasrnn.training import _artefact
from kerasrnn.training._evaluate import recipe_splits
from kerasrnn.training._scores import entity_scores
from kerasrnn.training._tagger import Tagger

_ROWS = 100  # of each kind
_SEED = 0


class Sentences:
    """The sentences of a trained model that an export needs, read when one is asked for.

    Args:
        folder: a folder that `train` wrote.
        train: a CoNLL file in place of the training sentences, or `None`.
        test: a CoNLL file in place of the test sentences, or `None`.
        report: function that is told what makes a figure mean less, a short string.
    """

    def __init__(self, folder, train, test, report):
        self._folder, self._train, self._test, self._report = Path(folder), train, test, report
        self._splits = None

    def to_learn_from(self):
        """Training sentences, never test sentences.

        Raises:
            ValueError: there are none here.
        """
        if self._train is not None:
            return read_conll(self._train)
        try:
            return self._of_recipe().train
        except ValueError as error:
            raise ValueError(
                "Whole numbers learn their ranges from training sentences; give some hundred with "
                f"--train FILE. {error}"
            ) from error

    def to_measure_on(self, most):
        """At most so many test sentences; without any here those that the folder keeps."""
        if self._test is not None:
            return read_conll(self._test)[:most]
        try:
            return self._of_recipe().test[:most]
        except ValueError as error:
            kept = read_conll(self._folder / _artefact.SAMPLES)[:most]
            self._report(
                f"Warning: F1 is of {len(kept)} held-out sentences alone; give more with --test "
                f"FILE. {error}"
            )
            return kept

    def _of_recipe(self):
        if self._splits is None:
            source = _artefact.read_recipe(self._folder).data["source"]
            if source.startswith("tfds:"):
                raise ValueError(f"The model's own sentences are of {source}, a download.")
            try:
                self._splits = recipe_splits(self._folder)
            except (OSError, DataError) as error:
                raise ValueError(f"The model's own sentences cannot be read: {error}") from error
        return self._splits


def representative(vocabulary, sentences, length):
    """Inputs from whose activations a file of whole numbers learns its ranges: a list.

    Half are sentences as they come, padded. Half are sentences joined until they fill the length:
    otherwise the last steps would see padding alone, and those read backwards first too.
    """
    drawn = random.Random(_SEED).sample(list(sentences), len(sentences))
    lines = [sentence.tokens[:length] for sentence in drawn[:_ROWS]]
    tokens = itertools.cycle(token for sentence in drawn for token in sentence.tokens)
    lines += [tuple(itertools.islice(tokens, length)) for _ in range(_ROWS)]
    return [vocabulary.encode([line], length) for line in lines]


def loss(folder, path, runtime, sentences):
    """F1 of entities by Keras and by a TFLite file of the same model.

    Returns:
        Dictionary of `metric`, `before`, `after` and `sentences`, how many they were.
    """
    before, after = (
        entity_scores(sentences, tagger.predict(sentences))["f1"]
        for tagger in (Tagger(folder), Tagger(path, runtime=runtime))
    )
    return {
        "metric": "entity F1",
        "before": before,
        "after": after,
        "sentences": len(sentences),
    }
