"""A kind of problem: what training, measuring and exporting must know of it, and no more."""

from abc import ABC, abstractmethod
from functools import partial
from importlib import import_module

from kerasrnn.data import Splits
from kerasrnn.data._hold_out import hold_out

# By the `task` of a recipe: the module and the name of an object in it, imported when asked for.
_TASKS = {
    "tagging": ("_tagging", "TAGGING"),
    "text_classification": ("_contents", "TEXTS"),
    "bag_of_words": ("_contents", "BAGS_OF_WORDS"),
    "vector_classification": ("_contents", "VECTORS"),
    "dna_classification": ("_contents", "DNA"),
    "video_classification": ("_contents", "CLIPS"),
    "language_modelling": ("_language", "LANGUAGE"),
    "name_generation": ("_names", "NAMES"),
    "music_generation": ("_music", "MUSIC"),
}


def task_names():
    """Names of the tasks that a recipe can have."""
    return list(_TASKS)


def get_task(name):
    """The `Task` of a name.

    Raises:
        ValueError: there is none.
    """
    if name not in _TASKS:
        raise ValueError(f"`task` must be one of {', '.join(_TASKS)}; received {name!r}.")
    module, attribute = _TASKS[name]
    return getattr(import_module(f"kerasrnn.training.{module}"), attribute)


class Task(ABC):
    """One kind of problem.

    A subclass sets these:

    - `name`, as a recipe's `task` says it.
    - `item`, what an example is called in messages, such as `"sentence"`.
    - `example`, an argument to try `kerasrnn predict` with.
    - `score`, which of the scores decides when training ends, a key of what `scores` gives, and
      `score_name`, how people call it.
    - `lower_is_better`, whether a lower score is better.
    - `small_probabilities`, whether probabilities below a 256th matter.
    - `row`, what a row of a training batch is called, where it is no `item`.
    - `sources`, functions by the names of data sources of the task's own, which take `report`.
    - `samples`, the name of the file of held-out examples in a trained model's folder.
    - `vocabulary`, the class of what turns examples into arrays.
    - `text_of`, a function of an example: the string of it that a SavedModel's signature `text`
      reads; `None` where it has none.
    - `has_steps`, whether what the model reads has time steps.
    - `decided_by`, packages whose version decides the offline data.
    """

    name = ""
    item = ""
    example = ""
    score = ""
    score_name = ""
    lower_is_better = False
    small_probabilities = False
    row = ""
    sources = {}
    samples = ""
    vocabulary = None
    text_of = None
    has_steps = True
    decided_by = ()

    # Data

    @abstractmethod
    def offline(self, **options):
        """The `Splits` made or shipped with the library."""

    @abstractmethod
    def from_tfds(self, name, seed, files, report):
        """The `Splits` of a TFDS data set."""

    def from_files(self, data, seed, files, report):
        """The `Splits` of a user's files; what is missing is held out."""
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

    def hold_out(self, examples, parts, seed):
        """Examples that stay, and parts of them that are held out, as a tuple."""
        return hold_out(examples, parts, seed=seed)

    @abstractmethod
    def read(self, path, files, report, vocabulary=None):
        """The examples of one file, as large as a trained model's `vocabulary` has them."""

    def require_consistent(self, recipe):
        """Raises RecipeError where sections of a recipe of the task do not fit each other."""
        return

    @abstractmethod
    def require_learnable(self, data, splits):
        """Raises DataError where the training examples leave nothing to learn."""

    @abstractmethod
    def parts_of(self, example):
        """Bytes that decide an example, for a sum over all of them."""

    @abstractmethod
    def choose_samples(self, examples):
        """The first examples that the file of samples can hold; DataError where there are none."""

    @abstractmethod
    def write_samples(self, path, examples):
        """Writes the file of samples."""

    @abstractmethod
    def read_samples(self, path):
        """Reads the file of samples."""

    @abstractmethod
    def longest(self, vocabulary, examples):
        """The time steps of the longest example."""

    # Model

    @abstractmethod
    def dataset(self, vocabulary, examples, recipe):
        """A `tf.data.Dataset` of training batches."""

    def count_rows(self, examples, recipe):
        """How many rows of batches training examples are, by which a recipe is fitted to them."""
        return len(examples)

    def trainee(self, model, vocabulary, recipe):
        """The model that is trained in the model's place, with the same weights; mostly itself."""
        return model

    def loss(self, recipe):
        """What `compile` of the trainee is told beside the optimizer."""
        return {"loss": "sparse_categorical_crossentropy", "weighted_metrics": ["accuracy"]}

    def callbacks(self, model, dataset):
        """Callbacks of the trainee's `fit`, which come before the validation score is measured."""
        return ()

    @abstractmethod
    def require_readable(self, vocabulary, examples, split):
        """Raises DataError where an example has a tag that the vocabulary lacks, or no content."""

    @abstractmethod
    def predict(self, model, vocabulary, examples):
        """What the model says of the examples, as `scores` takes it."""

    def reader(self, model, vocabulary):
        """A function of examples that gives what `predict` does, for many calls.

        It always reads with the weights that the model has then.
        """
        return partial(self.predict, model, vocabulary)

    @abstractmethod
    def scores(self, examples, predicted, vocabulary, confidence=True):
        """How good that is, a dictionary; without `confidence` what takes long is left out."""

    def untested(self, scores):
        """What to tell where the test examples leave something unmeasured, or `None`."""
        return None

    def measured_beside(self, model, vocabulary, splits, recipe):
        """What metrics.json says beside the scores, a dictionary."""
        return {}

    def decides(self, recipe):
        """Which score decides the best epoch, and how people call it."""
        return self.score, self.score_name

    @abstractmethod
    def found_nothing(self, epochs):
        """What to tell where the best score of all epochs is 0, or `None` if that says nothing."""

    # Use

    @abstractmethod
    def predictor(self, path, runtime="interpreter"):
        """The trained model for use: an object with `vocabulary` and `predict(examples)`."""

    def unknown_said(self, path, examples, vocabulary):
        """What to tell of examples of a file with types that the model never gives, or `None`."""
        return None

    def command(self, folder):
        """What to try with a trained model's folder: the rest of a `kerasrnn` command."""
        return f"predict {folder} {self.example}"

    # Export

    def read_at_once(self, report):
        """What a TFLite file's milliseconds are of, of what `export` measured."""
        return f"a {self.item}"

    def is_measurable(self, path):
        """Whether a TFLite file can be scored on whole examples."""
        return True

    @abstractmethod
    def sample(self, vocabulary, example, length):
        """The model's inputs for one example, of a fixed length or of its own (`None`)."""

    @abstractmethod
    def representative(self, vocabulary, examples, length):
        """Inputs from whose activations a file of whole numbers learns its ranges: a list."""
