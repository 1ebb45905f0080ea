"""DNA sequences as numbers of letters and of words."""

from itertools import product

import numpy as np
import pytest

from kerasrnn.data import DataError, DnaEncoder, Labelled
from kerasrnn.data._dna_encoder import LETTER_SHARES

LABELS = ("ei", "n")
LETTERS = "NACGTRYSWKMBDHV"  # in the order of their numbers, from 1


def letters(contents, length=None, **options):
    return DnaEncoder(LABELS, **options).encode(contents, length)["letters"]


def test_each_letter_has_its_number_whatever_its_size():
    assert letters([LETTERS]).tolist() == [list(range(1, 16))]
    assert letters([LETTERS.lower()]).tolist() == [list(range(1, 16))]
    assert letters([LETTERS]).dtype == "int32"


def test_u_is_t():
    np.testing.assert_array_equal(letters(["AUu"]), letters(["ATT"]))


def test_an_ambiguity_code_stands_for_its_letters_in_equal_shares():
    assert LETTER_SHARES.shape == (16, 4)
    assert LETTER_SHARES[0].tolist() == [0, 0, 0, 0]
    np.testing.assert_array_equal(LETTER_SHARES[2:6], np.eye(4))
    np.testing.assert_allclose(LETTER_SHARES[1:].sum(axis=1), 1)
    for letter, meant in {"N": "ACGT", "R": "AG", "Y": "CT", "B": "CGT", "H": "ACT"}.items():
        row = LETTER_SHARES[1 + LETTERS.index(letter)]
        assert {"ACGT"[place] for place in np.flatnonzero(row)} == set(meant)
        assert len(set(row[row > 0])) == 1


def test_the_complement_of_a_code_stands_for_the_complements_of_its_letters():
    complement = str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN")
    for letter in LETTERS:
        row = LETTER_SHARES[1 + LETTERS.index(letter)]
        other = LETTER_SHARES[1 + LETTERS.index(letter.translate(complement))]
        np.testing.assert_array_equal(row[::-1], other)


def test_the_table_of_shares_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        LETTER_SHARES[0] = 1


def test_short_sequences_are_padded_with_zeros_at_the_end():
    assert letters(["AC", "ACGT"]).tolist() == [[2, 3, 0, 0], [2, 3, 4, 5]]
    assert letters(["AC"], length=3).tolist() == [[2, 3, 0]]
    assert letters(["ACGT"], length=3).tolist() == [[2, 3, 4]]


@pytest.mark.parametrize("kmer", [1, 2, 3])
def test_a_sequence_has_the_same_numbers_in_every_batch(kmer):
    alone = letters(["ACGTNAC"], kmer=kmer)[0]
    beside = letters(["ACGTNAC", "A" * 20], kmer=kmer)[0]
    np.testing.assert_array_equal(beside[: len(alone)], alone)
    assert not beside[len(alone) :].any()


def test_words_overlap_and_are_numbered_by_the_alphabet():
    encoder = DnaEncoder(LABELS, kmer=2)
    assert encoder.encode(["AACGTT"])["letters"].tolist() == [[2, 3, 8, 13, 17]]
    words = ["".join(word) for word in product("ACGT", repeat=2)]
    assert encoder.encode(words)["letters"].ravel().tolist() == list(range(2, 18))


def test_a_word_with_an_unsure_letter_is_unknown():
    assert letters(["AARAA"], kmer=2).tolist() == [[2, 1, 1, 2]]


def test_a_sequence_shorter_than_a_word_is_one_unknown_word():
    assert letters(["AC"], kmer=3).tolist() == [[1]]


@pytest.mark.parametrize(("kmer", "numbers"), [(1, 16), (2, 18), (3, 66), (6, 4098)])
def test_sizes_are_those_of_the_builder(kmer, numbers):
    encoder = DnaEncoder(LABELS, kmer)
    assert encoder.sizes == {"num_letters": numbers, "num_classes": 2}
    assert encoder.encode(["T" * 9])["letters"].max() < numbers


@pytest.mark.parametrize(
    ("length", "kept"), [(3, "AAC"), (4, "AACC"), (5, "AAACC"), (8, "GAAACCCG"), (9, "GAAACCCG")]
)
def test_the_middle_of_a_longer_sequence_is_read(length, kept):
    np.testing.assert_array_equal(letters(["GAAACCCG"], max_length=length), letters([kept]))


@pytest.mark.parametrize("kmer", [1, 3])
def test_lengths_are_the_steps_that_encode_gives(kmer):
    contents = ["A", "ACG", "ACGTACGT", "ACGTACGTACGT"]
    encoder = DnaEncoder(LABELS, kmer, max_length=9)
    found = (encoder.encode(contents)["letters"] != 0).sum(axis=1)
    assert encoder.lengths(contents).tolist() == found.tolist()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("ACXT", "Sequence 2 has 'X' at letter 3, which is no nucleotide; there are A, B, C, .*U"),
        ("AC-T", "Sequence 2 has '-' at letter 3.*take gaps out"),
        ("A C", "has ' ' at letter 2"),
        ("ſA", "has 'ſ' at letter 1"),
        ("", "Sequence 2 is '', not a string of letters"),
        (None, "Sequence 2 is None"),
    ],
)
def test_what_is_no_sequence_is_refused_with_its_place(content, message):
    with pytest.raises(DataError, match=message):
        letters(["ACGT", content])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kmer": 0}, "`kmer` must be a whole number, 1 to 6; received 0"),
        ({"kmer": 7}, "`kmer` must be a whole number, 1 to 6; received 7"),
        ({"kmer": "3"}, "`kmer` must be a whole number, 1 to 6; received '3'"),
        ({"kmer": 3, "max_length": 2}, "`max_length` must be a whole number, 3 or more"),
    ],
)
def test_an_option_that_is_not_possible_is_refused(options, message):
    with pytest.raises(DataError, match=message):
        DnaEncoder(LABELS, **options)


def test_an_encoder_is_built_of_examples_and_kept_as_json(tmp_path):
    examples = [Labelled("ACG", "n"), Labelled("ACGT", "ei")]
    encoder = DnaEncoder.build(examples, kmer=2, max_length=50)
    assert encoder.labels == LABELS
    assert encoder.encode_labels(examples).tolist() == [1, 0]
    encoder.save(tmp_path / "vocabulary.json")
    again = DnaEncoder.load(tmp_path)
    assert again.to_json() == encoder.to_json()
    assert (again.kmer, again.max_length, again.labels) == (2, 50, LABELS)
