"""Tagging with a trained model: from a folder with Keras, or from a TFLite file without it."""

import numpy as np

from kerasrnn.data import TaggingVocabulary, tokenize
from kerasrnn.export import LiteRTModel
from kerasrnn.training._find import named_model

_BATCH = 64


class Tagger:
    """A trained tagger: `tag` a text, or `predict` tokens.

    Args:
        path: a folder that `train` wrote, a TFLite file of it, or the name of a model that ships,
            whose TFLite file is taken.
        runtime: which of `LiteRTModel`'s runtimes runs the TFLite file.
        task: the task of the model; `None` finds out.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: what is there is no tagger.

    Example:
        >>> from kerasrnn.training import Tagger
        >>> from kerasrnn.zoo import shipped_folder
        >>> tagger = Tagger(shipped_folder("ner_bilstm") / "ner_bilstm.tflite")
        >>> tagger.tag("Harry Potter and Hermione Granger invented a new spell").tags[:2]
        ('B-PER', 'I-PER')
    """

    def __init__(self, path, runtime="interpreter", task=None):
        from kerasrnn.training._predictor import required_task

        path = named_model(path)
        self.task = required_task(path, TaggingVocabulary, "no tagger", task)
        self._runtime = _KerasRuntime(path) if path.is_dir() else _LiteRTRuntime(path, runtime)
        self.vocabulary = self._runtime.vocabulary

    def count_cut(self, sentences):
        """How many sentences are read in part alone: none, as long ones are read in pieces."""
        return 0

    def tag(self, text):
        """The tokens and tags of a text, a `Sentence`."""
        return self.predict([tokenize(text)])[0]

    def predict(self, sentences):
        """Tagged sentences.

        Args:
            sentences: sequence of sequences of tokens, or of `Sentence` whose tags are not read.

        Returns:
            List of `Sentence`.
        """
        lines = [tuple(getattr(sentence, "tokens", sentence)) for sentence in sentences]
        return [
            self.vocabulary.decode(line, rows)
            for line, rows in zip(lines, self.probabilities(lines), strict=True)
        ]

    def probabilities(self, lines):
        """For each sequence of tokens an array `(tokens, tags)`."""
        return self._runtime.probabilities(lines)


class _KerasRuntime:
    def __init__(self, folder):
        from kerasrnn.training._artefact import load_model

        self.model = load_model(folder)
        self.vocabulary = TaggingVocabulary.load(folder)

    def probabilities(self, lines):
        results = [None] * len(lines)
        # Sentences of similar length together, so that little is padding.
        order = sorted(range(len(lines)), key=lambda row: len(lines[row]))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            length = max(1, *(len(lines[row]) for row in rows))
            inputs = self.vocabulary.encode([lines[row] for row in rows], length)
            outputs = np.asarray(self.model(inputs, training=False))
            for row, output in zip(rows, outputs, strict=True):
                results[row] = output[: len(lines[row])]
        return results


class _LiteRTRuntime:
    def __init__(self, path, runtime):
        self.model = LiteRTModel(path, runtime=runtime)
        self.vocabulary = TaggingVocabulary.from_json(self.model.read_file("vocabulary.json"))
        self.length = self.model.input_shapes["words"][1]

    def probabilities(self, lines):
        return [self._line(line) for line in lines]

    def _line(self, line):
        # The file has a fixed length: of a longer line, overlapping pieces are tagged.
        starts, best = _pieces(len(line), self.length)
        rows = np.zeros((len(line), len(self.vocabulary.tags)), "float32")
        for number, start in enumerate(starts):
            piece = line[start : start + self.length]
            output = self.model.run(self.vocabulary.encode([piece], self.length))[0, : len(piece)]
            chosen = best[start : start + self.length] == number
            rows[start : start + self.length][chosen] = output[chosen]
        return rows


def _pieces(tokens, length):
    """Where pieces start that overlap by half, and for each token the piece with most around it.

    What counts is the side on which a token has fewer neighbours in the piece; where the line
    itself ends nothing is missing.
    """
    if tokens <= length:
        return ([0] if tokens else []), np.zeros(tokens, int)
    starts = [*range(0, tokens - length, max(1, length // 2)), tokens - length]
    places = np.arange(tokens)
    around = []
    for start in starts:
        end = start + length
        before = places - (start or -tokens)
        after = (end if end < tokens else 2 * tokens) - 1 - places
        around.append(np.minimum(before, after))
    return starts, np.argmax(around, axis=0)
