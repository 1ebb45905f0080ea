"""Layers: what users put in a model."""

from kerasrnn.layers._basic_rnn import BasicRNN
from kerasrnn.layers._brnn import BRNN
from kerasrnn.layers._deep_rnn import DeepRNN
from kerasrnn.layers._full_gru import FullGRU
from kerasrnn.layers._lstm import LSTM
from kerasrnn.layers._peephole_lstm import PeepholeLSTM
from kerasrnn.layers._rnn import RNN
from kerasrnn.layers._simplified_gru import SimplifiedGRU

__all__ = [
    "BRNN",
    "RNN",
    "BasicRNN",
    "DeepRNN",
    "FullGRU",
    "LSTM",
    "PeepholeLSTM",
    "SimplifiedGRU",
]
