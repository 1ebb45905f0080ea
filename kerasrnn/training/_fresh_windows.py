"""Truncated back-propagation over sequences that have nothing to do with each other."""

import keras
import numpy as np

from kerasrnn.data._token_encoder import END, PADDING
from kerasrnn.training._states import kept_states


class FreshWindows(keras.utils.PyDataset):
    """Windows of sequences each of which begins with a window, without a memory of the last one.

    In each epoch the sequences stand in other rows, in another order, and changed anew where
    something changes them at random. Rows end in padding, which weighs nothing.

    Args:
        streams, batch_size, window, seed: as those of `Windows`.
    """

    def __init__(self, streams, batch_size, window, seed):
        super().__init__()
        self._streams, self._rows, self._window = streams, batch_size, window
        self._seed, self._epoch = seed, 0
        self._begin()

    def _begin(self):
        rng = np.random.default_rng([self._seed, self._epoch])
        streams = list(self._streams(rng))
        rng.shuffle(streams)
        rows = [[] for _ in range(self._rows)]
        # The longest first, each into the row that ends first, so that rows end together.
        for stream in sorted(streams, key=len, reverse=True):
            min(rows, key=lambda row: sum(-(-len(each) // self._window) for each in row)).append(
                stream
            )
        for row in rows:
            rng.shuffle(row)
        laid = [self._laid_out(row) for row in rows]
        count = max(len(targets) for _, targets, _ in laid)
        self._inputs, self._targets, self._starts = (
            np.stack([_filled(parts[k], count) for parts in laid], axis=1) for k in range(3)
        )

    def _laid_out(self, row):
        """Inputs and targets `(windows, window)` of a row, and which windows begin a sequence."""
        inputs, targets, starts = [], [], []
        for stream in row:
            size = -(-len(stream) // self._window) * self._window
            padded = np.full(size, PADDING, "int32")
            padded[: len(stream)] = stream
            before = np.concatenate([[END], padded[:-1]]).astype("int32")
            targets.append(padded.reshape(-1, self._window))
            inputs.append(before.reshape(-1, self._window))
            starts += [True] + [False] * (len(targets[-1]) - 1)
        if not row:
            empty = np.zeros((0, self._window), "int32")
            return empty, empty, np.zeros(0, bool)
        return np.concatenate(inputs), np.concatenate(targets), np.array(starts)

    def __len__(self):
        return len(self._inputs)

    def __getitem__(self, number):
        targets = self._targets[number]
        weights = (targets != PADDING).astype("float32")
        return {"tokens": self._inputs[number]}, targets, weights

    def starts(self, number):
        """Which rows of a window begin a sequence, bool `(batch_size,)`."""
        return self._starts[number]

    def on_epoch_end(self):
        self._epoch += 1
        self._begin()


def _filled(array, count):
    """An array whose first axis is filled up with zeros."""
    return np.concatenate([array, np.zeros((count - len(array), *array.shape[1:]), array.dtype)])


class Forget(keras.callbacks.Callback):
    """Sets the states of those rows to zero in which a sequence begins.

    Args:
        windows: the `FreshWindows` that are trained on.
    """

    def __init__(self, windows):
        super().__init__()
        self._windows = windows

    def on_train_batch_begin(self, batch, logs=None):
        kept = 1 - self._windows.starts(batch).astype("float32")[:, None]
        for state in kept_states(self.model):
            state.assign(state * kept)
