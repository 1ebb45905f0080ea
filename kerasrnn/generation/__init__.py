"""Generation: new tokens from a model of the next token, by its steps alone."""

from kerasrnn.generation._beam_search import Beam, BeamSearch
from kerasrnn.generation._generate import generate, stream
from kerasrnn.generation._keras_steps import KerasSteps
from kerasrnn.generation._litert_steps import LiteRTSteps
from kerasrnn.generation._repetition import Repetition
from kerasrnn.generation._samplers import Greedy, Sampler, Temperature, TopK, TopP
from kerasrnn.generation._score import score
from kerasrnn.generation._steps import Steps

__all__ = [
    "Beam",
    "BeamSearch",
    "Greedy",
    "KerasSteps",
    "LiteRTSteps",
    "Repetition",
    "Sampler",
    "Steps",
    "Temperature",
    "TopK",
    "TopP",
    "generate",
    "score",
    "stream",
]
