"""What cells with gates add to `Cell`: the gates' activation."""

import keras

from kerasrnn.cells._cell import Cell
from kerasrnn.cells._gates import show_gate
from kerasrnn.cells._steps import known_gate


class GatedCell(Cell):
    """Base class of cells with gates: `Cell` and the activation σ of the gates.

    Equations (for the gates k of the subclass, but for the candidate):

        Γ_k = σ(z_k)        `gate`; z_k is what the subclass puts inside

    Weights: those of `Cell`.

    Args:
        units: positive integer, size of the output and of each state.
        activation: activation of the candidate.
        recurrent_activation: activation σ of the gates.
        use_bias: whether there is a bias.
        **kwargs: the other arguments of `Cell`.

    Call arguments:
        inputs, states, training: as in `Cell`.

    Returns:
        The output `(batch, units)` and the list of new states.

    Masking: none here; the layer keeps the states at masked steps.

    Raises:
        ValueError: `units` is not a positive integer, or a dropout rate is outside [0, 1).

    Example:
        >>> from kerasrnn.cells import FullGRUCell, GatedCell
        >>> isinstance(FullGRUCell(4), GatedCell)
        True
    """

    def __init__(
        self, units, activation="tanh", recurrent_activation="sigmoid", use_bias=True, **kwargs
    ):
        super().__init__(units, activation, use_bias, **kwargs)
        self._keep(keras.activations, recurrent_activation=recurrent_activation)

    def gate(self, name, z):
        """The gate Γ_name = σ(z), which traces show under its name.

        Args:
            name: the gate's letter, as in `gates`.
            z: tensor `(batch, units)`, what is inside σ.

        Returns:
            Tensor `(batch, units)`.

        Raises:
            ValueError: `name` is not in `gates`, or is that of a gate that the step has shown.
        """
        known_gate(self, name, "gate")
        return show_gate(name, self.recurrent_activation(z))
