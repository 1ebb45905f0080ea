"""What a quantised export of a trained model learns its ranges from, and what it loses."""

from pathlib import Path

from kerasrnn._counted import counted
from kerasrnn.data import DataError
from kerasrnn.training import _artefact
from kerasrnn.training._evaluate import recipe_splits


class HeldOut:
    """The examples of a trained model that an export needs, read when they are asked for.

    Args:
        folder: a folder that `train` wrote.
        train: a file in place of the training examples, or `None`.
        test: a file in place of the test examples, or `None`.
        report: function that is told what makes a figure mean less, a short string.
    """

    def __init__(self, folder, train, test, report):
        self._folder, self._train, self._test, self._report = Path(folder), train, test, report
        self._recipe = _artefact.read_recipe(folder)
        self._task = _artefact.task_of(folder)
        self._vocabulary = self._task.vocabulary.load(folder)
        self._splits = None

    def representative(self, length):
        """Inputs that whole numbers learn their ranges from, of training examples alone."""
        return self._task.representative(self._vocabulary, self.to_learn_from(), length)

    def to_learn_from(self):
        """Training examples, never test examples.

        Raises:
            ValueError: there are none here.
        """
        if self._train is not None:
            return self._read(self._train)
        try:
            return self._of_recipe().train
        except ValueError as error:
            raise ValueError(
                f"Whole numbers learn their ranges from training {self._task.item}s; give some "
                f"hundred with --train FILE. {error}"
            ) from error

    def to_measure_on(self, most):
        """At most so many test examples; without any here those that the folder keeps."""
        if self._test is not None:
            return self._read(self._test)[:most]
        try:
            return self._of_recipe().test[:most]
        except ValueError as error:
            kept = self._task.read_samples(self._folder / self._task.samples)[:most]
            self._report(
                f"Warning: {self._task.score_name} is of "
                f"{counted(len(kept), f'held-out {self._task.item}')} alone; give more with "
                f"--test FILE. {error}"
            )
            return kept

    def _read(self, path):
        return self._task.read(path, self._recipe.files, self._report, self._vocabulary)

    def _of_recipe(self):
        if self._splits is None:
            source, own = self._recipe.data["source"], f"The model's own {self._task.item}s"
            if source.startswith("tfds:"):
                raise ValueError(f"{own} are of {source}, a download.")
            try:
                self._splits = recipe_splits(self._folder)
            except (OSError, DataError) as error:
                raise ValueError(f"{own} cannot be read: {error}") from error
        return self._splits


def loss(task, folder, path, runtime, examples):
    """The score by Keras and by a TFLite file of the same model.

    Returns:
        Dictionary of `metric`, `before`, `after` and `examples`, how many they were.
    """
    found = []
    for predictor in (task.predictor(folder), task.predictor(path, runtime)):
        predicted = predictor.predict(examples)
        scores = task.scores(examples, predicted, predictor.vocabulary, confidence=False)
        found.append(scores[task.score])
    before, after = found
    return {
        "metric": task.score_name,
        "before": before,
        "after": after,
        "examples": len(examples),
    }
