"""What runs a trained model of the next token: Keras or LiteRT, with a vocabulary beside it."""

from kerasrnn.export import LiteRTModel


class KerasReader:
    """The model of a folder, run by Keras."""

    def __init__(self, folder, task):
        from kerasrnn.training._artefact import load_model

        self.model = load_model(folder)
        self.vocabulary = task.vocabulary.load(folder)
        self._steps = self._reader = None

    @property
    def steps(self):
        from kerasrnn.generation import KerasSteps

        if self._steps is None:
            self._steps = KerasSteps(self.model)
        return self._steps

    def log_probs(self, streams, conditions):
        from kerasrnn.training._token_scores import TokenReader

        if self._reader is None:
            self._reader = TokenReader(self.model)  # once: it is compiled
        return self._reader.log_probs(streams, conditions)


class LiteRTReader:
    """A TFLite file, run by LiteRT step by step."""

    def __init__(self, path, runtime, task):
        from kerasrnn.generation import LiteRTSteps

        model = LiteRTModel(path, runtime=runtime)
        self.steps = LiteRTSteps(model)
        self.vocabulary = task.vocabulary.from_json(model.read_file("vocabulary.json"))

    def log_probs(self, streams, conditions):
        from kerasrnn.generation import score

        found = []
        for row, stream in enumerate(streams):
            chosen = {name: array[row] for name, array in conditions.items()}
            found.append(score(self.steps, stream, chosen or None).astype("float64"))
        return found
