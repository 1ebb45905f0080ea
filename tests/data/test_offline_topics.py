"""Texts of the running Python's help."""

import sys
import textwrap

import pytest

from kerasrnn.data import DataError, Document, offline_topics
from kerasrnn.data import _offline_topics as module


def lines_of(documents):
    return [" ".join(segment.split()) for document in documents for segment in document.segments]


def characters(documents):
    return sum(map(len, lines_of(documents)))


@pytest.mark.parametrize("seed", [0, 1])
def test_whole_topics_are_held_out_and_nothing_stands_twice(seed):
    splits = offline_topics(seed)
    names = [document.name for split in splits for document in split]
    assert len(set(names)) == len(names)
    assert all([d.name for d in split] == sorted(d.name for d in split) for split in splits)
    segments = [line for split in splits for line in lines_of(split)]
    assert len(set(segments)) == len(segments)
    assert all(any(map(str.isalnum, segment)) for segment in segments)
    assert not any("\n" in segment for segment in segments)


def test_about_a_tenth_of_the_characters_is_held_out_for_each_split():
    for seed in range(3):
        splits = offline_topics(seed)
        whole = sum(map(characters, splits))
        for held_out in (splits.validation, splits.test):
            assert 0.08 < characters(held_out) / whole < 0.12
            assert len(held_out) >= 3
    smaller = offline_topics(held_out=0.04)
    assert 0.02 < characters(smaller.test) / sum(map(characters, smaller)) < 0.05


def test_a_seed_gives_the_same_splits_and_another_one_others():
    assert offline_topics(3) == offline_topics(3)
    assert offline_topics(3).test != offline_topics(4).test


def test_no_line_of_the_source_is_on_two_sides():
    splits = offline_topics()
    topics = module._taken_once(module._topics())
    sides = {}
    for number, split in enumerate(splits):
        for document in split:
            kept = set(document.segments)
            for passage in topics[document.name]:
                if module.join_lines(passage) in kept:
                    for line in passage:
                        sides.setdefault(module._key(line), set()).add(number)
    assert len(sides) > 2000
    assert [line for line, numbers in sides.items() if len(numbers) > 1] == []


def made(monkeypatch, topics):
    monkeypatch.setattr(module, "_topics", lambda: topics)


def test_a_passage_of_two_topics_is_of_the_shorter_one(monkeypatch):
    made(
        monkeypatch, {"long": "One.\n\n  Two\t words.\n\nThree.\n****", "short": "Two words.\n==="}
    )
    train = offline_topics(held_out=0.01).train
    assert train == (Document(("One.", "Three."), "long"), Document(("Two words.",), "short"))


def test_wrapped_lines_are_joined_and_lines_of_code_are_not(monkeypatch):
    prose = f"{'word ' * 12}comma-separated {'word ' * 20}end."
    wrapped = textwrap.fill(prose, 70)
    assert "comma-\nseparated" in wrapped
    made(monkeypatch, {"topic": f"{wrapped}\n\n   if a:\n       go()\n"})
    (document,) = offline_topics(held_out=0.01).train
    assert document.segments == (prose, "if a:", "go()")


def test_a_python_without_topics_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(DataError, match="This Python has no topics"):
        offline_topics()


@pytest.mark.parametrize("held_out", [0, 0.5, -1])
def test_a_share_that_is_not_possible_is_refused(held_out):
    with pytest.raises(ValueError, match="`held_out` must be between 0 and 0.5"):
        offline_topics(held_out=held_out)
