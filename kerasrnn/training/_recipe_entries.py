"""What a recipe must have, what else it may have, and what its entries can be."""

import math

_REQUIRED = {
    "data": ("source",),
    "training": ("epochs", "batch_size", "learning_rate", "patience"),
    "export": ("sequence_length",),
}
# Entries between 0 and 1, 1 left out.
_SHARES = ("average_weights", "recombine")
# Keras's names of the ways to clip gradients; 0 is off, and Keras takes one at a time.
CLIPPING = ("clipvalue", "clipnorm", "global_clipnorm")
TRAINING_ENTRIES = (
    *_REQUIRED["training"],
    *CLIPPING,
    *("least_epoch_steps", "least_steps", "least_patient_steps", "least_averages"),
    *("class_weight", "word_vectors", "weight_decay", *_SHARES),
    *("window", "sampled_softmax"),
)
FILES_ENTRIES = (
    *("text", "label", "part", "encoding", "quotes"),
    *("labels", "frames", "size", "channels", "segments", "voices", "most"),
)
EXPORT_ENTRIES = (*_REQUIRED["export"], "quantize")
# Entries that every model can have, and what stands for them where a recipe has none.
OPTIONAL = {
    "training": {"weight_decay": 0.0, "average_weights": 0.0},
    "export": {"quantize": ""},
}
_CLASS_WEIGHTS = ("none", "balanced")
_QUANTIZE = ("", "float16", "dynamic", "int8")
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
    "training.least_averages": {},
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
_CHANGED_FOR_OTHER_DATA = ("vocabulary", "arguments", "training", "export")


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


def require_possible_entries(recipe):
    """Raises RecipeError where a section lacks what it needs, or an entry cannot be so."""
    _require_shares(recipe.training)
    weights = recipe.training.get("class_weight", "none")
    if weights not in _CLASS_WEIGHTS:
        known = " or ".join(_CLASS_WEIGHTS)
        raise RecipeError(f"training.class_weight must be {known}; received {weights!r}.")
    quantize = recipe.export.get("quantize", "")
    if quantize not in _QUANTIZE:
        known = ", ".join(map(repr, _QUANTIZE))
        raise RecipeError(f"export.quantize must be one of {known}; received {quantize!r}.")
    for section, entries in _REQUIRED.items():
        missing = [entry for entry in entries if entry not in getattr(recipe, section)]
        if missing:
            raise RecipeError(f"[{section}] needs {', '.join(missing)}.")
    _require_numbers(recipe)
    _require_one_clipping(recipe.training)
    for section, entries in recipe.other_data.items():
        if section not in _CHANGED_FOR_OTHER_DATA or type(entries) is not dict:
            raise RecipeError(
                "[other_data] holds sections of vocabulary, arguments, training or export; "
                f"received {section} = {entries!r}."
            )


def _require_shares(training):
    for entry in _SHARES:
        share = training.get(entry, 0.0)
        if type(share) not in (int, float) or not 0 <= share < 1:
            raise RecipeError(f"training.{entry} must be 0 or more, below 1; received {share!r}.")


def _require_numbers(recipe):
    source = recipe.data["source"]
    if type(source) is not str:
        raise RecipeError(f"data.source must be of type str; received {source!r}.")
    for key, rule in (_NUMBERS | _SIZES if source == "offline" else _NUMBERS).items():
        section, entry = key.split(".")
        if entry in getattr(recipe, section):
            _require_number(key, getattr(recipe, section)[entry], **rule)


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
