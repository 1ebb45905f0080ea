import numpy as np
import pytest

from kerasrnn.data import ClipEncoder, DataError, Labelled

RNG = np.random.default_rng(0)


def clip(frames=5, size=4, channels=3):
    return RNG.integers(0, 256, (frames, size, size, channels)).astype("uint8")


EXAMPLES = [Labelled(clip(), label) for label in ("up", "down", "up")]
ENCODER = ClipEncoder.build(EXAMPLES)


def numbered(frames):
    """A clip whose frames have the number of the frame in each pixel."""
    numbers = np.arange(frames, dtype="uint8")[:, None, None, None]
    return np.broadcast_to(numbers, (frames, 4, 4, 3))


def numbers_of(frames):
    return np.round(frames[:, 0, 0, 0] * 255).astype(int).tolist()


def test_sizes_and_labels_are_those_of_the_examples():
    assert ENCODER.labels == ("down", "up")
    assert (ENCODER.frames, ENCODER.size, ENCODER.channels) == (5, 4, 3)
    assert ENCODER.sizes == {"size": 4, "channels": 3, "num_classes": 2}
    np.testing.assert_array_equal(ENCODER.encode_labels(EXAMPLES), [1, 0, 1])


def test_pixels_are_floats_from_0_to_1():
    contents = [example.content for example in EXAMPLES]
    contents[0][0, 0, 0, :2] = 0, 255
    frames = ENCODER.encode(contents)["frames"]
    assert frames.shape == (3, 5, 4, 4, 3)
    assert frames.dtype == np.float32
    assert (frames.min(), frames.max()) == (0, 1)
    np.testing.assert_allclose(frames, np.stack(contents) / 255, atol=1e-7)


@pytest.mark.parametrize(
    ("length", "expected"), [(3, [0, 4, 8]), (4, [0, 3, 5, 8]), (1, [0]), (9, list(range(9)))]
)
def test_a_longer_clip_is_cut_to_even_frames(length, expected):
    assert numbers_of(ENCODER.encode([numbered(9)], length)["frames"][0]) == expected


def test_a_shorter_clip_repeats_frames_in_order():
    assert numbers_of(ENCODER.encode([numbered(3)], 6)["frames"][0]) == [0, 0, 1, 1, 2, 2]


def test_without_a_length_clips_have_the_frames_of_training():
    both = ENCODER.encode([numbered(9), numbered(3)])["frames"]
    assert both.shape[1] == 5
    assert numbers_of(both[0]) == [0, 2, 4, 6, 8]
    np.testing.assert_array_equal(ENCODER.lengths([numbered(9), numbered(3)]), [5, 5])


def test_a_clip_has_the_same_numbers_alone_and_in_a_batch():
    contents = [numbered(9), clip(), numbered(2)]
    together = ENCODER.encode(contents)["frames"]
    for content, frames in zip(contents, together, strict=True):
        np.testing.assert_array_equal(ENCODER.encode([content])["frames"][0], frames)


def test_encoding_leaves_the_clips_as_they_were():
    content = clip()
    copy = content.copy()
    ENCODER.encode([content])
    np.testing.assert_array_equal(content, copy)


def test_no_clips_make_an_empty_batch():
    assert ENCODER.encode([])["frames"].shape == (0, 5, 4, 4, 3)


def test_it_is_kept_as_json(tmp_path):
    ENCODER.save(tmp_path / "vocabulary.json")
    again = ClipEncoder.load(tmp_path)
    assert again.to_json() == ENCODER.to_json()
    assert (again.labels, again.sizes, again.frames) == (ENCODER.labels, ENCODER.sizes, 5)
    assert '"kind":"clip"' in ENCODER.to_json()


@pytest.mark.parametrize(
    "content",
    [
        np.zeros((5, 4, 4), "uint8"),
        np.zeros((5, 4, 6, 3), "uint8"),
        np.zeros((0, 4, 4, 3), "uint8"),
        np.zeros((5, 4, 4, 3), "float32"),
        "a text",
    ],
    ids=["no channels", "not square", "no frame", "floats", "text"],
)
def test_what_is_no_clip_is_refused(content):
    with pytest.raises(DataError, match=r"Clip 2 must be a uint8 array \(frames, size, size, ch"):
        ClipEncoder.build([EXAMPLES[0], Labelled(content, "down")])
    with pytest.raises(DataError, match="Clip 1 must be a uint8 array"):
        ENCODER.encode([content])


@pytest.mark.parametrize("other", [clip(size=6), clip(channels=1)])
def test_clips_of_another_size_are_refused(other):
    with pytest.raises(DataError, match=r"Clip 2 has frames of .* are of 4x4 pixels and 3 chan"):
        ClipEncoder.build([EXAMPLES[0], Labelled(other, "down")])
    with pytest.raises(DataError, match="Clip 2 has frames of"):
        ENCODER.encode([clip(), other])


def test_training_clips_of_another_number_of_frames_are_refused():
    with pytest.raises(DataError, match="Clip 2 has 7 frames, the first one 5"):
        ClipEncoder.build([EXAMPLES[0], Labelled(clip(frames=7), "down")])


def test_nothing_to_learn_from_is_refused():
    with pytest.raises(DataError, match="There is no clip to learn from"):
        ClipEncoder.build([])
    with pytest.raises(DataError, match="one label alone, 'up'"):
        ClipEncoder.build([EXAMPLES[0], EXAMPLES[2]])


@pytest.mark.parametrize("length", [0, -1])
def test_a_length_below_one_is_refused(length):
    with pytest.raises(ValueError, match=f"`length` must be 1 or more; received {length}"):
        ENCODER.encode([clip()], length)
