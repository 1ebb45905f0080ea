from keras.saving import register_keras_serializable

from kerasrnn.cells._gated_cell import GatedCell


@register_keras_serializable(package="kerasrnn")
class FullGRUCell(GatedCell):
    """Gated recurrent unit with an update gate and a relevance gate.

    Equations:

        Γ_u = σ(W_u[c⟨t−1⟩, x⟨t⟩] + b_u)
        Γ_r = σ(W_r[c⟨t−1⟩, x⟨t⟩] + b_r)
        c̃   = tanh(W_c[Γ_r∘c⟨t−1⟩, x⟨t⟩] + b_c)
        c⟨t⟩ = Γ_u∘c̃ + (1−Γ_u)∘c⟨t−1⟩
        a⟨t⟩ = c⟨t⟩

    Γ_u multiplies the candidate; in `keras.layers.GRU` the gate z multiplies the old state, so
    Γ_u = 1 − z: the same function with the update gate's weights and bias negated.

    Source: Cho et al., arXiv:1406.1078; notation of Ng's course "Sequence Models", "Full GRU".

    Weights (gate order (u, r, c)):
        kernel: `(features, 3·units)`.
        recurrent_kernel: `(units, 3·units)`.
        bias: `(3·units,)`.

    Args:
        units: positive integer, size of c.
        activation: activation of c̃.
        recurrent_activation: σ.
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
        >>> from kerasrnn.cells import FullGRUCell
        >>> cell = FullGRUCell(4)
        >>> a, states = cell(ops.ones((2, 3)), cell.get_initial_state(batch_size=2))
        >>> tuple(a.shape)
        (2, 4)
    """

    gates = ("u", "r", "c")
    state_names = ("c",)

    def step(self, projected, states, matmul):
        (c_prev,) = states
        x_u, x_r, x_c = self.split(projected)
        gates = matmul(c_prev, self.columns(self.recurrent_kernel, "u", "r"))
        u = self.recurrent_activation(x_u + gates[..., : self.units])
        r = self.recurrent_activation(x_r + gates[..., self.units :])
        candidate = self.activation(
            x_c + matmul(r * c_prev, self.columns(self.recurrent_kernel, "c"))
        )
        c = u * candidate + (1 - u) * c_prev
        return c, [c]
