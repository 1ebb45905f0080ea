"""From the quantities of clips to their pixels."""

import numpy as np

from kerasrnn.data._offline_video._shapes import SHAPES

_SMALLEST, _LARGEST = 0.15, 0.45  # radius of a shape, as a share of the picture
_CLUTTER = 3  # dim shapes that stay where they are
_AT_ONCE = 64  # clips: more would not fit the processor's cache


def draw(values, size, rng):
    """Clips, uint8 `(clips, frames, size, size, 1)`.

    The picture is a torus: what leaves it on one side enters on the other.

    Args:
        values: `(clips, frames, 4)`: x, y, angle and size, in turns.
        size: pixels of a side.
        rng: a `numpy.random.Generator`.
    """
    pieces = [
        _draw_some(values[start : start + _AT_ONCE], size, rng)
        for start in range(0, len(values), _AT_ONCE)
    ]
    return np.concatenate(pieces) if pieces else np.zeros((0, values.shape[1], size, size, 1), "u1")


def _draw_some(values, size, rng):
    clips = len(values)
    shapes = rng.integers(len(SHAPES), size=clips)
    picture = _background(clips, size, rng)
    for _ in range(_CLUTTER):
        covered = _cover(rng.integers(len(SHAPES), size=clips), _still(clips, rng), size)
        picture += covered * _between(rng, -0.1, 0.15, clips)
    covered = _cover(shapes, values, size)
    picture = picture * (1 - covered) + _between(rng, 0.65, 1, clips) * covered
    grain = rng.standard_normal(picture.shape, "float32") * _between(rng, 0.01, 0.05, clips)
    return (np.clip(picture + grain, 0, 1) * 255 + 0.5).astype("uint8")[..., None]


def _still(clips, rng):
    return rng.random((clips, 1, 4), "float32")


def _between(rng, low, high, clips):
    return low + (high - low) * rng.random((clips, 1, 1, 1), "float32")


def _background(clips, size, rng):
    """Soft waves of dark grey, which fit the torus, for every frame of a clip."""
    turns = np.arange(size, dtype="float32") * np.float32(2 * np.pi / size)
    shift = np.float32(2 * np.pi) * rng.random((clips, 2, 1), "float32")
    waves = np.sin(turns + shift)
    soft = waves[:, 0, :, None] + waves[:, 1, None, :]
    return 0.3 + _between(rng, 0, 0.05, clips) * soft[:, None]


def _cover(shapes, values, size):
    """How much of each pixel the shapes cover, 0 to 1: `(clips, frames, size, size)`."""
    x, y, angle, radius = np.moveaxis(values, -1, 0)[..., None, None]
    pixels = (np.arange(size, dtype="float32") + 0.5) / size
    dx, dy = _around(pixels[None, :] - x), _around(pixels[:, None] - y)
    radius = _SMALLEST * (_LARGEST / _SMALLEST) ** radius
    # The y axis points down the picture: the angle grows clockwise.
    cos, sin = (f(np.float32(2 * np.pi) * angle) / radius for f in (np.cos, np.sin))
    u, v = cos * dx + sin * dy, cos * dy - sin * dx
    outside = np.empty(u.shape, "float32")
    for number, shape in enumerate(SHAPES):
        chosen = shapes == number
        outside[chosen] = shape(u[chosen], v[chosen])
    return np.clip(0.5 - outside * (radius * size), 0, 1)


def _around(difference):
    """The shortest way on the circle, -0.5 to 0.5."""
    return (difference + 0.5) % 1 - 0.5
