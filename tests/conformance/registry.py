"""Every public class of `kerasrnn.cells` and `kerasrnn.layers`, with how to make it.

`CELLS`, `LAYERS` (recurrent) and `FEATURE_LAYERS` (others) make `ENTRIES`.

The conformance tests run on all entries; `test_registry.py` fails when a public class is missing.
An abstract base is covered by a small cell of a user, defined here.
"""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np

from kerasrnn import cells, layers

BATCH, TIME, FEATURES, UNITS = 2, 5, 4, 3
# What the entries take; everything else that a factory is given is the cell's.
LAYER_ARGUMENTS = (
    "activity_regularizer",
    "go_backwards",
    "name",
    "return_sequences",
    "return_state",
    "stateful",
    "trainable",
    "unroll",
    "zero_output_for_mask",
)


@keras.saving.register_keras_serializable(package="tests")
class LeakyCell(cells.Cell):
    """A user's cell without gates."""

    gates = ("a",)
    state_names = ("a",)

    def step(self, projected, states, matmul):
        (a_prev,) = states
        a = 0.7 * a_prev + self.activation(projected + matmul(a_prev, self.recurrent_kernel))
        return a, [a]


@keras.saving.register_keras_serializable(package="tests")
class MinimalGatedCell(cells.GatedCell):
    """A user's cell with one gate, whose output is not its state."""

    gates = ("f", "c")
    state_names = ("c",)

    def step(self, projected, states, matmul):
        (c_prev,) = states
        z_f, z_c = self.split(projected + matmul(c_prev, self.recurrent_kernel))
        f = self.recurrent_activation(z_f)
        c = f * c_prev + (1 - f) * self.activation(z_c)
        return f * c, [c]


class Entry(NamedTuple):
    """`factory(**arguments)` makes `covers`, or a subclass of it, for inputs of `input_shape`."""

    name: str
    covers: type
    factory: Callable
    input_shape: tuple  # or a list of tuples
    forward_only: bool = True  # whether the output of a step knows nothing of later steps
    dtype: str = "float32"  # of the inputs

    @property
    def has_weights(self):
        return self.name not in ("JoinFeatures", "WordDropout")

    def example(self):
        """Random inputs of `input_shape`: an array, or a list of arrays."""
        return self._draw(self.input_shape)

    def model_example(self):
        """Random inputs of `model()`: sequences, of another length than `input_shape`'s."""
        if self in CELLS:
            return self._draw((BATCH, TIME + 1, FEATURES))
        longer = keras.tree.map_shape_structure(
            lambda shape: (BATCH + 1, TIME + 1, *shape[2:]), self.input_shape
        )
        return self._draw(longer)

    def _draw(self, shapes):
        rng = np.random.default_rng(1)

        def draw(shape):
            if self.dtype == "float32":
                return rng.normal(size=shape).astype(self.dtype)
            return rng.integers(0, 6, size=shape).astype(self.dtype)  # 0 is padding

        return keras.tree.map_shape_structure(draw, shapes)

    def model(self, **arguments):
        """A functional model of unknown batch and time around the layer, or around the cell in
        `keras.layers.RNN`.
        """
        layer = self.factory(**arguments)
        if self in CELLS:
            inputs = keras.Input((None, self.input_shape[-1]))
            return keras.Model(inputs, keras.layers.RNN(layer)(inputs))
        inputs = keras.tree.map_shape_structure(
            lambda shape: keras.Input((None, *shape[2:]), dtype=self.dtype), self.input_shape
        )
        return keras.Model(inputs, layer(inputs))


def _cell(cell_class, **fixed):
    return lambda **arguments: cell_class(UNITS, **fixed, **arguments)


def _layer(layer_class, **fixed):
    return lambda **arguments: layer_class(UNITS, **fixed, **arguments)


def _divided(arguments):
    """What goes to the layer, and what goes to its cells."""
    own = {name: arguments.pop(name) for name in LAYER_ARGUMENTS if name in arguments}
    return own, arguments


def _rnn(cell_class):
    def make(dtype=None, **arguments):
        own, of_cell = _divided(arguments)
        return layers.RNN(cell_class(UNITS, dtype=dtype, **of_cell), dtype=dtype, **own)

    return make


def _brnn(layer_class):
    def make(dtype=None, **arguments):
        own = {
            name: arguments.pop(name)
            for name in ("activity_regularizer", "name", "trainable")
            if name in arguments
        }
        return layers.BRNN(layer_class(UNITS, dtype=dtype, **arguments), dtype=dtype, **own)

    return make


def _deep_rnn(*level_factories, **fixed):
    def make(dtype=None, **arguments):
        own, of_cell = _divided(arguments)
        levels = [make_level(dtype, of_cell) for make_level in level_factories]
        return layers.DeepRNN(levels, dtype=dtype, **fixed, **own)

    return make


def _level(level_class, units):
    return lambda dtype, arguments: level_class(units, dtype=dtype, **arguments)


def _both_ways(level_class, units):
    return lambda dtype, arguments: layers.BRNN(
        level_class(units, dtype=dtype, **arguments), dtype=dtype
    )


STEP = (BATCH, FEATURES)
SEQUENCE = (BATCH, TIME, FEATURES)

CELLS = [
    Entry("BasicRNNCell", cells.BasicRNNCell, _cell(cells.BasicRNNCell), STEP),
    Entry("SimplifiedGRUCell", cells.SimplifiedGRUCell, _cell(cells.SimplifiedGRUCell), STEP),
    Entry("FullGRUCell", cells.FullGRUCell, _cell(cells.FullGRUCell), STEP),
    Entry(
        "FullGRUCell-reset_after",
        cells.FullGRUCell,
        _cell(cells.FullGRUCell, reset_after=True),
        STEP,
    ),
    Entry("LSTMCell", cells.LSTMCell, _cell(cells.LSTMCell), STEP),
    Entry("PeepholeLSTMCell", cells.PeepholeLSTMCell, _cell(cells.PeepholeLSTMCell), STEP),
    Entry(
        "PeepholeLSTMCell-current",
        cells.PeepholeLSTMCell,
        _cell(cells.PeepholeLSTMCell, output_peephole="current"),
        STEP,
    ),
    Entry("Cell", cells.Cell, _cell(LeakyCell), STEP),
    Entry("GatedCell", cells.GatedCell, _cell(MinimalGatedCell), STEP),
]

LAYERS = [
    Entry("BasicRNN", layers.BasicRNN, _layer(layers.BasicRNN), SEQUENCE),
    Entry("SimplifiedGRU", layers.SimplifiedGRU, _layer(layers.SimplifiedGRU), SEQUENCE),
    Entry("FullGRU", layers.FullGRU, _layer(layers.FullGRU), SEQUENCE),
    Entry(
        "FullGRU-reset_after", layers.FullGRU, _layer(layers.FullGRU, reset_after=True), SEQUENCE
    ),
    Entry("LSTM", layers.LSTM, _layer(layers.LSTM), SEQUENCE),
    Entry("PeepholeLSTM", layers.PeepholeLSTM, _layer(layers.PeepholeLSTM), SEQUENCE),
    Entry(
        "PeepholeLSTM-current",
        layers.PeepholeLSTM,
        _layer(layers.PeepholeLSTM, output_peephole="current"),
        SEQUENCE,
    ),
    Entry("RNN", layers.RNN, _rnn(MinimalGatedCell), SEQUENCE),
    Entry("BRNN", layers.BRNN, _brnn(layers.PeepholeLSTM), SEQUENCE, forward_only=False),
    Entry(
        "DeepRNN",
        layers.DeepRNN,
        _deep_rnn(_level(cells.LSTMCell, 2), _level(layers.FullGRU, UNITS)),
        SEQUENCE,
    ),
    Entry(
        "DeepRNN-both-ways",
        layers.DeepRNN,
        _deep_rnn(_both_ways(layers.FullGRU, 2), _level(layers.BasicRNN, UNITS)),
        SEQUENCE,
        forward_only=False,
    ),
    Entry(
        "DeepRNN-residual",
        layers.DeepRNN,
        _deep_rnn(
            _level(layers.PeepholeLSTM, UNITS),
            _level(layers.SimplifiedGRU, UNITS),
            residual=True,
            layer_norm=True,
        ),
        SEQUENCE,
    ),
]

# Layers that are put around the recurrent ones.
FEATURE_LAYERS = [
    Entry(
        "CharacterFeatures",
        layers.CharacterFeatures,
        lambda **arguments: layers.CharacterFeatures(
            6, **{"embedding_dim": 2, "filters": UNITS, **arguments}
        ),
        (BATCH, TIME, 7),
        dtype="int32",
    ),
    Entry(
        "EachStep",
        layers.EachStep,
        lambda **arguments: layers.EachStep(
            keras.layers.Dense(UNITS, activation="tanh"), **arguments
        ),
        (BATCH, TIME, FEATURES),
    ),
    Entry(
        "JoinFeatures",
        layers.JoinFeatures,
        layers.JoinFeatures,
        [(BATCH, TIME, 2), (BATCH, TIME, 3)],
    ),
    Entry(
        "WordDropout",
        layers.WordDropout,
        lambda **arguments: layers.WordDropout(**{"rate": 0.5, **arguments}),
        (BATCH, TIME),
        dtype="int32",
    ),
]

ENTRIES = [*CELLS, *LAYERS, *FEATURE_LAYERS]
# For what is slow: one layer, one that reads both ways, one of several levels.
ONE_OF_EACH_KIND = ["FullGRU", "BRNN", "DeepRNN"]
FORWARD_LAYERS = [entry for entry in LAYERS if entry.forward_only]


def named(entries):
    """The arguments of `pytest.mark.parametrize` for a test that takes `entry`."""
    return {
        "argnames": "entry",
        "argvalues": entries,
        "ids": [entry.name for entry in entries],
    }
