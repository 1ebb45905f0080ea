"""What all layers over one of the library's cells share."""

import inspect

from kerasrnn.layers._rnn import RNN

# What `keras.layers.Layer` takes; all else that is not an argument of `RNN` is the cell's.
_LAYER_ARGUMENTS = ("activity_regularizer", "autocast", "dtype", "input_shape", "name", "trainable")
_SHARED_WITH_CELL = ("dtype", "trainable")
# Read through to the cell, as `keras.layers.LSTM` does.
_CELL_ATTRIBUTES = (
    "units",
    "activation",
    "recurrent_activation",
    "use_bias",
    "unit_forget_bias",
    "output_peephole",
    "reset_after",
    "kernel_initializer",
    "recurrent_initializer",
    "bias_initializer",
    "peephole_initializer",
    "kernel_regularizer",
    "recurrent_regularizer",
    "bias_regularizer",
    "peephole_regularizer",
    "kernel_constraint",
    "recurrent_constraint",
    "bias_constraint",
    "peephole_constraint",
    "dropout",
    "recurrent_dropout",
    "seed",
)


class CellLayer(RNN):
    """Base of layers that make their own cell: `cell_class` and a docstring are a whole layer.

    The arguments are those of the cell, in its order, then those of `RNN`; `inspect.signature`
    shows them.
    """

    cell_class = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.__signature__ = _signature(cls.cell_class)
        for name in _CELL_ATTRIBUTES:
            if name in cls.__signature__.parameters:
                setattr(cls, name, property(lambda self, name=name: getattr(self.cell, name)))

    def __init__(
        self,
        *args,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        zero_output_for_mask=False,
        **kwargs,
    ):
        layer = {name: kwargs.pop(name) for name in _LAYER_ARGUMENTS if name in kwargs}
        shared = {name: layer[name] for name in _SHARED_WITH_CELL if name in layer}
        super().__init__(
            self.cell_class(*args, name="cell", **shared, **kwargs),
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            zero_output_for_mask=zero_output_for_mask,
            **layer,
        )

    def get_config(self):
        layer = super().get_config()
        del layer["cell"]
        return {**self.cell.get_config(), **layer}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def _signature(cell_class):
    """The cell's own arguments, those that it hands to its bases, and those of `RNN`."""
    parameters = {}
    for base in (*cell_class.__mro__, RNN):
        if base.__module__.startswith("kerasrnn") and "__init__" in vars(base):
            for parameter in list(inspect.signature(base.__init__).parameters.values())[1:]:
                if parameter.kind != parameter.VAR_KEYWORD and parameter.name != "cell":
                    parameters.setdefault(parameter.name, parameter)
    required = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature(
        [
            parameter.replace(
                kind=required
                if parameter.default is parameter.empty
                else inspect.Parameter.KEYWORD_ONLY
            )
            for parameter in parameters.values()
        ]
        + [inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)]
    )
