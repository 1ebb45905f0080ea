"""The tasks of models of the next token: what texts, names and music have in common."""

from abc import abstractmethod
from pathlib import Path

import numpy as np

from kerasrnn.data import DataError, Splits
from kerasrnn.data._token_encoder import END, PADDING
from kerasrnn.export import LiteRTModel
from kerasrnn.training._kneser_ney import KneserNey
from kerasrnn.training._recipe import RecipeError
from kerasrnn.training._task import Task

_SAMPLES = 8
_ROWS = 100  # of representative data
_SEED = 0


class NextToken(Task):
    """What all models of the next token have in common; a subclass says what its sequences are.

    A subclass has `item`, `unit_name`, `vocabulary` (a `TokenEncoder`), `offline`, `from_tfds`,
    `read`, `parts_of`, how samples are kept, `length` and `hold_out`; perhaps `streams`, what an
    epoch reads.
    """

    score = "bits"
    lower_is_better = True
    row = "row"
    has_segments = False  # whether an `<EOS>` may stand within an example
    begins_anew = False  # whether training forgets one example before it reads the next
    unit_name = ""

    @property
    def score_name(self):
        return f"bits a {self.unit_name}"

    # Data

    def require_consistent(self, recipe):
        if "window" not in recipe.training:
            raise RecipeError(
                f"[training] lacks window, after how many tokens of a {self.item} back-propagation "
                "ends. Give it, such as 64."
            )

    def from_files(self, data, seed, files, report):
        given = {
            name: tuple(self.read(data[name], files, report))
            for name in Splits._fields
            if data.get(name)
        }
        missing = [name for name in Splits._fields if name not in given]
        if missing:
            given["train"], *held_out = self.hold_out(given["train"], len(missing), seed)
            given |= dict(zip(missing, held_out, strict=True))
        return Splits(**given)

    @abstractmethod
    def hold_out(self, examples, parts, seed):
        """Examples that stay, and parts of them that are held out, as a tuple."""

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

    def streams(self, vocabulary, examples, rng):
        """The sequences of an epoch, int32 arrays; a subclass may change them at random."""
        return [vocabulary.encode(example) for example in examples]

    def dataset(self, vocabulary, examples, recipe):
        from kerasrnn.training._fresh_windows import FreshWindows
        from kerasrnn.training._truncated import Windows

        settings = recipe.training
        return (FreshWindows if self.begins_anew else Windows)(
            lambda rng: self.streams(vocabulary, examples, rng),
            settings["batch_size"],
            settings["window"],
            recipe.seed,
        )

    def count_rows(self, examples, recipe):
        """Windows of all characters: their tokens are known only with a vocabulary."""
        return max(1, self.length(examples, recipe) // recipe.training["window"])

    def length(self, examples, recipe):
        """About how many tokens examples have, before there is a vocabulary."""
        raise NotImplementedError

    def trainee(self, model, vocabulary, recipe):
        from kerasrnn.training._sampled_softmax import SampledSoftmax
        from kerasrnn.training._truncated import copy_weights
        from kerasrnn.zoo import get_builder

        arguments = {**vocabulary.sizes, **recipe.arguments}
        rows = recipe.training["batch_size"]
        twin = get_builder(recipe.model)(**arguments, stateful_batch=rows)
        copy_weights(model, twin)
        samples = recipe.training.get("sampled_softmax", 0)
        return SampledSoftmax(twin, samples, recipe.seed) if samples else twin

    def loss(self, recipe):
        if recipe.training.get("sampled_softmax", 0):
            return {"loss": None}  # the trainee has a loss of its own
        return super().loss(recipe)

    def callbacks(self, model, dataset):
        from kerasrnn.training._fresh_windows import Forget
        from kerasrnn.training._truncated import Carry

        yield Carry(model)
        if self.begins_anew:
            yield Forget(dataset)

    def predict(self, model, vocabulary, examples):
        from kerasrnn.training._token_scores import TokenReader

        streams = [vocabulary.encode(example) for example in examples]
        return TokenReader(model).log_probs(streams, self.conditions(vocabulary, examples))

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
        raise NotImplementedError  # no score is 0

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

    # How many tokens `kerasrnn generate` makes at most, and whether it writes them to a file.
    most_tokens = 300
    writes_files = False

    def prompt_of(self, argument, vocabulary):
        """What `kerasrnn generate --prompt` names, as the vocabulary reads it."""
        return argument

    def require_writable(self, path):
        """Raises ValueError where `write_answer` could not write such a file."""

    def write_answer(self, answer, path):
        """Writes what was generated to a file, where `writes_files`."""
        raise NotImplementedError

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
