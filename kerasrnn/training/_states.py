"""The states that stateful layers keep from batch to batch."""

import keras

from kerasrnn._model_inputs import all_layers


def kept_states(model):
    """The state variables of all stateful layers in a model, those in wrappers too, each once."""
    found = {}
    for layer in all_layers(model):
        if getattr(layer, "stateful", False):
            # A layer that is not built has no states yet.
            states = keras.tree.flatten(getattr(layer, "states", None) or ())
            found |= {id(state): state for state in states if state is not None}
    return list(found.values())
