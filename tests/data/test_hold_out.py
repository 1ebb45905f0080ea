from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.data import DataError, Labelled
from kerasrnn.data._hold_out import hold_out

# Few letters, so that contents are equal now and then, also under different labels.
FEW_LETTERS = st.lists(
    st.builds(Labelled, st.text("abcd", min_size=1, max_size=3), st.sampled_from("xyz")),
    max_size=60,
)


def texts(**counts):
    """As many different texts of each label as it says."""
    return [Labelled(f"{label} {n}", label) for label, m in counts.items() for n in range(m)]


def labels_of(examples):
    return Counter(example.label for example in examples)


@given(FEW_LETTERS, st.integers(1, 3), st.sampled_from([0.05, 0.1, 0.3]), st.integers(0, 99))
def test_parts_share_no_content_and_every_label_stays(examples, parts, share, seed):
    try:
        sides = hold_out(examples, parts, share, seed)
    except DataError:
        return
    assert len(sides) == parts + 1
    assert all(sides)
    contents = [{example.content for example in side} for side in sides]
    assert sum(map(len, contents)) == len(set().union(*contents))
    assert set(labels_of(sides[0])) == set(labels_of(examples))
    whole = labels_of(examples)
    for part in sides[1:]:
        # never more of a label than its share and what rounding adds
        assert all(n < share * whole[label] + 1 for label, n in labels_of(part).items())


@given(FEW_LETTERS, st.integers(1, 3), st.integers(0, 99))
def test_every_example_is_on_one_side_in_its_order(examples, parts, seed):
    try:
        sides = hold_out(examples, parts, 0.2, seed)
    except DataError:
        return
    places = {id(example): place for place, example in enumerate(examples)}
    found = [[places[id(example)] for example in side] for side in sides]
    assert sorted(sum(found, [])) == list(range(len(examples)))
    assert all(side == sorted(side) for side in found)


@given(
    st.dictionaries(st.sampled_from("uvwxyz"), st.integers(2, 40), min_size=1),
    st.integers(1, 3),
    st.sampled_from([0.1, 0.2, 0.25]),
    st.integers(0, 99),
)
def test_different_contents_are_divided_to_the_example(counts, parts, share, seed):
    examples = texts(**counts)
    try:
        _, *held = hold_out(examples, parts, share, seed)
    except DataError:
        # so few that no label can give one to each part and keep one
        assert sum(count - 1 for count in counts.values()) < parts + len(counts)
        return
    for part in held:
        assert len(part) <= max(1, round(share * len(examples)))
        found = labels_of(part)
        assert all(found[label] < share * count + 1 for label, count in counts.items())
        for label, count in counts.items():
            if count > parts * (share * count + 1):  # enough of it stay in any case
                assert abs(found[label] - share * count) < 1


def test_a_tenth_of_many_is_a_tenth_of_each_label():
    stay, validation, test = hold_out(texts(a=1000, b=100, c=10, d=1), parts=2, share=0.1)
    assert labels_of(validation) == labels_of(test) == {"a": 100, "b": 10, "c": 1}
    assert labels_of(stay) == {"a": 800, "b": 80, "c": 8, "d": 1}


def test_many_small_labels_give_their_share_together():
    stay, held = hold_out(texts(**{f"label{n}": 4 for n in range(50)}), share=0.1)
    assert len(held) == 20
    assert max(labels_of(held).values()) == 1


def test_the_choice_depends_on_the_seed_alone():
    examples = texts(a=50, b=50)
    assert hold_out(examples, seed=3) == hold_out(examples, seed=3)
    assert hold_out(examples, seed=3) != hold_out(examples, seed=4)


def test_equal_arrays_stay_together_whatever_their_type():
    rng = np.random.default_rng(0)
    vectors = rng.integers(0, 100, (40, 3))
    kinds = [lambda x: x.astype("int32"), lambda x: x.astype("float64"), lambda x: x.tolist()]
    examples = [Labelled(kinds[n % 3](v), "ab"[n % 2]) for v in vectors for n in range(6)]
    stay, held = hold_out(examples, share=0.25)
    kept, gone = ({tuple(np.asarray(e.content)) for e in side} for side in (stay, held))
    assert len(held) == 60
    assert not kept & gone


def test_equal_clips_stay_together_and_those_of_another_shape_are_others():
    clips = np.random.default_rng(0).integers(0, 9, (20, 4, 2, 2, 3)).astype("uint8")
    examples = [Labelled(clip.copy(), "ab"[n % 2]) for clip in clips for n in range(2)]
    stay, held = hold_out(examples, share=0.5)
    assert len(held) == 20
    assert not {e.content.tobytes() for e in stay} & {e.content.tobytes() for e in held}
    zeros = [Labelled(np.zeros((n, 10 - n)), "a") for n in range(1, 6)]
    assert len(hold_out(zeros, share=0.4)[1]) == 2


@pytest.mark.parametrize(
    "examples",
    [
        [],
        texts(a=1),
        texts(a=1, b=1, c=1, d=1),
        [Labelled("same", "a")] * 30,
        [*[Labelled("same", "a")] * 15, *[Labelled("other", "b")] * 15],
    ],
)
def test_what_cannot_be_divided_is_refused(examples):
    with pytest.raises(DataError, match="cannot be held out such that each label stays"):
        hold_out(examples, share=0.2)


@pytest.mark.parametrize(("parts", "share"), [(0, 0.1), (1, 0), (1, 1), (2, 0.5), (1, -0.1)])
def test_shares_that_are_not_possible_are_refused(parts, share):
    with pytest.raises(ValueError, match="`parts` must be positive, and the parts' shares"):
        hold_out(texts(a=9, b=9), parts, share)
