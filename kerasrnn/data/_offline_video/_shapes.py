"""The shapes that move: none looks the same when it is turned, so that a turn can be seen."""

import numpy as np


def _arrow(u, v):
    return np.maximum(np.abs(v) - 0.42 * (0.9 - u), -0.85 - u)


def _half_disk(u, v):
    return np.maximum(np.hypot(u, v) - 0.95, -0.1 - v)


def _corner(u, v):
    return np.minimum(_box(u, v, -0.85, -0.25, -0.85, 0.85), _box(u, v, -0.85, 0.85, -0.85, -0.25))


def _spoon(u, v):
    return np.minimum(_box(u, v, -0.95, 0.5, -0.2, 0.2), np.hypot(u - 0.4, v) - 0.52)


def _box(u, v, left, right, bottom, top):
    across = np.maximum(left - u, u - right)
    return np.maximum(across, np.maximum(bottom - v, v - top))


# Each gives about how far a point is outside of a shape of radius 1, below zero inside.
SHAPES = (_arrow, _half_disk, _corner, _spoon)
