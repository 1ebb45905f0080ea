"""Characters and words of language models."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data import DataError, Document, LanguageEncoder

TEXT = "It was not bad.\nNot bad at all, it was!"
LINES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"))
PAGES = st.lists(LINES, min_size=1)


def build(text=TEXT, **options):
    return LanguageEncoder.build([text], **options)


@given(PAGES)
def test_decoding_characters_gives_the_composed_text(lines):
    document = Document(tuple(lines))
    encoder = LanguageEncoder.build([document, "some letters"])
    numbers = encoder.encode(document)
    assert encoder.decode(numbers) == unicodedata.normalize("NFC", "\n".join(lines))
    assert (numbers.dtype, (numbers == 2).sum()) == ("int32", len(lines))
    assert encoder.count_units(document) == len(numbers)
    assert not np.isin(numbers, [0, 1]).any()


@given(PAGES)
def test_a_string_is_read_as_a_document_of_its_lines(lines):
    encoder = build()
    for level in ("character", "word"):
        encoder = build(level=level)
        by_lines = encoder.encode(Document(tuple(lines))).tolist()
        assert encoder.encode("\n".join(lines) + "\n").tolist() == by_lines
        assert encoder.encode("\r\n".join(lines) + "\r\n").tolist() == by_lines


@given(PAGES)
def test_a_prompt_is_the_text_without_its_last_end(lines):
    encoder = build()
    text = "\n".join(lines)
    numbers = encoder.encode_prompt(text)
    assert numbers.tolist() == encoder.encode(text + "\n").tolist()[:-1]
    assert encoder.encode_prompt(text + "\n").tolist() == encoder.encode(text + "\n").tolist()


def test_an_empty_prompt_has_no_tokens():
    assert (build().encode_prompt("").shape, build().encode_prompt("").dtype) == ((0,), "int32")


def test_tokens_are_numbered_by_how_often_they_occur_and_limited():
    assert build("aaabbc").symbols == ("a", "b", "c")
    assert build("aaabbc", max_tokens=2).symbols == ("a", "b")
    assert build("aaabbc", min_count=2).encode("abcd").tolist() == [3, 4, 1, 1, 2]
    assert build(level="word", min_count=2).symbols == ("bad", "was")
    assert len(build("aaabbc")) == build("aaabbc").sizes["num_tokens"] == 6


def test_words_keep_their_case_unless_it_is_lowered():
    assert build(level="word").tokens("Not  BAD, not.") == ["Not", "BAD", ",", "not", "."]
    lowered = build(level="word", lower_case=True)
    assert lowered.tokens("Not  BAD, not.") == ["not", "bad", ",", "not", "."]
    assert lowered.encode("NOT BAD").tolist() == lowered.encode("not bad").tolist()
    assert lowered.decode(lowered.encode("Not bad.")) == "not bad."
    assert build("Ab", lower_case=True).symbols == ("a", "b")


def test_an_accent_typed_by_itself_is_composed():
    encoder = build("café")
    assert encoder.encode("cafe\u0301").tolist() == encoder.encode("café").tolist()
    assert encoder.tokens("e\u0301") == ["é"]
    assert encoder.count_units("e\u0301") == 2


@pytest.mark.parametrize("level", ["character", "word"])
def test_units_are_characters_and_ends_whatever_the_tokens_are(level):
    encoder = build(level=level)
    assert encoder.unit == "character"
    assert encoder.count_units(Document(("It was.", "", "Bad"))) == 7 + 1 + 0 + 1 + 3 + 1
    assert encoder.count_units("It was.\n\nBad\n") == 13


def test_decoding_leaves_padding_out_and_shows_what_is_unknown():
    encoder = build("ab")
    assert encoder.decode([3, 1, 2, 4, 0, 0]) == "a<UNK>\nb"
    assert encoder.decode(np.array([3, 2, 2], "int32")) == "a\n"
    assert encoder.decode([]) == ""


@pytest.mark.parametrize("numbers", [[5], [-1], [0.5], ["a"]])
def test_what_is_no_tokens_number_is_not_decoded(numbers):
    with pytest.raises(ValueError, match="whole numbers from 0 to 4"):
        build("ab").decode(numbers)


@pytest.mark.parametrize("options", [{"level": "word", "lower_case": True}, {}])
def test_an_encoder_reads_back_from_its_file(tmp_path, options):
    encoder = build(**options)
    encoder.save(tmp_path / "vocabulary.json")
    again = LanguageEncoder.load(tmp_path)
    assert again.to_json() == encoder.to_json()
    assert again.encode(TEXT).tolist() == encoder.encode(TEXT).tolist()
    assert (again.level, again.lower_case) == (encoder.level, encoder.lower_case)


def test_another_class_file_is_refused(tmp_path):
    (tmp_path / "vocabulary.json").write_text('{"kind": "names", "symbols": []}')
    with pytest.raises(DataError, match="not a vocabulary of LanguageEncoder"):
        LanguageEncoder.load(tmp_path)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"level": "letter"}, "`level` must be one of character, word; received 'letter'"),
        ({"max_tokens": 0}, "`max_tokens` must be a positive integer; received 0"),
        ({"min_count": True}, "`min_count` must be a positive integer; received True"),
    ],
)
def test_wrong_arguments_are_named(options, reason):
    with pytest.raises(ValueError, match=reason):
        build(**options)


@pytest.mark.parametrize(
    ("texts", "options", "reason"),
    [
        ([], {}, "no character that occurs 1 times"),
        ([" "], {"level": "word"}, "no word that occurs 1 times"),
        (["ab"], {"min_count": 2}, "smaller `min_count`"),
        ([["a", "b"]], {}, r"a string or a Document; received \['a', 'b'\]"),
        (["a\ud800"], {}, r"hold '\\ud800', half of a surrogate pair"),
    ],
)
def test_texts_that_nothing_can_be_learned_from_are_refused(texts, options, reason):
    with pytest.raises(DataError, match=reason):
        LanguageEncoder.build(texts, **options)


def test_what_is_no_text_is_not_encoded():
    with pytest.raises(DataError, match="received 3"):
        build().encode(3)


def test_unknown_tokens_are_told_and_stand_where_they_stood():
    encoder = LanguageEncoder.build(["a b c"], level="word", lower_case=True)
    text = "a Zoo b\nno b"
    assert encoder.unknown_tokens(text) == ["zoo", "no"]
    with pytest.raises(TypeError):
        encoder.unknown_tokens(None)
    numbers = encoder.encode_prompt(text)
    assert encoder.decode(numbers) == "a <UNK> b\n<UNK> b"
    assert encoder.decode(numbers, unknown=["zoo", "no"]) == "a zoo b\nno b"
    assert encoder.decode(numbers, unknown=["zoo"]) == "a zoo b\n<UNK> b"
