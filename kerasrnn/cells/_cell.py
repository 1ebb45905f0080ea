"""The base of all cells: arguments, weights, dropout; no equation."""

import keras
from keras import ops

# Keras keeps the class by which `keras.layers.RNN` finds a cell's dropout masks out of its public
# interface. It is imported here alone, so that a move upstream is mended in one line.
from keras.src.layers.rnn.dropout_rnn_cell import DropoutRNNCell

from kerasrnn.cells._arguments import keras_object, positive_integer, rate
from kerasrnn.cells._steps import checked_names, known_gate, take_step


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

    Masking: none here; the layer keeps the states at masked steps.

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
    # Of a cell that cuDNN has: its name there, and the gates in the order there, each with the sign
    # that its weights take. It does not hold for subclasses, whose step may differ.
    cudnn = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for attribute in ("gates", "state_names"):
            if not isinstance(getattr(cls, attribute), property):
                checked_names(cls.__name__, attribute, getattr(cls, attribute))

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
        self._kinds = {}
        self.units = positive_integer("units", units)
        self.use_bias = use_bias
        self._keep(keras.activations, activation=activation)
        self._keep(
            keras.initializers,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
        )
        self._keep(
            keras.regularizers,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
        )
        self._keep(
            keras.constraints,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
        )
        self.dropout = rate("dropout", dropout)
        self.recurrent_dropout = rate("recurrent_dropout", recurrent_dropout)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed=seed)

    def _keep(self, kind, **given):
        """Sets what `kind` (`keras.activations`, …) makes of each argument as an attribute."""
        for name, value in given.items():
            setattr(self, name, keras_object(name, value, kind))
            self._kinds[name] = kind

    @property
    def state_size(self):
        return [self.units for _ in self.state_names]

    @property
    def output_size(self):
        return self.units

    def build(self, input_shape):
        if input_shape[-1] is None:
            raise ValueError(
                f"The number of features of '{self.name}' must be known; received shape "
                f"{tuple(input_shape)}. Give the Input a last size."
            )
        for attribute in ("gates", "state_names"):
            if not getattr(self, attribute):
                raise ValueError(
                    f"`{attribute}` of {type(self).__name__} is empty; a cell must name its gates "
                    'and its states, such as `gates = ("f", "c")` and `state_names = ("c",)`.'
                )
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
                shape=self.bias_shape,
                name="bias",
                initializer=self.initial_bias,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    @property
    def bias_shape(self):
        """Shape of the bias."""
        return (len(self.gates) * self.units,)

    @property
    def input_bias(self):
        """What the projection adds; a cell that has another bias besides overrides it."""
        return self.bias

    def initial_bias(self, shape, dtype=None):
        """The bias at the start; a cell that starts a gate open overrides it."""
        return self.bias_initializer(shape, dtype=dtype)

    def project(self, inputs):
        """What depends on the input alone: `inputs @ kernel + bias`.

        Args:
            inputs: tensor `(batch, features)` or `(batch, time, features)`.

        Returns:
            Tensor of the same rank, `G·units` wide.

        Raises:
            ValueError: the inputs are not as wide as those that the cell was built for.
        """
        features = self.kernel.shape[0]
        if inputs.shape[-1] != features:
            raise ValueError(
                f"`inputs` of '{self.name}' must be {features} wide, as when it was built; "
                f"received shape {tuple(inputs.shape)}."
            )
        projected = ops.matmul(inputs, self.kernel)
        return projected if self.bias is None else ops.add(projected, self.input_bias)

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

    def initial_output(self, states):
        """What stands for the output where there was no step: the first state."""
        return states[0]

    def split(self, packed):
        """The parts of a packed tensor `(..., G·units)`, one a gate, in the order of `gates`."""
        return ops.split(packed, len(self.gates), axis=-1)

    def columns(self, packed, *names):
        """The columns of neighbouring gates in a packed tensor `(..., G·units)`."""
        for name in names:
            known_gate(self, name, "columns")
        first = self.gates.index(names[0])
        if tuple(self.gates[first : first + len(names)]) != names:
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
        projected = ops.cast(self.project(inputs), self.compute_dtype)
        output, new_states = take_step(self, projected, states, matmul)
        return output, new_states if nested else new_states[0]

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in self.state_size]

    def get_config(self):
        return {
            **super().get_config(),
            **{name: kind.serialize(getattr(self, name)) for name, kind in self._kinds.items()},
            "units": self.units,
            "use_bias": self.use_bias,
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


def masked_matmul(mask, matmul=ops.matmul):
    """A `matmul` whose left operand is dropped by a mask `(batch, units)`."""
    return lambda operand, weight: matmul(operand * mask, weight)
