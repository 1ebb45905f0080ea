"""Layers that can't be run step by step, and what to do about each."""

import keras

from kerasrnn._model_inputs import all_layers, output_names
from kerasrnn.layers import BRNN
from kerasrnn.layers._stream import Slots
from kerasrnn.layers._traceable import Traceable

# Layers that run others within each time step: those keep nothing for the next one.
WITHIN_A_STEP = (keras.layers.TimeDistributed,)


def slots_for(model):
    """Slots of a model in which no call has been made yet."""
    around = [part for part in all_layers(model) if isinstance(part, WITHIN_A_STEP)]
    return Slots(
        taken=[*(tensor.name for tensor in model.inputs), *output_names(model)],
        skipped=[id(part) for layer in around for part in all_layers(layer)],
    )


def require_streaming(model):
    """Raises ValueError, with layer, reason and cure, where a layer of a model has no step."""
    found = False
    for layer in all_layers(model, skip=WITHIN_A_STEP):
        reason = _reason(layer)
        if reason:
            raise ValueError(f"'{model.name}' has no step: '{named(layer)}' {reason}")
        found = found or isinstance(layer, Traceable)
    if not found:
        raise ValueError(
            f"'{model.name}' has no step: it has no recurrent layer of kerasrnn, so no state."
        )


def require_own_starts(model, started):
    """Raises ValueError where the model itself gives layers their first states."""
    for layer in started:
        raise ValueError(
            f"'{model.name}' has no step: '{named(layer)}' is called with an `initial_state`, "
            "which would start each step anew. Build the model without it, and put those states "
            "into the `states` of the first step, which go in by name."
        )


def named(layer):
    """A layer by its path, such as `deep_rnn/level_1`."""
    return layer.path or layer.name


def _reason(layer):
    if isinstance(layer, (BRNN, keras.layers.Bidirectional)):
        return (
            "reads right to left too, from steps that are still to come. Build the model with the "
            "forward layer alone, and train it so."
        )
    if isinstance(layer, keras.layers.RNN) and not isinstance(layer, Traceable):
        return (
            f"is Keras's {type(layer).__name__}, which keeps its states to itself. "
            "kerasrnn.layers has its like, and kerasrnn.layers.from_keras(layer) brings the "
            "weights along; for a cell of yours, kerasrnn.layers.RNN."
        )
    if not isinstance(layer, Traceable):
        return None
    if getattr(layer, "go_backwards", False):
        return (
            "has go_backwards=True: its first step is the sequence's last, which is still to come. "
            "Build it with go_backwards=False."
        )
    if getattr(layer, "stateful", False):
        return (
            "has stateful=True, but a step's states go in and out by name. Build it with "
            "stateful=False."
        )
    return None
