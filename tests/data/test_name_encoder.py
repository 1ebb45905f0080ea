"""Names as numbers of letters, and back."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data import DataError, Labelled, NameEncoder, TaggingVocabulary
from kerasrnn.data._token_encoder import TokenEncoder

EXAMPLES = (Labelled("Anna", "sv_SE"), Labelled("Nana", "da_DK"), Labelled("Zoë", "nl_NL"))


@pytest.fixture
def encoder():
    return NameEncoder.build(EXAMPLES)


def test_letters_are_numbered_by_frequency_and_then_by_alphabet(encoder):
    assert isinstance(encoder, TokenEncoder)
    assert encoder.symbols == ("a", "n", "A", "N", "Z", "o", "ë")
    assert encoder.encode("Anna").tolist() == [5, 4, 4, 3, 2]
    assert encoder.encode("Anna").dtype == "int32"


def test_an_example_is_encoded_as_its_content(encoder):
    np.testing.assert_array_equal(encoder.encode(EXAMPLES[0]), encoder.encode("Anna"))


def test_an_unknown_letter_is_one_and_an_empty_name_its_end(encoder):
    assert encoder.encode("Ax").tolist() == [5, 1, 2]
    assert encoder.encode("").tolist() == [2]


@given(st.text(alphabet="AaNnZoë", max_size=12))
def test_decoding_undoes_encoding(name):
    encoder = NameEncoder.build(EXAMPLES)
    assert encoder.decode(encoder.encode(name)) == name


def test_decoding_ends_at_the_end_and_skips_padding(encoder):
    assert encoder.decode([5, 4, 0, 3]) == "Ana"
    assert encoder.decode(np.array([5, 4, 3, 2, 4, 4])) == "Ana"
    assert encoder.decode([2]) == encoder.decode([]) == ""
    assert encoder.decode([5, 1]) == "A\ufffd"


@pytest.mark.parametrize("number", [-1, 10])
def test_a_number_of_no_token_is_refused(encoder, number):
    assert len(encoder) == 10
    with pytest.raises(ValueError, match=f"below 10; received {number}"):
        encoder.decode([number])


def test_names_are_composed_before_they_are_read(encoder):
    decomposed = unicodedata.normalize("NFD", "Zoë")
    assert encoder.encode(decomposed).tolist() == encoder.encode("Zoë").tolist()
    assert encoder.count_units(decomposed) == 4
    assert NameEncoder.build([Labelled(decomposed, "nl_NL")]).symbols == ("Z", "o", "ë")


def test_units_are_characters_and_the_end(encoder):
    assert encoder.unit == "character"
    for example in EXAMPLES:
        assert encoder.count_units(example) == len(encoder.encode(example))
    assert encoder.count_units("Ann-Marie") == 10


def test_a_prompt_has_no_end(encoder):
    assert encoder.encode_prompt("An").tolist() == [5, 4]
    assert encoder.encode_prompt("").tolist() == []
    assert encoder.encode_prompt("").dtype == "int32"


def test_a_prompt_of_unknown_letters_is_refused(encoder):
    with pytest.raises(DataError, match="'q', 'x' of 'Axqx' did not occur.*'ANZanoë'"):
        encoder.encode_prompt("Axqx")


def test_categories_are_in_alphabetical_order(encoder):
    assert encoder.categories == ("da_DK", "nl_NL", "sv_SE")
    assert encoder.conditions(EXAMPLES[0]) == {"category": 2}
    assert encoder.category("da_DK") == 0
    assert encoder.sizes == {"num_tokens": 10, "num_categories": 3}


def test_an_unknown_category_is_told_with_one_like_it(encoder):
    with pytest.raises(DataError, match=r"'sv_FI' is no category.*Did you mean 'sv_SE'\?"):
        encoder.category("sv_FI")
    with pytest.raises(DataError, match="There are: da_DK, nl_NL, sv_SE"):
        encoder.conditions(Labelled("Anna", "??"))
    with pytest.raises(DataError, match="A name needs a category.*'Anna'"):
        encoder.conditions("Anna")


def test_rare_and_too_many_letters_are_unknown():
    assert NameEncoder.build(EXAMPLES, min_count=2).symbols == ("a", "n")
    assert NameEncoder.build(EXAMPLES, max_tokens=1).symbols == ("a",)
    assert NameEncoder.build(EXAMPLES, max_tokens=1).sizes["num_tokens"] == 4


def test_it_is_kept_as_json(encoder, tmp_path):
    encoder.save(tmp_path / "vocabulary.json")
    found = NameEncoder.load(tmp_path)
    assert found.to_json() == encoder.to_json()
    assert (found.symbols, found.categories) == (encoder.symbols, encoder.categories)
    with pytest.raises(DataError, match="not a vocabulary of TaggingVocabulary"):
        TaggingVocabulary.load(tmp_path)


def test_one_category_is_enough_and_none_is_not():
    assert NameEncoder.build([Labelled("Elbe", "name")]).sizes["num_categories"] == 1
    with pytest.raises(DataError, match="one category at least"):
        NameEncoder.build([])
    with pytest.raises(ValueError, match="must be distinct"):
        NameEncoder("ab", ("x", "x"))


def test_what_is_no_string_is_refused(encoder):
    for content in (5, None, ["A"]):
        with pytest.raises(DataError, match="A name is a string"):
            encoder.encode(content)
    with pytest.raises(DataError, match="A name is a string; received ndarray"):
        NameEncoder.build([Labelled(np.zeros(3), "x")])
