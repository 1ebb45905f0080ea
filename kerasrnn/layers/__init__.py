"""Layers: what users put in a model."""

from kerasrnn.layers._basic_rnn import BasicRNN
from kerasrnn.layers._brnn import BRNN
from kerasrnn.layers._character_features import CharacterFeatures
from kerasrnn.layers._deep_rnn import DeepRNN
from kerasrnn.layers._each_step import EachStep
from kerasrnn.layers._from_keras import from_keras
from kerasrnn.layers._from_torch import from_torch_state_dict
from kerasrnn.layers._full_gru import FullGRU
from kerasrnn.layers._join_features import JoinFeatures
from kerasrnn.layers._lstm import LSTM
from kerasrnn.layers._names import cell_names, recurrent
from kerasrnn.layers._peephole_lstm import PeepholeLSTM
from kerasrnn.layers._rnn import RNN
from kerasrnn.layers._simplified_gru import SimplifiedGRU
from kerasrnn.layers._word_dropout import WordDropout

__all__ = [
    "BRNN",
    "RNN",
    "BasicRNN",
    "CharacterFeatures",
    "DeepRNN",
    "EachStep",
    "FullGRU",
    "JoinFeatures",
    "LSTM",
    "PeepholeLSTM",
    "SimplifiedGRU",
    "WordDropout",
    "cell_names",
    "from_keras",
    "from_torch_state_dict",
    "recurrent",
]
