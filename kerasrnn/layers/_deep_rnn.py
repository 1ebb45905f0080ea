import keras
from keras import ops, tree
from keras.saving import register_keras_serializable

from kerasrnn.cells import Cell
from kerasrnn.layers._brnn import BRNN
from kerasrnn.layers._rnn import RNN


@register_keras_serializable(package="kerasrnn")
class DeepRNN(keras.layers.Layer):
    """Recurrent layers on top of each other.

    Equations:

        a[0]⟨t⟩ = x⟨t⟩
        a[l]⟨t⟩ = level l of (a[l]⟨t−1⟩, a[l−1]⟨t⟩)

    Each level runs over the whole sequence before the next one starts, so that the products of
    all time steps with the next level's `kernel` are one product.

    Source: Graves, Mohamed & Hinton, arXiv:1303.5778.

    Weights: those of the levels, from the lowest to the highest.

    Args:
        layers: list, lowest level first, of `kerasrnn.cells.Cell`, recurrent layers, or `BRNN`.
            The arguments are used, not the weights; what the levels return and
            whether they are stateful or unrolled is set by the arguments below.
        return_sequences: return the output of each step, not of the last one alone.
        return_state: return the last states after the output, lowest level first.
        go_backwards: read the last step first; outputs are in the order of reading.
        stateful: start each batch from the states in which the last one ended.
        unroll: write the steps out in place of loops; needs a fixed time.
        zero_output_for_mask: with `return_sequences`, put zeros at masked steps.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`.

    Call arguments:
        sequences: tensor `(batch, time, features)`.
        initial_state: list of all levels' states `(batch, units)`, lowest first; zeros if `None`.
        mask: boolean tensor `(batch, time)`, false where a step is to be skipped.
        training: whether dropout acts.

    Returns:
        `(batch, time, units of the last level)` with `return_sequences`, otherwise
        `(batch, units of the last level)`; with `return_state` a tuple of that and each state.

    Masking: a masked step changes no state of any level.

    Raises:
        ValueError: `layers` is empty, holds something else, or holds a level that reads backwards
            or does not merge its directions; a wrong number of initial states.

    Example:
        >>> from keras import ops
        >>> from kerasrnn.layers import BRNN, DeepRNN, LSTM
        >>> layer = DeepRNN([BRNN(LSTM(4)), LSTM(6)], return_sequences=True)
        >>> tuple(layer(ops.ones((2, 5, 3))).shape)
        (2, 5, 6)
    """

    def __init__(
        self,
        layers,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        zero_output_for_mask=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        if not isinstance(layers, (list, tuple)) or not layers:
            raise ValueError(f"`layers` must be a list of one level or more; received {layers!r}.")
        self.levels = [
            self._level(layer, return_sequences or position < len(layers) - 1)
            for position, layer in enumerate(layers)
        ]
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def _level(self, layer, return_sequences):
        flags = {
            "return_sequences": return_sequences,
            "return_state": True,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
        }
        if isinstance(layer, Cell):
            copy = type(layer).from_config(layer.get_config())
            return RNN(copy, dtype=layer.dtype_policy, name=f"{layer.name}_level", **flags)
        if getattr(layer, "activity_regularizer", None) is not None:
            raise ValueError(
                f"'{layer.name}' has an `activity_regularizer`; levels return states too, which "
                "it would count. Pass it to DeepRNN, for the output of the last level."
            )
        if getattr(layer, "go_backwards", False):
            raise ValueError(
                f"'{layer.name}' reads backwards; pass go_backwards=True to DeepRNN, which turns "
                "the sequence once for all levels."
            )
        if isinstance(layer, BRNN) and layer.merge_mode is None:
            raise ValueError(
                f"'{layer.name}' has merge_mode=None, which returns a pair; the next level needs "
                "one tensor. Use 'concat', 'sum', 'mul' or 'ave'."
            )
        if not isinstance(layer, (RNN, BRNN, DeepRNN)):
            raise ValueError(
                f"`layers` must hold kerasrnn cells, recurrent layers or BRNN; received {layer!r}."
            )
        return _rebuild(layer, flags)

    @property
    def zero_output_for_mask(self):
        return self._zero_output_for_mask

    @zero_output_for_mask.setter
    def zero_output_for_mask(self, value):
        # `Bidirectional` sets it on the finished layer.
        self._zero_output_for_mask = value
        for level in getattr(self, "levels", ()):
            if not isinstance(level, BRNN):  # whose outputs at masked steps are zero anyway
                level.zero_output_for_mask = value

    @property
    def state_size(self):
        """Sizes of all states, lowest level first."""
        return [size for level in self.levels for size in level.state_size]

    @property
    def states(self):
        """The states kept between batches when stateful, lowest level first; otherwise `None`."""
        if not self.stateful or not self.built:
            return None
        return [state for level in self.levels for state in level.states]

    def reset_state(self):
        """Sets the states that are kept between batches to zero."""
        for level in self.levels:
            level.reset_state()

    def build(self, sequences_shape, initial_state_shape=None):
        shape = tuple(sequences_shape)
        for level in self.levels:
            level.build(shape)
            shape = level.compute_output_shape(shape)[0]

    def call(self, sequences, initial_state=None, mask=None, training=False):
        if self.go_backwards:
            sequences = ops.flip(sequences, axis=1)
            mask = None if mask is None else ops.flip(mask, axis=1)
        output, states = sequences, []
        for level, first_states in zip(self.levels, self._shares(initial_state), strict=True):
            output, *level_states = level(
                output, initial_state=first_states, mask=mask, training=training
            )
            states.extend(level_states)
        return (output, *states) if self.return_state else output

    def _shares(self, initial_state):
        """The initial states of each level."""
        if initial_state is None:
            return [None for _ in self.levels]
        states = list(initial_state) if tree.is_nested(initial_state) else [initial_state]
        if len(states) != len(self.state_size):
            raise ValueError(
                f"'{self.name}' has {len(self.state_size)} states in {len(self.levels)} levels; "
                f"received {len(states)} in `initial_state`."
            )
        rest = iter(states)
        return [[next(rest) for _ in level.state_size] for level in self.levels]

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        shape, states = tuple(sequences_shape), []
        for level in self.levels:
            shape, *level_states = level.compute_output_shape(shape)
            states.extend(level_states)
        return (shape, *states) if self.return_state else shape

    def compute_mask(self, _, mask):
        mask = tree.flatten(mask)[0] if tree.is_nested(mask) else mask
        shown = None
        if self.return_sequences and mask is not None:
            shown = ops.flip(mask, axis=1) if self.go_backwards else mask
        return [shown, *(None for _ in self.state_size)] if self.return_state else shown

    def get_config(self):
        return {
            **super().get_config(),
            "activity_regularizer": keras.regularizers.serialize(self.activity_regularizer),
            "layers": [keras.saving.serialize_keras_object(level) for level in self.levels],
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
        }

    @classmethod
    def from_config(cls, config):
        layers = [keras.saving.deserialize_keras_object(level) for level in config["layers"]]
        return cls(**{**config, "layers": layers})


def _rebuild(layer, flags):
    """A layer with the same arguments except for `flags`, and with weights of its own."""
    if not isinstance(layer, BRNN):
        return type(layer).from_config({**layer.get_config(), **flags})
    return BRNN(
        _rebuild(layer.forward_layer, flags),
        merge_mode=layer.merge_mode,
        backward_layer=_rebuild(layer.backward_layer, flags),
        name=layer.name,
        dtype=layer.dtype_policy,
        trainable=layer.trainable,
    )
