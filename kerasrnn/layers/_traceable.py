"""Looking into recurrent layers of any kind."""

import keras
from keras import ops, tree

from kerasrnn.sequence._trace import traced


class Traceable:
    """Gives a recurrent layer `trace`; the layer says in `collect_traces` what it is made of."""

    def trace(self, sequences, initial_state=None, mask=None):
        """The gates and states at each step, for looking at what the layer does.

        The layer is called as it is, without dropout; a stateful one starts from its states and
        keeps them.

        Args:
            sequences, initial_state, mask: as in a call; values, not a model's symbolic inputs.

        Returns:
            Of a layer over one cell a `kerasrnn.sequence.Trace`: `gates` and `states` by their
            letters, and `outputs`, each `(batch, time, units)` in the order of the input; gates
            at masked steps are NaN. Of a `BRNN` a dictionary of `"forward"` and `"backward"`; of
            a `DeepRNN` a list, lowest level first.

        Raises:
            ValueError: `sequences` are symbolic.

        Example:
            >>> from keras import ops
            >>> from kerasrnn.layers import BRNN, LSTM
            >>> trace = LSTM(4).trace(ops.ones((2, 5, 3)))
            >>> sorted(trace.gates), tuple(trace.gates["f"].shape)
            (['f', 'o', 'u'], (2, 5, 4))
            >>> sorted(BRNN(LSTM(4)).trace(ops.ones((2, 5, 3))))
            ['backward', 'forward']
        """
        if isinstance(sequences, keras.KerasTensor):
            raise ValueError(
                f"`sequences` must be values; '{self.name}' received {sequences!r}. To look into "
                "a layer of a model use kerasrnn.inspection.trace(model, inputs)."
            )
        with traced() as traces:
            self(sequences, initial_state=initial_state, mask=mask, training=False)
        return self.collect_traces({id(layer): trace for layer, trace in traces})

    def collect_traces(self, traces):
        """This layer's part of `traces`, a dictionary from `id` of a layer over a cell."""
        raise NotImplementedError(f"{type(self).__name__} must define collect_traces().")


def pass_on_trainable(layer):
    """Freezes what a frozen layer is made of; Keras passes on only what is set afterwards."""
    if not layer.trainable:
        layer.trainable = True  # what is set to the value it has already is not passed on either
        layer.trainable = False


def joined_ways(parts):
    """The `last_way` of a layer's parts, a line a part with its name; `None` before a call."""
    ways = [(part.name, getattr(part, "last_way", None)) for part in parts]
    if not any(way for _, way in ways):
        return None
    return "\n".join(
        f"{name}: {line}"  # a part of parts has several lines
        for name, way in ways
        for line in (way or "not run by this library").splitlines()
    )


def turned(trace):
    """A trace, or nested ones, in the opposite order of steps."""
    return tree.map_structure(lambda steps: ops.flip(steps, axis=1), trace)
