"""The tasks of classification: one label for a whole sequence, a vector or a clip."""

from pathlib import Path

import numpy as np

from kerasrnn._counted import counted
from kerasrnn.data import DataError, batches
from kerasrnn.data._encoder import Encoded, labels_of
from kerasrnn.data._hold_out import content_key
from kerasrnn.training._classifier import Classifier, probabilities
from kerasrnn.training._label_scores import label_scores
from kerasrnn.training._task import Task

_SAMPLES = 32
_TEXT_FILES = (".csv", ".tsv", ".jsonl", ".ndjson", ".txt")
_ROWS = 100  # of each kind of representative data
_SEED = 0


class Classification(Task):
    """What all contents have in common; a subclass says what its contents are.

    A subclass has `item`, `vocabulary`, `offline`, `from_tfds`, `read`, `parts_of`, and how samples
    are kept; perhaps `joined` and `inputs_of`; and for baselines `dense_task`, the task that
    `one_to_one_dense` gets, and `as_vectors`, which makes each content a vector of one size.
    """

    score = "accuracy"
    score_name = "accuracy"

    def from_files(self, data, seed, files, report):
        splits = super().from_files(data, seed, files, report)
        self._tell_of_copies(splits, report)
        return splits

    def _tell_of_copies(self, splits, report):
        """Says how many examples to measure on are to be learned by heart."""
        known = {content_key(example.content) for example in splits.train}
        for name in ("validation", "test"):
            examples = getattr(splits, name)
            copies = sum(content_key(example.content) in known for example in examples)
            if copies:
                of = counted(len(examples), f"{name} {self.item}")
                report(
                    f"Warning: {copies} of {of} are also among those to train on, so "
                    "that the score flatters. Take them out of one side."
                )

    def require_learnable(self, data, splits):
        labels = labels_of(splits.train)
        if len(labels) < 2:
            where = data["train"] if data["source"] == "files" else data["source"]
            raise DataError(
                f"{where} has one label alone, {labels[0]!r}: nothing can be told from it. "
                f"Give {self.item}s of two labels at least."
            )

    def choose_samples(self, examples):
        return examples[:_SAMPLES]

    def longest(self, vocabulary, examples):
        return int(max(vocabulary.lengths([example.content for example in examples])))

    def dataset(self, vocabulary, examples, recipe):
        contents = [example.content for example in examples]
        labels, lengths = vocabulary.encode_labels(examples), vocabulary.lengths(contents)
        if vocabulary.large:
            names = vocabulary.encode(contents[:1])
            inputs = {name: Encoded(vocabulary, contents, name) for name in names}
        else:
            inputs = vocabulary.encode(contents)
        return batches(
            inputs,
            labels,
            lengths,
            recipe.training["batch_size"],
            shuffle=True,
            seed=recipe.seed,
            weights=_weights(labels, recipe.training.get("class_weight", "none")),
            change=self.augmentation(inputs, labels, lengths, recipe),
        )

    def augmentation(self, inputs, labels, lengths, recipe):
        """How training changes inputs at random, as `batches` takes it; `None` for not at all."""
        return None

    def require_readable(self, vocabulary, examples, split):
        vocabulary.encode_labels(examples)
        for number, example in enumerate(examples, start=1):
            try:
                vocabulary.encode([example.content])
            except ValueError as error:
                raise DataError(f"{split}, {self.item} {number}: {error}") from error

    def predict(self, model, vocabulary, examples):
        contents = [example.content for example in examples]
        return probabilities(model.predict_on_batch, vocabulary, contents)

    def untested(self, scores):
        """A warning of labels that no test example has, or `None`."""
        missing = [label for label, row in scores["classes"].items() if not row["support"]]
        if not missing:
            return None
        return (
            f"Warning: no test {self.item} has the label {' or '.join(map(repr, missing[:10]))}: "
            "the scores say nothing of it."
        )

    def decides(self, recipe):
        if recipe.training.get("class_weight") == "balanced":
            # The best accuracy may be that of a model that knows the frequent label alone.
            return "macro_f1", "macro F1"
        return super().decides(recipe)

    def scores(self, examples, predicted, vocabulary, confidence=True):
        numbers = vocabulary.encode_labels(examples)
        if not confidence:
            return label_scores(numbers, predicted, vocabulary.labels, samples=1)
        parts = [example.part for example in examples]
        parts = parts if any(parts) else None
        return label_scores(numbers, predicted, vocabulary.labels, parts=parts)

    def baseline_scores(self, splits, recipe, predicted):
        """Scores of a baseline's probabilities of the test examples."""
        labels = labels_of(splits.train)
        numbers = [labels.index(example.label) for example in splits.test]
        parts = [example.part for example in splits.test]
        scores = label_scores(numbers, predicted, labels, parts=parts if any(parts) else None)
        return {
            "accuracy": scores["accuracy"],
            "confidence": scores["confidence"]["accuracy"],
            "macro_f1": scores["macro_f1"],
            "parts": {part: found["accuracy"] for part, found in scores["parts"].items()},
        }

    def found_nothing(self, epochs):
        return (
            f"Warning: no validation {self.item} got its label in any epoch. Train longer (such as "
            f"--epochs {3 * epochs}), and see that validation has the labels of training."
        )

    def predictor(self, path, runtime="interpreter"):
        return Classifier(path, runtime, task=self)

    def sample(self, vocabulary, example, length):
        return vocabulary.encode([example.content], length)

    def representative(self, vocabulary, examples, length):
        """Examples as they come, and as many that are joined until they fill the length.

        Otherwise the last steps of sequences would see padding alone.
        """
        order = np.random.default_rng(_SEED).permutation(len(examples))
        contents = [examples[row].content for row in order]
        rows = contents[:_ROWS]
        rows += self.joined(contents, length, _ROWS)
        return [vocabulary.encode([content], length) for content in rows]

    def vector_size(self, examples):
        """How many numbers a content has as a vector, for baselines; 0 where it is none."""
        return 0

    def joined(self, contents, length, count):
        """So many contents that fill the length, made of others; none where that means nothing."""
        return []

    def inputs_of(self, argument, vocabulary):
        """Pairs of what is shown and a content, for one argument of `kerasrnn predict`."""
        if Path(argument).suffix.lower() in _TEXT_FILES and Path(argument).is_file():
            raise DataError(
                f"{argument} is a file, not one {self.item}. Give each {self.item} as an argument, "
                f"or one a line: kerasrnn predict MODEL < LINES; `kerasrnn evaluate MODEL --test "
                "FILE` reads files with labels."
            )
        return [(argument, argument)]


def _weights(labels, kind):
    """What each example counts for: 1, or so much that each label counts for the same in all."""
    if kind == "none":
        return np.ones(len(labels), "float32")
    counts = np.bincount(labels)
    present = np.count_nonzero(counts)
    return (len(labels) / (present * counts[labels])).astype("float32")
