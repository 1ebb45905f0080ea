from keras.saving import register_keras_serializable

from kerasrnn.cells._cell import Cell


@register_keras_serializable(package="kerasrnn")
class BasicRNNCell(Cell):
    """Basic recurrent cell: the activation is the memory.

    Equations:

        a⟨t⟩ = g(W_a[a⟨t−1⟩, x⟨t⟩] + b_a)        g = tanh (default) or relu

    Source: Elman, "Finding Structure in Time", Cognitive Science 14 (1990); notation of Ng's
    course "Sequence Models".

    Weights (gate order (a)):
        kernel: `(features, units)`.
        recurrent_kernel: `(units, units)`.
        bias: `(units,)`.

    Args:
        units: positive integer, size of a.
        activation: g.
        use_bias: whether there is a bias.
        **kwargs: the other arguments of `kerasrnn.cells.Cell`.

    Call arguments:
        inputs: tensor `(batch, features)`.
        states: list of one tensor `(batch, units)`: a⟨t−1⟩.
        training: whether dropout acts.

    Returns:
        a⟨t⟩ `(batch, units)` and the list [a⟨t⟩].

    Masking: none here; the layer keeps the state at masked steps.

    Raises:
        ValueError: `units` is not a positive integer, or a dropout rate is outside [0, 1).

    Example:
        >>> from keras import ops
        >>> from kerasrnn.cells import BasicRNNCell
        >>> cell = BasicRNNCell(4)
        >>> a, states = cell(ops.ones((2, 3)), cell.get_initial_state(batch_size=2))
        >>> tuple(a.shape)
        (2, 4)
    """

    gates = ("a",)
    state_names = ("a",)

    def step(self, projected, states, matmul):
        (a_prev,) = states
        a = self.activation(projected + matmul(a_prev, self.recurrent_kernel))
        return a, [a]
