import keras
from keras import ops, tree
from keras.saving import (
    deserialize_keras_object,
    register_keras_serializable,
    serialize_keras_object,
)

from kerasrnn.layers._copies import copied
from kerasrnn.layers._traceable import Traceable, joined_ways, pass_on_trainable

_MERGES = {
    "concat": lambda forward, backward: ops.concatenate([forward, backward], axis=-1),
    "sum": lambda forward, backward: forward + backward,
    "mul": lambda forward, backward: forward * backward,
    "ave": lambda forward, backward: (forward + backward) / 2,
}


@register_keras_serializable(package="kerasrnn")
class BRNN(Traceable, keras.layers.Layer):
    """Bidirectional recurrent layer: one copy reads left to right, one right to left.

    Equations:

        y⟨t⟩ = [→a⟨t⟩, ←a⟨t⟩]        →a from x⟨1⟩ … x⟨t⟩, ←a from x⟨T⟩ … x⟨t⟩

    The prediction ŷ⟨t⟩ = g(W_y[→a⟨t⟩, ←a⟨t⟩] + b_y) is a `Dense` layer put above it.

    Source: Schuster & Paliwal, IEEE Transactions on Signal Processing 45 (1997).

    Weights: those of the forward copy, then those of the backward copy.

    Args:
        layer: a recurrent layer, such as `LSTM(64, return_sequences=True)`; its arguments are
            used, its weights are not.
        merge_mode: `"concat"` (default), `"sum"`, `"mul"`, `"ave"`, or `None` for a pair.
        weights: initial weights, forward then backward, or `None`.
        backward_layer: the layer that reads right to left, with `go_backwards=True`; `None` makes
            it from `layer`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`.

    Call arguments:
        sequences: tensor `(batch, time, features)`.
        initial_state: list of tensors `(batch, units)`, the forward copy's, then the backward's.
        mask: boolean tensor `(batch, time)`; each copy skips masked steps, so the backward copy
            starts at the last real step.
        training: whether dropout acts.

    Returns:
        `(batch, time, 2·units)` with `return_sequences`, otherwise `(batch, 2·units)`; then, with
        `return_state`, the states of the forward and of the backward copy.

    Masking: with `return_sequences` the output at masked steps is zero.

    Speed: `last_way` says how each copy was run in the last call, and why: a line a copy, which
        begins with the copy's name; `None` before a call. See `kerasrnn.sequence.engine`.

    Raises:
        ValueError: `layer` is no recurrent layer, `merge_mode` is unknown, the two layers do not
            match or differ in width where `merge_mode` needs one, or the number of initial
            states is wrong.

    Example:
        >>> from keras import ops
        >>> from kerasrnn.layers import BRNN, LSTM
        >>> tuple(BRNN(LSTM(4, return_sequences=True))(ops.ones((2, 5, 3))).shape)
        (2, 5, 8)
    """

    def __init__(self, layer, merge_mode="concat", weights=None, backward_layer=None, **kwargs):
        super().__init__(**kwargs)
        _require_recurrent("layer", layer)
        if backward_layer is not None:
            _require_recurrent("backward_layer", backward_layer)
        if merge_mode is not None and merge_mode not in _MERGES:
            raise ValueError(
                f"`merge_mode` must be one of {', '.join(map(repr, _MERGES))} or None; "
                f"received {merge_mode!r}."
            )
        self.merge_mode = merge_mode
        self.forward_layer = _copy(layer, "forward")
        self.backward_layer = (
            _copy(layer, "backward", go_backwards=not layer.go_backwards)
            if backward_layer is None
            else backward_layer
        )
        _require_opposite(self.forward_layer, self.backward_layer)
        for copy in (self.forward_layer, self.backward_layer):
            copy.zero_output_for_mask = layer.return_sequences
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self.stateful = layer.stateful
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(ndim=3)
        self._first_weights = weights
        pass_on_trainable(self)

    @property
    def state_size(self):
        """Sizes of the states: the forward copy's, then the backward copy's."""
        return [*self.forward_layer.state_size, *self.backward_layer.state_size]

    @property
    def states(self):
        """The states kept between batches when stateful, forward first; otherwise `None`."""
        if not self.stateful or not self.built:
            return None
        return [*self.forward_layer.states, *self.backward_layer.states]

    @property
    def last_way(self):
        """How the copies were run in the last call, a line a copy; `None` before a call."""
        return joined_ways([self.forward_layer, self.backward_layer])

    def reset_state(self):
        """Sets the states that are kept between batches to zero."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def build(self, sequences_shape, initial_state_shape=None):
        self._require_one_width(sequences_shape)
        for copy in (self.forward_layer, self.backward_layer):
            if not copy.built:
                copy.build(sequences_shape)
                copy.built = True
        if self._first_weights:
            self.set_weights(self._first_weights)

    def _require_one_width(self, sequences_shape):
        copies = (self.forward_layer, self.backward_layer)
        widths = [self._shape_of(copy, sequences_shape)[0][-1] for copy in copies]
        if self.merge_mode not in ("concat", None) and widths[0] != widths[1]:
            raise ValueError(
                f"`merge_mode`={self.merge_mode!r} needs copies of one width; '{self.name}' has "
                f"{widths[0]} forwards and {widths[1]} backwards. Use 'concat' or None."
            )

    def call(self, sequences, initial_state=None, mask=None, training=False):
        forward_states, backward_states = self._shares(initial_state)
        arguments = {"mask": mask, "training": training}
        forward = self.forward_layer(sequences, initial_state=forward_states, **arguments)
        backward = self.backward_layer(sequences, initial_state=backward_states, **arguments)
        states = ()
        if self.return_state:
            (forward, *forward_states), (backward, *backward_states) = forward, backward
            states = (*forward_states, *backward_states)
        forward, backward = (ops.cast(y, self.compute_dtype) for y in (forward, backward))
        if self.return_sequences:  # each copy's outputs are in its order of reading
            if self.forward_layer.go_backwards:
                forward = ops.flip(forward, axis=1)
            else:
                backward = ops.flip(backward, axis=1)
        if self.merge_mode is None:
            return (forward, backward, *states)
        output = _MERGES[self.merge_mode](forward, backward)
        return (output, *states) if self.return_state else output

    def collect_traces(self, traces):
        for copy in (self.forward_layer, self.backward_layer):
            if not isinstance(copy, Traceable):
                raise ValueError(
                    f"'{copy.name}' is a {type(copy).__name__}, which shows no gates; "
                    "kerasrnn.layers.from_keras makes a layer of it that does."
                )
        return {
            "forward": self.forward_layer.collect_traces(traces),
            "backward": self.backward_layer.collect_traces(traces),
        }

    def _shares(self, initial_state):
        """The initial states of the forward and of the backward copy."""
        if initial_state is None:
            return None, None
        states = list(initial_state) if tree.is_nested(initial_state) else [initial_state]
        if len(states) != len(self.state_size):
            raise ValueError(
                f"'{self.name}' has {len(self.state_size)} states in two directions; received "
                f"{len(states)} in `initial_state`."
            )
        count = len(self.forward_layer.state_size)
        return states[:count], states[count:]

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        (forward, *states), (backward, *more_states) = (
            self._shape_of(copy, sequences_shape)
            for copy in (self.forward_layer, self.backward_layer)
        )
        states = [*states, *more_states]
        if self.merge_mode is None:
            return (forward, backward, *states)
        if self.merge_mode == "concat":
            forward = (*forward[:-1], forward[-1] + backward[-1])
        return (forward, *states) if self.return_state else forward

    def _shape_of(self, copy, sequences_shape):
        """The shapes of a copy's output and, with `return_state`, of its states, as a list."""
        shape = copy.compute_output_shape(sequences_shape)
        return list(shape) if self.return_state else [shape]

    def compute_mask(self, _, mask):
        mask = tree.flatten(mask)[0] if tree.is_nested(mask) else mask
        shown = mask if self.return_sequences else None
        outputs = [shown, shown] if self.merge_mode is None else [shown]
        if self.return_state:
            return outputs + [None for _ in self.state_size]
        return outputs if self.merge_mode is None else shown

    def get_config(self):
        return {
            **super().get_config(),
            "activity_regularizer": keras.regularizers.serialize(self.activity_regularizer),
            "layer": serialize_keras_object(self.forward_layer),
            "backward_layer": serialize_keras_object(self.backward_layer),
            "merge_mode": self.merge_mode,
        }

    @classmethod
    def from_config(cls, config):
        layers = {
            name: deserialize_keras_object(config[name]) for name in ("layer", "backward_layer")
        }
        return cls(**{**config, **layers})


def _require_recurrent(argument, layer):
    wanted = ("go_backwards", "return_sequences", "return_state", "stateful", "state_size")
    missing = [name for name in wanted if not hasattr(layer, name)]
    if not isinstance(layer, keras.layers.Layer) or missing:
        raise ValueError(
            f"`{argument}` must be a recurrent layer, a `keras.layers.Layer` such as "
            f"kerasrnn.layers.LSTM(64); received {layer!r}."
        )


def _require_opposite(forward, backward):
    if forward.go_backwards == backward.go_backwards:
        raise ValueError(
            "`layer` and `backward_layer` must read in opposite directions; both have "
            f"`go_backwards`={forward.go_backwards}."
        )
    for name in ("stateful", "return_sequences", "return_state"):
        values = getattr(forward, name), getattr(backward, name)
        if values[0] != values[1]:
            raise ValueError(
                f"`layer` and `backward_layer` must have the same `{name}`; received "
                f"{values[0]} and {values[1]}."
            )


def _copy(layer, direction, **changes):
    """A layer with the same arguments, named for its direction, with weights of its own."""
    name = f"{direction}_{layer.name.removeprefix(f'{direction}_')}"
    return copied(layer, name=name, **changes)
