"""The tasks of classification: one label for a whole sequence, a vector or a clip."""

import numpy as np

from kerasrnn.data import DataError, Splits, batches
from kerasrnn.data._encoder import labels_of
from kerasrnn.data._hold_out import hold_out
from kerasrnn.training._classifier import Classifier, probabilities
from kerasrnn.training._label_scores import label_scores
from kerasrnn.training._task import Task

_SAMPLES = 32
_ROWS = 100  # of each kind of representative data
_SEED = 0


class Classification(Task):
    """What all contents have in common; a subclass says what its contents are.

    A subclass has `item`, `vocabulary`, `offline`, `from_tfds`, `read`, `parts_of`, and how samples
    are kept; perhaps `joined` and `inputs_of`; and for baselines `dense_task`, the task that
    `one_to_one_dense` gets, and `as_vectors`, which makes each content a vector of one size; and
    `read_as`, those of the vocabulary's attributes that say how files are read for a trained model.
    """

    read_as = ()
    score = "accuracy"
    score_name = "accuracy"

    def from_files(self, data, seed, files, report):
        given = {
            name: tuple(self.read(data[name], files, report))
            for name in Splits._fields
            if data.get(name)
        }
        missing = [name for name in Splits._fields if name not in given]
        if missing:
            given["train"], *held_out = hold_out(given["train"], len(missing), seed=seed)
            given |= dict(zip(missing, held_out, strict=True))
        return Splits(**given)

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

    def dataset(self, vocabulary, examples, recipe):
        contents = [example.content for example in examples]
        labels, lengths = vocabulary.encode_labels(examples), vocabulary.lengths(contents)
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

    def require_known_labels(self, vocabulary, examples):
        vocabulary.encode_labels(examples)

    def predict(self, model, vocabulary, examples):
        contents = [example.content for example in examples]
        return probabilities(model.predict_on_batch, vocabulary, contents)

    def scores(self, examples, predicted, vocabulary, confidence=True):
        numbers = vocabulary.encode_labels(examples)
        if not confidence:
            return {"accuracy": float(np.mean(np.argmax(predicted, axis=-1) == numbers))}
        parts = [example.part for example in examples]
        parts = parts if any(parts) else None
        return label_scores(numbers, predicted, vocabulary.labels, parts=parts)

    def found_nothing(self, epochs):
        return (
            f"Warning: no validation {self.item} got its label in any epoch. Train longer (such as "
            f"--epochs {3 * epochs}), and see that validation has the labels of training."
        )

    def predictor(self, path, runtime="interpreter"):
        return Classifier(path, runtime, task=self)

    def unknown_labels(self, vocabulary, examples):
        return []  # they are an error where their numbers are asked for

    def unknown_said(self, path, unknown, vocabulary):
        raise NotImplementedError

    def sample(self, vocabulary, example, length):
        return vocabulary.encode([example.content], length)

    def representative(self, vocabulary, examples, length):
        """Examples as they come, and as many that are joined until they fill the length.

        Otherwise the last steps of sequences would see padding alone.
        """
        order = np.random.default_rng(_SEED).permutation(len(examples))
        contents = [examples[row].content for row in order]
        rows = contents[:_ROWS]
        rows += [joined for joined in self.joined(contents, length, _ROWS)]
        return [vocabulary.encode([content], length) for content in rows]

    def joined(self, contents, length, count):
        """So many contents that fill the length, made of others; none where that means nothing."""
        return []

    def inputs_of(self, argument, files):
        """Pairs of what is shown and a content, for one argument of `kerasrnn predict`."""
        return [(argument, argument)]


def _weights(labels, kind):
    """What each example counts for: 1, or so much that each label counts for the same in all."""
    if kind == "none":
        return np.ones(len(labels), "float32")
    counts = np.bincount(labels)
    present = np.count_nonzero(counts)
    return (len(labels) / (present * counts[labels])).astype("float32")
