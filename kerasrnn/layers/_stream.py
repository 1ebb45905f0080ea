"""Streams: states that go into a model and come out of it, in place of zeros and of nothing."""

import contextlib
import contextvars
import re
from collections import Counter
from typing import NamedTuple

from keras import ops

from kerasrnn.cells import Cell

_open = contextvars.ContextVar("kerasrnn_stream", default=None)


class Slot(NamedTuple):
    """Where one call of a layer keeps its values between two runs of the model.

    Args:
        keys: the values' names in the stream.
        first: function of a batch size that gives the list of values before the first step.
        output: which of the values stands for the last output, or `None` where none is needed.
    """

    keys: tuple
    first: object
    output: int | None


class Slots:
    """The slots of a model's calls of layers, by layer and by how often it was called before.

    Args:
        taken: names that no value may have.
        skipped: `id`s of layers that run within a step and keep nothing for the next one.
    """

    def __init__(self, taken=(), skipped=()):
        self.taken, self.skipped = set(taken), frozenset(skipped)
        self.by_call = {}

    def values(self, batch_size):
        """Dictionary from names to the values before the first step."""
        return {
            key: value
            for slot in self.by_call.values()
            for key, value in zip(slot.keys, slot.first(batch_size), strict=True)
        }

    def add(self, layer, number, names, first, output):
        base = _legal(layer.path or layer.name) + (f"_{number}" if number > 1 else "")
        slot = Slot(tuple(self._unique(f"{base}_{_legal(name)}") for name in names), first, output)
        self.by_call[id(layer), number] = slot
        return slot

    def _unique(self, name):
        count, unique = 1, name
        while unique in self.taken:
            count += 1
            unique = f"{name}_{count}"
        self.taken.add(unique)
        return unique


class Stream:
    """One run of a model; new slots are made for calls that have none.

    Args:
        slots: the model's `Slots`.
        values: dictionary from names to tensors; `None` takes those before the first step.
    """

    def __init__(self, slots, values=None):
        self.slots, self.values = slots, values
        self.new_values = {}
        self.started = []  # layers that the model itself gives first states
        self._calls = Counter()

    def slot(self, layer, make):
        self._calls[id(layer)] += 1
        number = self._calls[id(layer)]
        known = self.slots.by_call.get((id(layer), number))
        return known or self.slots.add(layer, number, *make())

    def read(self, slot, batch_size):
        """The values of a slot before this run."""
        if self.values is None:
            return slot.first(batch_size)
        return [self.values[key] for key in slot.keys]

    def write(self, slot, values):
        self.new_values.update(zip(slot.keys, values, strict=True))


@contextlib.contextmanager
def streamed(stream):
    """Layers called inside read their first states from a stream and put their last ones back."""
    token = _open.set(stream)
    try:
        yield stream
    finally:
        _open.reset(token)


def open_stream(layer):
    """The stream that a layer is called in, or `None`."""
    stream = _open.get()
    return None if stream is None or id(layer) in stream.slots.skipped else stream


def last_shown(output, last, mask):
    """The last output `(batch, units)` of a chunk, or the one before where no step is real."""
    real = mask[:, 0] if mask.shape[1] == 1 else ops.any(mask, axis=1)
    return ops.where(ops.expand_dims(real, -1), output, last)


def all_shown(outputs, last, mask):
    """The outputs `(batch, time, units)` of a chunk; the one before at masked first steps."""
    real = mask if mask.shape[1] == 1 else ops.cumsum(ops.cast(mask, "int32"), axis=1) > 0
    return ops.where(ops.expand_dims(real, -1), outputs, ops.expand_dims(last, 1))


def state_shown(cell):
    """Which of a cell's states is its output, where that starts at zero as outputs do; or `None`.

    Such a cell needs no output kept beside its states.
    """
    if type(cell).get_initial_state is not Cell.get_initial_state:
        return None
    projected = cell.project(ops.zeros((1, cell.kernel.shape[0]), dtype=cell.compute_dtype))
    output, states = cell.step(projected, cell.get_initial_state(batch_size=1), ops.matmul)
    return next((number for number, state in enumerate(states) if state is output), None)


def _legal(name):
    """A name that signatures of TensorFlow and TFLite take."""
    name = re.sub(r"\W", "_", name, flags=re.ASCII)
    return name if re.match("[A-Za-z0-9]", name) else f"s{name}"
