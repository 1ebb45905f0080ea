"""What moves in each class, and in which order."""

import numpy as np

# Which of the four cyclic quantities moves, and its classes: forwards, backwards, to and fro.
GROUPS = {
    "x": ("right", "left", "sway"),
    "y": ("down", "up", "bob"),
    "angle": ("clockwise", "anticlockwise", "swing"),
    "size": ("grow", "shrink", "pulse"),
}
QUANTITIES = tuple(GROUPS)
LABELS = tuple(sorted(label for labels in GROUPS.values() for label in labels))


def paths(labels, frames, rng):
    """The four quantities of each clip in each frame, in turns: float32 `(clips, frames, 4)`.

    In all of a clip's frames three of them stay as they are, and the fourth takes the same places,
    `start + k·step` for k = 0, …, frames - 1, whichever class of its group the clip has: the order
    alone tells the classes of a group apart. `start` is uniform on the circle, so that each frame
    by itself has the same distribution in all classes.
    """
    start = rng.random((len(labels), 1, len(QUANTITIES)), "float32")
    step = (0.55 + 0.35 * rng.random((len(labels), 1), "float32")) / np.float32(frames)
    values = np.repeat(start, frames, axis=1)
    order_of = _orders(frames)
    for number, label in enumerate(labels):
        quantity, order = order_of[label]
        values[number, :, quantity] += step[number] * order
    return values % 1


def _orders(frames):
    """Dictionary from a label to the number of its quantity and the k of its frames."""
    forwards = np.arange(frames, dtype="float32")
    # Out on the even places, home on the odd ones: all of them once, as in the other two.
    to_and_fro = np.concatenate([forwards[::2], forwards[1::2][::-1]])
    orders = (forwards, forwards[::-1], to_and_fro)
    return {
        label: (number, order)
        for number, labels in enumerate(GROUPS.values())
        for label, order in zip(labels, orders, strict=True)
    }
