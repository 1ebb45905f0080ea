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
