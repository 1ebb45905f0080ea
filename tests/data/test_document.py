"""A text that is read from its beginning to its end."""

import dataclasses

import pytest

from kerasrnn.data import Document


def test_documents_of_equal_segments_and_names_are_equal():
    assert Document(("a", "b")) == Document(("a", "b"), "")
    assert Document(("a", "b")) != Document(("ab",))
    assert Document(("a",), "one") != Document(("a",), "two")
    assert len({Document(("a",)), Document(("a",))}) == 1


def test_a_document_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Document(("a",)).segments = ("b",)
