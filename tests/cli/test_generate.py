"""`kerasrnn generate`: texts, names and music, token by token."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from kerasrnn.cli import app
from kerasrnn.data import Piece, read_music
from kerasrnn.data._token_encoder import END, UNKNOWN
from kerasrnn.training import LanguageModel
from kerasrnn.zoo import shipped_folder
from tests.generation.chains import Chain

SHORT = ("--max-length", "12")


def invoke(*arguments):
    return CliRunner().invoke(app, ["generate", *map(str, arguments)])


def generate(*arguments):
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments):
    result = invoke(*arguments)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    return result.stderr


@pytest.fixture(scope="module")
def texts(trained_characters):
    return trained_characters / "char_lm_gru.tflite"


@pytest.fixture(scope="module")
def words(trained_words):
    return trained_words / "word_lm_lstm.tflite"


@pytest.fixture(scope="module")
def names(trained_names):
    return trained_names / "name_gru.tflite"


@pytest.fixture(scope="module")
def music(trained_music):
    return trained_music / "music_lstm.tflite"


# Texts


def test_a_text_goes_on_after_its_prompt(texts):
    text = generate(texts, "--prompt", "The ", *SHORT, "--seed", 3)
    assert text == LanguageModel(texts).generate("The ", 12, seed=3) + "\n"
    assert text.startswith("The ")


def test_the_same_seed_prints_the_same(texts):
    first, again, other = (generate(texts, "--seed", seed) for seed in (1, 1, 2))
    assert first == again != other


def test_so_many_answers_have_seeds_of_their_own(texts):
    printed = generate(texts, "--count", 3, "--seed", 4, *SHORT)
    assert printed == "".join(generate(texts, "--seed", seed, *SHORT) for seed in (4, 5, 6))


def test_temperature_0_always_takes_the_most_probable(texts):
    found = generate(texts, "--temperature", 0, *SHORT)
    assert found == generate(texts, "--top-k", 1, *SHORT)


def test_json_tells_prompt_seed_and_text(texts):
    printed = generate(texts, "--prompt", "A r", "--json", "--count", 2, "--seed", 7, *SHORT)
    first, second = map(json.loads, printed.splitlines())
    assert first.keys() == {"prompt", "seed", "text"}
    assert (first["prompt"], first["seed"], second["seed"]) == ("A r", 7, 8)
    assert first["text"] + "\n" == generate(texts, "--prompt", "A r", "--seed", 7, *SHORT)


@pytest.mark.parametrize(
    "options",
    [
        ("--top-k", 3),
        ("--top-p", 0.5, "--temperature", 0.7),
        ("--beam", 3),
        ("--beam", 3, "--length-penalty", 1.0),
        ("--repetition-penalty", 1.5),
        ("--no-repeat", 2),
    ],
)
def test_each_way_of_choosing_gives_a_text(texts, options):
    for form in ((), ("--json",)):
        printed = generate(texts, "--prompt", "The", *options, *form, *SHORT)
        text = json.loads(printed)["text"] if form else printed.rstrip("\n")
        assert text.startswith("The")
        assert len(text) <= 15


def test_no_two_letters_in_a_row_come_twice_where_that_is_asked_for(texts):
    text = generate(texts, "--no-repeat", 2, "--max-length", 40, "--temperature", 0)
    pairs = list(zip(text[:-1], text[1:-1], strict=False))
    assert len(set(pairs)) == len(pairs)


def test_through_goes_on_over_ends_of_lines(texts, words):
    text = generate(texts, "--through", "--max-length", 200, "--temperature", 1.5)
    assert "\n" in text[:-1]
    assert len(text.rstrip("\n")) > 150
    assert "\n" not in generate(texts, "--max-length", 200, "--temperature", 1.5)[:-1]
    assert len(generate(words, "--through", "--max-length", 60).split()) > 20
    assert "leave out --through, or --beam" in refused(texts, "--through", "--beam", 2)
    assert "leave out --min-length" in refused(texts, "--through", "--min-length", 2)


def test_a_words_prompt_is_printed_as_the_model_reads_it(words):
    text = generate(words, "--prompt", " The  film ", *SHORT)
    assert text.startswith("the film")
    assert "  " not in text


def test_a_folder_and_its_file_print_the_same(trained_characters, texts):
    options = ("--prompt", "The ", "--temperature", 0, *SHORT)
    expected = generate(texts, *options)
    assert generate(trained_characters, *options) == expected
    assert generate(trained_characters, "--tflite", texts, *options) == expected


def test_unknown_words_stay_in_the_text_and_are_told(words, texts):
    result = invoke(words, "--prompt", "the zebra, the Zoo and zebra film", *SHORT)
    assert result.stdout.startswith("the zebra, the zoo and zebra film")
    assert "the model does not know, and reads as <UNK>: 'zebra'" in result.stderr
    assert result.stderr.count("zebra") == 1
    assert "film" not in result.stderr
    found = json.loads(generate(words, "--prompt", "the zebra", "--json", *SHORT))["text"]
    assert found.startswith("the zebra")
    assert invoke(texts, "--prompt", "The", *SHORT).stderr == ""
    many = " ".join(f"q{letter}q" for letter in "abcdefghijklmnop")
    assert "'qjq', ...\n" in invoke(words, "--prompt", many, *SHORT).stderr


def test_an_empty_answer_of_a_beam_is_told_of_with_what_to_try(words):
    prompt = ("--prompt", "the film was dull.")
    result = invoke(words, *prompt, "--beam", 3, "--max-length", 1)
    empty = result.stdout == "the film was dull.\n"
    assert ("nothing follows" in result.stderr) == empty
    longer = invoke(words, *prompt, "--beam", 3, "--min-length", 8, "--max-length", 12)
    assert len(longer.stdout) > len("the film was dull.\n")
    assert longer.stderr == ""


def test_a_beam_that_finds_nothing_says_what_to_try(texts, monkeypatch):
    from kerasrnn.generation import Beam, BeamSearch

    monkeypatch.setattr(BeamSearch, "search", lambda *_, **__: [Beam([], -1.0, -1.0, True)])
    for form in ((), ("--json",)):
        result = invoke(texts, "--prompt", "The", "--beam", 2, *form)
        assert "nothing follows" in result.stderr
        assert "Try --min-length 20, or --length-penalty 1" in result.stderr
        assert "The" in result.stdout


def test_no_answer_is_shorter_than_asked_for(texts):
    for way in ((), ("--temperature", 0), ("--beam", 2), ("--top-k", 2, "--json")):
        printed = generate(texts, "--min-length", 30, "--max-length", 30, *way).strip("\n")
        assert len(json.loads(printed)["text"] if "--json" in way else printed) == 30


# What is refused


@pytest.mark.parametrize(
    "other", ["words", "names", "music", "trained_classifier", "trained", "README.md"]
)
def test_a_file_of_another_model_is_refused(trained_characters, request, tmp_path, other):
    if other == "README.md":
        path = tmp_path / other
        path.write_text("# A text that is no model\n", encoding="utf-8")
    else:
        path = request.getfixturevalue(other)
        if path.is_dir():
            path = path / f"{'ner_bilstm' if other == 'trained' else 'sentiment_gru'}.tflite"
    error = refused(trained_characters, "--tflite", path)
    assert error.startswith(f"Error: --tflite {path} ")
    said = {
        "words": "has another vocabulary than",
        "names": f"is a file of a model of name generation, and {trained_characters} is one of la",
        "music": "is a file of a model of music generation",
        "trained_classifier": "is a file of a model of text classification",
        "trained": "is a file of a model of tagging, and",
        "README.md": "is not a TFLite file that runs: it does not begin as one",
    }
    assert said[other] in error
    assert f"Give a .tflite file of {trained_characters}" in error
    assert "KeyError" not in error


def test_a_file_that_is_none_is_refused(trained_characters, texts, tmp_path):
    assert "this is a folder" in refused(trained_characters, "--tflite", tmp_path)
    assert "no.tflite: no such file" in refused(trained_characters, "--tflite", "no.tflite")
    assert "is a file; give the folder" in refused(texts, "--tflite", texts)


def test_ways_of_choosing_exclude_each_other(texts):
    assert "--top-k and --beam exclude each other" in refused(texts, "--top-k", 3, "--beam", 2)
    assert "--top-k and --top-p exclude" in refused(texts, "--top-k", 3, "--top-p", 0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--count", 2, "--beam", 3), "--beam finds one best answer; leave out --count."),
        (("--count", 2, "--temperature", 0), "which makes one answer; leave out --count."),
        (("--seed", 0, "--beam", 3), "--beam finds one best answer and draws nothing, so that --s"),
        (("--seed", 0, "--temperature", 0), "draws nothing, so that --seed has no effect; leave"),
        (("--count", 0), "--count must be 1 or more; received 0"),
        (("--temperature", -1), "--temperature must be above 0; received -1.0. 0 itself always"),
        (("--temperature", -1, "--top-k", 3), "--temperature must be above 0"),
        (("--top-k", 0), "--top-k must be a whole number from 1; received 0."),
        (("--top-p", 1.5), "--top-p must be above 0 and up to 1; received 1.5."),
        (("--beam", 0), "--beam must be a whole number from 1; received 0."),
        (("--beam", 2, "--length-penalty", -1), "--length-penalty must be a number from 0; rec"),
        (("--repetition-penalty", 0.5), "--repetition-penalty must be a number from 1; received"),
        (("--no-repeat", -1), "--no-repeat must be a whole number from 0; received -1."),
        (("--no-repeat", 99), "--no-repeat must not be above the window"),
        (("--max-length", 0), "--max-length must be a whole number from 1; received 0."),
        (("--min-length", -1), "--min-length must be a whole number from 0; received -1."),
        (("--min-length", 9, "--max-length", 8), "--min-length must not be above the most tokens"),
        (("--beam", 3, "--temperature", 0.5), "so that --temperature has no effect; leave out one"),
        (("--length-penalty", 0.5), "give --beam too, such as --beam 5, or leave it out"),
        (("--temperature", 0, "--top-k", 3), "so that --top-k has no effect"),
        (("--temperature", 0, "--top-p", 0.5), "so that --top-p has no effect"),
        (("--output", "x.mid"), "--output is for music"),
        (("--category", "x"), "--category is for models of names"),
        (("--seed", -1), "--seed must be a whole number from 0; received -1."),
    ],
)
def test_what_is_not_possible_is_one_message(texts, options, message):
    error = refused(texts, *options)
    assert error.startswith("Error: ")
    assert message in error
    assert "`" not in error  # no argument of Python


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (END, "--min-length is 2, and after 0 new tokens the model is sure that all ends"),
        (UNKNOWN, "No token may be given: those that may have no probability. The model is sure"),
    ],
)
def test_where_no_token_may_be_given_it_is_said_in_the_commands_terms(
    texts, monkeypatch, token, message
):
    size = len(LanguageModel(texts).vocabulary)
    sure = np.tile(np.eye(size)[token], (size, 1))
    monkeypatch.setattr(LanguageModel, "steps", property(lambda self: Chain(sure)))
    error = refused(texts, "--min-length", 2, "--json")
    assert f"Error: {message}" in error
    assert "min_length" not in error
    assert "allow_unknown" not in error


@pytest.mark.parametrize("model", ["trained", "ner_bilstm", "trained_classifier"])
def test_of_what_tells_no_next_token_no_file_is_looked_at(request, texts, model):
    path = model if model == "ner_bilstm" else request.getfixturevalue(model)
    for file in (texts, shipped_folder("ner_bilstm") / "ner_bilstm.tflite", "no.tflite"):
        error = refused(path, "--tflite", file)
        assert f"Error: {path} is a model of t" in error
        assert f"which tells no next token; use `kerasrnn predict {path}`." in error


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_classifier_tells_no_next_token(trained_classifier, kind):
    path = trained_classifier
    path = path / "sentiment_gru.tflite" if kind == "file" else path
    error = refused(path)
    assert "is a model of text classification, which tells no next token" in error
    assert f"kerasrnn predict {path}" in error


def test_predict_says_what_to_use_with_a_language_model(texts, trained_music):
    for path in (texts, trained_music):
        result = CliRunner().invoke(app, ["predict", str(path), "some text"])
        assert result.exit_code == 1
        assert f"kerasrnn generate {path}" in result.stderr
        assert f"kerasrnn score {path}" in result.stderr


def test_a_missing_model_is_one_message(tmp_path):
    assert "there is no such folder or file" in refused(tmp_path / "no")


# Names


def test_names_are_of_a_category(names):
    printed = generate(names, "--category", "y", "--count", 3, "--prompt", "B", *SHORT)
    lines = printed.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("B") for line in lines)
    model = LanguageModel(names)
    assert lines[1] == model.generate("B", 12, seed=1, category="y")


def test_names_without_a_category_or_of_an_unknown_one_are_refused(names):
    assert "--category must be one of x, y" in refused(names)
    assert "'z' is no category" in refused(names, "--category", "z")
    assert "did not occur in the names" in refused(names, "--category", "x", "--prompt", "Ω")


# Music


def test_music_is_written_to_a_file(music, tmp_path):
    path = tmp_path / "a.mid"
    result = invoke(music, "--output", path, "--max-length", 16)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert result.stderr == f"Wrote {path}\n"
    assert read_music(path, 2).voices.shape[1] == 2


def test_several_pieces_have_numbers(music, tmp_path):
    invoke(music, "--output", tmp_path / "a.musicxml", "--count", 2, "--max-length", 16)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a_1.musicxml", "a_2.musicxml"]


def test_music_goes_on_after_a_file(music, music_files, tmp_path):
    begin = music_files / "3.mid"
    options = ("--output", tmp_path / "a.mid", "--max-length", 8)
    assert invoke(music, "--prompt", begin, *options).exit_code == 0
    made, given = read_music(tmp_path / "a.mid", 2), read_music(begin, 2)
    assert made.voices[: len(given)].tolist() == given.voices.tolist()


def test_music_needs_a_file_to_be_written_to(music, tmp_path):
    assert "Name a file with --output, such as chorale.mid" in refused(music)
    error = refused(music, "--output", tmp_path / "a.mp3", *SHORT)
    assert "a.mp3: music is written as .mid" in error
    assert "no.mid" in refused(music, "--output", tmp_path / "a.mid", "--prompt", "no.mid")
    assert list(tmp_path.iterdir()) == []


def test_a_prompt_of_music_has_notes_of_each_voice(music, tmp_path):
    from kerasrnn.data import write_midi

    write_midi(Piece([[64], [-1], [65]]), tmp_path / "one.mid")
    error = refused(music, "--output", tmp_path / "a.mid", "--prompt", tmp_path / "one.mid")
    assert "one.mid has notes of 1 voice, and the model reads 2." in error
    assert "--set files.voices=1 --set vocabulary.voices=1" in error


def test_a_prompt_of_music_that_is_none_is_refused(music, tmp_path):
    (tmp_path / "a.md").write_text("# Text\n", encoding="utf-8")
    error = refused(music, "--output", tmp_path / "a.mid", "--prompt", tmp_path / "a.md")
    assert "a.md: not music that can be read: its name ends in '.md', as that of no music" in error
    assert "Give a MIDI or a MusicXML file" in error


def test_music_and_names_end_where_they_end(music, names, tmp_path):
    message = "after which nothing goes on: leave out --through"
    assert message in refused(names, "--category", "x", "--through")
    assert message in refused(music, "--output", tmp_path / "a.mid", "--through")


def test_a_prompt_of_music_is_read_in_the_models_voices(music, tmp_path):
    from kerasrnn.data import write_midi

    write_midi(Piece([[64, 62, 60, 48], [-1, -1, -1, -1]]), tmp_path / "four.mid")
    options = ("--output", tmp_path / "a.mid", "--max-length", 2)
    assert invoke(music, "--prompt", tmp_path / "four.mid", *options).exit_code == 0
    assert read_music(tmp_path / "a.mid", 2).voices[0].tolist() == [64, 48]
