"""What each layer of a model gives, in the order in which they run."""

import keras
from keras import ops

from kerasrnn._model_inputs import as_arrays


class Trail:
    """The outputs of a model's layers on a dictionary of inputs.

    `passed` is a list of pairs (layer, list of arrays), `failed` the layer that raised an error, or
    `None`.

    Args:
        model: a functional or Sequential model.
        inputs: dictionary from the inputs' names to arrays.
    """

    def __init__(self, model, inputs):
        self.passed, self.failed = [], None
        graph = getattr(model, "_functional", None) or model
        tensors = [ops.convert_to_tensor(inputs[t.name], dtype=t.dtype) for t in model.inputs]
        try:
            # Keras shows a graph's layers at work nowhere else; only messages depend on it.
            graph._run_through_graph(tensors, operation_fn=self._watched)
        except Exception:
            if self.failed is None:
                raise

    def _watched(self, layer):
        def call(*arguments, **keywords):
            self.failed = layer
            outputs = layer(*arguments, **keywords)
            self.failed = None
            self.passed.append((layer, as_arrays(outputs)))
            return outputs

        return call


def described(layer):
    """A layer by its path and class."""
    name = getattr(layer, "path", None) or layer.name
    kind = type(layer).__name__
    return (
        f"'{name}' ({kind})" if isinstance(layer, keras.layers.Layer) else f"the operation {kind}"
    )
