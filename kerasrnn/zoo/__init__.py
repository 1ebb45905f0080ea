"""The zoo: one function a model, each returns an uncompiled `keras.Model`."""

from kerasrnn._shipped import shipped_folder
from kerasrnn.zoo._artefacts import find_weights
from kerasrnn.zoo._dna_bigru import dna_bigru
from kerasrnn.zoo._ner_bilstm import ner_bilstm
from kerasrnn.zoo._one_to_one_dense import one_to_one_dense
from kerasrnn.zoo._registry import get_builder, list_models
from kerasrnn.zoo._sentiment_gru import sentiment_gru
from kerasrnn.zoo._token_classifier import TokenClassifier
from kerasrnn.zoo._video_lrcn import video_lrcn

__all__ = [
    "TokenClassifier",
    "dna_bigru",
    "find_weights",
    "get_builder",
    "list_models",
    "ner_bilstm",
    "one_to_one_dense",
    "sentiment_gru",
    "shipped_folder",
    "video_lrcn",
]
