import pytest

from kerasrnn.data import Sentence
from kerasrnn.training import entity_scores


def sentence(tags):
    tags = tags.split()
    return Sentence(tuple("abcdefghij"[: len(tags)]), tuple(tags))


def scores(expected, predicted):
    return entity_scores([sentence(t) for t in expected], [sentence(t) for t in predicted])


def summary(result):
    return tuple(result[key] for key in ("precision", "recall", "f1", "support"))


def test_numbers_are_those_of_a_count_by_hand():
    # expected: PER 0-2, LOC 3-4 | PER 0-1, ORG 2-4 | none
    # found:    PER 0-2, LOC 3-4 | PER 0-2 (border), LOC 2-4 (type) | PER 1-2 (nothing there)
    expected = ["B-PER I-PER O B-LOC", "B-PER O B-ORG I-ORG", "O O"]
    predicted = ["B-PER I-PER O B-LOC", "B-PER I-PER B-LOC I-LOC", "O B-PER"]
    result = scores(expected, predicted)
    assert summary(result) == pytest.approx((2 / 5, 2 / 4, 2 * 2 / (5 + 4), 4))
    assert summary(result["types"]["PER"]) == pytest.approx((1 / 3, 1 / 2, 2 / 5, 2))
    assert summary(result["types"]["LOC"]) == pytest.approx((1 / 2, 1, 2 / 3, 1))
    assert summary(result["types"]["ORG"]) == (0, 0, 0, 1)
    # tokens: 4 of 4, then B-PER right and I-PER, B-LOC, I-LOC wrong, then 1 of 2
    assert result["token_accuracy"] == pytest.approx(6 / 10)


def test_all_right_is_one():
    tags = ["B-PER I-PER O B-LOC B-LOC", "O O"]
    result = scores(tags, tags)
    assert summary(result) == (1, 1, 1, 3)
    assert result["token_accuracy"] == 1
    assert list(result["types"]) == ["LOC", "PER"]


def test_all_wrong_is_zero():
    result = scores(["B-PER O", "O B-LOC"], ["O B-PER", "B-LOC O"])
    assert summary(result) == (0, 0, 0, 2)
    assert result["token_accuracy"] == 0


def test_nothing_found_is_zero_and_not_an_error():
    result = scores(["B-PER O"], ["O O"])
    assert summary(result) == (0, 0, 0, 1)
    assert summary(result["types"]["PER"]) == (0, 0, 0, 1)
    assert result["token_accuracy"] == 0.5


def test_what_is_found_where_nothing_is_counts_against_precision():
    result = scores(["O O"], ["B-PER O"])
    assert summary(result) == (0, 0, 0, 0)
    assert summary(result["types"]["PER"]) == (0, 0, 0, 0)


def test_without_entities_on_either_side_there_are_no_types():
    result = scores(["O O", "O"], ["O O", "O"])
    assert summary(result) == (0, 0, 0, 0)
    assert result["types"] == {}
    assert result["token_accuracy"] == 1


def test_neighbours_of_one_type_are_two_entities():
    assert summary(scores(["B-PER B-PER"], ["B-PER I-PER"])) == (0, 0, 0, 2)
    assert summary(scores(["B-PER B-PER"], ["B-PER B-PER"])) == (1, 1, 1, 2)


def test_a_part_of_an_entity_counts_for_nothing():
    assert summary(scores(["B-PER I-PER I-PER"], ["B-PER I-PER O"])) == (0, 0, 0, 1)


def test_an_entity_at_the_end_of_a_sentence_does_not_reach_into_the_next():
    result = scores(["O B-PER", "B-PER O"], ["O B-PER", "B-PER O"])
    assert summary(result) == (1, 1, 1, 2)


@pytest.mark.parametrize(
    "stray", ["I-PER I-PER O", "B-LOC I-PER O", "I-LOC I-PER I-PER", "O I-PER I-LOC"]
)
def test_a_stray_inside_tag_begins_an_entity(stray):
    # as to_bio and spans read it
    mended = {
        "I-PER I-PER O": "B-PER I-PER O",
        "B-LOC I-PER O": "B-LOC B-PER O",
        "I-LOC I-PER I-PER": "B-LOC B-PER I-PER",
        "O I-PER I-LOC": "O B-PER B-LOC",
    }[stray]
    assert summary(scores([mended], [stray]))[:3] == (1, 1, 1)
    assert summary(scores([stray], [mended])) == summary(scores([mended], [mended]))


def test_numbers_are_plain_and_go_into_json():
    result = scores(["B-PER O"], ["B-PER B-LOC"])
    assert {type(result[key]) for key in ("precision", "recall", "f1", "token_accuracy")} == {float}
    assert type(result["support"]) is int


def test_no_sentences_are_refused():
    with pytest.raises(ValueError, match="no sentences"):
        entity_scores([], [])


@pytest.mark.parametrize("predicted", [[], ["O O"], ["O", "O"]])
def test_other_tokens_are_refused(predicted):
    with pytest.raises(ValueError, match="must have the same tokens"):
        scores(["O"], predicted)
