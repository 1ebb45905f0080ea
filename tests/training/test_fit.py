"""From a recipe to a fitted model: what is built, and which weights are kept."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from kerasrnn.data import DataError, Labelled, Splits
from kerasrnn.sequence import engine
from kerasrnn.training import RecipeError, load_recipe
from kerasrnn.training._fit import build, fit, require_known_entries
from kerasrnn.zoo._members import members_of
from tests.training.short_texts import short_texts

MOMENTUM = 0.8


def vectors(count, seed):
    draw = np.random.default_rng(seed)
    return tuple(Labelled(draw.normal(n % 2, 1, 3), "no" if n % 2 else "yes") for n in range(count))


SPLITS = Splits(vectors(40, 0), vectors(30, 1), ())


def recipe(**training):
    found = load_recipe("one_to_one_dense").override("task", "vector_classification")
    settings = {"epochs": 5, "batch_size": 8, "learning_rate": 0.1, "patience": 9} | training
    return replace(
        found, arguments={"hidden": [], "dropout": 0.0}, training={**found.training, **settings}
    )


class Watch(keras.callbacks.Callback):
    """Weights after each step, and after each epoch, when other callbacks are done."""

    def __init__(self):
        super().__init__()
        self.steps, self.epochs = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append(self.model.get_weights())

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(self.model.get_weights())


def fitted(splits=SPLITS, **training):
    keras.utils.set_random_seed(3)
    chosen, watch = recipe(**training), Watch()
    vocabulary, model, _ = build(chosen, splits.train)
    history = fit(model, vocabulary, chosen, splits, [watch]).history
    return model.get_weights(), history, watch


def same(weights, expected, **tolerance):
    return all(np.allclose(*pair, **tolerance) for pair in zip(weights, expected, strict=True))


def averages(steps):
    """The moving average after each step; the first is the weights themselves."""
    found = [steps[0]]
    for step in steps[1:]:
        pairs = zip(found[-1], step, strict=True)
        found.append([MOMENTUM * old + (1 - MOMENTUM) * new for old, new in pairs])
    return found


# Which weights are kept


def test_without_validation_all_epochs_are_run_and_the_last_weights_are_kept():
    weights, history, watch = fitted(Splits(SPLITS.train, (), ()), patience=0)
    assert len(history["loss"]) == len(watch.epochs) == 5
    assert "val_accuracy" not in history
    assert same(weights, watch.steps[-1], rtol=0, atol=0)


@pytest.mark.parametrize("average", [0.0, MOMENTUM])
def test_with_validation_the_best_epochs_weights_are_kept(average):
    weights, history, watch = fitted(average_weights=average)
    best = int(np.argmax(history["val_accuracy"]))
    assert best < 4  # the last epoch is not the best one, or this would show nothing
    assert same(weights, watch.epochs[best], rtol=0, atol=0)
    assert not same(weights, watch.epochs[-1])


def test_weights_decay_as_the_recipe_says():
    from kerasrnn.training._fit import _learning_rate

    rate = float(_learning_rate(0.1, 25)(0))
    _, _, plain = fitted()
    _, _, decayed = fitted(weight_decay=0.5)
    keras.utils.set_random_seed(3)
    _, fresh, _ = build(recipe(), SPLITS.train)
    triples = zip(plain.steps[0], decayed.steps[0], fresh.get_weights(), strict=True)
    for one, other, first in triples:
        assert np.allclose(one - other, 0.5 * rate * first, atol=1e-7)


def test_training_ends_when_the_score_has_not_risen_for_so_many_epochs():
    _, history, _ = fitted(epochs=30, patience=2)
    scores = history["val_accuracy"]
    assert len(scores) == int(np.argmax(scores)) + 3 < 30


def test_averaged_weights_are_measured_and_kept_and_training_goes_on_from_its_own():
    weights, _, watch = fitted(Splits(SPLITS.train, (), ()), average_weights=MOMENTUM)
    _, _, plain = fitted(Splits(SPLITS.train, (), ()))
    for step, expected in zip(watch.steps, plain.steps, strict=True):
        assert same(step, expected, atol=1e-5)
    expected = averages(watch.steps)
    for epoch, found in enumerate(watch.epochs, start=1):
        assert same(found, expected[5 * epoch - 1], atol=1e-5)
    assert same(weights, expected[-1], atol=1e-5)
    assert not same(weights, watch.steps[-1], atol=1e-3)


def test_the_rate_rises_and_then_falls():
    from kerasrnn.training._fit import _learning_rate

    rate = _learning_rate(0.1, 100)
    found = np.array([float(rate(step)) for step in range(101)])
    assert found[0] == pytest.approx(0.01)
    assert found.max() == pytest.approx(0.1)
    assert found.argmax() == 5
    assert np.all(np.diff(found[5:]) < 0)
    assert found[-1] == pytest.approx(0.002)


# Word vectors


@pytest.fixture
def vectors_file(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("film 1.0 2.0 3.0\nlovely -1.0 0.5 4.0\nelsewhere 9 9 9\n")
    return str(path)


def text_recipe(**training):
    found = load_recipe("sentiment_gru").override("vocabulary.min_count", 1)
    return replace(found, training={**found.training, **training})


def test_word_vectors_are_the_embedding_and_decide_its_size(vectors_file):
    said = []
    chosen = text_recipe(word_vectors=vectors_file)
    vocabulary, model, arguments = build(chosen, short_texts(80), said.append)
    (matrix,) = model.get_layer("words_in").get_weights()
    assert matrix.shape == (len(vocabulary.words), 3)
    assert arguments["word_dim"] == 3
    assert matrix[vocabulary.words["film"]].tolist() == [1, 2, 3]
    assert matrix[vocabulary.words["lovely"]].tolist() == [-1, 0.5, 4]
    assert not matrix[0].any()
    assert matrix[1].any()  # unknown words are drawn
    words = len(vocabulary.words.symbols)
    assert said == [f"{vectors_file} has vectors for 2 of {words} words"]
    assert 9 not in matrix


def test_the_seed_decides_the_vectors_of_words_that_the_file_lacks(vectors_file):
    def matrix(seed):
        chosen = replace(text_recipe(word_vectors=vectors_file), seed=seed)
        return build(chosen, short_texts(40))[1].get_layer("words_in").get_weights()[0]

    np.testing.assert_array_equal(matrix(1), matrix(1))
    assert not np.array_equal(matrix(1), matrix(2))


def test_without_word_vectors_nothing_is_said():
    said = []
    _, model, arguments = build(text_recipe(), short_texts(40), said.append)
    assert said == []
    assert arguments["word_dim"] == text_recipe().arguments["word_dim"]
    assert model.count_params()


def test_a_file_without_any_of_the_words_is_an_error(tmp_path):
    path = tmp_path / "other.txt"
    path.write_text("mot 1 2\n")
    with pytest.raises(DataError, match="none of the words wanted"):
        build(text_recipe(word_vectors=str(path)), short_texts(20))
    with pytest.raises(DataError, match="no such file"):
        build(text_recipe(word_vectors=str(tmp_path / "no.txt")), short_texts(20))


# What a recipe may say


@pytest.mark.parametrize("section", ["arguments", "vocabulary", "data"])
def test_an_entry_that_nothing_takes_is_an_error(section):
    found = text_recipe()
    require_known_entries(found)
    wrong = replace(found, **{section: {**getattr(found, section), "unts": 3}})
    with pytest.raises(RecipeError, match=rf"\[{section}\] has no 'unts'; it may have: "):
        require_known_entries(wrong)


def test_of_a_recipe_whose_task_was_changed_the_other_tasks_vocabulary_is_left_out():
    changed = load_recipe("one_to_one_dense").override("task", "vector_classification")
    assert changed.vocabulary
    changed = replace(changed, data={"source": "files", "train": "x.csv"})
    require_known_entries(changed)
    vocabulary, _, arguments = build(changed, SPLITS.train)
    assert vocabulary.kind == "vector"
    assert arguments["num_features"] == 3
    wrong = replace(changed, vocabulary={**changed.vocabulary, "kmer": 3})
    with pytest.raises(RecipeError, match="has no 'kmer'"):
        require_known_entries(wrong)
    with pytest.raises(TypeError, match="kmer"):
        build(wrong, SPLITS.train)


def sequences(count, seed):
    draw = np.random.default_rng(seed)
    bodies = ("".join(draw.choice(list("ACGT"), 6)) for _ in range(count))
    return tuple(Labelled(body, "yes" if "A" in body[:3] else "no") for body in bodies)


DNA = Splits(sequences(24, 0), sequences(12, 1), ())


def dna_model(members):
    found = load_recipe("dna_bigru").override("arguments.members", members)
    for entry in ("dropout", "letter_dropout"):  # whose seeds hang on the layers made before
        found = found.override(f"arguments.{entry}", 0.0)
    small = {"units": 2, "filters": 2, "hidden": 2}
    few = {"epochs": 3, "batch_size": 8, "patience": 9}
    found = replace(
        found, arguments=found.arguments | small, training={**found.training, **few}, seed=5
    )
    vocabulary, model, _ = build(found, DNA.train)
    return found, vocabulary, model


def test_each_member_is_fitted_as_if_it_were_alone_and_in_an_order_of_its_own():
    found, vocabulary, model = dna_model(2)
    first = [member.get_weights() for member in members_of(model)]
    alone, vocabulary, lone = dna_model(1)
    lone.set_weights(first[1])
    with engine("loop"):  # which need not be compiled for each of the three
        history, _ = fit(model, vocabulary, found, DNA)
        fit(lone, vocabulary, replace(alone, seed=6), DNA)
    assert same(members_of(model)[1].get_weights(), lone.get_weights(), rtol=1e-5, atol=1e-6)
    assert len(history["loss"]) == 6
    # the validation score is that of their mean
    inputs = vocabulary.encode([example.content for example in DNA.validation])
    answers = np.argmax(model(inputs), axis=-1)
    right = np.mean(answers == vocabulary.encode_labels(DNA.validation))
    assert history["val_accuracy"] == [pytest.approx(right)]
