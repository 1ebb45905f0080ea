"""The tasks of models of the next token: what texts, names and music have in common."""

from abc import abstractmethod
from pathlib import Path

import numpy as np

from kerasrnn.data import DataError
from kerasrnn.data._token_encoder import END, PADDING
from kerasrnn.export import LiteRTModel
from kerasrnn.training._kneser_ney import KneserNey
from kerasrnn.training._task import Task

_SAMPLES = 8
_ROWS = 100  # of representative data
_SEED = 0


class NextToken(Task):
    """What all models of the next token have in common; a subclass says what its sequences are.

    A subclass has `item`, `unit_name`, `vocabulary` (a `TokenEncoder`), `offline`, `from_tfds`,
    `read`, `parts_of`, `dataset` and how samples are kept; perhaps `hold_out`, where examples are
    not `Labelled`, and `writers` and `answer`.
    """

    score = "bits"
    lower_is_better = True
    small_probabilities = True
    has_segments = False  # whether an `<EOS>` may stand within an example
    unit_name = ""

    @property
    def score_name(self):
        return f"bits a {self.unit_name}"

    # Data

    def require_learnable(self, data, splits):
        """Any sequence is something to learn from; readers refuse what has none."""

    def require_readable(self, vocabulary, examples, split):
        for number, example in enumerate(examples, start=1):
            try:
                vocabulary.conditions(example)
                vocabulary.encode(example)
            except ValueError as error:
                raise DataError(f"{split}, {self.item} {number}: {error}") from error

    def choose_samples(self, examples):
        return examples[:_SAMPLES]

    def longest(self, vocabulary, examples):
        return max(len(vocabulary.encode(example)) for example in examples)

    # Model

    def trainee(self, model, vocabulary, recipe):
        from kerasrnn.training._sampled_softmax import SampledSoftmax

        samples = recipe.training.get("sampled_softmax", 0)
        return SampledSoftmax(model, samples, recipe.seed) if samples else model

    def loss(self, recipe):
        if recipe.training.get("sampled_softmax", 0):
            return {"loss": None}  # the trainee has a loss of its own
        return super().loss(recipe)

    def predict(self, model, vocabulary, examples):
        return self.reader(model, vocabulary)(examples)

    def reader(self, model, vocabulary):
        from kerasrnn.training._token_scores import TokenReader

        reader = TokenReader(model)  # once: it is compiled

        def read(examples):
            streams = [vocabulary.encode(example) for example in examples]
            return reader.log_probs(streams, self.conditions(vocabulary, examples))

        return read

    def conditions(self, vocabulary, examples):
        """The model's other inputs, arrays by name, a row an example."""
        rows = [vocabulary.conditions(example) for example in examples]
        return {name: np.array([row[name] for row in rows], "int32") for name in rows[0]}

    def scores(self, examples, predicted, vocabulary, confidence=True):
        from kerasrnn.training._token_scores import token_scores

        streams = [vocabulary.encode(example) for example in examples]
        units = sum(vocabulary.count_units(example) for example in examples)
        return token_scores(streams, predicted, units, vocabulary.unit)

    def found_nothing(self, epochs):
        """Nothing: without a clue a model has many bits, not none."""
        return None

    # Baselines

    def ngram(self, splits, recipe, order):
        """Log-probabilities of the test examples' tokens by an n-gram of the training examples."""
        vocabulary = self.vocabulary.build(splits.train, **recipe.vocabulary)
        model = KneserNey(order, len(vocabulary))
        model.fit(self.ngram_streams(vocabulary, splits.train))
        return [model.log_probs(vocabulary.encode(example)) for example in splits.test]

    def ngram_streams(self, vocabulary, examples):
        """The sequences that an n-gram learns from."""
        return [vocabulary.encode(example) for example in examples]

    def baseline_scores(self, splits, recipe, predicted):
        vocabulary = self.vocabulary.build(splits.train, **recipe.vocabulary)
        return self.scores(splits.test, predicted, vocabulary)

    # Use

    def predictor(self, path, runtime="interpreter"):
        from kerasrnn.training._language_model import LanguageModel

        return LanguageModel(path, runtime, task=self)

    # How many tokens `kerasrnn generate` makes at most.
    most_tokens = 300
    # By the ending of a file, functions of an answer and a path that write it, where answers are
    # not printed; and what such an answer is called.
    writers = {}
    answer = ""

    @property
    def writes_files(self):
        return bool(self.writers)

    def prompt_of(self, argument, vocabulary):
        """What `kerasrnn generate --prompt` names, as the vocabulary reads it."""
        return argument

    def require_writable(self, path):
        """Raises ValueError where `write_answer` could not write such a file."""
        if path is None:
            raise ValueError(f"Name a file with --output, such as {self.example.split()[-1]}.")
        if Path(path).suffix.lower() not in self.writers:
            raise ValueError(f"{path}: {self.answer} is written as {', '.join(self.writers)}.")

    def write_answer(self, answer, path):
        """Writes what was generated to a file, where `writes_files`."""
        self.require_writable(path)
        self.writers[Path(path).suffix.lower()](answer, path)

    def command(self, folder):
        return f"generate {folder} {self.example}".strip()

    # Export

    def read_at_once(self, report):
        return f"for {report['sequence_length']} tokens"

    def is_measurable(self, path):
        return LiteRTModel(path).has_step

    def sample(self, vocabulary, example, length):
        tokens = np.array([END, *vocabulary.encode(example)[:-1]], "int32")[: length or 64]
        padded = np.full(length or len(tokens), PADDING, "int32")
        padded[: len(tokens)] = tokens
        conditions = self.conditions(vocabulary, [example])
        return {"tokens": padded[None], **conditions}

    def representative(self, vocabulary, examples, length):
        order = np.random.default_rng(_SEED).permutation(len(examples))
        return [self.sample(vocabulary, examples[row], length) for row in order[:_ROWS]]

    # Files of samples, one JSON object a line

    def write_samples(self, path, examples):
        from kerasrnn._files import atomic_file

        with atomic_file(path) as temporary:
            lines = "".join(self.sample_line(example) + "\n" for example in examples)
            Path(temporary).write_text(lines, encoding="utf-8")

    def read_samples(self, path):
        # Not by `splitlines`: texts may hold other line breaks, which JSON leaves as they are.
        lines = Path(path).read_text(encoding="utf-8").split("\n")
        return tuple(self.sample_of_line(line) for line in lines if line)

    @abstractmethod
    def sample_line(self, example):
        """An example as a line of the file of samples."""

    @abstractmethod
    def sample_of_line(self, line):
        """The example of a line of the file of samples."""
