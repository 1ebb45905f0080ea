"""Callbacks of training."""

import keras

from kerasrnn.training._scores import entity_scores


class EntityF1(keras.callbacks.Callback):
    """Puts the F1 of entities on sentences into the logs of each epoch, as `val_f1`.

    It comes before callbacks that watch `val_f1`.

    Args:
        sentences: tagged sentences.
        predict: function from sentences to tagged sentences by the model in training.
    """

    def __init__(self, sentences, predict):
        super().__init__()
        self.sentences = sentences
        self.predict = predict

    def on_epoch_end(self, epoch, logs=None):
        logs["val_f1"] = entity_scores(self.sentences, self.predict(self.sentences))["f1"]


class StopAtBestF1(keras.callbacks.EarlyStopping):
    """Ends training when `val_f1` has stopped rising, and brings back the best epoch's weights.

    Epochs before the first entity is found do not count: small data may take many to find one.

    Args:
        patience: epochs without a better `val_f1` before training ends.
    """

    def __init__(self, patience):
        super().__init__("val_f1", mode="max", patience=patience, restore_best_weights=True)

    def on_epoch_end(self, epoch, logs=None):
        if self.best_weights is not None or logs["val_f1"] > 0:
            super().on_epoch_end(epoch, logs)
