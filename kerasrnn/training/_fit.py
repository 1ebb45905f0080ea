"""From examples to a fitted model, by a recipe."""

import inspect
from dataclasses import replace
from typing import NamedTuple

from kerasrnn._shipped import recipe_names
from kerasrnn.data import embedding_matrix, read_word_vectors
from kerasrnn.training._baselines import require_known_baselines
from kerasrnn.training._recipe_entries import (
    CLIPPING,
    EXPORT_ENTRIES,
    FILES_ENTRIES,
    TRAINING_ENTRIES,
    RecipeError,
)
from kerasrnn.training._recipe_files import load_recipe
from kerasrnn.training._task import get_task
from kerasrnn.zoo import get_builder
from kerasrnn.zoo._members import members_of


def require_known_entries(recipe):
    """Raises RecipeError where a section of the recipe names what nothing takes or nobody knows."""
    require_known_baselines(recipe)
    recipe.require_known("training", TRAINING_ENTRIES)
    recipe.require_known("files", FILES_ENTRIES)
    recipe.require_known("export", EXPORT_ENTRIES)
    task = get_task(recipe.task)
    task.require_consistent(recipe)
    takers = {"arguments": get_builder(recipe.model), "vocabulary": task.vocabulary.build}
    if recipe.data["source"] == "offline":
        if not inspect.signature(task.offline).parameters:
            task.offline()  # says that there is nothing offline, and what to give
        takers["data"] = task.offline
    for section, taker in takers.items():
        known = [name for name in inspect.signature(taker).parameters if name != "report"]
        unknown = getattr(recipe, section).keys() - {*known, "source"}
        if section == "vocabulary":
            unknown -= _of_another_task(recipe)
        for entry in sorted(unknown):
            raise RecipeError(f"[{section}] has no {entry!r}; it may have: {', '.join(known)}.")


def _of_another_task(recipe):
    """Entries of the vocabulary that are there because the model's recipe is of another task."""
    if recipe.model not in recipe_names():
        return set()
    shipped, taker = load_recipe(recipe.model), get_task(recipe.task).vocabulary.build
    if shipped.task == recipe.task:
        return set()
    return shipped.vocabulary.keys() - inspect.signature(taker).parameters


def build(recipe, examples, report=lambda message: None):
    """The vocabulary of the examples and the model that the recipe asks for.

    Returns:
        The vocabulary, the uncompiled model, and the builder's arguments.
    """
    left_out = _of_another_task(recipe)
    options = {name: value for name, value in recipe.vocabulary.items() if name not in left_out}
    vocabulary = get_task(recipe.task).vocabulary.build(examples, **options)
    arguments = {**vocabulary.sizes, **recipe.arguments}
    if strange := vocabulary.sizes.keys() - inspect.signature(get_builder(recipe.model)).parameters:
        raise RecipeError(
            f"{recipe.model} is no model for the task {recipe.task!r}: it has no "
            f"{' and '.join(sorted(strange))}."
        )
    vectors_file = recipe.training.get("word_vectors")
    if not vectors_file:
        return vocabulary, get_builder(recipe.model)(**arguments), arguments
    if not hasattr(vocabulary, "words") or "word_dim" not in arguments:
        raise RecipeError(f"training.word_vectors: {recipe.model} has no layer of words to fill.")
    matrix, found = _word_vectors(vocabulary, vectors_file, recipe.seed)
    report(f"{vectors_file} has vectors for {found} of {len(vocabulary.words.symbols)} words")
    arguments["word_dim"] = matrix.shape[1]
    model = get_builder(recipe.model)(**arguments)
    model.get_layer("words_in").set_weights([matrix])
    return vocabulary, model, arguments


def _word_vectors(vocabulary, path, seed):
    vectors = read_word_vectors(path, vocabulary.words.symbols)
    return embedding_matrix(vocabulary, vectors, seed)


class Fitted(NamedTuple):
    """What came of a training: Keras's `history`, lists by name, and what `clipping` did."""

    history: dict
    clipping: dict


def fit(model, vocabulary, recipe, splits, callbacks=()):
    """Trains until the validation score stops getting better, and keeps the best epoch's weights.

    Without validation examples all epochs are run, and the last one's weights are kept. Members of
    a model are trained one after the other, each by itself, in an order of examples of its own.

    Returns:
        A `Fitted`; of several members the histories of all, joined, with the validation score of
        their mean alone.
    """
    from kerasrnn.training._clipped_adam import joined_clipping

    members = members_of(model)
    if members == [model]:
        return _fit_one(model, vocabulary, recipe, splits, callbacks)
    found = [
        _fit_one(member, vocabulary, replace(recipe, seed=recipe.seed + k), splits, callbacks)
        for k, member in enumerate(members)
    ]
    history = {
        name: [value for each in found for value in each.history[name]] for name in found[0].history
    }
    if splits.validation:
        decides, _ = get_task(recipe.task).decides(recipe)
        history[f"val_{decides}"] = [_validation(model, vocabulary, recipe, splits)()]
    return Fitted(history, joined_clipping([each.clipping for each in found]))


def _fit_one(model, vocabulary, recipe, splits, callbacks):
    from kerasrnn.inspection import GradientFlow
    from kerasrnn.training._clipped_adam import clipping_of
    from kerasrnn.training._truncated import copy_weights

    task, settings = get_task(recipe.task), recipe.training
    dataset = task.dataset(vocabulary, splits.train, recipe)
    trainee = task.trainee(model, vocabulary, recipe)
    optimizer = _optimizer(settings, settings["epochs"] * _count(dataset))
    trainee.compile(optimizer, **task.loss(recipe))
    watches = [callback for callback in callbacks if isinstance(callback, GradientFlow)]
    for watch in watches:
        watch.watch(model)
    try:
        history = trainee.fit(
            dataset,
            epochs=settings["epochs"],
            shuffle=False,  # the dataset shuffles itself
            verbose=0,
            callbacks=[*_callbacks(model, dataset, vocabulary, recipe, splits), *callbacks],
        )
    finally:
        for watch in watches:
            watch.watch(None)
    if trainee is not model:
        copy_weights(trainee, model)
    return Fitted(history.history, clipping_of(trainee.optimizer))


def _count(dataset):
    """The batches of an epoch."""
    return int(dataset.cardinality()) if hasattr(dataset, "cardinality") else len(dataset)


def _optimizer(settings, steps):
    from kerasrnn.training._clipped_adam import ClippedAdam

    average = settings.get("average_weights", 0.0)
    return ClippedAdam(
        _learning_rate(settings["learning_rate"], steps),
        **{name: settings[name] for name in (*CLIPPING, "weight_decay") if settings.get(name)},
        use_ema=average > 0,
        ema_momentum=average or 0.99,
    )


def _validation(model, vocabulary, recipe, splits):
    """A function that measures the score that decides, of the validation examples."""
    task = get_task(recipe.task)
    decides, _ = task.decides(recipe)
    read = task.reader(model, vocabulary)

    def measure():
        predicted = read(splits.validation)
        return task.scores(splits.validation, predicted, vocabulary, confidence=False)[decides]

    return measure


def _callbacks(model, dataset, vocabulary, recipe, splits):
    from kerasrnn.training._callbacks import AveragedWeights, Score, StopAtBest

    task, settings = get_task(recipe.task), recipe.training
    decides, _ = task.decides(recipe)
    if settings.get("average_weights", 0.0):
        yield AveragedWeights()
    yield from task.callbacks(model, dataset)
    if splits.validation:
        yield Score(decides, _validation(model, vocabulary, recipe, splits))
        yield StopAtBest(decides, settings["patience"], lower=task.lower_is_better)


def _learning_rate(highest, steps):
    """A twentieth of the steps up to the highest rate, then down along a cosine."""
    import keras

    return keras.optimizers.schedules.CosineDecay(
        0.1 * highest,
        decay_steps=max(1, steps - steps // 20),
        alpha=0.02,
        warmup_target=highest,
        warmup_steps=steps // 20,
    )
