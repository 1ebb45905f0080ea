"""Clips whose classes differ in the order of their frames alone, or in what moves."""

import numpy as np

from kerasrnn.data._labelled import Labelled
from kerasrnn.data._offline_video._draw import draw
from kerasrnn.data._offline_video._motions import LABELS, paths
from kerasrnn.data._sentence import Splits

_FEWEST_FRAMES, _SMALLEST_SIZE = 6, 16


def offline_video(seed=0, train=6000, validation=600, test=1200, frames=12, size=32):
    """Makes grey clips of a shape that moves, in twelve classes, without a download.

    A shape goes `right`, `left` or to and fro (`sway`); `down`, `up` or both (`bob`); turns
    `clockwise`, `anticlockwise` or both (`swing`); or `grow`s, `shrink`s or does both (`pulse`).
    What leaves the picture on one side enters on the other, and a size that reaches its end starts
    again at the other. Shape, place, angle, size, speed, brightness, background, grain and what
    lies around are drawn at random.

    The motion alone tells the class:

    - A single frame tells nothing: place, angle and size of the shape have the same distribution
      in each frame of each class, so that no reader of one frame is right more often than chance,
      1/12.
    - The mean frame tells the group of three at best: `left`, `right` and `sway` show a shape in
      the same places in another order, and so do the other groups. No reader of the mean frame is
      right more often than 4/12.

    Each split holds as many clips of each class, or one more of some, in random order.

    Args:
        seed: integer. The same seed gives the same clips, and each split is drawn by itself: it is
            the same whatever the sizes of the others. The numbers come from NumPy's PCG64, whose
            stream is fixed, through its `Generator`, whose methods a later NumPy may change; on
            another processor a sine may differ in its last digit and a pixel by one of 256 greys.
        train: number of training clips.
        validation: number of validation clips.
        test: number of test clips.
        frames: frames of a clip, 6 or more.
        size: pixels of a side, 16 or more.

    Returns:
        `Splits` of three tuples of `Labelled`, whose contents are uint8 arrays `(frames, size,
        size, 1)`.

    Raises:
        ValueError: a number of clips is negative, or `frames` or `size` is too small.

    Example:
        >>> from kerasrnn.data import offline_video
        >>> splits = offline_video(train=24, validation=12, test=12)
        >>> splits.train[0].content.shape, len({clip.label for clip in splits.test})
        ((12, 32, 32, 1), 12)
    """
    counts = {"train": train, "validation": validation, "test": test}
    for name, count in counts.items():
        if count < 0:
            raise ValueError(f"`{name}` must be 0 or more; received {name}={count}.")
    if frames < _FEWEST_FRAMES or size < _SMALLEST_SIZE:
        raise ValueError(
            f"`frames` must be {_FEWEST_FRAMES} or more and `size` {_SMALLEST_SIZE} or more, or "
            f"the motion cannot be seen; received frames={frames}, size={size}."
        )
    return Splits(
        *(
            _split(np.random.Generator(np.random.PCG64([seed, number])), count, frames, size)
            for number, count in enumerate(counts.values())
        )
    )


def _split(rng, count, frames, size):
    labels = rng.permutation(np.resize(rng.permutation(LABELS), count)).tolist()
    clips = draw(paths(labels, frames, rng), size, rng)
    return tuple(Labelled(clip, label) for clip, label in zip(clips, labels, strict=True))
