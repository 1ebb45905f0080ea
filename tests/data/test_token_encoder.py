"""What encoders of tokens share, by an encoder of lists of words."""

import json

import numpy as np
import pytest

from kerasrnn.data import DataError
from kerasrnn.data._token_encoder import END, PADDING, RESERVED, UNKNOWN, TokenEncoder


class Words(TokenEncoder):
    kind = "words"
    unit = "word"
    kept = ("loud",)

    def __init__(self, symbols, loud=False):
        super().__init__(symbols)
        self.loud = loud

    @classmethod
    def build(cls, examples, **options):
        return cls(sorted({word for example in examples for word in example}), **options)

    def encode(self, example):
        return np.array([*map(self.number, example), END], "int32")

    def decode(self, numbers):
        return [self.symbol(number) for number in numbers if number > END]

    def count_units(self, example):
        return len(example) + 1


class Others(Words):
    kind = "others"


def test_three_numbers_are_reserved_and_symbols_follow():
    encoder = Words.build([["so", "be", "it"]])
    assert (PADDING, UNKNOWN, END) == (0, 1, 2)
    assert [encoder.symbol(number) for number in range(len(encoder))] == [
        *RESERVED,
        "be",
        "it",
        "so",
    ]
    assert [encoder.number(symbol) for symbol in ("<EOS>", "be", "it", "so", "?")] == [
        2,
        3,
        4,
        5,
        1,
    ]
    assert encoder.sizes == {"num_tokens": 6}
    assert encoder.symbols == ("be", "it", "so")
    assert encoder.conditions(["so"]) == {}


def test_it_reads_back_with_what_it_keeps(tmp_path):
    encoder = Words(["é", "a"], loud=True)
    encoder.save(tmp_path / "vocabulary.json")
    again = Words.load(tmp_path)
    assert (again.symbols, again.loud, again.to_json()) == (("é", "a"), True, encoder.to_json())
    assert json.loads(encoder.to_json()) == {"kind": "words", "symbols": ["é", "a"], "loud": True}


def test_a_file_of_another_kind_is_refused(tmp_path):
    Others(["a"]).save(tmp_path / "vocabulary.json")
    with pytest.raises(KeyError, match="'others', not 'words'"):
        Words.from_json(Others(["a"]).to_json())
    with pytest.raises(DataError, match="not a vocabulary of Words"):
        Words.load(tmp_path)


@pytest.mark.parametrize("symbols", [["a", "a"], ["<EOS>"]])
def test_symbols_must_be_distinct(symbols):
    with pytest.raises(ValueError, match="must be distinct"):
        Words(symbols)
