"""Classifying with a trained model: from a folder with Keras, or from a TFLite file without it."""

import numpy as np

from kerasrnn.data._batches import padded_length
from kerasrnn.data._encoder import Encoder
from kerasrnn.export import LiteRTModel
from kerasrnn.training._find import named_model

_BATCH = 64


class Classifier:
    """A trained classifier: the probability of each label.

    Args:
        path: a folder that `train` wrote, a TFLite file of it, or the name of a model that ships,
            whose TFLite file is taken.
        runtime: which of `LiteRTModel`'s runtimes runs the TFLite file.
        task: the task of the model; `None` finds out.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: what is there is no classifier.

    Example:
        >>> from kerasrnn.training import Classifier
        >>> from kerasrnn.zoo import shipped_folder
        >>> classifier = Classifier(shipped_folder("sentiment_gru") / "sentiment_gru.tflite")
        >>> max(classifier.classify("I loved every minute of it."))
        'positive'
    """

    def __init__(self, path, runtime="interpreter", task=None):
        from kerasrnn.training._predictor import required_task

        path = named_model(path)
        self.task = required_task(path, Encoder, "no classifier", task)
        self._runtime = (
            _KerasRuntime(path, self.task)
            if path.is_dir()
            else _LiteRTRuntime(path, runtime, self.task)
        )
        self.vocabulary = self._runtime.vocabulary

    def classify(self, content):
        """Dictionary from each label to its probability, the most probable first."""
        return self.named(self.probabilities([content])[0])

    def inputs_of(self, argument):
        """Pairs of what is shown and a content: of a text, of letters, or of a file of them."""
        return self.task.inputs_of(argument, self.vocabulary)

    def predict(self, examples):
        """Probabilities `(examples, labels)` of a sequence of `Labelled`; labels are not read."""
        return self.probabilities([example.content for example in examples])

    def count_cut(self, examples):
        """How many contents are longer than what the model, or its file, reads."""
        contents = [example.content for example in examples]
        return self.vocabulary.count_longer(contents, self._runtime.length)

    def probabilities(self, contents):
        """Array `(contents, labels)`, in the order of `vocabulary.labels`."""
        if not len(contents):
            return np.zeros((0, len(self.vocabulary.labels)), "float32")
        return self._runtime.probabilities(contents)

    def named(self, row):
        """One row of probabilities as a dictionary, the most probable first."""
        order = np.argsort(-row, kind="stable")
        return {self.vocabulary.labels[number]: float(row[number]) for number in order}


class _KerasRuntime:
    def __init__(self, folder, task):
        from kerasrnn.training._artefact import load_model

        self.model = load_model(folder)
        self.vocabulary = task.vocabulary.load(folder)
        self.length = None

    def probabilities(self, contents):
        return probabilities(
            lambda inputs: np.asarray(self.model(inputs, training=False)),
            self.vocabulary,
            contents,
        )


class _LiteRTRuntime:
    def __init__(self, path, runtime, task):
        self.model = LiteRTModel(path, runtime=runtime)
        self.vocabulary = task.vocabulary.from_json(self.model.read_file("vocabulary.json"))
        # The file has a fixed length; longer contents are cut as the encoder cuts them.
        (shape,) = self.model.input_shapes.values()
        self.length = shape[1]

    def probabilities(self, contents):
        rows = [
            self.model.run(self.vocabulary.encode([content], self.length))[0]
            for content in contents
        ]
        return np.stack(rows)


def probabilities(run, vocabulary, contents, batch_size=_BATCH):
    """Array `(contents, labels)` by a function of the model's inputs, batch by batch.

    Contents of similar length stand together, padded to few lengths: a compiled function is
    compiled anew for each.
    """
    lengths = np.asarray(vocabulary.lengths(contents))
    order = np.argsort(lengths, kind="stable")
    found = [None] * len(contents)
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        length = padded_length(lengths, lengths[rows].max())
        outputs = np.asarray(run(vocabulary.encode([contents[row] for row in rows], length)))
        for row, output in zip(rows, outputs, strict=True):
            found[row] = output
    return np.stack(found)
