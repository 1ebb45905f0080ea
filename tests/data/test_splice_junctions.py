"""The splice-junction sequences and their split."""

from collections import Counter

import pytest

from kerasrnn.data import offline_dna, splice_junctions

BOTH = "CTGAAATTTGTCCCATTCATATCTTGGCAGAGAAGCTCCATGAAGAAATTGACAGGGTGA"


def test_all_sequences_have_sixty_sure_letters_and_the_labels_of_the_source():
    examples = splice_junctions(unique=False)
    assert len(examples) == 3186
    assert Counter(e.label for e in examples) == {"n": 1654, "ei": 767, "ie": 765}
    assert all(len(e.content) == 60 and set(e.content) <= set("ACGT") for e in examples)


def test_unique_sequences_occur_once_in_the_place_of_their_first():
    contents = [e.content for e in splice_junctions()]
    assert contents == list(dict.fromkeys(e.content for e in splice_junctions(unique=False)))
    assert len(contents) == 3001


def test_the_sequence_that_has_two_labels_is_a_junction():
    assert {e.label for e in splice_junctions(unique=False) if e.content == BOTH} == {"ie", "n"}
    assert [e.label for e in splice_junctions() if e.content == BOTH] == ["ie"]


@pytest.mark.parametrize(("label", "place", "letters"), [("ei", 30, "GT"), ("ie", 28, "AG")])
def test_nearly_all_junctions_have_the_introns_ends_beside_them(label, place, letters):
    sites = [e.content[place : place + 2] for e in splice_junctions() if e.label == label]
    assert sites.count(letters) / len(sites) > 0.97


def test_a_split_has_every_unique_sequence_in_one_part():
    parts = offline_dna()
    assert [len(part) for part in parts] == [2401, 300, 300]
    contents = [e.content for part in parts for e in part]
    assert sorted(contents) == sorted(e.content for e in splice_junctions())


def test_every_part_has_the_labels_in_the_same_shares():
    for part in offline_dna(seed=3):
        counts = Counter(e.label for e in part)
        shares = [counts[label] / len(part) for label in ("ei", "ie", "n")]
        assert shares == pytest.approx([679 / 3001, 670 / 3001, 1652 / 3001], abs=3e-3)


def test_equal_seeds_give_equal_splits_and_others_others():
    assert offline_dna(5) == offline_dna(5)
    assert offline_dna(5).test != offline_dna(6).test


def test_no_part_is_sorted_by_label():
    for part in offline_dna():
        changes = sum(a.label != b.label for a, b in zip(part, part[1:], strict=False))
        assert changes > len(part) / 3
