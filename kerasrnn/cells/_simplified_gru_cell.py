from keras.saving import register_keras_serializable

from kerasrnn.cells._gated_cell import GatedCell


@register_keras_serializable(package="kerasrnn")
class SimplifiedGRUCell(GatedCell):
    """Gated recurrent unit without a relevance gate.

    Equations:

        c̃   = tanh(W_c[c⟨t−1⟩, x⟨t⟩] + b_c)
        Γ_u = σ(W_u[c⟨t−1⟩, x⟨t⟩] + b_u)
        c⟨t⟩ = Γ_u∘c̃ + (1−Γ_u)∘c⟨t−1⟩
        a⟨t⟩ = c⟨t⟩

    Γ_u multiplies the candidate; in `keras.layers.GRU` the gate z multiplies the old state.

    Source: Ng's course "Sequence Models", "GRU (simplified)"; after Cho et al.,
    arXiv:1406.1078, without their reset gate.

    Weights (gate order (u, c)):
        kernel: `(features, 2·units)`.
        recurrent_kernel: `(units, 2·units)`.
        bias: `(2·units,)`.

    Args:
        units: positive integer, size of c.
        activation: activation of c̃.
        recurrent_activation: σ.
        use_bias: whether there is a bias.
        **kwargs: the other arguments of `kerasrnn.cells.Cell`.

    Call arguments:
        inputs: tensor `(batch, features)`.
        states: list of one tensor `(batch, units)`: c⟨t−1⟩.
        training: whether dropout acts.

    Returns:
        a⟨t⟩ `(batch, units)` and the list [c⟨t⟩].

    Masking: none here; the layer keeps the state at masked steps.

    Raises:
        ValueError: `units` is not a positive integer, or a dropout rate is outside [0, 1).

    Example:
        >>> from keras import ops
        >>> from kerasrnn.cells import SimplifiedGRUCell
        >>> cell = SimplifiedGRUCell(4)
        >>> a, states = cell(ops.ones((2, 3)), cell.get_initial_state(batch_size=2))
        >>> tuple(a.shape)
        (2, 4)
    """

    gates = ("u", "c")
    state_names = ("c",)

    def step(self, projected, states, matmul):
        (c_prev,) = states
        z_u, z_c = self.split(projected + matmul(c_prev, self.recurrent_kernel))
        u = self.gate("u", z_u)
        candidate = self.activation(z_c)
        c = u * candidate + (1 - u) * c_prev
        return c, [c]
