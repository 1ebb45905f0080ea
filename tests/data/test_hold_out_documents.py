"""Texts that are held out of training."""

import pytest

from kerasrnn.data import DataError, Document
from kerasrnn.data._hold_out_documents import hold_out_documents


def numbered(count):
    return [Document((f"Text {n}.", "The end."), f"file {n}") for n in range(count)]


def test_of_many_documents_whole_ones_are_drawn():
    documents = numbered(40)
    found = hold_out_documents(documents, 2, 0.1, seed=1)
    assert [len(part) for part in found] == [32, 4, 4]
    assert sorted(d.name for part in found for d in part) == sorted(d.name for d in documents)
    assert hold_out_documents(documents, 2, 0.1, seed=1) == found
    assert hold_out_documents(documents, 2, 0.1, seed=2) != found


def test_equal_documents_are_on_one_side():
    documents = [*numbered(30), *numbered(30)]
    staying, held_out = hold_out_documents(documents, share=0.2)
    assert not {d.segments for d in staying} & {d.segments for d in held_out}
    assert len(held_out) == 12


def test_of_few_documents_the_last_segments_are_held_out():
    document = Document(tuple(f"line {n:02d}" for n in range(20)), "book")
    staying, first, second = hold_out_documents([document], 2, 0.1)
    assert staying == (Document(document.segments[:16], "book"),)
    assert first == (Document(document.segments[16:18], "book"),)
    assert second == (Document(document.segments[18:], "book"),)


def test_a_cut_may_part_documents():
    documents = [Document(("one", "two", "six"), "a"), Document(("ten", "cat", "dog"), "b")]
    staying, held_out = hold_out_documents(documents, share=1 / 3)
    assert staying == (documents[0], Document(("ten",), "b"))
    assert held_out == (Document(("cat", "dog"), "b"),)


def test_a_text_of_one_segment_cannot_be_cut():
    with pytest.raises(DataError, match="too few segments"):
        hold_out_documents([Document(("One line.",))])


@pytest.mark.parametrize("options", [{"parts": 0}, {"share": 0}, {"parts": 2, "share": 0.5}])
def test_what_is_not_possible_is_refused(options):
    with pytest.raises(ValueError, match="`parts` must be positive"):
        hold_out_documents(numbered(3), **options)
