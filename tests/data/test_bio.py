import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data._bio import spans, to_bio


@st.composite
def bio_tags(draw):
    """Well-formed BIO: spans of two types, touching or apart."""
    tags = []
    for entity in draw(st.lists(st.sampled_from(["", "PER", "LOC"]), max_size=8)):
        length = draw(st.integers(min_value=1, max_value=3))
        if entity:
            tags += [f"B-{entity}"] + [f"I-{entity}"] * (length - 1)
        else:
            tags += ["O"] * length
    return tuple(tags)


def to_iob1(bio):
    """B- only where an entity touches one of the same type before it."""
    before = ("O", *bio)
    return tuple(
        "I" + tag[1:] if tag[0] == "B" and previous[2:] != tag[2:] else tag
        for previous, tag in zip(before, bio, strict=False)
    )


def to_schemes(bio, single, last):
    """IOBES (single="S", last="E") or BILOU ("U", "L")."""
    after = (*bio[1:], "O")[: len(bio)]
    return tuple(
        tag if tag == "O" or following[0] == "I" else (single if tag[0] == "B" else last) + tag[1:]
        for tag, following in zip(bio, after, strict=True)
    )


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ((), ()),
        (("B-PER", "I-PER", "O"), ("B-PER", "I-PER", "O")),
        (("I-PER", "I-PER", "O", "I-LOC"), ("B-PER", "I-PER", "O", "B-LOC")),
        (("I-PER", "B-PER", "I-PER"), ("B-PER", "B-PER", "I-PER")),
        (("I-PER", "I-LOC"), ("B-PER", "B-LOC")),
        (("S-PER", "B-LOC", "I-LOC", "E-LOC"), ("B-PER", "B-LOC", "I-LOC", "I-LOC")),
        (("U-PER", "B-LOC", "L-LOC"), ("B-PER", "B-LOC", "I-LOC")),
        (("B-a-b", "I-a-b"), ("B-a-b", "I-a-b")),
    ],
)
def test_each_scheme_becomes_bio(tags, expected):
    assert to_bio(tags) == expected


@given(bio_tags())
def test_bio_stays_as_it_is(bio):
    assert to_bio(bio) == bio


@given(bio_tags())
def test_tags_and_spans_survive_the_way_through_iob1(bio):
    iob1 = to_iob1(bio)
    assert to_bio(iob1) == bio
    assert spans(to_bio(iob1)) == spans(bio)


@given(bio_tags(), st.sampled_from([("S", "E"), ("U", "L")]))
def test_tags_survive_the_way_through_iobes_and_bilou(bio, prefixes):
    assert to_bio(to_schemes(bio, *prefixes)) == bio


@pytest.mark.parametrize("tag", ["PER", "o", "", "B-", "-PER", "X-PER", "b-PER", "B PER", "O\n", 3])
def test_a_tag_of_another_form_is_refused_by_name(tag):
    with pytest.raises(ValueError, match=re.escape(repr(tag))) as caught:
        to_bio(["O", tag])
    assert "`O` nor PREFIX-TYPE with a prefix among B, S, U, I, E, L" in str(caught.value)


def test_spans_are_type_start_and_one_past_the_end():
    tags = ("B-PER", "I-PER", "B-PER", "O", "B-LOC", "B-ORG", "I-ORG")
    assert spans(tags) == [("PER", 0, 2), ("PER", 2, 3), ("LOC", 4, 5), ("ORG", 5, 7)]
    assert spans(()) == []
    assert spans(("O", "O")) == []


def test_a_stray_inside_tag_begins_a_span():
    assert spans(("O", "I-PER", "I-LOC")) == [("PER", 1, 2), ("LOC", 2, 3)]


@given(bio_tags())
def test_spans_cover_exactly_the_tokens_that_are_not_outside(bio):
    rebuilt = ["O"] * len(bio)
    for entity, start, end in spans(bio):
        rebuilt[start:end] = [f"B-{entity}"] + [f"I-{entity}"] * (end - start - 1)
    assert tuple(rebuilt) == bio
