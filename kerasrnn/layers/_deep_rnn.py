import keras
from keras import ops, tree
from keras.saving import register_keras_serializable

from kerasrnn.cells._arguments import rate
from kerasrnn.layers._brnn import BRNN
from kerasrnn.layers._inputs import checked_mask
from kerasrnn.layers._levels import as_level, listed, require_one_last_step
from kerasrnn.layers._rnn import RNN
from kerasrnn.layers._stream import last_shown, open_stream
from kerasrnn.layers._traceable import Traceable, joined_ways, pass_on_trainable, turned
from kerasrnn.sequence._between import private_sequences, sizes_of
from kerasrnn.sequence._trace import open_traces


@register_keras_serializable(package="kerasrnn")
class DeepRNN(Traceable, keras.layers.Layer):
    """Recurrent layers on top of each other.

    Equations:

        a[0]⟨t⟩ = x⟨t⟩
        a[l]⟨t⟩ = level l of (a[l]⟨t−1⟩, y[l−1]⟨t⟩)        y[0] = x
        y[l]⟨t⟩ = a[l]⟨t⟩                                   by default
        y[l]⟨t⟩ = a[l]⟨t⟩ + y[l−1]⟨t⟩  for l > 1            residual=True
        y[l]⟨t⟩ = normalised a[l]⟨t⟩, or that sum           layer_norm=True

    With `dropout`, a level above the first reads y[l−1] with a share of its elements dropped.

    Each level runs over the whole sequence before the next one starts, so that the products of
    all time steps with the next level's `kernel` are one product.

    Source: Graves, Mohamed & Hinton, arXiv:1303.5778; residual levels: Wu et al.,
    arXiv:1609.08144; layer normalisation: Ba, Kiros & Hinton, arXiv:1607.06450.

    Weights: those of the levels, from the lowest to the highest; then, with `layer_norm`, gamma
    and beta `(units,)` of each level.

    Args:
        layers: list, lowest level first, of `kerasrnn.cells.Cell`, recurrent layers, or `BRNN`.
            The arguments are used, not the weights; what the levels return and
            whether they are stateful or unrolled is set by the arguments below. Or the name of a
            cell (`kerasrnn.layers.cell_names()`) for all levels; then `units` gives the sizes.
        units: list of sizes, lowest level first, where `layers` is a name.
        return_sequences: return the output of each step, not of the last one alone.
        return_state: return the last states after the output, lowest level first.
        go_backwards: read the last step first; outputs are in the order of reading.
        stateful: start each batch from the states in which the last one ended.
        unroll: write the steps out in place of loops; the time must be known when it is called.
        zero_output_for_mask: with `return_sequences`, put zeros at masked steps.
        dropout: share of the elements to drop between levels in training, drawn anew at each
            step; a level's own `dropout` draws one mask for all steps.
        residual: whether levels above the first add their input to their output; they must be
            as wide as the level below.
        layer_norm: whether each level's output is normalised over its units.
        seed: seed of `dropout`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`.

    Call arguments:
        sequences: tensor `(batch, time, features)`.
        initial_state: list of all levels' states `(batch, units)`, lowest first; zeros if `None`.
        mask: boolean tensor `(batch, time)`, false where a step is to be skipped.
        training: whether dropout acts.

    Returns:
        `(batch, time, units of the last level)` with `return_sequences`, otherwise
        `(batch, units of the last level)`; with `return_state` a tuple of that and each state.

    Masking: a masked step changes no state of any level. With `residual` or `layer_norm` the
        output at masked steps is zero, and so is the last output of a sequence without steps.

    Speed: `last_way` says how each level was run in the last call, and why: a line a level, lowest
        first, which begins with the level's name (then, of a `BRNN`, the copy's); `None` before a
        call. See `kerasrnn.sequence.engine`.

    Raises:
        ValueError: `layers` is empty, holds something else, or holds a level that reads backwards
            or does not merge its directions; `units` is missing or not wanted; residual levels
            differ in width; a wrong number of initial states.

    Example:
        >>> from keras import ops
        >>> from kerasrnn.layers import BRNN, DeepRNN, LSTM
        >>> layer = DeepRNN([BRNN(LSTM(4)), LSTM(6)], return_sequences=True)
        >>> tuple(layer(ops.ones((2, 5, 3))).shape)
        (2, 5, 6)
        >>> len(DeepRNN("lstm", units=[8, 8, 8], dropout=0.2, residual=True).levels)
        3
    """

    def __init__(
        self,
        layers,
        units=None,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        zero_output_for_mask=False,
        dropout=0.0,
        residual=False,
        layer_norm=False,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        layers = listed(layers, units, self.dtype_policy)
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.dropout = rate("dropout", dropout)
        self.residual = residual
        self.layer_norm = layer_norm
        self.seed = seed
        flags = {
            "return_state": True,
            "stateful": stateful,
            "unroll": unroll,
            "zero_output_for_mask": zero_output_for_mask,
        }
        self.levels = [
            as_level(layer, return_sequences=return_sequences or number < len(layers), **flags)
            for number, layer in enumerate(layers, start=1)
        ]
        if residual and not return_sequences:
            require_one_last_step(self.levels[-1])
        self.norms = [
            keras.layers.LayerNormalization(dtype=self.dtype_policy, name=f"norm_{number}")
            for number in range(1, 1 + len(layers) * bool(layer_norm))
        ]
        self.between = keras.layers.Dropout(self.dropout, seed=seed, dtype=self.dtype_policy)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(ndim=3)
        pass_on_trainable(self)

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

    @property
    def last_way(self):
        """How the levels were run in the last call, a line a level; `None` before a call."""
        return joined_ways(self.levels)

    def reset_state(self):
        """Sets the states that are kept between batches to zero."""
        for level in self.levels:
            level.reset_state()

    def build(self, sequences_shape, initial_state_shape=None):
        shape = tuple(sequences_shape)
        self.input_spec = keras.layers.InputSpec(ndim=3, axes={-1: shape[-1]})
        for number, level in enumerate(self.levels):
            level.build(shape)
            level.built = True
            below, shape = shape, level.compute_output_shape(shape)[0]
            if self.residual and number > 0 and shape[-1] != below[-1]:
                raise ValueError(
                    f"`residual` needs levels of one width; '{level.name}' is {shape[-1]} wide, "
                    f"the level below {below[-1]}."
                )
            if self.layer_norm and not self.norms[number].built:
                self.norms[number].build(shape)

    def call(self, sequences, initial_state=None, mask=None, training=False):
        mask = checked_mask(self, mask, sequences)
        if self.go_backwards:
            sequences = ops.flip(sequences, axis=1)
            mask = None if mask is None else ops.flip(mask, axis=1)
        traces = open_traces()
        known = 0 if traces is None else len(traces)
        output, states = sequences, []
        with private_sequences(all(map(_shows_nobody, self.levels))):
            for number, first_states in enumerate(self._shares(initial_state)):
                below = output
                read = self.between(below, training=training) if number else below
                output, *level_states = self.levels[number](
                    read, initial_state=first_states, mask=mask, training=training
                )
                output = self._above(number, output, below, mask)
                states.extend(level_states)
        if traces and self.go_backwards:  # the levels saw a turned sequence
            traces[known:] = [(level, turned(trace)) for level, trace in traces[known:]]
        return (output, *states) if self.return_state else output

    def _above(self, number, output, below, mask):
        """What the next level reads, or the layer returns: y[l] from a[l] and y[l−1]."""
        if not (self.residual or self.layer_norm):
            return output
        is_sequence = self.return_sequences or number < len(self.levels) - 1
        if self.residual and number > 0:
            output = output + (below if is_sequence else _last_real_step(below, mask))
        if self.layer_norm:
            output = self.norms[number](output)
        if mask is None:
            return output if is_sequence else _zero_of_no_steps(output, below)
        real = mask if is_sequence else ops.any(mask, axis=1)
        output = ops.where(ops.expand_dims(real, -1), output, ops.zeros_like(output))
        return output if is_sequence else self._last_in_stream(output, mask)

    def _last_in_stream(self, output, mask):
        """The last output; within a stream that of an earlier chunk where no step is real."""
        stream = open_stream(self)
        if stream is None:
            return output
        units, dtype = output.shape[-1], output.dtype

        def first(batch_size):
            return [ops.zeros((batch_size, units), dtype)]

        slot = stream.slot(self, lambda: (("output",), first, 0))
        (last,) = stream.read(slot, ops.shape(output)[0])
        output = last_shown(output, last, mask)
        stream.write(slot, [output])
        return output

    def collect_traces(self, traces):
        return [level.collect_traces(traces) for level in self.levels]

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
            "units": None,  # they are in `layers`
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
            "dropout": self.dropout,
            "residual": self.residual,
            "layer_norm": self.layer_norm,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        layers = [keras.saving.deserialize_keras_object(level) for level in config["layers"]]
        return cls(**{**config, "layers": layers})


def _zero_of_no_steps(output, below):
    """The last output `(batch, units)`, or zeros where the sequence had no steps."""
    if below.shape[1]:
        return output
    return ops.where(sizes_of(below)[1] > 0, output, ops.zeros_like(output))


def _last_real_step(sequence, mask):
    """`(batch, features)` at the last step that is not masked; zero where there is none."""
    start = ops.zeros_like(ops.expand_dims(ops.sum(sequence, axis=1), 1))
    steps = ops.concatenate([start, sequence], axis=1)
    if mask is None:
        return steps[:, -1]
    number = ops.cumsum(ops.ones_like(mask, dtype="int32"), axis=1)
    last = ops.max(ops.where(mask, number, 0), axis=1, initial=0)
    return ops.take_along_axis(steps, last[:, None, None], axis=1)[:, 0]


def _shows_nobody(level):
    """Whether a level is called as this library wrote it: others may look at what they read."""
    return type(level).call in (RNN.call, BRNN.call, DeepRNN.call)
