"""The zoo: one function a model, each returns an uncompiled `keras.Model`."""

from kerasrnn._shipped import shipped_folder
from kerasrnn.zoo._artefacts import find_weights
from kerasrnn.zoo._char_lm_gru import char_lm_gru
from kerasrnn.zoo._dna_bigru import dna_bigru
from kerasrnn.zoo._music_lstm import music_lstm
from kerasrnn.zoo._name_gru import name_gru
from kerasrnn.zoo._ner_bilstm import ner_bilstm
from kerasrnn.zoo._one_to_one_dense import one_to_one_dense
from kerasrnn.zoo._registry import get_builder, list_models
from kerasrnn.zoo._sentiment_gru import sentiment_gru
from kerasrnn.zoo._token_classifier import TokenClassifier
from kerasrnn.zoo._video_lrcn import video_lrcn
from kerasrnn.zoo._word_lm_lstm import word_lm_lstm

__all__ = [
    "TokenClassifier",
    "char_lm_gru",
    "dna_bigru",
    "find_weights",
    "get_builder",
    "list_models",
    "music_lstm",
    "name_gru",
    "ner_bilstm",
    "one_to_one_dense",
    "sentiment_gru",
    "shipped_folder",
    "video_lrcn",
    "word_lm_lstm",
]
