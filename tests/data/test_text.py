import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data import tokenize
from kerasrnn.data._text import word_key


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        # the documented example
        ("Ms. O'Brien's train left at 10:30.", "Ms. O'Brien 's train left at 10:30 ."),
        # abbreviations keep their point, other words do not
        ("Mr. and Mrs. Dursley met Prof. Snape.", "Mr. and Mrs. Dursley met Prof. Snape ."),
        ("Acme Inc. v. Ltd.", "Acme Inc. v . Ltd."),
        ("Cost. Drive", "Cost . Drive"),
        ("St.Albans", "St. Albans"),
        # initials
        ("J. R. R. Tolkien", "J. R. R. Tolkien"),
        ("J.R.R. Tolkien left the U.S. in 1916.", "J.R.R. Tolkien left the U.S. in 1916 ."),
        ("É. Zola", "É. Zola"),
        ("e.g. this", "e . g . this"),
        # numbers
        ("1,000.50", "1,000.50"),
        ("1,000, 2", "1,000 , 2"),
        ("3.14159.", "3.14159 ."),
        ("at 10:30:", "at 10:30 :"),
        ("$5 50% -3", "$ 5 50 % - 3"),
        ("B2B 2nd", "B2B 2nd"),
        # one letter, an apostrophe and a capital are one name
        ("O'Brien", "O'Brien"),
        ("O’Brien-Smith", "O’Brien-Smith"),
        ("d'Artagnan", "d'Artagnan"),
        ("d'accord", "d 'accord"),
        ("de'Medici", "de 'Medici"),
        # what follows an apostrophe is a token of its own
        ("Ada's", "Ada 's"),
        ("Ada’s", "Ada ’s"),
        ("we'll", "we 'll"),
        ("the boys' books", "the boys ' books"),
        ("''", "' '"),
        # quotation marks
        ("“Yes”, she said.", "“ Yes ” , she said ."),
        ('"Yes"', '" Yes "'),
        ("‘Yes’", "‘ Yes ’"),
        ("«Oui»", "« Oui »"),
        # hyphens, dashes and ampersands
        ("Jean-Luc", "Jean-Luc"),
        ("AT&T", "AT&T"),
        ("a state-of-the-art R&D-lab", "a state-of-the-art R&D-lab"),
        ("-Luc Jean-", "- Luc Jean -"),
        ("now--or never---", "now -- or never ---"),
        ("now – or—never", "now – or — never"),
        # points
        ("Well... no.", "Well ... no ."),
        ("Really?!", "Really ? !"),
        # other scripts
        ("Ελλάδα και Москва.", "Ελλάδα και Москва ."),
        ("Nguyễn Văn Linh", "Nguyễn Văn Linh"),
        ("ne\u0301e", "ne\u0301e"),  # a combining accent belongs to its word
        ("東京 🙂👍", "東 京 🙂 👍"),
        ("[bold]x[/bold]", "[ bold ] x [ / bold ]"),
    ],
)
def test_tokens(text, tokens):
    assert tokenize(text) == tokens.split(" ")


@pytest.mark.parametrize("text", ["", " ", "\t\n\r\v\f", "\xa0\u2003\u3000\u2028"])
def test_a_blank_text_has_no_tokens(text):
    assert tokenize(text) == []


def test_every_kind_of_space_separates_and_nothing_else_is_dropped():
    every = map(chr, [*range(0xD800), *range(0xE000, sys.maxunicode + 1)])
    for character in every:
        # str.isspace is Python's own table, not the pattern under test
        expected = [] if character.isspace() else [character]
        assert tokenize(character) == expected, ascii(character)


@given(st.text())
def test_tokens_joined_are_the_text_without_its_spaces(text):
    assert "".join(tokenize(text)) == "".join(text.split())


@given(st.text(st.sampled_from("aB1é’'.-,:& \t\xa0\u2028")))
def test_no_token_is_empty_or_has_a_space_in_it(text):
    for token in tokenize(text):
        assert token
        assert not any(character.isspace() for character in token)


@given(st.lists(st.sampled_from(["Ada", "O'Brien", "Mr.", "10:30", "...", "U.S.", "x-y", "'s"])))
def test_tokens_put_apart_by_spaces_stay_as_they_are(tokens):
    assert tokenize(" ".join(tokens)) == tokens


@pytest.mark.parametrize(
    ("token", "key"),
    [("Ada", "ada"), ("1,024.50", "0,000.00"), ("B2B", "b0b"), ("ÉTÉ", "été"), ("٣", "٣")],
)
def test_a_word_is_looked_up_in_lower_case_with_zeros_for_digits(token, key):
    assert word_key(token) == key
