"""Lines and paragraphs of a text."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data._segments import to_segments

PROSE = (
    "The harbour lay still in the morning, and nobody on the quay spoke of the storm that had "
    "taken two of the boats and a part of the wall. A gull walked to and fro.",
    "By noon the well-known sound of hammers was heard again, for there was much to be mended, "
    "and there were few who could do it before the next tide.",
)
VERSE = """\
The tide came in, the tide went out,
  And nobody knew why;
The keeper walked his lamp about
  And hung it up to dry.

The moon came up, the moon went down,
  And little did we care;
There was a light above the town,
  There was no keeper there.
"""


@pytest.mark.parametrize("width", [50, 60, 72, 80])
def test_wrapped_paragraphs_become_a_segment_each(width):
    text = "\n\n".join(textwrap.fill(paragraph, width) for paragraph in PROSE)
    assert to_segments(text) == to_segments(text, "paragraph") == PROSE
    assert " ".join(to_segments(text, "line")).replace("- ", "-") == " ".join(PROSE)


def test_lines_that_are_not_full_stay_lines():
    assert to_segments(VERSE) == tuple(line for line in VERSE.split("\n") if line)
    assert to_segments(VERSE, "paragraph")[0].endswith(
        "knew why; The keeper walked his lamp about And hung it up to dry."
    )


def test_without_blank_lines_there_are_no_paragraphs():
    text = textwrap.fill(PROSE[0], 60)
    assert to_segments(text) == tuple(text.split("\n"))
    assert to_segments(text, "paragraph") == PROSE[:1]


def test_paragraphs_of_a_line_each_stay_what_they_are():
    assert to_segments("\n\n".join(PROSE)) == PROSE


def test_lines_keep_what_is_before_them_and_not_what_is_after():
    assert to_segments("  if so: \n\n \t\n\tgo on\t\r\nend\r", "line") == (
        "  if so:",
        "\tgo on",
        "end",
    )


def test_a_word_that_is_parted_at_its_hyphen_has_no_space_there():
    assert to_segments("a comma-\nseparated  list -\nof some", "paragraph") == (
        "a comma-separated list - of some",
    )


@given(st.text(), st.sampled_from(["auto", "line", "paragraph"]))
def test_segments_are_neither_empty_nor_of_several_lines_and_lose_white_space_alone(text, how):
    segments = to_segments(text, how)
    assert all(segment.strip() for segment in segments)
    assert not any("\n" in segment or "\r" in segment for segment in segments)
    assert "".join("".join(segments).split()) == "".join(text.split())


def test_another_way_is_refused():
    with pytest.raises(ValueError, match="one of auto, line, paragraph; received 'page'"):
        to_segments("", "page")
