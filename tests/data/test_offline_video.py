"""The moving shapes: the motion tells the class, and nothing else does."""

from collections import Counter

import numpy as np
import pytest

from kerasrnn.data import Labelled, offline_video
from kerasrnn.data._offline_video._draw import draw
from kerasrnn.data._offline_video._motions import GROUPS, LABELS, QUANTITIES, paths
from kerasrnn.data._offline_video._shapes import SHAPES

CLIPS = offline_video(train=480, validation=36, test=36)


def stacked(clips):
    return np.stack([clip.content for clip in clips])


def paths_of(label, count=400, frames=12, seed=0):
    return paths([label] * count, frames, np.random.default_rng(seed))


def moves(label, **arguments):
    """By how much the quantity of the label's group moves from frame to frame, on the circle."""
    (quantity,) = (n for n, labels in enumerate(GROUPS.values()) if label in labels)
    values = paths_of(label, **arguments)
    return (np.diff(values, axis=1) + 0.5) % 1 - 0.5, quantity


def test_there_are_twelve_classes_as_the_documentation_names_them():
    assert len(LABELS) == 12
    for label in LABELS:
        assert f"`{label}`" in offline_video.__doc__
    assert {clip.label for clip in CLIPS.train} == set(LABELS)


def test_a_clip_is_a_grey_uint8_array_of_the_sizes_asked_for():
    splits = offline_video(train=5, validation=0, test=2, frames=7, size=20)
    assert [len(split) for split in splits] == [5, 0, 2]
    for clip in (*splits.train, *splits.test):
        assert isinstance(clip, Labelled)
        assert clip.content.shape == (7, 20, 20, 1)
        assert clip.content.dtype == np.uint8


@pytest.mark.parametrize("count", [12, 25, 480])
def test_classes_are_balanced_and_in_random_order(count):
    labels = [clip.label for clip in offline_video(train=count, validation=0, test=0).train]
    counts = Counter(labels)
    assert max(counts.values()) - min(counts.values()) <= (count % 12 > 0)
    assert labels != sorted(labels)


def test_the_same_seed_gives_the_same_clips():
    assert offline_video(train=480, validation=36, test=36) == CLIPS


def test_another_seed_gives_other_clips():
    other = offline_video(seed=1, train=36, validation=0, test=0).train
    first = offline_video(seed=0, train=36, validation=0, test=0).train
    assert not any(np.array_equal(a.content, b.content) for a in first for b in other)


def test_a_split_is_the_same_whatever_the_sizes_of_the_others():
    assert offline_video(train=0, validation=2, test=36).test == CLIPS.test


def test_drawing_leaves_the_global_random_state_alone():
    np.random.seed(7)
    expected = np.random.random()
    np.random.seed(7)
    offline_video(train=2, validation=0, test=0)
    assert np.random.random() == expected


def test_no_clip_and_no_frame_occurs_twice():
    clips = stacked([clip for split in CLIPS for clip in split])
    frames = {frame.tobytes() for clip in clips for frame in clip}
    assert len(frames) == clips.shape[0] * clips.shape[1]


@pytest.mark.parametrize("count", ["train", "validation", "test"])
def test_a_negative_number_is_refused_by_name(count):
    with pytest.raises(ValueError, match=f"`{count}` must be 0 or more; received {count}=-1"):
        offline_video(**{count: -1})


@pytest.mark.parametrize("sizes", [{"frames": 5}, {"size": 15}])
def test_what_is_too_small_to_see_is_refused(sizes):
    with pytest.raises(ValueError, match="the motion cannot be seen"):
        offline_video(train=1, validation=0, test=0, **sizes)


@pytest.mark.parametrize("label", LABELS)
def test_one_quantity_moves_and_the_others_stay(label):
    steps, quantity = moves(label)
    others = [n for n in range(len(QUANTITIES)) if n != quantity]
    assert np.all(steps[..., others] == 0)
    assert np.abs(steps[..., quantity]).min() > 0.04


@pytest.mark.parametrize("labels", GROUPS.values(), ids=GROUPS)
def test_the_classes_of_a_group_go_forwards_backwards_and_to_and_fro(labels):
    forwards, backwards, both = (moves(label)[0][..., moves(label)[1]] for label in labels)
    assert np.all(forwards > 0)
    assert np.all(backwards < 0)
    assert np.all(both[:, :5] > 0)
    assert np.all(both[:, 6:] < 0)
    assert np.abs(both).max() < 0.25  # one way round is clearly the shorter


@pytest.mark.parametrize("frames", [6, 7, 12, 13])
@pytest.mark.parametrize("labels", GROUPS.values(), ids=GROUPS)
def test_classes_of_a_group_show_the_same_frames_in_another_order(labels, frames):
    """So their mean frames are the same, and a reader of the mean frame can but guess."""
    first, *others = (paths_of(label, frames=frames) for label in labels)
    for other in others:
        assert not np.array_equal(first, other)
        np.testing.assert_allclose(np.sort(first, 1), np.sort(other, 1), atol=1e-6)


@pytest.mark.parametrize("label", LABELS)
def test_each_frame_by_itself_is_distributed_alike_in_all_classes(label):
    """Uniform on the circle, one quantity whatever the others: a single frame tells nothing."""
    values = paths_of(label, count=4000)
    for frame in (0, 5, 11):
        for quantity in range(len(QUANTITIES)):
            counts, _ = np.histogram(values[:, frame, quantity], 8, (0, 1))
            # chi squared with 7 degrees of freedom is above 24.3 once in a thousand
            assert np.sum((counts - 500) ** 2) / 500 < 28
        together = np.corrcoef(values[:, frame].T) - np.eye(4)
        assert np.abs(together).max() < 0.07


def grey_alike(values, size=32):
    """Clips that differ in their quantities alone: the same shapes, background and grain."""
    return draw(np.asarray(values, "float32"), size, np.random.default_rng(3))[..., 0] / 255


def test_pixels_follow_the_quantities():
    still = np.full((1, 6, 4), 0.5)
    base = grey_alike(still)

    def bright(clip):  # the shape is the brightest there is
        return np.where(clip > 0.6, 1.0, 0.0)

    right = still + np.array([1, 0, 0, 0]) / 8
    down = still + np.array([0, 1, 0, 0]) / 8
    np.testing.assert_allclose(np.roll(bright(base), 4, 3), bright(grey_alike(right)), atol=0)
    np.testing.assert_allclose(np.roll(bright(base), 4, 2), bright(grey_alike(down)), atol=0)
    larger = grey_alike(still + np.array([0, 0, 0, 0.4]))
    assert bright(larger).sum() > 1.5 * bright(base).sum()


def test_a_quarter_turn_is_clockwise():
    still = np.full((1, 6, 4), 0.5)
    one, other = (
        np.where(grey_alike(still + np.array([0, 0, turn, 0])) > 0.6, 1.0, 0.0)[0, 0]
        for turn in (0, 0.25)
    )
    # np.rot90 turns anticlockwise; three of its quarters are one clockwise.
    np.testing.assert_allclose(np.rot90(one, 3), other, atol=0)


def test_what_leaves_on_one_side_enters_on_the_other():
    at_the_edge = np.zeros((1, 6, 4)) + np.array([0, 0.5, 0, 0.5])
    clip = grey_alike(at_the_edge)[0, 0]
    assert (clip[:, :4] > 0.6).any()
    assert (clip[:, -4:] > 0.6).any()


def test_no_shape_looks_the_same_when_it_is_turned():
    y, x = np.mgrid[-1:1:64j, -1:1:64j]
    for shape in SHAPES:
        covered = shape(x, y) < 0
        for eighth in range(1, 8):
            cos, sin = np.cos(eighth * np.pi / 4), np.sin(eighth * np.pi / 4)
            turned = shape(cos * x - sin * y, sin * x + cos * y) < 0
            assert (covered != turned).sum() > 0.25 * covered.sum()


def test_mean_frames_are_of_no_use_to_tell_the_classes_of_a_group():
    """The nearest of the classes' average mean frames is right about one time in twelve."""
    train, test = CLIPS.train[:360], CLIPS.train[360:]
    means = {
        label: stacked([c for c in train if c.label == label]).mean((0, 1)) for label in LABELS
    }
    right = 0
    for clip in test:
        mean = clip.content.mean(0)
        right += min(means, key=lambda k: np.sum((means[k] - mean) ** 2)) == clip.label
    assert right / len(test) < 0.3
