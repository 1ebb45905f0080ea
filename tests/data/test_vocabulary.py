import pytest

from kerasrnn.data import Vocabulary


def test_numbers_begin_after_padding_and_unknown():
    vocabulary = Vocabulary(["b", "a"])
    assert [vocabulary["b"], vocabulary["a"]] == [2, 3]
    assert len(vocabulary) == 4


def test_what_is_not_in_it_is_unknown():
    vocabulary = Vocabulary(["a"])
    assert vocabulary["z"] == vocabulary[""] == vocabulary["<PAD>"] == vocabulary["<UNK>"] == 1
    assert "a" in vocabulary
    assert "z" not in vocabulary


def test_an_empty_vocabulary_has_padding_and_unknown():
    assert len(Vocabulary([])) == 2
    assert Vocabulary([])["a"] == 1


def test_a_symbol_given_twice_is_refused_by_name():
    with pytest.raises(ValueError, match=r"distinct.*\['b', 'c'\]"):
        Vocabulary("abcbc")


def test_build_sorts_by_count_and_equal_counts_by_alphabet():
    symbols = ["rare", "b", "a", "often", "b", "often", "a", "often"]
    assert Vocabulary.build(symbols).symbols == ("often", "a", "b", "rare")


def test_build_does_not_depend_on_the_order_of_the_symbols():
    symbols = list("mississippi river")
    assert Vocabulary.build(symbols) == Vocabulary.build(reversed(symbols))


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        ({"max_size": 2}, "ab"),
        ({"max_size": 0}, ""),
        ({"max_size": 9}, "abcd"),
        ({"min_count": 2}, "abc"),
        ({"min_count": 3}, "a"),
        ({"min_count": 4}, ""),
        ({"min_count": 2, "max_size": 2}, "ab"),
    ],
)
def test_build_keeps_the_most_frequent_within_its_limits(limits, kept):
    assert Vocabulary.build("abcdabca", **limits).symbols == tuple(kept)


def test_equality_and_hash_go_by_the_symbols_in_order():
    assert Vocabulary("ab") == Vocabulary(["a", "b"])
    assert hash(Vocabulary("ab")) == hash(Vocabulary(["a", "b"]))
    assert Vocabulary("ab") != Vocabulary("ba")
    assert Vocabulary("ab") != ("a", "b")
