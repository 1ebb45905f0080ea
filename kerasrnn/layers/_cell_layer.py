"""What all layers over one of the library's cells share."""

import inspect

from kerasrnn._hints import did_you_mean
from kerasrnn.layers._rnn import RNN
from kerasrnn.sequence._engine import has_cudnn

# May be given without their names, in Keras's order.
_POSITIONAL = (
    "units",
    "activation",
    "recurrent_activation",
    "use_bias",
    "kernel_initializer",
    "recurrent_initializer",
    "bias_initializer",
)
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

    @classmethod
    def _named(cls, values, arguments):
        """The arguments, those that were given without their names among them."""
        names = [name for name in _POSITIONAL if name in cls.__signature__.parameters]
        if len(values) > len(names):
            raise TypeError(
                f"{cls.__name__} takes {', '.join(names)} by position and all else by name; "
                f"received {len(values)} values without names."
            )
        given = dict(zip(names, values, strict=False))
        twice = sorted(given.keys() & arguments.keys())
        if twice:
            raise TypeError(f"{cls.__name__} received {', '.join(twice)} twice.")
        return {**given, **arguments}

    @classmethod
    def _require_known(cls, arguments):
        """Raises TypeError where an argument is unknown, or `units` is missing."""
        known = [*cls.__signature__.parameters, *_LAYER_ARGUMENTS]
        for name in arguments:
            if name not in known:
                hint = did_you_mean(name, known, "`")
                raise TypeError(f"{cls.__name__} has no argument `{name}`.{hint}")
        if "units" not in arguments:
            raise TypeError(f"{cls.__name__} needs `units`, the size of its output.")

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.__signature__ = _signature(cls.cell_class, CellLayer)
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
        use_cudnn="auto",
        **kwargs,
    ):
        if use_cudnn not in ("auto", False):
            raise ValueError(
                "`use_cudnn` must be 'auto', which takes cuDNN where it has the cell, or False; "
                f"received {use_cudnn!r}."
            )
        kwargs.pop("implementation", None)  # of Keras's older layers; changes no result
        kwargs = self._named(args, kwargs)
        self._require_known(kwargs)
        layer = {name: kwargs.pop(name) for name in _LAYER_ARGUMENTS if name in kwargs}
        shared = {name: layer[name] for name in _SHARED_WITH_CELL if name in layer}
        super().__init__(
            self.cell_class(name="cell", **shared, **kwargs),
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            zero_output_for_mask=zero_output_for_mask,
            **layer,
        )
        self.use_cudnn = use_cudnn
        if use_cudnn == "auto" and not unroll and has_cudnn(self.cell):
            self.supports_jit = False  # so that Keras does not compile the graph around by itself

    def get_config(self):
        layer = super().get_config()
        del layer["cell"]
        return {**self.cell.get_config(), **layer, "use_cudnn": self.use_cudnn}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def _signature(cell_class, layer_class):
    """The cell's own arguments, those that it hands to its bases, and those of the layer."""
    parameters = {}
    for base in (*cell_class.__mro__, layer_class):
        if base.__module__.startswith("kerasrnn") and "__init__" in vars(base):
            for parameter in list(inspect.signature(base.__init__).parameters.values())[1:]:
                if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                    parameters.setdefault(parameter.name, parameter)
    names = [name for name in _POSITIONAL if name in parameters]
    names += [name for name in parameters if name not in names]
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    named = [parameters[name].replace(kind=kinds[name in _POSITIONAL]) for name in names]
    return inspect.Signature([*named, inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)])
