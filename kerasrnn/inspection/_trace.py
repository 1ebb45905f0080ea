"""Gates and states of all recurrent layers of a model."""

import keras

from kerasrnn.sequence._trace import traced


def trace(model, inputs):
    """The gates and states, at each step, of every recurrent layer of this library in a model.

    The model is called once, as it is, without dropout: masks and initial states are those that
    it makes itself. Nothing is trained, and a stateful layer keeps its states.

    Args:
        model: a `keras.Model`, or a layer that has recurrent layers of this library inside.
        inputs: what the model takes.

    Returns:
        Dictionary from a layer's path in the model, such as `"brnn_1/forward_lstm"`, to a
        `kerasrnn.sequence.Trace`, in the order in which they run. A layer that is called more
        than once has `"path:2"` and so on for the later calls.

    Raises:
        TypeError: `model` is no model or layer.
        ValueError: the model has no recurrent layer of this library.

    Example:
        >>> import keras, numpy as np
        >>> from kerasrnn.inspection import trace
        >>> from kerasrnn.layers import LSTM
        >>> x = keras.Input((None, 3))
        >>> model = keras.Model(x, LSTM(4, name="reader")(x))
        >>> traces = trace(model, np.ones((2, 5, 3), "float32"))
        >>> tuple(traces["reader"].gates["f"].shape)
        (2, 5, 4)
    """
    if not isinstance(model, keras.layers.Layer):
        raise TypeError(
            f"`model` must be a keras.Model or layer, and comes first; received {type(model)}."
        )
    with traced() as calls:
        model(inputs, training=False)
    if not calls:
        raise ValueError(
            f"'{model.name}' has no recurrent layer of kerasrnn to trace. "
            "kerasrnn.layers.RNN(cell) shows a cell's gates, where keras.layers.RNN does not; "
            "kerasrnn.layers.from_keras(layer) makes a layer of Keras's one that can be traced."
        )
    traces, counts = {}, {}
    for layer, found in calls:
        path = layer.path
        counts[path] = counts.get(path, 0) + 1
        traces[path if counts[path] == 1 else f"{path}:{counts[path]}"] = found
    return traces
