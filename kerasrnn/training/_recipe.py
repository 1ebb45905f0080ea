"""A recipe: everything that decides a training run."""

import tomllib
from dataclasses import asdict, dataclass, field, fields, replace

from kerasrnn._hints import did_you_mean
from kerasrnn.training._recipe_entries import OPTIONAL, RecipeError, require_possible_entries
from kerasrnn.training._task import task_names

# Entries that older recipes have, and what they are called now.
RENAMED = {"training": {"clip_norm": "global_clipnorm"}}
# Which entry of `training` each of the least numbers moves, unless `override` set that entry.
MOVED_BY = {
    "batch_size": "least_epoch_steps",
    "epochs": "least_steps",
    "patience": "least_patient_steps",
    "average_weights": "least_averages",
}


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
            them (0 is off); perhaps `least_epoch_steps`, `least_steps`, `least_patient_steps` and
            `least_averages`, by which `fit_to_size` makes batches smaller, epochs and patience
            more, and averages shorter; perhaps
            `class_weight`, `"none"` or `"balanced"`: whether examples of rare labels count for
            more; `weight_decay`, times the learning rate the share of each weight that a step takes
            off (AdamW's); `average_weights`, below 1, the momentum of a moving average of the
            weights; of DNA `recombine`, the share of sequences that end as another one of their
            label does; of texts and music `window`, the tokens after which back-propagation ends;
            and of models of the next token `sampled_softmax`, how many tokens a step's loss looks
            at (0 is all).
        export: `sequence_length` of the TFLite file; 0 is that of the longest training example;
            perhaps `quantize`, how that file stores numbers: `""`, as they are, `"float16"`,
            `"dynamic"` or `"int8"`, as `export` knows them.
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
        require_possible_entries(self)

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
        if new := RENAMED.get(section, {}).get(entry):
            raise RecipeError(f"{key} is now called {section}.{new}; set that one.")
        if key not in known:
            raise RecipeError(f"A recipe has no {key!r}; it has: {', '.join(known)}.")
        if not entry:
            return replace(self, **{key: _same_kind(key, getattr(self, key), value)})
        own = getattr(self, section)
        old = {**OPTIONAL.get(section, {}), **own}[entry]
        changed = {**own, entry: _same_kind(key, old, value)}
        other_data = _without(self.other_data, section, entry)
        if section == "training" and entry in MOVED_BY:
            changed.pop(MOVED_BY[entry], None)
            other_data = _without(other_data, section, MOVED_BY[entry])
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
            *(
                f"{key}.{entry}"
                for key, value in sections.items()
                for entry in {**value, **OPTIONAL.get(key, {})}
            ),
        ]


def _without(sections, section, entry):
    kept = {key: value for key, value in sections.get(section, {}).items() if key != entry}
    return {**sections, section: kept} if section in sections else sections


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
