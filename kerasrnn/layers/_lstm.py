from keras.saving import register_keras_serializable

from kerasrnn.cells import LSTMCell
from kerasrnn.layers._cell_layer import CellLayer


@register_keras_serializable(package="kerasrnn")
class LSTM(CellLayer):
    """Long short-term memory layer with a forget gate.

    Equations, weights and source: `kerasrnn.cells.LSTMCell`.

    Args:
        units: positive integer, size of the output and of each state.
        activation: activation of the candidate, and of c in the output.
        recurrent_activation: σ, activation of the gates.
        unit_forget_bias: start with a bias of one in the forget gate.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: initialisers of the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: regularisers, or `None`.
        kernel_constraint, recurrent_constraint, bias_constraint: constraints, or `None`.
        dropout: share of the inputs to drop in training, one mask for all time steps.
        recurrent_dropout: share of the left operands of the recurrent products to drop in
            training, one mask for all time steps.
        seed: seed of the dropout.
        return_sequences: return the output of each step, not of the last one alone.
        return_state: return the last state(s), a and c, after the output.
        go_backwards: read the last step first; outputs are in the order of reading.
        stateful: start each batch from the states in which the last one ended.
        unroll: write the steps out in place of a loop; the time must be known when it is called.
        zero_output_for_mask: with `return_sequences`, put zeros at masked steps.
        use_cudnn: `"auto"` takes cuDNN on a GPU, where Keras's layer would, in
            training, `predict` and `evaluate`, and on JAX everywhere; or `False`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`.

    Call arguments:
        sequences: tensor `(batch, time, features)`.
        initial_state: list of tensors `(batch, units)`: a and c; zeros if `None`.
        mask: boolean tensor `(batch, time)`, false where a step is to be skipped.
        training: whether dropout acts.

    Returns:
        `(batch, time, units)` with `return_sequences`, otherwise `(batch, units)`; with
        `return_state` a tuple of that and each state `(batch, units)`.

    Masking: a masked step changes no state; its output repeats the last one (zero at the start).

    Raises:
        ValueError: a bad size or rate, `unroll` without a known time, `stateful` without a known
            batch, or a wrong number of initial states.

    Example:
        >>> from keras import ops
        >>> from kerasrnn.layers import LSTM
        >>> tuple(LSTM(4, return_sequences=True)(ops.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    cell_class = LSTMCell
