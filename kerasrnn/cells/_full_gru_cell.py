from keras.saving import register_keras_serializable

from kerasrnn.cells._gated_cell import GatedCell


@register_keras_serializable(package="kerasrnn")
class FullGRUCell(GatedCell):
    """Gated recurrent unit with an update gate and a relevance gate.

    Equations:

        Γ_u = σ(W_u[c⟨t−1⟩, x⟨t⟩] + b_u)
        Γ_r = σ(W_r[c⟨t−1⟩, x⟨t⟩] + b_r)
        c̃   = tanh(W_c[Γ_r∘c⟨t−1⟩, x⟨t⟩] + b_c)                      reset_after=False
        c̃   = tanh(W_cx x⟨t⟩ + b_c + Γ_r∘(W_cc c⟨t−1⟩ + b_cc))        reset_after=True
        c⟨t⟩ = Γ_u∘c̃ + (1−Γ_u)∘c⟨t−1⟩
        a⟨t⟩ = c⟨t⟩

    Γ_u multiplies the candidate; in `keras.layers.GRU` the gate z multiplies the old state, so
    Γ_u = 1 − z: the same function with the update gate's weights and bias negated.

    With `reset_after=True` the relevance gate acts after the recurrent product, and each gate has
    a second bias, inside that product: Γ_u = σ(W_ux x⟨t⟩ + b_u + W_uc c⟨t−1⟩ + b_uc). That is the
    default of `keras.layers.GRU` and the form of PyTorch's GRU.

    Source: Cho et al., arXiv:1406.1078; notation of Ng's course "Sequence Models", "Full GRU".
    The second form is that of cuDNN.

    Weights (gate order (u, r, c)):
        kernel: `(features, 3·units)`.
        recurrent_kernel: `(units, 3·units)`.
        bias: `(3·units,)`; with `reset_after` `(2, 3·units)`: that of the input's product, then
            that of the recurrent product.

    Args:
        units: positive integer, size of c.
        activation: activation of c̃.
        recurrent_activation: σ.
        use_bias: whether there is a bias.
        reset_after: whether Γ_r acts after the recurrent product.
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

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        *,
        reset_after=False,
        **kwargs,
    ):
        super().__init__(units, activation, recurrent_activation, use_bias, **kwargs)
        self.reset_after = reset_after

    @property
    def cudnn(self):
        # Its update gate multiplies the old state: 1 − Γ_u = σ(−z_u).
        return ("gru", {"r": 1, "u": -1, "c": 1}) if self.reset_after else None

    @property
    def bias_shape(self):
        width = len(self.gates) * self.units
        return (2, width) if self.reset_after else (width,)

    @property
    def input_bias(self):
        return self.bias[0] if self.reset_after else self.bias

    def step(self, projected, states, matmul):
        (c_prev,) = states
        x_u, x_r, x_c = self.split(projected)
        if self.reset_after:
            z = matmul(c_prev, self.recurrent_kernel)
            z_u, z_r, z_c = self.split(z + self.bias[1] if self.use_bias else z)
        else:
            z = matmul(c_prev, self.columns(self.recurrent_kernel, "u", "r"))
            z_u, z_r = z[..., : self.units], z[..., self.units :]
        u = self.gate("u", x_u + z_u)
        r = self.gate("r", x_r + z_r)
        if self.reset_after:
            candidate = self.activation(x_c + r * z_c)
        else:
            w_c = self.columns(self.recurrent_kernel, "c")
            candidate = self.activation(x_c + matmul(r * c_prev, w_c))
        c = u * candidate + (1 - u) * c_prev
        return c, [c]

    def get_config(self):
        return {**super().get_config(), "reset_after": self.reset_after}
