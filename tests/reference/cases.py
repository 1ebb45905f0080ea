"""Every cell's layer, in every form, beside its equations in NumPy."""

import functools
from collections.abc import Callable
from typing import NamedTuple

from kerasrnn import layers
from tests.reference import equations


class Case(NamedTuple):
    """`layer(units, **arguments)` makes a layer that follows `equation`."""

    layer: Callable
    equation: Callable


CASES = {
    "basic_rnn": Case(layers.BasicRNN, equations.basic_rnn),
    "simplified_gru": Case(layers.SimplifiedGRU, equations.simplified_gru),
    "full_gru": Case(layers.FullGRU, equations.full_gru),
    "full_gru_reset_after": Case(
        functools.partial(layers.FullGRU, reset_after=True), equations.full_gru_reset_after
    ),
    "lstm": Case(layers.LSTM, equations.lstm),
    "peephole_previous": Case(layers.PeepholeLSTM, equations.peephole_lstm_previous),
    "peephole_current": Case(
        functools.partial(layers.PeepholeLSTM, output_peephole="current"),
        equations.peephole_lstm_current,
    ),
}
