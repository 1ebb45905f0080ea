"""The tagging task: from sentences to a fitted model."""

import inspect

import numpy as np

from kerasrnn.data import TaggingVocabulary, batches, offline_ner
from kerasrnn.training._recipe import RecipeError
from kerasrnn.zoo import get_builder


def require_known_entries(recipe):
    """Raises RecipeError where a section of the recipe names an argument that nothing takes."""
    takers = {"arguments": get_builder(recipe.model), "vocabulary": TaggingVocabulary.build}
    if recipe.data["source"] == "offline":
        takers["data"] = offline_ner
    for section, taker in takers.items():
        known = inspect.signature(taker).parameters
        for entry in getattr(recipe, section).keys() - known - {"source"}:
            raise RecipeError(f"[{section}] has no {entry!r}; it may have: {', '.join(known)}.")


def build(recipe, sentences):
    """The vocabulary of the sentences and the model that the recipe asks for.

    Returns:
        The `TaggingVocabulary`, the uncompiled model, and the builder's arguments.
    """
    vocabulary = TaggingVocabulary.build(sentences, **recipe.vocabulary)
    arguments = {**vocabulary.sizes, **recipe.arguments}
    return vocabulary, get_builder(recipe.model)(**arguments), arguments


def fit(model, vocabulary, recipe, splits, callbacks=()):
    """Trains until the validation F1 stops rising, and keeps the best epoch's weights.

    Returns:
        Keras's history, a dictionary of lists.
    """
    import keras

    from kerasrnn.training._callbacks import EntityF1, StopAtBestF1

    settings = recipe.training
    dataset = _dataset(vocabulary, splits.train, recipe)
    steps = settings["epochs"] * int(dataset.cardinality())
    model.compile(
        keras.optimizers.Adam(
            _learning_rate(settings["learning_rate"], steps), global_clipnorm=settings["clip_norm"]
        ),
        "sparse_categorical_crossentropy",
        weighted_metrics=["accuracy"],
    )
    history = model.fit(
        dataset,
        epochs=settings["epochs"],
        shuffle=False,  # the dataset shuffles itself
        verbose=0,
        callbacks=[
            EntityF1(splits.validation, lambda s: predict(model, vocabulary, s)),
            StopAtBestF1(settings["patience"]),
            *callbacks,
        ],
    )
    return history.history


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


def predict(model, vocabulary, sentences, batch_size=256):
    """Tagged sentences by the model."""
    lengths = np.array([len(sentence) for sentence in sentences])
    order = np.argsort(lengths, kind="stable")
    result = [None] * len(sentences)
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        chosen = [sentences[row] for row in rows]
        outputs = model.predict_on_batch(vocabulary.encode(chosen, max(1, lengths[rows].max())))
        for row, output in zip(rows, outputs, strict=True):
            tokens = getattr(sentences[row], "tokens", sentences[row])
            result[row] = vocabulary.decode(tokens, output)
    return result


def _dataset(vocabulary, sentences, recipe):
    return batches(
        vocabulary.encode(sentences),
        vocabulary.encode_tags(sentences),
        [len(sentence) for sentence in sentences],
        recipe.training["batch_size"],
        shuffle=True,
        seed=recipe.seed,
    )
