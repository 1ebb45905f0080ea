"""The base of all cells: arguments, weights, dropout; no equation."""

import numbers

import keras
from keras import ops

# Keras keeps the class by which `keras.layers.RNN` finds a cell's dropout masks out of its public
# interface. It is imported here alone, so that a move upstream is mended in one line.
from keras.src.layers.rnn.dropout_rnn_cell import DropoutRNNCell


class Cell(DropoutRNNCell, keras.layers.Layer):
    """Base class of cells: write the equations of one time step, get everything else.

    A subclass names its gates and states and writes `step`. The base class makes the weights
    from the names, applies dropout, and gives Keras's cell interface (`call`, `state_size`,
    `output_size`, `get_initial_state`).

    Equations (for the gates k of the subclass):

        projected⟨t⟩_k = x⟨t⟩ kernel_k + bias_k        `project`, all time steps at once
        y⟨t⟩, states⟨t⟩ = f(projected⟨t⟩, states⟨t−1⟩)  `step`, one time step

    Class attributes:
        gates: names of the gates in the order in which their weights are packed.
        state_names: names of the states; each is `(batch, units)`.

    Weights (G gates):
        kernel: `(features, G·units)`.
        recurrent_kernel: `(units, G·units)`.
        bias: `(G·units,)`, if `use_bias`.

    Args:
        units: positive integer, size of the output and of each state.
        activation: activation g of the candidate.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: initialisers of the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: regularisers, or `None`.
        kernel_constraint, recurrent_constraint, bias_constraint: constraints, or `None`.
        dropout: share of the inputs to drop in training, one mask for all time steps.
        recurrent_dropout: share of the left operands of the recurrent products to drop in
            training, one mask for all time steps.
        seed: seed of the dropout.
        **kwargs: `name`, `dtype`, `trainable`.

    Call arguments:
        inputs: tensor `(batch, features)`.
        states: list of tensors `(batch, units)`.
        training: whether dropout acts.

    Returns:
        The output `(batch, units)` and the list of new states.

    Raises:
        ValueError: `units` is not a positive integer, or a dropout rate is outside [0, 1).

    Example:
        >>> import keras
        >>> from keras import ops
        >>> from kerasrnn.cells import Cell
        >>> class LeakyCell(Cell):
        ...     gates = ("a",)
        ...     state_names = ("a",)
        ...     def step(self, projected, states, matmul):
        ...         (a_prev,) = states
        ...         a = 0.9 * a_prev + self.activation(
        ...             projected + matmul(a_prev, self.recurrent_kernel))
        ...         return a, [a]
        >>> tuple(keras.layers.RNN(LeakyCell(4))(ops.ones((2, 5, 3))).shape)
        (2, 4)
    """

    gates: tuple[str, ...] = ()
    state_names: tuple[str, ...] = ()

    def __init__(
        self,
        units,
        activation="tanh",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = _positive_integer("units", units)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = keras.regularizers.get(recurrent_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.recurrent_constraint = keras.constraints.get(recurrent_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)
        self.dropout = _rate("dropout", dropout)
        self.recurrent_dropout = _rate("recurrent_dropout", recurrent_dropout)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed=seed)

    @property
    def state_size(self):
        return [self.units for _ in self.state_names]

    @property
    def output_size(self):
        return self.units

    def build(self, input_shape):
        width = len(self.gates) * self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width),
            name="kernel",
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, width),
            name="recurrent_kernel",
            initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(width,),
                name="bias",
                initializer=self.initial_bias,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def initial_bias(self, shape, dtype=None):
        """The bias at the start; a cell that starts a gate open overrides it."""
        return self.bias_initializer(shape, dtype=dtype)

    def project(self, inputs):
        """What depends on the input alone: `inputs @ kernel + bias`.

        Args:
            inputs: tensor `(batch, features)` or `(batch, time, features)`.

        Returns:
            Tensor of the same rank, `G·units` wide.
        """
        projected = ops.matmul(inputs, self.kernel)
        return projected if self.bias is None else ops.add(projected, self.bias)

    def step(self, projected, states, matmul):
        """One time step; the only method that a new cell must write.

        Args:
            projected: tensor `(batch, G·units)`, one time step of `project`.
            states: list of tensors `(batch, units)`, one a name in `state_names`.
            matmul: function of (operand, weight) that every recurrent product goes through.

        Returns:
            The output `(batch, units)` and the list of new states.
        """
        raise NotImplementedError(f"{type(self).__name__} must define step().")

    def split(self, packed):
        """The parts of a packed tensor `(..., G·units)`, one a gate, in the order of `gates`."""
        return ops.split(packed, len(self.gates), axis=-1)

    def columns(self, packed, *names):
        """The columns of neighbouring gates in a packed tensor `(..., G·units)`."""
        first = self.gates.index(names[0])
        if self.gates[first : first + len(names)] != names:
            raise ValueError(f"{names} are not neighbours in the packed gates {self.gates}.")
        return packed[..., first * self.units : (first + len(names)) * self.units]

    def call(self, inputs, states, training=False):
        nested = isinstance(states, (list, tuple))
        states = list(states) if nested else [states]
        matmul = ops.matmul
        if training and self.dropout > 0:
            inputs = inputs * self.get_dropout_mask(inputs)
        if training and self.recurrent_dropout > 0:
            matmul = masked_matmul(self.get_recurrent_dropout_mask(states[0]))
        output, new_states = self.step(self.project(inputs), states, matmul)
        return output, new_states if nested else new_states[0]

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in self.state_size]

    def get_config(self):
        serialize = {
            "activation": keras.activations.serialize,
            "kernel_initializer": keras.initializers.serialize,
            "recurrent_initializer": keras.initializers.serialize,
            "bias_initializer": keras.initializers.serialize,
            "kernel_regularizer": keras.regularizers.serialize,
            "recurrent_regularizer": keras.regularizers.serialize,
            "bias_regularizer": keras.regularizers.serialize,
            "kernel_constraint": keras.constraints.serialize,
            "recurrent_constraint": keras.constraints.serialize,
            "bias_constraint": keras.constraints.serialize,
        }
        return {
            **super().get_config(),
            **{name: function(getattr(self, name)) for name, function in serialize.items()},
            "units": self.units,
            "use_bias": self.use_bias,
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


def masked_matmul(mask):
    """A `matmul` whose left operand is dropped by a mask `(batch, units)`."""
    return lambda operand, weight: ops.matmul(operand * mask, weight)


def _positive_integer(name, value):
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value <= 0:
        raise ValueError(f"`{name}` must be a positive integer; received {value!r}.")
    return int(value)


def _rate(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1:
        raise ValueError(f"`{name}` must be a number in [0, 1); received {value!r}.")
    return float(value)
