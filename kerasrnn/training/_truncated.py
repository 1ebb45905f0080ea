"""Truncated back-propagation: a stateful twin of a model, and its windows of joined sequences."""

import keras
import numpy as np

from kerasrnn.data import token_windows


class Windows(keras.utils.PyDataset):
    """Windows of sequences that are laid out in rows, where each goes on where the last one ended.

    In each epoch the sequences come in another order and, where there is something to change at
    random, changed anew.

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
        self._length = len(self._windows)

    def _begin(self):
        rng = np.random.default_rng([self._seed, self._epoch])
        streams = list(self._streams(rng))
        rng.shuffle(streams)
        self._windows = token_windows(streams, self._batch_size, self._window)

    def __len__(self):
        return self._length

    def __getitem__(self, number):
        # A change may have made an epoch shorter than the first was.
        inputs, targets, weights = self._windows[min(number, len(self._windows) - 1)]
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
        for layer in self.model._flatten_layers():
            if getattr(layer, "stateful", False):
                layer.reset_states()

    def on_epoch_end(self, epoch, logs=None):
        copy_weights(self.model, self._target)


def copy_weights(source, target):
    """Gives a model the trained weights of another one of the same layers."""
    pairs = zip(source.trainable_variables, target.trainable_variables, strict=True)
    for value, variable in pairs:
        variable.assign(value)
