"""Recipes: everything that decides a training run, in one TOML file."""

import math
import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from kerasrnn._hints import did_you_mean
from kerasrnn._shipped import recipe_file, recipe_names
from kerasrnn.training._task import task_names

_REQUIRED = {
    "data": ("source",),
    "training": ("epochs", "batch_size", "learning_rate", "patience"),
    "export": ("sequence_length",),
}
# Entries between 0 and 1, 1 left out.
_SHARES = ("average_weights", "recombine")
# Keras's names of the ways to clip gradients; 0 is off, and Keras takes one at a time.
CLIPPING = ("clipvalue", "clipnorm", "global_clipnorm")
# Entries that older recipes have, and what they are called now.
_RENAMED = {"training": {"clip_norm": "global_clipnorm"}}
TRAINING_ENTRIES = (
    *_REQUIRED["training"],
    *CLIPPING,
    *("least_epoch_steps", "least_steps", "least_patient_steps"),
    *("class_weight", "word_vectors", "weight_decay", *_SHARES),
    *("window", "sampled_softmax"),
)
FILES_ENTRIES = (
    *("text", "label", "part", "encoding", "quotes"),
    *("labels", "frames", "size", "channels", "segments", "voices", "most"),
)
_CLASS_WEIGHTS = ("none", "balanced")
# Entries that are whole numbers above 0, where a recipe has them, and what else holds for some.
_NUMBERS = {
    "vocabulary.max_words": {},
    "vocabulary.max_tokens": {},
    "vocabulary.min_count": {},
    "vocabulary.letters": {},
    "vocabulary.max_length": {},
    "vocabulary.kmer": {},
    "training.epochs": {},
    "training.batch_size": {},
    "training.learning_rate": {"whole": False},
    **{f"training.{entry}": {"whole": False, "zero": True} for entry in CLIPPING},
    "training.weight_decay": {"whole": False, "zero": True},
    "training.patience": {"zero": True},
    "training.least_epoch_steps": {},
    "training.least_steps": {},
    "training.least_patient_steps": {},
    "training.window": {},
    "training.sampled_softmax": {"zero": True},
    "export.sequence_length": {"zero": True},
    "files.frames": {},
    "files.size": {},
    "files.most": {"zero": True},
    "files.voices": {},
    "vocabulary.voices": {},
    "vocabulary.transpositions": {"zero": True},
}
# Of the offline data; of files the entries with these names are paths.
_SIZES = {"data.train": {}, "data.validation": {}, "data.test": {}}
# A shipped recipe is tuned to its own data, of known size. Other data may be small: they need
# small batches, more passes, and all words that occur twice. How small and how many depends on
# how many examples there are, which `fit_to_size` learns when they are read.
_OTHER_DATA = {
    "vocabulary": {"min_count": 2},
    "training": {
        "batch_size": 32,
        "epochs": 30,
        "patience": 6,
        "least_epoch_steps": 50,
        "least_steps": 600,
        "least_patient_steps": 300,
    },
}
_CHANGED_FOR_OTHER_DATA = ("vocabulary", "arguments", "training", "export")
# Which entry of `training` each of the least numbers moves, unless `override` set that entry.
_MOVED_BY = {
    "batch_size": "least_epoch_steps",
    "epochs": "least_steps",
    "patience": "least_patient_steps",
}
_SMALLEST_BATCH = 4


class RecipeError(ValueError):
    """A recipe that cannot be read or does not hold what a recipe holds.

    Example:
        >>> from kerasrnn.training import RecipeError, load_recipe
        >>> try:
        ...     load_recipe("ner_bilstm").override("training.epochs", 0)
        ... except RecipeError as error:
        ...     print(error)
        training.epochs must be above 0; received 0.
    """


@dataclass(frozen=True)
class Recipe:
    """What decides a training run.

    Args:
        model: name of a builder in `kerasrnn.zoo`.
        task: what the model does, such as `"tagging"` or `"text_classification"`.
        seed: seed of weights, dropout and order.
        data: `source` and what the source needs.
        vocabulary: arguments of the vocabulary's `build`.
        arguments: arguments of the builder.
        training: `epochs`, `batch_size`, `learning_rate`, `patience`; perhaps one of `clipvalue`,
            `clipnorm` and `global_clipnorm`, how gradients are clipped, as Keras's optimizers name
            them (0 is off); perhaps `least_epoch_steps`, `least_steps` and `least_patient_steps`,
            by which `fit_to_size` makes batches smaller, and epochs and patience more; perhaps
            `class_weight`, `"none"` or `"balanced"`: whether examples of rare labels count for
            more; `weight_decay`, times the learning rate the share of each weight that a step takes
            off (AdamW's); `average_weights`, below 1, the momentum of a moving average of the
            weights; of DNA `recombine`, the share of sequences that end as another one of their
            label does; of texts and music `window`, the tokens after which back-propagation ends;
            and of models of the next token `sampled_softmax`, how many tokens a step's loss looks
            at (0 is all).
        export: `sequence_length` of the TFLite file; 0 is that of the longest training example.
        files: how a user's files and downloads are read, such as `text`, the name of a column.
        baselines: `run`, a list of the names of what is measured on the same splits.
        other_data: sections with the entries that `with_data` changes; none if not given.

    Raises:
        RecipeError: an entry is of another type, a number is out of its range, or one of those
            named here is missing.

    Example:
        >>> from kerasrnn.training import load_recipe
        >>> recipe = load_recipe("ner_bilstm").override("training.epochs", 2)
        >>> recipe.training["epochs"]
        2
    """

    model: str
    task: str
    seed: int
    data: dict
    vocabulary: dict
    arguments: dict
    training: dict
    export: dict
    files: dict = field(default_factory=dict)
    baselines: dict = field(default_factory=dict)
    other_data: dict = field(default_factory=dict)

    def __post_init__(self):
        for entry in fields(self):
            value = getattr(self, entry.name)
            if type(value) is not entry.type:
                kind = "a section" if entry.type is dict else f"of type {entry.type.__name__}"
                raise RecipeError(f"{entry.name!r} must be {kind}; received {value!r}.")
        if self.task not in task_names():
            known = ", ".join(task_names())
            raise RecipeError(f"'task' must be one of {known}; received {self.task!r}.")
        for entry in _SHARES:
            share = self.training.get(entry, 0.0)
            if type(share) not in (int, float) or not 0 <= share < 1:
                raise RecipeError(
                    f"training.{entry} must be 0 or more, below 1; received {share!r}."
                )
        weights = self.training.get("class_weight", "none")
        if weights not in _CLASS_WEIGHTS:
            known = " or ".join(_CLASS_WEIGHTS)
            raise RecipeError(f"training.class_weight must be {known}; received {weights!r}.")
        for section, entries in _REQUIRED.items():
            missing = [entry for entry in entries if entry not in getattr(self, section)]
            if missing:
                raise RecipeError(f"[{section}] needs {', '.join(missing)}.")
        source = self.data["source"]
        if type(source) is not str:
            raise RecipeError(f"data.source must be of type str; received {source!r}.")
        for key, rule in (_NUMBERS | _SIZES if source == "offline" else _NUMBERS).items():
            section, entry = key.split(".")
            if entry in getattr(self, section):
                _require_number(key, getattr(self, section)[entry], **rule)
        _require_one_clipping(self.training)
        for section, entries in self.other_data.items():
            if section not in _CHANGED_FOR_OTHER_DATA or type(entries) is not dict:
                raise RecipeError(
                    "[other_data] holds sections of vocabulary, arguments, training or export; "
                    f"received {section} = {entries!r}."
                )

    def override(self, key, value):
        """The recipe with one entry changed.

        Args:
            key: `"seed"`, `"task"` or `"section.entry"`, such as `"training.epochs"`.
            value: the new value.

        Returns:
            A new `Recipe`.

        Raises:
            RecipeError: the recipe has no such entry, or the value is of another kind.
        """
        section, _, entry = key.partition(".")
        known = self.keys()
        if new := _RENAMED.get(section, {}).get(entry):
            raise RecipeError(f"{key} is now called {section}.{new}; set that one.")
        if key not in known:
            raise RecipeError(f"A recipe has no {key!r}; it has: {', '.join(known)}.")
        if not entry:
            return replace(self, **{key: _same_kind(key, getattr(self, key), value)})
        old = getattr(self, section)
        changed = {**old, entry: _same_kind(key, old[entry], value)}
        other_data = _without(self.other_data, section, entry)
        if section == "training" and entry in _MOVED_BY:
            changed.pop(_MOVED_BY[entry], None)
            other_data = _without(other_data, section, _MOVED_BY[entry])
        return replace(self, **{section: changed}, other_data=other_data)

    def require_known(self, section, entries):
        """Raises RecipeError where a section has an entry that is none of these."""
        for entry in sorted(getattr(self, section).keys() - set(entries)):
            meant = did_you_mean(entry, entries)
            raise RecipeError(
                f"[{section}] has no {entry!r}; it may have: {', '.join(entries)}.{meant}"
            )

    def keys(self):
        """All entries that `override` can change."""
        sections = {key: value for key, value in asdict(self).items() if isinstance(value, dict)}
        del sections["other_data"]
        return [
            "seed",
            "task",
            *(f"{key}.{entry}" for key, value in sections.items() for entry in value),
        ]


def load_recipe(name):
    """Reads a recipe.

    Args:
        name: a model's name, for the recipe that made the shipped artefact, or a TOML file.

    Returns:
        A `Recipe`.

    Raises:
        RecipeError: there is none, or its content is not a recipe's.

    Example:
        >>> from kerasrnn.training import load_recipe
        >>> load_recipe("ner_bilstm").task
        'tagging'
    """
    shipped = not str(name).endswith(".toml")
    if shipped and name not in recipe_names():
        raise RecipeError(_no_recipe(str(name)))
    path = recipe_file(name) if shipped else Path(name)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(
            f"There is no recipe {path}; check the path, and the folder it is relative to."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not TOML: {error}.") from None
    if shipped:
        content.setdefault("other_data", _other_data(content))
    return make_recipe(content, path)


def _other_data(content):
    """What a shipped recipe changes for other data; of the vocabulary only what it has."""
    known = content.get("vocabulary", {})
    counts = {k: v for k, v in _OTHER_DATA["vocabulary"].items() if k in known}
    changed = {**_OTHER_DATA, "vocabulary": counts}
    training = content.get("training", {})
    if "recombine" in training:  # what is so of splice sites may not be of others
        changed["training"] = {**changed["training"], "recombine": 0.0}
    # A tagger's file reads long sentences in pieces, a model of the next token goes on by steps.
    if content.get("task") != "tagging" and "window" not in training:
        changed["export"] = {"sequence_length": 0}
    return changed


def make_recipe(content, where):
    """The `Recipe` of a dictionary that was read; `where` is for the message of an error.

    Entries of older recipes get the names that they have now.
    """
    try:
        return Recipe(**{key: _renamed(key, value) for key, value in content.items()})
    except (TypeError, RecipeError) as error:
        raise RecipeError(f"{where}: not a recipe: {error}") from None


def _renamed(section, entries):
    """A section with the names that its entries have now."""
    if type(entries) is not dict:
        return entries
    if section == "other_data":
        return {name: _renamed(name, changed) for name, changed in entries.items()}
    found = {old: new for old, new in _RENAMED.get(section, {}).items() if old in entries}
    for old, new in found.items():
        if new in entries:
            raise RecipeError(f"{section}.{old} is now called {section}.{new}; give that alone.")
    return {found.get(entry, entry): value for entry, value in entries.items()}


def with_data(recipe, source=None, files=None):
    """The recipe with other data.

    A shipped recipe is tuned to its own data, so it brings settings for others, its `other_data`.
    A recipe of your own stays as you wrote it, and so does each entry that `override` set.

    Args:
        recipe: a `Recipe`.
        source: `"offline"`, `"tfds:NAME"`, or `None` for the recipe's or the files.
        files: dictionary of paths: `train` and perhaps `validation` and `test`; or `None`.

    Returns:
        A new `Recipe`.

    Raises:
        RecipeError: both are given, or files without one to train on.

    Example:
        >>> from kerasrnn.training import load_recipe, with_data
        >>> with_data(load_recipe("ner_bilstm"), files={"train": "my.conll"}).data["source"]
        'files'
    """
    if files and source:
        raise RecipeError(f"Give files or a data source, not both; received {source!r} and files.")
    if files and "train" not in files:
        raise RecipeError(f"Files to train on are missing; received only {', '.join(files)}.")
    if files:
        return for_other_data(recipe, {"source": "files", **files})
    if source and source != recipe.data["source"]:
        return for_other_data(recipe, {"source": source})
    return recipe


def fit_to_size(recipe, examples):
    """The recipe with a batch size, epochs and patience that suit so many training examples.

    A few dozen examples in batches of 32 are a step or two an epoch, and 30 epochs are over
    before anything is learnt. So batches shrink, to 4 at least, until an epoch has
    `least_epoch_steps`; then epochs and patience grow until they have `least_steps` and
    `least_patient_steps`. A recipe without these entries stays as it is.

    Args:
        recipe: a `Recipe`.
        examples: how many examples there are to train on.

    Returns:
        A `Recipe` without these three entries.
    """
    training = dict(recipe.training)
    epoch_steps, steps, patient_steps = (training.pop(least, 0) for least in _MOVED_BY.values())
    if epoch_steps:
        fitting = max(_SMALLEST_BATCH, examples // epoch_steps)
        training["batch_size"] = min(training["batch_size"], fitting)
    found = math.ceil(examples / training["batch_size"])
    training["epochs"] = max(training["epochs"], math.ceil(steps / found))
    training["patience"] = max(training["patience"], math.ceil(patient_steps / found))
    return replace(recipe, training=training)


def _no_recipe(name):
    if Path(name).is_file() or Path(name).name != name:
        return f"{name} is not a TOML recipe: a recipe of your own is a file that ends in .toml."
    meant = did_you_mean(name, recipe_names())
    return f"No model is called {name!r}; there are: {', '.join(recipe_names())}.{meant}"


def for_other_data(recipe, data):
    """The recipe with a `data` section of other data, and what it changes for those."""
    changed = {
        section: {**getattr(recipe, section), **entries}
        for section, entries in recipe.other_data.items()
    }
    return replace(recipe, data=data, **changed, other_data={})


def _without(sections, section, entry):
    kept = {key: value for key, value in sections.get(section, {}).items() if key != entry}
    return {**sections, section: kept} if section in sections else sections


def _require_number(key, value, whole=True, zero=False):
    if type(value) not in ((int,) if whole else (int, float)) or not math.isfinite(value):
        kind = "a whole number" if whole else "a number"
        raise RecipeError(f"{key} must be {kind}; received {value!r}.")
    if value < 0 or (value == 0 and not zero):
        least = "0 or more" if zero else "above 0"
        raise RecipeError(f"{key} must be {least}; received {value!r}.")


def _require_one_clipping(training):
    given = {name: training[name] for name in CLIPPING if training.get(name)}
    if len(given) > 1:
        received = ", ".join(f"{name} = {value}" for name, value in given.items())
        raise RecipeError(
            f"[training] may clip gradients in one way, as Keras does; received {received}. "
            "Set all but one to 0 first."
        )


def _same_kind(key, old, new):
    if isinstance(new, str) and not isinstance(old, str):
        try:
            (new,) = tomllib.loads(f"value = {new}").values()
        except ValueError:  # no TOML, or more than one value
            raise RecipeError(f"{key} must be of the kind of {old!r}; received {new!r}.") from None
    if isinstance(old, float) and type(new) is int:
        new = float(new)
    if type(new) is not type(old):
        raise RecipeError(f"{key} must be of the kind of {old!r}; received {new!r}.")
    return new
