"""The tasks of texts, names and music, from a user's files to a folder of a trained model."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from kerasrnn.data import (
    DataError,
    Document,
    Labelled,
    MusicEncoder,
    NameEncoder,
    Piece,
    Splits,
    read_documents,
    read_music,
    read_names,
)
from kerasrnn.sequence import engine
from kerasrnn.training import (
    RecipeError,
    evaluate,
    export,
    load_predictor,
    load_recipe,
    load_splits,
    train,
)
from kerasrnn.training._fit import build, fit, require_known_entries
from kerasrnn.training._other_data import fit_to_size
from kerasrnn.training._task import get_task
from tests.conftest import few

KINDS = ("trained_characters", "trained_words", "trained_names", "trained_music")
LANGUAGE, NAMES, MUSIC = map(
    get_task, ("language_modelling", "name_generation", "music_generation")
)


@pytest.fixture(params=KINDS)
def trained(request):
    return request.getfixturevalue(request.param)


def metrics_of(folder):
    return json.loads((folder / "metrics.json").read_text())


def model_file(folder):
    return folder / f"{folder.name}.tflite"


# Each task, from files to a folder


def test_training_measures_by_bits_or_perplexity(trained):
    metrics = metrics_of(trained)
    scores, score = metrics["test"], metrics["score"]
    name, key = {
        "char_lm_gru": ("bits a character", "bits"),
        "word_lm_lstm": ("perplexity", "perplexity"),
        "name_gru": ("bits a character", "bits"),
        "music_lstm": ("bits a note", "bits"),
    }[trained.name]
    assert score["name"] == name
    assert score["test"] == scores[key]
    assert scores["unit"] == ("note" if trained.name == "music_lstm" else "character")
    assert 1 < scores["perplexity"] < 200
    total = -scores["log_prob"] / math.log(2)
    assert scores["bits"] == pytest.approx(total / scores["units"])
    assert scores["perplexity"] == pytest.approx(2 ** (total / scores["tokens"]))
    assert metrics["training"]["clipping"]["by"] == "global_clipnorm"
    assert set(metrics["data"]["examples"]) == {"train", "validation", "test"}


def test_held_out_examples_are_none_that_are_learnt_from(trained):
    config = json.loads((trained / "config.json").read_text())["recipe"]
    splits = load_splits(config["data"], config["seed"], config["task"], files=config["files"])
    task = get_task(config["task"])
    parts = [{task.parts_of(example) for example in split} for split in splits]
    assert all(parts)
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]


def test_a_folder_is_measured_again_and_so_is_its_file(trained):
    expected = metrics_of(trained)["test"]
    for path in (trained, model_file(trained)):
        found = evaluate(path)
        assert found["log_prob"] == pytest.approx(expected["log_prob"], rel=1e-4)
        assert {**found, "log_prob": 0, "bits": 0, "perplexity": 0, "known": 0} == {
            **expected, "log_prob": 0, "bits": 0, "perplexity": 0, "known": 0
        }  # fmt: skip


def test_the_folder_and_its_tflite_file_give_the_same_probabilities(trained):
    by_keras, by_file = load_predictor(trained), load_predictor(model_file(trained))
    task = by_keras.task
    examples = task.read_samples(trained / task.samples)
    assert by_keras.vocabulary.to_json() == by_file.vocabulary.to_json()
    assert len(examples) > 0
    for one, other in zip(by_keras.predict(examples), by_file.predict(examples), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert by_keras.predict([]) == by_file.predict([]) == []


def test_another_length_is_exported_and_steps_stay_the_same(trained, tmp_path):
    report = export(trained, "tflite", tmp_path / "short.tflite", sequence_length=5)
    assert report["sequence_length"] == 5
    model = load_predictor(tmp_path / "short.tflite")
    examples = model.task.read_samples(trained / model.task.samples)[:2]
    for one, other in zip(
        model.predict(examples), load_predictor(trained).predict(examples), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_samples_are_few_and_short(trained):
    task = load_predictor(trained).task
    samples = task.read_samples(trained / task.samples)
    assert 1 <= len(samples) <= 8
    if task is LANGUAGE:
        assert all(sum(map(len, document.segments)) <= 200 for document in samples)
    if task is MUSIC:
        assert all(len(piece) <= 32 for piece in samples)


def test_a_kneser_ney_baseline_is_measured_on_the_same_tokens(
    trained_characters, trained_names, trained_music
):
    for folder, name in (
        (trained_characters, "kneser_ney_3"),
        (trained_names, "kneser_ney_2"),
        (trained_music, "kneser_ney_2"),
    ):
        metrics = metrics_of(folder)
        found = metrics["baselines"][name]
        for figure in ("tokens", "units", "unit", "unknown"):
            assert found[figure] == metrics["test"][figure]
        assert found["perplexity"] > 1


@pytest.mark.parametrize("samples", [0, 6])
@pytest.mark.parametrize("model", ["char_lm_gru", "name_gru"])
def test_a_few_epochs_lower_the_bits(model, samples, texts_file, names_file):
    path = names_file if model == "name_gru" else texts_file
    changes = {"epochs": 4, "sampled_softmax": samples, "patience": 9, "average_weights": 0.5}
    recipe = few(model, path, **{f"training.{name}": value for name, value in changes.items()})
    splits = load_splits(recipe.data, recipe.seed, recipe.task, files=recipe.files)
    vocabulary, made, _ = build(recipe, splits.train)
    task = get_task(recipe.task)

    def bits():
        predicted = task.predict(made, vocabulary, splits.validation)
        return task.scores(splits.validation, predicted, vocabulary)["bits"]

    with engine("loop"):  # which need not be compiled
        before = bits()
        history = fit(made, vocabulary, recipe, splits).history
    found = history["val_bits"]
    assert len(found) == 4
    assert len(set(found)) == 4  # each epoch's own weights are measured
    assert min(found) < 0.9 * before
    assert bits() == pytest.approx(min(found), rel=1e-5)  # the best epoch's weights are kept


# Texts


def test_a_folder_of_texts_is_a_document_a_file(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(f"line {number}\nanother\n")
    found = LANGUAGE.read(tmp_path, {"segments": "line"}, print)
    assert [document.name for document in found] == ["0.txt", "1.txt", "2.txt"]
    assert found[0].segments == ("line 0", "another")


def test_samples_are_the_beginnings_of_documents():
    long = Document(tuple(f"{n:04d} " * 12 for n in range(10)), "long")
    (kept,) = LANGUAGE.choose_samples([long])
    assert kept.name == "long"
    assert "".join(kept.segments) == "".join(long.segments)[:200]
    short = Document(("a", "b"), "short")
    assert LANGUAGE.choose_samples([short]) == (short,)
    assert len(LANGUAGE.choose_samples([short] * 30)) == 8


def test_a_sample_comes_back_from_its_file(tmp_path):
    kept = {
        LANGUAGE: (Document(("a \u2028b", 'c"'), "n"), Document((), "")),
        NAMES: (Labelled("Zoë", "x\ty"),),
        MUSIC: (Piece([[60, -2], [-1, -2]], "p", "C major"),),
    }
    for task, examples in kept.items():
        task.write_samples(tmp_path / "samples.jsonl", examples)
        assert task.read_samples(tmp_path / "samples.jsonl") == examples


def test_a_recipe_is_fitted_by_windows():
    recipe = replace(load_recipe("char_lm_gru"), other_data={})
    recipe = replace(
        recipe,
        training={
            **recipe.training,
            "window": 10,
            "least_epoch_steps": 5,
            "least_steps": 100,
            "epochs": 1,
        },
    )
    text = [Document(("x" * 9,) * 60)]  # with their ends 600 characters
    rows = LANGUAGE.count_rows(text, recipe)
    assert rows == 60
    assert fit_to_size(recipe, rows).training["batch_size"] == 12
    assert fit_to_size(recipe, rows).training["epochs"] == 20
    words = replace(recipe, vocabulary={"level": "word"})
    assert LANGUAGE.count_rows(text, words) == 12
    assert LANGUAGE.count_rows([Document(("x",))], recipe) == 1


# Names


def test_a_plain_list_of_names_is_one_category(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("Anna\nBob\n")
    assert NAMES.read(path, {}, print) == (Labelled("Anna", "name"), Labelled("Bob", "name"))


def test_columns_of_a_table_of_names_are_the_recipes(tmp_path):
    path = tmp_path / "names.tsv"
    path.write_text("who\twhere\nAnna\tx\n")
    assert NAMES.read(path, {"text": "who", "label": "where"}, print) == (Labelled("Anna", "x"),)


def test_a_batch_of_names_has_their_categories_and_weighs_padding_nothing(names_file):
    examples = read_names(names_file)
    vocabulary = NameEncoder.build(examples)
    seen = 0
    for inputs, targets, weights in NAMES.dataset(
        vocabulary, examples, few("name_gru", names_file)
    ):
        assert inputs["tokens"].shape == targets.shape == weights.shape == (4, 8)
        assert inputs["category"].shape == (4,)
        np.testing.assert_array_equal(weights, np.array(targets) > 0)
        for row, target, category in zip(
            inputs["tokens"].numpy(), targets.numpy(), inputs["category"].numpy(), strict=True
        ):
            if target.any():
                seen += 1
                assert row[0] == 2
                count = int((target > 0).sum())
                assert row[1:count].tolist() == target[: count - 1].tolist()
                name = vocabulary.decode(target)
                assert Labelled(name, vocabulary.categories[category]) in examples
    assert seen == len(examples)


def test_the_ngram_of_names_knows_the_category(names_file):
    splits = load_splits({"source": "files", "train": str(names_file)}, 0, "name_generation")
    rows = NAMES.ngram(splits, few("name_gru", names_file), 3)
    vocabulary = NameEncoder.build(splits.train)
    example = splits.test[0]
    other = Labelled(example.content, {"x": "y", "y": "x"}[example.label])
    swapped = NAMES.ngram(splits._replace(test=(other,)), few("name_gru", names_file), 3)
    assert rows[0].shape == vocabulary.encode(example).shape
    assert rows[0].sum() > swapped[0].sum() + 1
    assert np.all(np.concatenate(rows) < 0)


def test_a_category_that_training_lacks_is_an_error_before_training(names_file, tmp_path):
    path = tmp_path / "test.csv"
    path.write_text("text,label\nAnata,x\nAnna,z\n")
    recipe = few("name_gru", names_file)
    recipe = replace(recipe, data={**recipe.data, "test": str(path)})
    with pytest.raises(DataError, match="test, name 2: 'z' is no category"):
        train(recipe, tmp_path / "out", formats=[])


def test_made_names_are_told_new_or_known(trained_names):
    found = metrics_of(trained_names)["generated"]
    assert found.keys() == {"made", "novel", "distinct"}
    assert 0 < found["made"] <= 12  # those that ended
    assert 0 <= found["novel"] <= 1
    assert 0 < found["distinct"] <= 1


def test_a_file_of_whole_numbers_is_warned_of(trained_names, tmp_path):
    said = []
    export(trained_names, "tflite", tmp_path / "a.tflite", quantize="int8", report=said.append)
    assert any("probabilities in 256ths" in line for line in said)


# Music


def test_of_a_folder_of_music_a_broken_file_is_left_out_and_told_of(music_files):
    said = []
    found = MUSIC.read(music_files, {"voices": 2}, said.append)
    assert [piece.name for piece in found] == [str(number) for number in range(10)]
    assert all(piece.voices.shape == (16, 2) for piece in found)
    (line,) = said
    assert "left out 1 file; the first: " in line
    assert "broken.mid" in line


def test_a_file_of_music_that_is_broken_or_a_folder_without_any_is_an_error(music_files, tmp_path):
    with pytest.raises(DataError, match=r"broken\.mid"):
        MUSIC.read(music_files / "broken.mid", {}, print)
    with pytest.raises(DataError, match="no MIDI or MusicXML file in it that can be read"):
        MUSIC.read(tmp_path, {}, print)
    (tmp_path / "x.mid").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"can be read\. The first error is: .*x\.mid"):
        MUSIC.read(tmp_path, {}, print)


def test_a_models_voices_win_over_the_recipes(music_files):
    vocabulary = MusicEncoder.build([read_music(music_files / "0.mid", 1)], voices=1)
    (piece,) = MUSIC.read(music_files / "0.mid", {"voices": 2}, print, vocabulary)
    assert piece.voices.shape == (16, 1)


def test_each_epoch_reads_pieces_in_keys_of_its_own(music_files):
    pieces = MUSIC.read(music_files, {"voices": 2}, lambda line: None)
    vocabulary = MusicEncoder.build(pieces, voices=2, transpositions=3)
    rng = np.random.default_rng(0)
    moves = set()
    for piece, stream in zip(pieces, MUSIC.streams(vocabulary, pieces, rng), strict=True):
        moved = vocabulary.decode(stream).voices.astype(int) - piece.voices
        assert np.ptp(moved[piece.voices >= 0]) == 0
        moves.add(int(moved[0, 0]))
    assert len(moves) > 2
    assert moves <= set(range(-3, 4))


def test_the_ngram_of_music_learns_from_all_keys_that_have_no_unknown_note():
    piece = Piece([[60], [62]])
    vocabulary = MusicEncoder.build([piece], voices=1, transpositions=2)
    found = [
        vocabulary.decode(s).voices.ravel().tolist()
        for s in MUSIC.ngram_streams(vocabulary, [piece])
    ]
    assert found == [[60 + k, 62 + k] for k in range(-2, 3)]


def test_the_ngram_of_music_reads_pieces_at_the_edge_of_midi_too():
    piece = Piece([[127], [126]])
    vocabulary = MusicEncoder.build([piece], voices=1, transpositions=2)
    found = [vocabulary.decode(s).voices[0, 0] for s in MUSIC.ngram_streams(vocabulary, [piece])]
    assert found == [125, 126, 127]
    (silent,) = MUSIC.ngram_streams(vocabulary, [Piece([[-2]])])
    assert vocabulary.decode(silent) == Piece([[-2]])


def test_equal_pieces_are_held_out_together():
    pieces = [Piece([[60 + n // 2], [50 + n // 2]]) for n in range(40)]
    kept, held = MUSIC.hold_out(pieces, 1, seed=0)
    shapes = [{piece.voices.tobytes() for piece in part} for part in (kept, held)]
    assert not shapes[0] & shapes[1]
    assert len(kept) + len(held) == 40


@pytest.mark.parametrize(
    ("data", "files", "voices", "message"),
    [
        ({"source": "files", "train": "x"}, 4, 2, "files.voices = 4 gives pieces of 4 voices"),
        ({"source": "files", "train": "x"}, 1, 4, "Set vocabulary.voices to 1"),
        ({"source": "offline", "voices": "melody"}, 4, 4, "data.voices = 'melody' gives .* 1 voi"),
        ({"source": "offline"}, 4, 1, "data.voices = 'all' gives pieces of 4"),
    ],
)
def test_voices_that_are_read_must_be_those_of_the_vocabulary(data, files, voices, message):
    recipe = load_recipe("music_lstm")
    recipe = replace(
        recipe, data=data, files={"voices": files}, vocabulary={"voices": voices}, other_data={}
    )
    with pytest.raises(RecipeError, match=message):
        require_known_entries(recipe)


def test_the_shipped_recipe_of_music_agrees_with_itself_also_for_melodies():
    recipe = load_recipe("music_lstm")
    require_known_entries(recipe)
    melodies = recipe.override("data.voices", "melody").override("vocabulary.voices", 1)
    require_known_entries(melodies)


@pytest.mark.parametrize("entry", ["files.voices", "vocabulary.voices"])
def test_there_is_a_voice_at_least(entry):
    with pytest.raises(RecipeError, match=f"{entry} must be above 0"):
        load_recipe("music_lstm").override(entry, 0)


# What is refused


@pytest.mark.parametrize("model", ["char_lm_gru", "music_lstm"])
def test_a_recipe_without_a_window_is_refused_before_anything_is_read(model):
    recipe = load_recipe(model)
    training = {name: value for name, value in recipe.training.items() if name != "window"}
    with pytest.raises(RecipeError, match=r"\[training\] lacks window"):
        require_known_entries(replace(recipe, training=training, other_data={}))


@pytest.mark.parametrize(
    ("task", "known"),
    [
        (LANGUAGE, "offline, moby_dick, tfds:NAME or files"),
        (NAMES, "offline, tfds:NAME or files"),
        (MUSIC, "offline, tfds:NAME or files"),
    ],
)
def test_an_unknown_source_names_those_that_there_are(task, known):
    with pytest.raises(DataError, match=f"Data source 'moby' is unknown; use {known}"):
        load_splits({"source": "moby"}, 0, task.name)


@pytest.mark.parametrize("task", [NAMES, MUSIC])
def test_names_and_music_are_not_read_from_tfds(task):
    with pytest.raises(DataError, match="not read from TFDS; received 'mnist'. Give"):
        load_splits({"source": "tfds:mnist"}, 0, task.name)


def test_a_source_of_the_tasks_own_is_read(monkeypatch):
    text = Document(("a",))
    said = []

    def read(report):
        report("read")
        return Splits((text,), (text,), (text,))

    monkeypatch.setitem(LANGUAGE.sources, "moby_dick", read)
    found = load_splits({"source": "moby_dick"}, 0, LANGUAGE.name, report=said.append)
    assert found.train == (text,)
    assert said == ["read"]


def test_a_model_of_names_is_none_of_texts(names_file, texts_file):
    recipe = replace(few("char_lm_gru", names_file), task="name_generation", vocabulary={})
    with pytest.raises(RecipeError, match="char_lm_gru is no model for the task 'name_generation'"):
        build(recipe, read_names(names_file))
    recipe = replace(few("name_gru", texts_file), task="language_modelling")
    with pytest.raises(ValueError, match="num_categories"):
        build(recipe, read_documents(texts_file))


@pytest.mark.parametrize(
    ("entry", "value"), [("training.window", 0), ("training.sampled_softmax", -1)]
)
def test_windows_and_samples_have_their_bounds(entry, value):
    with pytest.raises(RecipeError, match=entry):
        load_recipe("char_lm_gru").override(entry, value)
