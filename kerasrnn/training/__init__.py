"""Training: from a recipe to a trained, measured, exported model; and using such a model."""

from kerasrnn.training._classifier import Classifier
from kerasrnn.training._confusion_picture import confusion_picture
from kerasrnn.training._evaluate import evaluate
from kerasrnn.training._exports import FORMATS, export, export_name
from kerasrnn.training._find import find_folder, find_model, shipped_metrics
from kerasrnn.training._label_scores import label_scores
from kerasrnn.training._language_model import LanguageModel
from kerasrnn.training._other_data import with_data
from kerasrnn.training._predictor import item_of, load_predictor
from kerasrnn.training._recipe import Recipe
from kerasrnn.training._recipe_entries import RecipeError
from kerasrnn.training._recipe_files import load_recipe
from kerasrnn.training._scores import entity_scores
from kerasrnn.training._sources import load_splits
from kerasrnn.training._tagger import Tagger
from kerasrnn.training._token_scores import TokenReader, token_scores
from kerasrnn.training._train import train

__all__ = [
    "FORMATS",
    "Classifier",
    "LanguageModel",
    "Recipe",
    "RecipeError",
    "Tagger",
    "TokenReader",
    "confusion_picture",
    "entity_scores",
    "evaluate",
    "export",
    "export_name",
    "find_folder",
    "find_model",
    "item_of",
    "label_scores",
    "load_predictor",
    "load_recipe",
    "load_splits",
    "shipped_metrics",
    "token_scores",
    "train",
    "with_data",
]
