from keras import initializers, ops
from keras.saving import register_keras_serializable

from kerasrnn.cells._gated_cell import GatedCell


@register_keras_serializable(package="kerasrnn")
class LSTMCell(GatedCell):
    """Long short-term memory with a forget gate.

    Equations:

        c̃   = tanh(W_c[a⟨t−1⟩, x⟨t⟩] + b_c)
        Γ_u = σ(W_u[a⟨t−1⟩, x⟨t⟩] + b_u)
        Γ_f = σ(W_f[a⟨t−1⟩, x⟨t⟩] + b_f)
        Γ_o = σ(W_o[a⟨t−1⟩, x⟨t⟩] + b_o)
        c⟨t⟩ = Γ_u∘c̃ + Γ_f∘c⟨t−1⟩
        a⟨t⟩ = Γ_o∘tanh(c⟨t⟩)

    Source: Hochreiter & Schmidhuber, Neural Computation 9 (1997); the forget gate is that of Gers
    et al., Neural Computation 12 (2000). Γ_u is Keras's gate i.

    Weights (gate order (u, f, c, o), as Keras's (i, f, c, o)):
        kernel: `(features, 4·units)`.
        recurrent_kernel: `(units, 4·units)`.
        bias: `(4·units,)`.

    Args:
        units: positive integer, size of a and of c.
        activation: activation of c̃ and of c⟨t⟩ in the output.
        recurrent_activation: σ.
        use_bias: whether there is a bias.
        unit_forget_bias: start with a bias of one in Γ_f (Jozefowicz et al., 2015), and by
            `bias_initializer` elsewhere, as Keras does.
        **kwargs: the other arguments of `kerasrnn.cells.Cell`.

    Call arguments:
        inputs: tensor `(batch, features)`.
        states: list of two tensors `(batch, units)`: a⟨t−1⟩ and c⟨t−1⟩.
        training: whether dropout acts.

    Returns:
        a⟨t⟩ `(batch, units)` and the list [a⟨t⟩, c⟨t⟩].

    Masking: none here; the layer keeps the states at masked steps.

    Raises:
        ValueError: `units` is not a positive integer, or a dropout rate is outside [0, 1).

    Example:
        >>> from keras import ops
        >>> from kerasrnn.cells import LSTMCell
        >>> cell = LSTMCell(4)
        >>> a, states = cell(ops.ones((2, 3)), cell.get_initial_state(batch_size=2))
        >>> tuple(a.shape), len(states)
        ((2, 4), 2)
    """

    gates = ("u", "f", "c", "o")
    state_names = ("a", "c")
    cudnn = ("lstm", {"u": 1, "f": 1, "c": 1, "o": 1})

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        *,
        unit_forget_bias=True,
        **kwargs,
    ):
        super().__init__(units, activation, recurrent_activation, use_bias, **kwargs)
        self.unit_forget_bias = unit_forget_bias

    def initial_bias(self, shape, dtype=None):
        if not self.unit_forget_bias:
            return super().initial_bias(shape, dtype=dtype)
        forget = self.gates.index("f")
        before, after = forget * self.units, (len(self.gates) - forget - 1) * self.units
        return ops.concatenate(  # drawn in these pieces, as Keras does, so that seeds agree
            [
                self.bias_initializer((before,), dtype=dtype),
                initializers.Ones()((self.units,), dtype=dtype),
                self.bias_initializer((after,), dtype=dtype),
            ]
        )

    def step(self, projected, states, matmul):
        a_prev, c_prev = states
        z_u, z_f, z_c, z_o = self.split(projected + matmul(a_prev, self.recurrent_kernel))
        u = self.gate("u", z_u)
        f = self.gate("f", z_f)
        o = self.gate("o", z_o)
        candidate = self.activation(z_c)
        c = u * candidate + f * c_prev
        a = o * self.activation(c)
        return a, [a, c]

    def get_config(self):
        return {**super().get_config(), "unit_forget_bias": self.unit_forget_bias}
