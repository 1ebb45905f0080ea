"""The zoo: one function a model, each returns an uncompiled `keras.Model`."""

from kerasrnn._shipped import shipped_folder
from kerasrnn.zoo._artefacts import find_weights
from kerasrnn.zoo._ner_bilstm import ner_bilstm
from kerasrnn.zoo._registry import get_builder, list_models
from kerasrnn.zoo._token_classifier import TokenClassifier
from kerasrnn.zoo._video_lrcn import video_lrcn

__all__ = [
    "TokenClassifier",
    "find_weights",
    "get_builder",
    "list_models",
    "ner_bilstm",
    "shipped_folder",
    "video_lrcn",
]
