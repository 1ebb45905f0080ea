import keras
from keras.saving import register_keras_serializable

from kerasrnn.cells._lstm_cell import LSTMCell


@register_keras_serializable(package="kerasrnn")
class PeepholeLSTMCell(LSTMCell):
    """LSTM whose gates also see the memory cell.

    Equations:

        c̃   = tanh(W_c[a⟨t−1⟩, x⟨t⟩] + b_c)
        Γ_u = σ(W_u[a⟨t−1⟩, x⟨t⟩] + p_u∘c⟨t−1⟩ + b_u)
        Γ_f = σ(W_f[a⟨t−1⟩, x⟨t⟩] + p_f∘c⟨t−1⟩ + b_f)
        c⟨t⟩ = Γ_u∘c̃ + Γ_f∘c⟨t−1⟩
        Γ_o = σ(W_o[a⟨t−1⟩, x⟨t⟩] + p_o∘c⟨t−1⟩ + b_o)      output_peephole="previous"
        Γ_o = σ(W_o[a⟨t−1⟩, x⟨t⟩] + p_o∘c⟨t⟩ + b_o)        output_peephole="current"
        a⟨t⟩ = Γ_o∘tanh(c⟨t⟩)

    Each p_k is a vector: element j of the cell touches only element j of the gate.

    Source: Gers & Schmidhuber, "Recurrent Nets that Time and Count", IJCNN 2000, which is the
    "current" form; the "previous" form, with one time index in all gates, is that of Ng's course
    "Sequence Models".

    Weights (gate order (u, f, c, o)):
        kernel: `(features, 4·units)`.
        recurrent_kernel: `(units, 4·units)`.
        bias: `(4·units,)`.
        peephole_kernel: `(3, units)`: p_u, p_f, p_o.

    Args:
        units: positive integer, size of a and of c.
        activation: activation of c̃ and of c⟨t⟩ in the output.
        recurrent_activation: σ.
        use_bias: whether there is a bias.
        output_peephole: `"previous"` or `"current"`: the cell state that Γ_o sees.
        peephole_initializer: initialiser of `peephole_kernel`; the default `"zeros"` starts
            training from the plain LSTM.
        peephole_regularizer: regulariser of `peephole_kernel`, or `None`.
        peephole_constraint: constraint of `peephole_kernel`, or `None`.
        **kwargs: the other arguments of `kerasrnn.cells.LSTMCell`.

    Call arguments:
        inputs: tensor `(batch, features)`.
        states: list of two tensors `(batch, units)`: a⟨t−1⟩ and c⟨t−1⟩.
        training: whether dropout acts.

    Returns:
        a⟨t⟩ `(batch, units)` and the list [a⟨t⟩, c⟨t⟩].

    Masking: none here; the layer keeps the states at masked steps.

    Raises:
        ValueError: `units` is not a positive integer, a dropout rate is outside [0, 1), or
            `output_peephole` is neither `"previous"` nor `"current"`.

    Example:
        >>> from keras import ops
        >>> from kerasrnn.cells import PeepholeLSTMCell
        >>> cell = PeepholeLSTMCell(4, output_peephole="current")
        >>> a, states = cell(ops.ones((2, 3)), cell.get_initial_state(batch_size=2))
        >>> tuple(a.shape), tuple(cell.peephole_kernel.shape)
        ((2, 4), (3, 4))
    """

    peepholes = ("u", "f", "o")

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        *,
        output_peephole="previous",
        peephole_initializer="zeros",
        peephole_regularizer=None,
        peephole_constraint=None,
        **kwargs,
    ):
        super().__init__(units, activation, recurrent_activation, use_bias, **kwargs)
        if output_peephole not in ("previous", "current"):
            raise ValueError(
                "`output_peephole` must be 'previous' (the output gate sees the cell state of "
                f"the last step) or 'current' (of this step); received {output_peephole!r}."
            )
        self.output_peephole = output_peephole
        self._keep(keras.initializers, peephole_initializer=peephole_initializer)
        self._keep(keras.regularizers, peephole_regularizer=peephole_regularizer)
        self._keep(keras.constraints, peephole_constraint=peephole_constraint)

    def build(self, input_shape):
        super().build(input_shape)
        self.peephole_kernel = self.add_weight(
            shape=(len(self.peepholes), self.units),
            name="peephole_kernel",
            initializer=self.peephole_initializer,
            regularizer=self.peephole_regularizer,
            constraint=self.peephole_constraint,
        )

    def step(self, projected, states, matmul):
        a_prev, c_prev = states
        z_u, z_f, z_c, z_o = self.split(projected + matmul(a_prev, self.recurrent_kernel))
        p_u, p_f, p_o = (self.peephole_kernel[k] for k in range(len(self.peepholes)))
        u = self.gate("u", z_u + p_u * c_prev)
        f = self.gate("f", z_f + p_f * c_prev)
        candidate = self.activation(z_c)
        c = u * candidate + f * c_prev
        c_seen = c if self.output_peephole == "current" else c_prev
        o = self.gate("o", z_o + p_o * c_seen)
        a = o * self.activation(c)
        return a, [a, c]

    def get_config(self):
        return {**super().get_config(), "output_peephole": self.output_peephole}
