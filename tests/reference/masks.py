"""Masks for comparisons with Keras's own layers."""

import keras
import numpy as np

# On JAX Keras shows the first state, where other backends show zeros, before the first real step
# that a row reads; after it, Keras repeats the first state for the output
# (tests/test_upstream.py says when that has ended).
STATES_STAND_FOR_OUTPUTS = keras.backend.backend() == "jax"


def as_keras_shows(mask):
    """The mask, of which on JAX each row starts with a real step from either side."""
    if not STATES_STAND_FOR_OUTPUTS:
        return mask
    mask = np.array(mask)
    mask[:, [0, -1]] = True
    return mask
