"""Truncated back-propagation: a stateful twin of a model, and its windows of joined sequences."""

import keras
import numpy as np

from kerasrnn.data import token_windows
from kerasrnn.training._states import kept_states


class Windows(keras.utils.PyDataset):
    """Windows of sequences that are laid out in rows, where each goes on where the last one ended.

    In each epoch the sequences come in another order, windows are cut elsewhere, and what changes
    sequences at random changes them anew, each as long as it was.

    Args:
        streams: function of a random generator that gives the sequences of an epoch, int32 arrays.
        batch_size: rows.
        window: steps after which back-propagation ends.
        seed: seed of the order.
    """

    def __init__(self, streams, batch_size, window, seed):
        super().__init__()
        self._streams, self._batch_size, self._window = streams, batch_size, window
        self._seed, self._epoch = seed, 0
        self._begin()

    def _begin(self):
        epoch = [self._seed, self._epoch]
        streams = self._streams(np.random.default_rng(epoch))
        windows = token_windows(streams, self._batch_size, self._window)
        if self._epoch and len(windows) != len(self._windows):
            raise ValueError(
                f"Each epoch must have as many windows, {len(self._windows)}; that of number "
                f"{self._epoch + 1} has {len(windows)}. Change sequences without changing lengths."
            )
        self._windows = windows.shifted(epoch)

    def __len__(self):
        return len(self._windows)

    def __getitem__(self, number):
        inputs, targets, weights = self._windows[number]
        return {"tokens": inputs}, targets, weights

    def on_epoch_end(self):
        self._epoch += 1
        self._begin()


class Carry(keras.callbacks.Callback):
    """Forgets a stateful twin's states before each epoch, and gives its weights to the model after.

    Args:
        model: the model that the twin in training has the weights of.
    """

    def __init__(self, model):
        super().__init__()
        self._target = model  # `_model` is Keras's

    def on_epoch_begin(self, epoch, logs=None):
        for state in kept_states(self.model):
            state.assign(keras.ops.zeros_like(state))

    def on_epoch_end(self, epoch, logs=None):
        copy_weights(self.model, self._target)


def copy_weights(source, target):
    """Gives a model the trained weights of another one of the same layers."""
    pairs = zip(source.trainable_variables, target.trainable_variables, strict=True)
    for value, variable in pairs:
        variable.assign(value)
