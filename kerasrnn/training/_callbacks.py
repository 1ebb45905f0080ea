"""Callbacks of training."""

import keras


class Score(keras.callbacks.Callback):
    """Puts a score on validation examples into the logs of each epoch, as `val_NAME`.

    It comes before callbacks that watch it.

    Args:
        name: the score's name.
        measure: function without arguments that gives the score of the model in training.
    """

    def __init__(self, name, measure):
        super().__init__()
        self.name = name
        self.measure = measure

    def on_epoch_end(self, epoch, logs=None):
        logs[f"val_{self.name}"] = self.measure()


class AveragedWeights(keras.callbacks.Callback):
    """Between epochs gives the model the moving average of its weights, which the optimizer keeps.

    It comes before callbacks that measure or keep weights. After training the model has the
    average: that is what Keras's `fit` leaves.
    """

    def __init__(self):
        super().__init__()
        self._last = None

    def on_epoch_begin(self, epoch, logs=None):
        if self._last is not None:
            for variable, value in zip(self.model.trainable_variables, self._last, strict=True):
                variable.assign(value)

    def on_epoch_end(self, epoch, logs=None):
        variables = self.model.trainable_variables
        self._last = [variable.numpy() for variable in variables]
        self.model.optimizer.finalize_variable_values(variables)


class StopAtBest(keras.callbacks.EarlyStopping):
    """Ends training when a score gets no better, and brings back the best epoch's weights.

    Epochs before a score that is to rise is above zero do not count: a tagger of small data may
    take many to find its first entity.

    Args:
        name: the score's name.
        patience: epochs without a better score before training ends.
        lower: whether a lower score is better.
    """

    def __init__(self, name, patience, lower=False):
        mode = "min" if lower else "max"
        super().__init__(f"val_{name}", mode=mode, patience=patience, restore_best_weights=True)

    def on_epoch_end(self, epoch, logs=None):
        if self.best_weights is not None or logs[self.monitor] > 0:
            super().on_epoch_end(epoch, logs)
