"""The flow of gradients while a model is trained."""

import keras

from kerasrnn.inspection._gradient_flow import gradient_flow


class GradientFlow(keras.callbacks.Callback):
    """Keeps what `gradient_flow` says of the model in training, at the end of its epochs.

    `epochs` is the list of the epochs that were looked at, 0 being the first, and `flows` the list
    of what `gradient_flow` gave then.

    Args:
        inputs, targets: some examples, the same in each epoch.
        layer, loss, at: as `gradient_flow` takes them.
        every: look at the first epoch and then at each so many.

    Raises:
        ValueError: `every` is not a whole number above 0. Where training begins: the layer cannot
            be watched.

    Example:
        >>> import keras, numpy as np
        >>> from kerasrnn.inspection import GradientFlow
        >>> from kerasrnn.layers import BasicRNN
        >>> x, y = np.random.normal(size=(8, 5, 3)).astype("float32"), np.arange(8) % 2
        >>> inputs = keras.Input((None, 3))
        >>> outputs = keras.layers.Dense(2, activation="softmax")(BasicRNN(4)(inputs))
        >>> model = keras.Model(inputs, outputs)
        >>> model.compile("adam", "sparse_categorical_crossentropy")
        >>> watch = GradientFlow(x, y, every=2)
        >>> _ = model.fit(x, y, epochs=3, verbose=0, callbacks=[watch])
        >>> watch.epochs, watch.flows[-1]["a"].shape
        ([0, 2], (5,))
    """

    def __init__(
        self,
        inputs,
        targets,
        layer=None,
        every=1,
        loss="sparse_categorical_crossentropy",
        at=None,
    ):
        super().__init__()
        if type(every) is not int or every < 1:
            raise ValueError(f"`every` must be a whole number above 0; received {every!r}.")
        self.inputs, self.targets, self.layer = inputs, targets, layer
        self.every, self.loss, self.at = every, loss, at
        self.epochs, self.flows = [], []
        self._watched = None

    def watch(self, model):
        """Looks at another model than the one that is fitted, such as one that shares its weights.

        Args:
            model: the model, which has the weights of the fitted one at the end of each epoch;
                `None` is the fitted one again.
        """
        self._watched = model

    def on_train_begin(self, logs=None):
        self._look()  # what cannot be watched is an error before training, not after an epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch % self.every == 0:
            self.epochs.append(epoch)
            self.flows.append(self._look())

    def _look(self):
        model = self.model if self._watched is None else self._watched
        return gradient_flow(model, self.inputs, self.targets, self.layer, self.loss, self.at)
