import json

import numpy as np
import pytest

from kerasrnn.data import DataError, Labelled, Splits, TextEncoder, VectorEncoder, write_labelled
from kerasrnn.training import load_recipe
from kerasrnn.training._classification import _weights
from kerasrnn.training._contents import DNA, TEXTS, VECTORS
from tests.training.short_texts import short_texts

UNEVEN = tuple(Labelled(f"text {n}", "rare" if n % 10 == 0 else "common") for n in range(40))


def encoder(examples, **options):
    return TextEncoder.build(examples, min_count=1, **options)


def silent(message):
    raise AssertionError(message)


def files(tmp_path, **splits):
    for name, examples in splits.items():
        write_labelled(tmp_path / f"{name}.jsonl", examples)
    return {"source": "files"} | {name: str(tmp_path / f"{name}.jsonl") for name in splits}


# A user's files


def test_what_files_are_not_given_is_held_out_of_training(tmp_path):
    examples = short_texts(60)
    splits = TEXTS.from_files(files(tmp_path, train=examples), 0, {}, silent)
    assert [len(split) for split in splits] == [48, 6, 6]
    assert sorted(e.content for split in splits for e in split) == sorted(
        e.content for e in examples
    )
    other = TEXTS.from_files(files(tmp_path, train=examples), 1, {}, silent)
    assert other.test != splits.test


def test_files_that_are_given_stay_as_they_are(tmp_path):
    parts = {"train": short_texts(40), "validation": short_texts(9, 1), "test": short_texts(7, 2)}
    own = {"part": "part"}
    assert TEXTS.from_files(files(tmp_path, **parts), 0, own, print) == Splits(**parts)
    del parts["validation"]
    splits = TEXTS.from_files(
        files(tmp_path, train=parts["train"], test=parts["test"]), 0, own, print
    )
    assert splits.test == parts["test"]
    assert [len(split) for split in splits] == [36, 4, 7]


def test_a_rare_label_stays_in_training(tmp_path):
    examples = (*short_texts(60), Labelled("The only one", "odd"))
    splits = TEXTS.from_files(files(tmp_path, train=examples), 0, {}, silent)
    assert "odd" in {example.label for example in splits.train}


@pytest.mark.parametrize(
    ("data", "where"), [({"source": "files", "train": "a/x.csv"}, "a/x.csv"),
                        ({"source": "tfds:imdb_reviews"}, "tfds:imdb_reviews")],
)  # fmt: skip
def test_one_label_alone_is_an_error_that_names_it_and_the_data(data, where):
    splits = Splits((Labelled("a", "same"), Labelled("b", "same")), (), ())
    with pytest.raises(DataError, match=f"^{where} has one label alone, 'same'.*two labels"):
        TEXTS.require_learnable(data, splits)
    TEXTS.require_learnable(data, Splits(short_texts(2), (), ()))


def test_a_label_that_training_lacks_is_an_error_before_training():
    vocabulary = encoder(short_texts(4))
    TEXTS.require_readable(vocabulary, short_texts(4), "test")
    with pytest.raises(DataError, match="Label 'odd' of example 2 does not occur"):
        TEXTS.require_readable(vocabulary, [*short_texts(1), Labelled("x", "odd")], "test")


# Imbalance


def test_without_balance_each_example_counts_for_one():
    np.testing.assert_array_equal(_weights(np.array([0, 0, 1]), "none"), [1, 1, 1])


@pytest.mark.parametrize("counts", [(1, 1), (90, 10), (1, 5, 100), (3, 0, 2)])
def test_balanced_weights_make_each_label_count_for_the_same_and_the_mean_one(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    weights = _weights(labels, "balanced")
    sums = np.bincount(labels, weights)
    np.testing.assert_allclose(sums[np.array(counts) > 0], len(labels) / np.count_nonzero(counts))
    assert weights.mean() == pytest.approx(1)
    assert weights.dtype == "float32"


@pytest.mark.parametrize("kind", ["none", "balanced"])
def test_the_dataset_weighs_examples_as_the_recipe_says_and_filling_rows_not(kind):
    recipe = load_recipe("sentiment_gru").override("training.class_weight", kind)
    recipe = recipe.override("training.batch_size", 12)
    vocabulary = encoder(UNEVEN)
    sums = np.zeros(2)
    for _, targets, weights in TEXTS.dataset(vocabulary, UNEVEN, recipe):
        assert targets.shape == weights.shape == (12,)
        sums += np.bincount(targets, weights, minlength=2)
    expected = {"none": [36, 4], "balanced": [20, 20]}[kind]
    np.testing.assert_allclose(sums, expected, rtol=1e-5)
    assert vocabulary.labels == ("common", "rare")


@pytest.mark.parametrize(("kind", "rare"), [("none", 0.1), ("balanced", 0.5)])
def test_what_tells_nothing_gets_the_labels_shares_or_with_balance_equal_ones(kind, rare):
    import keras

    from kerasrnn.training._fit import fit
    from kerasrnn.zoo import one_to_one_dense

    keras.utils.set_random_seed(0)
    examples = tuple(Labelled([1.0], example.label) for example in UNEVEN)
    recipe = load_recipe("one_to_one_dense").override("task", "vector_classification")
    changed = {"class_weight": kind, "epochs": 40, "learning_rate": 0.1, "batch_size": 8}
    for entry, value in changed.items():
        recipe = recipe.override(f"training.{entry}", value)
    vocabulary = VectorEncoder.build(examples)
    model = one_to_one_dense(**vocabulary.sizes, hidden=())
    fit(model, vocabulary, recipe, Splits(examples, (), ()))
    (found,) = VECTORS.predict(model, vocabulary, examples[:1])
    assert found[1] == pytest.approx(rare, abs=0.03)


# Measuring


class Rows:
    """In a model's place: the probability of label 1 is the first word's number over 10."""

    def predict_on_batch(self, inputs):
        second = inputs["words"][:, 0] / 10
        return np.stack([1 - second, second], axis=1)


def test_predictions_stand_in_the_order_of_the_examples():
    texts = ["e d c b a", "b", "c " * 40, "d d", "a " * 17]
    examples = [Labelled(text, label) for text, label in zip(texts, "xyxyx", strict=True)]
    vocabulary = encoder(examples)
    found = TEXTS.predict(Rows(), vocabulary, examples)
    expected = [vocabulary.words[text[0]] / 10 for text in texts]
    np.testing.assert_allclose(found[:, 1], expected)
    assert len(set(expected)) == 5


def test_scores_are_what_json_can_hold_and_the_same_without_intervals():
    examples = [Labelled("t", label) for label in ("no", "no", "yes", "yes")]
    vocabulary = TextEncoder(("no", "yes"), ("t",))
    predicted = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]])
    quick = TEXTS.scores(examples, predicted, vocabulary, confidence=False)
    scores = TEXTS.scores(examples, predicted, vocabulary)
    assert quick["accuracy"] == scores["accuracy"] == 0.75
    assert quick["macro_f1"] == scores["macro_f1"]
    assert scores["confusion"] == [[1, 1], [0, 2]]
    assert list(scores["classes"]) == ["no", "yes"]
    assert scores["parts"] == {}
    assert json.loads(json.dumps(scores)) == scores


def test_parts_are_scored_by_themselves():
    examples = [Labelled("t", "no", "easy"), Labelled("t", "yes", "hard"), Labelled("t", "yes")]
    predicted = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9]])
    scores = TEXTS.scores(examples, predicted, TextEncoder(("no", "yes"), ("t",)))
    assert {part: found["accuracy"] for part, found in scores["parts"].items()} == {
        "easy": 1,
        "hard": 0,
    }


def test_test_examples_of_one_label_have_an_accuracy_and_no_auc():
    examples = [Labelled("t", "yes")] * 4
    predicted = np.array([[0.2, 0.8]] * 3 + [[0.9, 0.1]])
    scores = TEXTS.scores(examples, predicted, TextEncoder(("no", "yes"), ("t",)))
    assert (scores["accuracy"], scores["auc"]) == (0.75, None)


@pytest.mark.parametrize("confidence", [True, False])
def test_a_label_that_the_model_does_not_know_is_an_error(confidence):
    vocabulary = TextEncoder(("no", "yes"), ("t",))
    with pytest.raises(DataError, match="Label 'maybe' of example 1"):
        TEXTS.scores([Labelled("t", "maybe")], np.ones((1, 2)), vocabulary, confidence)


def test_a_training_that_found_nothing_says_how_to_go_on():
    assert "--epochs 12" in TEXTS.found_nothing(4)
    assert "no validation sequence" in DNA.found_nothing(4)


# Export


def test_a_sample_is_the_example_at_the_length_of_the_file():
    vocabulary = encoder(short_texts(10), max_length=8)
    (example,) = short_texts(1)
    for length in (None, 3, 20):
        found, expected = (
            TEXTS.sample(vocabulary, example, length)["words"],
            vocabulary.encode([example.content], length)["words"],
        )
        np.testing.assert_array_equal(found, expected)


def test_representative_rows_are_examples_as_they_come_and_joined_ones_that_fill_the_length():
    examples = short_texts(250)
    vocabulary = encoder(examples)
    rows = [row["words"] for row in TEXTS.representative(vocabulary, examples, 20)]
    assert {row.shape for row in rows} == {(1, 20)}
    assert len(rows) == 200
    assert all(0 in row for row in rows[:100])
    assert not any(0 in row for row in rows[100:])
    assert len({row.tobytes() for row in rows}) > 150  # digits are all alike
    known = {tuple(vocabulary.encode([e.content], 20)["words"][0]) for e in examples}
    assert {tuple(row[0]) for row in rows[:100]} <= known
    again = TEXTS.representative(vocabulary, examples, 20)
    np.testing.assert_array_equal([row["words"] for row in again], rows)


def test_representative_vectors_are_examples_alone():
    examples = [Labelled([n, -n], "ab"[n % 2]) for n in range(12)]
    rows = VECTORS.representative(VectorEncoder.build(examples), examples, 1)
    assert [row["features"].shape for row in rows] == [(1, 2)] * 12


def test_copies_on_both_sides_are_told_of(tmp_path):
    train, told = short_texts(20), []
    TEXTS.from_files(files(tmp_path, train=train, test=train[:3]), 0, {}, told.append)
    assert told[-1].startswith("Warning: ")
    assert "of 3 test texts are also among those to train on" in told[-1]


def test_rare_labels_that_weigh_more_decide_by_macro_f1():
    recipe = load_recipe("sentiment_gru")
    assert TEXTS.decides(recipe) == ("accuracy", "accuracy")
    balanced = recipe.override("training.class_weight", "balanced")
    assert TEXTS.decides(balanced) == ("macro_f1", "macro F1")


def test_a_content_that_cannot_be_read_is_told_of_by_split_and_number():
    examples = [Labelled("ACGT", "a"), Labelled("ACGA", "b"), Labelled("AC-T", "a")]
    vocabulary = DNA.vocabulary.build(examples[:2])
    with pytest.raises(DataError, match="^test, sequence 3: .*'-'"):
        DNA.require_readable(vocabulary, examples, "test")


def test_letters_of_a_table_are_read_as_those_of_fasta(tmp_path):
    (tmp_path / "a.csv").write_text("text,label\nacgu,a\nACGT,b\n")
    contents = [example.content for example in DNA.read(tmp_path / "a.csv", {}, silent)]
    assert contents == ["ACGT", "ACGT"]
    (tmp_path / "a.csv").write_text("text,label\nAC-T,a\n")
    with pytest.raises(DataError, match=r"a\.csv: sequence 1 .*'-'"):
        DNA.read(tmp_path / "a.csv", {}, silent)


def test_a_file_is_not_taken_for_a_text(tmp_path):
    path = tmp_path / "texts.csv"
    assert TEXTS.inputs_of(str(path), None) == [(str(path), str(path))]  # there is none
    path.write_text("text,label\nx,a\n")
    with pytest.raises(DataError, match=r"texts\.csv is a file, not one text\. Give each text as"):
        TEXTS.inputs_of(str(path), None)


def test_labels_that_no_test_example_has_are_told_of():
    vocabulary = TextEncoder(("no", "yes"), ("t",))
    predicted = np.array([[0.9, 0.1]])
    scores = TEXTS.scores([Labelled("t", "no")], predicted, vocabulary)
    assert TEXTS.untested(scores).startswith("Warning: no test text has the label 'yes'")
    both = [Labelled("t", "no"), Labelled("t", "yes")]
    assert TEXTS.untested(TEXTS.scores(both, np.repeat(predicted, 2, 0), vocabulary)) is None
