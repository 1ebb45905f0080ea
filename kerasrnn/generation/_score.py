"""How probable a model thinks that given tokens are."""

import numpy as np

from kerasrnn.data._token_encoder import END
from kerasrnn.generation._prompts import conditions_of, require_token, sequences_of
from kerasrnn.generation._steps import steps_of


def score(model, tokens, conditions=None, *, end=END):
    """The log-probability of each token, given those before it, by steps.

    The model reads `end`, then each token but the last, as it does in training. These are its own
    probabilities: nothing is left out of them, and no sampler changes them.

    Args:
        model: a `Steps`, or a Keras model of the next token, or a `LiteRTModel`.
        tokens: whole numbers, the `<EOS>` at the end among them where it counts; or a list of such,
            of any lengths, which run together.
        conditions: dictionary from names of the model's other inputs to values: of one sequence its
            own, of several an array with a value for each.
        end: number of the token that stands before the first one.

    Returns:
        Array float32 of the log-probabilities (natural logarithms), as long as the tokens; of
        several sequences a list of such.

    Raises:
        ValueError: these are no tokens' numbers, or a condition is missing or unknown.

    Example:
        >>> import keras
        >>> from kerasrnn.generation import score
        >>> from kerasrnn.layers import LSTM
        >>> tokens = keras.Input((None,), dtype="int32", name="tokens")
        >>> y = LSTM(4, return_sequences=True)(keras.layers.Embedding(9, 3)(tokens))
        >>> y = keras.layers.Dense(9, activation="softmax")(y)
        >>> score(keras.Model(tokens, y), [5, 3, 2]).shape
        (3,)
    """
    steps = steps_of(model)
    sequences, alone = sequences_of(tokens, steps.num_tokens, "tokens")
    require_token("end", end, steps.num_tokens)
    if not sequences:
        return []
    scores = [np.zeros(len(sequence), "float32") for sequence in sequences]
    state = steps.start(len(sequences), conditions_of(conditions, alone))
    read = np.full(len(sequences), end)
    for place in range(max(map(len, sequences))):
        log_probs, state = steps.advance(read, state)
        for row, sequence in enumerate(sequences):
            if place < len(sequence):
                scores[row][place] = log_probs[row, sequence[place]]
                read[row] = sequence[place]
    return scores[0] if alone else scores
