import keras
from keras import tree
from keras.saving import register_keras_serializable


@register_keras_serializable(package="kerasrnn")
class BRNN(keras.layers.Bidirectional):
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
        **kwargs: `name`, `dtype`, `trainable`.

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

    Raises:
        ValueError: `layer` is no layer, `merge_mode` is unknown, or the two layers do not match.

    Example:
        >>> from keras import ops
        >>> from kerasrnn.layers import BRNN, LSTM
        >>> tuple(BRNN(LSTM(4, return_sequences=True))(ops.ones((2, 5, 3))).shape)
        (2, 5, 8)
    """

    def __init__(self, layer, merge_mode="concat", weights=None, backward_layer=None, **kwargs):
        super().__init__(
            layer, merge_mode=merge_mode, weights=weights, backward_layer=backward_layer, **kwargs
        )
        self.supports_masking = True  # Keras 3.16 turns it off in its own class
        self._first_weights = weights

    def build(self, sequences_shape, initial_state_shape=None):
        super().build(sequences_shape)
        if self._first_weights:  # Keras 3 takes `weights` and does nothing with them
            self.set_weights(self._first_weights)

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        # Keras counts the forward copy twice.
        shapes = [
            layer.compute_output_shape(sequences_shape)
            for layer in (self.forward_layer, self.backward_layer)
        ]
        states = [state for shape in shapes for state in shape[1:]] if self.return_state else []
        forward, backward = [shape[0] for shape in shapes] if self.return_state else shapes
        if self.merge_mode is None:
            return (forward, backward, *states)
        if self.merge_mode == "concat":
            forward = (*forward[:-1], forward[-1] + backward[-1])
        return (forward, *states) if self.return_state else forward

    @property
    def state_size(self):
        """Sizes of the states: the forward copy's, then the backward copy's."""
        return [*self.forward_layer.state_size, *self.backward_layer.state_size]

    def compute_mask(self, _, mask):
        mask = tree.flatten(mask)[0] if tree.is_nested(mask) else mask
        shown = mask if self.return_sequences else None
        outputs = [shown, shown] if self.merge_mode is None else [shown]
        if self.return_state:
            return outputs + [None for _ in self.state_size]
        return outputs if self.merge_mode is None else shown
