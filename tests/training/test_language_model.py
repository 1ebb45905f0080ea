"""A trained model of the next token, for use."""

import math
import re
import shutil

import numpy as np
import pytest

from kerasrnn.data import DataError, Labelled, LanguageEncoder, Piece
from kerasrnn.data._token_encoder import TokenEncoder
from kerasrnn.generation import BeamSearch, Greedy, Steps, TopK
from kerasrnn.training import LanguageModel, load_predictor
from kerasrnn.training._task import get_task
from kerasrnn.zoo import shipped_folder

TEXT = "The film was dull"


@pytest.fixture(scope="module")
def characters(trained_characters):
    return LanguageModel(trained_characters)


@pytest.fixture(scope="module")
def characters_file(trained_characters):
    return LanguageModel(trained_characters / "char_lm_gru.tflite")


@pytest.fixture(scope="module")
def words(trained_words):
    return LanguageModel(trained_words / "word_lm_lstm.tflite")


@pytest.fixture(scope="module")
def names(trained_names):
    return LanguageModel(trained_names / "name_gru.tflite")


@pytest.fixture(scope="module")
def music(trained_music):
    return LanguageModel(trained_music / "music_lstm.tflite")


@pytest.fixture(params=["characters", "characters_file", "words"])
def model(request):
    return request.getfixturevalue(request.param)


# Which file


def test_a_folder_and_a_lone_file_are_found_out(trained_characters, tmp_path):
    shutil.copy(trained_characters / "char_lm_gru.tflite", tmp_path / "x.tflite")
    alone, whole = LanguageModel(str(tmp_path / "x.tflite")), load_predictor(trained_characters)
    assert isinstance(whole, LanguageModel)
    assert alone.task is whole.task is get_task("language_modelling")
    assert isinstance(alone.vocabulary, LanguageEncoder)
    assert alone.score(TEXT)["log_prob"] == pytest.approx(whole.score(TEXT)["log_prob"], rel=1e-4)
    one, other = (m.generate(TEXT, 12, Greedy()) for m in (alone, whole))
    assert one == other


def test_a_classifier_is_refused():
    with pytest.raises(ValueError, match="is a model of text_classification, which tells no next"):
        LanguageModel(shipped_folder("sentiment_gru"))
    with pytest.raises(ValueError, match="is a model of tagging"):
        LanguageModel(shipped_folder("ner_bilstm") / "ner_bilstm.tflite")


def test_a_model_that_ships_is_known_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for found in (LanguageModel("char_lm_gru"), load_predictor("char_lm_gru")):
        assert isinstance(found, LanguageModel)
        file = LanguageModel(shipped_folder("char_lm_gru") / "char_lm_gru.tflite")
        assert found.score(TEXT) == file.score(TEXT)
    with pytest.raises(FileNotFoundError, match="no model of that name ships"):
        LanguageModel("char_lm_gruu")
    (tmp_path / "char_lm_gru").mkdir()
    with pytest.warns(UserWarning, match="the folder char_lm_gru here is not a trained model's"):
        LanguageModel("char_lm_gru")


def test_nothing_there_is_refused_with_the_path(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        LanguageModel(tmp_path / "nowhere")


def test_the_steps_are_made_once(characters, characters_file):
    for model in (characters, characters_file):
        assert isinstance(model.steps, Steps)
        assert model.steps is model.steps
        assert model.steps.num_tokens == len(model.vocabulary)


# Probabilities


def test_a_sentences_log_probability_is_the_sum_of_its_conditionals(model):
    """ln P(sentence) = Σ ln P(y⟨t⟩ | y⟨1⟩ … y⟨t−1⟩), each asked for by a step of its own."""
    numbers = model.vocabulary.encode(TEXT)
    read, total = 2, 0.0
    state = model.steps.start(1)
    for number in numbers:
        log_probs, state = model.steps.advance(np.array([read]), state)
        total, read = total + log_probs[0, number], number
    assert model.sentence_log_prob(TEXT) == pytest.approx(total, abs=1e-3)
    assert total < -3


def test_without_the_end_the_last_eos_does_not_count(model):
    whole, open_end = model.score(TEXT), model.score(TEXT, end=False)
    assert whole["tokens"][:-1] == open_end["tokens"]
    assert whole["tokens"][-1][0] == "<EOS>"
    assert whole["log_prob"] == pytest.approx(open_end["log_prob"] + whole["tokens"][-1][1])
    assert model.sentence_log_prob(TEXT, end=False) == open_end["log_prob"]
    units = len(TEXT)
    bits = (-m["log_prob"] / math.log(2) for m in (whole, open_end))
    assert [whole["bits"] * (units + 1), open_end["bits"] * units] == pytest.approx(list(bits))


def test_a_longer_beginning_is_never_more_probable(model):
    found = [model.sentence_log_prob(TEXT[:count], end=False) for count in (3, 8, 12, 17)]
    assert found == sorted(found, reverse=True)


def test_figures_of_a_text_are_made_of_its_tokens(model):
    found = model.score(TEXT)
    values = [log_prob for _, log_prob in found["tokens"]]
    assert found["log_prob"] == pytest.approx(sum(values))
    assert found["perplexity"] == pytest.approx(math.exp(-np.mean(values)))
    assert found["unit"] == "character"
    symbols = [symbol for symbol, _ in found["tokens"]]
    level = model.vocabulary.level
    assert symbols == [*(TEXT if level == "character" else TEXT.lower().split()), "<EOS>"]


def test_unknown_words_count_as_one_token_or_not_at_all(words):
    text = "the zebra was dull"
    counted, skipped = words.score(text), words.score(text, unknown="skip")
    assert [symbol for symbol, _ in counted["tokens"]][1] == "<UNK>"
    assert [*skipped["tokens"]] == [pair for pair in counted["tokens"] if pair[0] != "<UNK>"]
    assert skipped["bits"] is None
    assert counted["bits"] > 0
    assert words.sentence_log_prob(text, unknown="skip") == skipped["log_prob"]
    assert skipped["log_prob"] > counted["log_prob"]


def test_where_no_token_counts_there_is_no_perplexity(words):
    found = words.score("zebra", end=False, unknown="skip")
    assert (found["log_prob"], found["perplexity"], found["bits"]) == (0, None, None)
    nothing = words.score("", end=False)
    assert (nothing["log_prob"], nothing["perplexity"], nothing["bits"]) == (0, None, None)


def test_another_way_with_unknown_tokens_is_refused(words):
    with pytest.raises(ValueError, match="`unknown` must be 'token' or 'skip'; received 'no'"):
        words.score("x", unknown="no")


def test_both_files_score_alike(characters, characters_file):
    texts = [TEXT, "x", "", "Two lines\nof text", "ÄÖ 🙂"]
    for text in texts:
        assert characters.score(text)["log_prob"] == pytest.approx(
            characters_file.score(text)["log_prob"], abs=1e-3
        )
    one, other = characters.predict(texts), characters_file.predict(texts)
    assert [len(row) for row in one] == [len(row) for row in other] == [18, 2, 1, 18, 5]


def test_a_folder_is_compiled_once_for_many_texts(trained_characters, monkeypatch):
    from kerasrnn.training import _token_scores

    made, whole = [], _token_scores.TokenReader

    def counted(model):
        made.append(model)
        return whole(model)

    monkeypatch.setattr(_token_scores, "TokenReader", counted)
    model = LanguageModel(trained_characters)
    first, again = model.score(TEXT), model.score(TEXT)
    assert first == again
    assert len(made) == 1


# Generation


@pytest.mark.parametrize("prompt", ["", "The film ", "a\nb"])
@pytest.mark.parametrize("sampler", [None, Greedy(), TopK(3)])
def test_the_pieces_of_a_stream_are_the_text_that_generate_gives(model, prompt, sampler):
    text = model.generate(prompt, 30, sampler, seed=3)
    start = model.read_prompt(prompt)
    pieces = list(model.stream(prompt, 30, sampler, seed=3))
    assert start + "".join(pieces) == text
    assert text.startswith(start)
    assert len(pieces) <= 30


def test_a_stream_goes_on_over_ends_where_none_is_asked_for(characters_file, words):
    for model in (characters_file, words):
        text = model.generate("The film", 90, seed=1, end=None)
        pieces = list(model.stream("The film", 90, seed=1, end=None))
        assert len(pieces) == 90
        start = model.vocabulary.decode(model.vocabulary.encode_prompt("The film"))
        assert start + "".join(pieces) == text
        assert "\n" in text


@pytest.mark.parametrize("prompt", [5, None, b"x", ["a", 5], Piece([[62, 48]])])
def test_what_is_no_prompt_is_refused(model, prompt):
    message = r"A prompt is a string, the beginning of a document, or a list of such; received "
    with pytest.raises(DataError, match=message):
        model.generate(prompt, 3)
    with pytest.raises(DataError, match=message):
        model.stream(prompt, 3)
    for ask in (model.unknown_in, model.read_prompt):
        if not isinstance(prompt, list):
            with pytest.raises(DataError, match=message):
                ask(prompt)


def test_unknown_words_of_a_prompt_stay_in_the_answer_as_they_are(words):
    prompt = "the Zebra ( film ) and\nthe zoo film"
    unknown = words.unknown_in(prompt)
    assert {"zebra", "zoo"} <= set(unknown)
    assert "film" not in unknown
    assert words.read_prompt(prompt).split("\n")[1] == "the zoo film"
    for seed in range(3):
        text = words.generate(prompt, 9, seed=seed, allow_unknown=True)
        assert text.startswith("the zebra (film) and\nthe zoo film")
        pieces = words.stream(prompt, 9, seed=seed, allow_unknown=True)
        assert words.read_prompt(prompt) + "".join(pieces) == text
    one, other = words.generate(["the zebra", "film zoo"], 2, Greedy())
    assert one.startswith("the zebra")
    assert other.startswith("film zoo")


def test_unknown_characters_stay_too(characters_file):
    text = characters_file.generate("The 鯨<UNK>é", 9, seed=1)
    assert text.startswith("The 鯨<UNK>é")
    assert "鯨" in characters_file.unknown_in("The 鯨")


def test_an_answer_has_the_least_length(words):
    answer = words.generate("the film", 9, BeamSearch(2), min_length=9)
    assert len(re.findall(r"\w+|[^\w\s]", answer)) == 2 + 9


class Told(LanguageModel):
    """A stream of given tokens."""

    def __init__(self, vocabulary):
        self.vocabulary = vocabulary

    def pieces(self, prompt, tokens):
        return list(self._told(prompt, iter(tokens)))


def test_long_quotes_are_spaced_as_in_the_whole_text():
    """A quote that opened long ago closes without a space before it."""
    text = '"' + "word , " * 40 + '" he said , "' + "yes ! " * 50 + '"'
    encoder = LanguageEncoder.build([text], level="word")
    numbers = encoder.encode(f"{text}\n{text}").tolist()
    for start in (0, 1, 50):
        pieces = Told(encoder).pieces(numbers[:start], numbers[start:])
        whole, before = encoder.decode(numbers), encoder.decode(numbers[:start])
        assert before + "".join(pieces) == whole


def test_several_prompts_give_several_answers_each_as_it_is_alone(characters_file):
    prompts = ["The", "A room ", ""]
    together = characters_file.generate(prompts, 10, Greedy())
    assert together == [characters_file.generate(prompt, 10, Greedy()) for prompt in prompts]
    assert characters_file.generate([], 10) == []


def test_seeds_repeat_and_differ(characters):
    found = [characters.generate("The ", 20, seed=seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_a_beam_finds_no_less_probable_an_answer_than_greedy(words):
    def log_prob(text):
        return words.sentence_log_prob(text, end=False)

    greedy = words.generate("the film", 4, Greedy())
    beam = words.generate("the film", 4, BeamSearch(8))
    if len(beam.split()) == len(greedy.split()):
        assert log_prob(beam) >= log_prob(greedy) - 1e-4
    with pytest.raises(ValueError, match="only at the end"):
        words.stream("the film", 4, BeamSearch(8))


def test_texts_have_no_categories(characters):
    with pytest.raises(ValueError, match="names, and this is one of language modelling"):
        characters.generate("a", 3, category="x")
    with pytest.raises(ValueError, match="`category` is for models of names"):
        characters.score("a", category="x")


# Names


def test_a_category_that_is_no_text_is_refused_by_what_there_is(trained_names):
    with pytest.raises(DataError, match="2 is no category of the training data. There are: "):
        LanguageModel(trained_names).generate("A", category=2)


def test_a_name_is_made_of_a_category(names):
    for category in ("x", "y"):
        name = names.generate("A", 12, seed=2, category=category)
        assert name.startswith("A")
        assert name == "A" + "".join(names.stream("A", 12, seed=2, category=category))
    made = names.generate(["", "B"], 12, Greedy(), category=["x", "y"])
    assert made == [
        names.generate("", 12, Greedy(), category="x"),
        names.generate("B", 12, Greedy(), category="y"),
    ]
    assert names.generate(["", ""], 3, category="x")


def test_a_category_is_needed_and_must_be_known(names):
    for use in (names.generate, names.stream, names.score, names.sentence_log_prob):
        with pytest.raises(ValueError, match="`category` must be one of x, y"):
            use("A")
        with pytest.raises(DataError, match="'z' is no category"):
            use("A", category="z")


def test_a_name_is_scored_with_its_category(names):
    one, other = (names.score("Anata", category=category) for category in ("x", "y"))
    assert one["log_prob"] != pytest.approx(other["log_prob"], abs=1e-4)
    assert one == names.score(Labelled("Anata", "x"))
    assert one["bits"] == pytest.approx(-one["log_prob"] / math.log(2) / 6)
    with pytest.raises(ValueError, match="is for names that are strings"):
        names.score(Labelled("Anata", "x"), category="x")


def test_a_letter_that_the_model_never_read_is_no_prompt(names):
    with pytest.raises(DataError, match="did not occur in the names"):
        names.generate("Ω", 3, category="x")


def test_of_one_category_none_need_be_named(trained_names, monkeypatch):
    model = LanguageModel(trained_names)
    monkeypatch.setattr(model.vocabulary, "categories", ("x",))
    assert model.generate("A", 3, Greedy()) == model.generate("A", 3, Greedy(), category="x")
    assert model.score("A") == model.score("A", category="x")


# Music


def test_music_goes_on_with_a_piece(music):
    beginning = Piece([[62, 48], [-1, -1], [64, 50]])
    made = music.generate(beginning, 12, seed=1)
    assert isinstance(made, Piece)
    assert made.voices[:3].tolist() == beginning.voices.tolist()
    fresh = music.generate("", 16, seed=1)
    assert fresh.voices.shape[1] == 2
    both = music.generate([beginning, beginning], 4, Greedy())
    assert both[0] == both[1] == music.generate(beginning, 4, Greedy())


def test_a_prompt_of_music_is_a_piece(music):
    with pytest.raises(DataError, match="A prompt is a string or a Piece, .* of a piece.* int: 5"):
        music.generate(5, 4)
    assert music.unknown_in("") == []


def test_nothing_goes_on_after_the_end_of_a_piece(music):
    with pytest.raises(ValueError, match="<EOS> ends each piece"):
        music.generate("", 4, end=None)


def test_music_is_no_text_to_be_streamed(music):
    with pytest.raises(ValueError, match="A piece is no text that grows; call `generate`"):
        music.stream("", 4)


def test_a_piece_of_other_voices_or_pitches_is_no_prompt(music):
    with pytest.raises(DataError, match="has 1 voices, and 2 are read"):
        music.generate(Piece([[60]]), 4)
    with pytest.raises(DataError, match="pitches that the model never read"):
        music.generate(Piece([[110, 60]]), 4)


def test_bits_of_music_are_a_note_with_its_end_or_without(music):
    piece = Piece([[62, 48], [-1, -1], [64, -1]])
    whole, open_end = music.score(piece), music.score(piece, end=False)
    for found in (whole, open_end):
        assert found["unit"] == "note"
        assert found["bits"] == pytest.approx(-found["log_prob"] / math.log(2) / 3)
    assert len(whole["tokens"]) == 7
    assert len(open_end["tokens"]) == 6


def test_every_model_has_an_encoder_of_tokens(characters, words, names, music):
    for model in (characters, words, names, music):
        assert isinstance(model.vocabulary, TokenEncoder)
        assert model.count_cut(["x" * 10000]) == 0
