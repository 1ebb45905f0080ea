"""Cells: the equations of one time step, one cell a file."""

from kerasrnn.cells._basic_rnn_cell import BasicRNNCell
from kerasrnn.cells._cell import Cell
from kerasrnn.cells._full_gru_cell import FullGRUCell
from kerasrnn.cells._gated_cell import GatedCell
from kerasrnn.cells._lstm_cell import LSTMCell
from kerasrnn.cells._peephole_lstm_cell import PeepholeLSTMCell
from kerasrnn.cells._simplified_gru_cell import SimplifiedGRUCell

__all__ = [
    "BasicRNNCell",
    "Cell",
    "FullGRUCell",
    "GatedCell",
    "LSTMCell",
    "PeepholeLSTMCell",
    "SimplifiedGRUCell",
]
