"""How probable a model of the next token finds sequences, and what is told of that."""

import math

import numpy as np

from kerasrnn.data._token_encoder import END, PADDING, UNKNOWN

ROWS, CHUNK = 16, 64
# What float32 rounds to 0 has a probability all the same.
_LEAST = float(np.finfo("float32").tiny)


class TokenReader:
    """Reads sequences by a Keras model, chunk by chunk, carrying its states from one to the next.

    Args:
        model: a model of the next token: input `tokens`, perhaps others that are the same at each
            step, output probabilities.
        rows: how many sequences are read side by side.
        chunk: how many steps are read at once.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.training import TokenReader
        >>> from kerasrnn.zoo import char_lm_gru
        >>> reader = TokenReader(char_lm_gru(num_tokens=9, units=4))
        >>> first, second = reader.log_probs([np.array([3, 4, 2]), np.array([5, 2])])
        >>> first.shape, second.shape
        ((3,), (2,))
    """

    def __init__(self, model, rows=ROWS, chunk=CHUNK):
        from kerasrnn.streaming import StepModel

        self._rows, self._chunk = rows, chunk
        self._step = StepModel(model, check=False)
        self._read = self._compiled(self._log_probs_of_chunk)

    def log_probs(self, streams, conditions=None):
        """ln P(y⟨t⟩ | y⟨1⟩ … y⟨t−1⟩) of each token of each sequence.

        Args:
            streams: sequence of int32 arrays y⟨1⟩ … y⟨n⟩, as `TokenEncoder.encode` gives them;
                before the first stands `<EOS>`.
            conditions: dictionary from names of the model's other inputs to arrays, a row a stream.

        Returns:
            List of float64 arrays.
        """
        found = [np.zeros(0)] * len(streams)
        order = sorted(range(len(streams)), key=lambda k: -len(streams[k]))
        for start in range(0, len(order), self._rows):
            group = order[start : start + self._rows]
            chosen = {name: np.asarray(array)[group] for name, array in (conditions or {}).items()}
            read = self._log_probs_of_group([streams[k] for k in group], chosen)
            for k, row in zip(group, read, strict=True):
                found[k] = row[: len(streams[k])].astype("float64")
        return found

    def _log_probs_of_group(self, streams, conditions):
        """Array `(streams, time)`; rows and steps are filled up, so that one size is compiled."""
        from keras import ops

        steps = -(-len(streams[0]) // self._chunk) * self._chunk
        targets = np.full((self._rows, steps), PADDING, "int32")
        for row, stream in enumerate(streams):
            targets[row, : len(stream)] = stream
        tokens = np.concatenate([np.full((self._rows, 1), END, "int32"), targets[:, :-1]], axis=1)
        missing = self._rows - len(streams)
        same = {
            name: np.concatenate([array, np.repeat(array[:1], missing, axis=0)])
            for name, array in conditions.items()
        }
        states, parts = self._step.initial_states(self._rows), [np.zeros((self._rows, 0))]
        for start in range(0, steps, self._chunk):
            cut = slice(start, start + self._chunk)
            part, states = self._read({"tokens": tokens[:, cut], **same}, targets[:, cut], states)
            parts.append(ops.convert_to_numpy(part))
        return np.concatenate(parts, axis=1)[: len(streams)]

    def _log_probs_of_chunk(self, inputs, targets, states):
        from keras import ops

        probabilities, states = self._step(inputs, states)
        chosen = ops.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
        return ops.log(ops.maximum(chosen, _LEAST)), states

    @staticmethod
    def _compiled(function):
        import keras

        if keras.config.backend() != "tensorflow":
            return function
        import tensorflow as tf

        return tf.function(function, autograph=False)


def token_scores(streams, log_probs, units, unit):
    """Perplexity and bits of sequences that a model gave probabilities.

    Equations (N tokens, U units, such as characters, of all sequences):

        perplexity = exp(−Σ_t ln P(y⟨t⟩ | y⟨1⟩ … y⟨t−1⟩) / N)        bits = −Σ_t log₂ P(…) / U

    A token that the vocabulary lacks is `<UNK>`. By the first convention that is a token like any
    other, whose probability is that of all unknown ones together; by the second, `known`, it is
    left out of sum and count, though the model reads it.

    Args:
        streams: sequence of int32 arrays, the tokens' numbers.
        log_probs: their log-probabilities, arrays of the same lengths.
        units: how many units they have together.
        unit: what a unit is.

    Returns:
        Dictionary of `perplexity`, `bits`, `log_prob` (the sum, in nats), `tokens`, `units`,
        `unit`, `unknown` (how many tokens) and `known`, a dictionary of `perplexity` and `tokens`.

    Raises:
        ValueError: there are no tokens, or no units.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.training import token_scores
        >>> scores = token_scores([np.array([3, 4, 2])], [np.log([0.5, 0.25, 0.5])], 3, "character")
        >>> round(scores["perplexity"], 4), round(scores["bits"], 4)
        (2.5198, 1.3333)
    """
    numbers = np.concatenate([np.asarray(stream) for stream in streams] or [np.zeros(0)])
    values = np.concatenate([np.asarray(row, "float64") for row in log_probs] or [np.zeros(0)])
    if not len(numbers):
        raise ValueError("There are no tokens to score.")
    if units < 1:
        raise ValueError(f"Bits are divided by {unit}s, of which there are {units}.")
    total, known = float(values.sum()), numbers != UNKNOWN
    return {
        "perplexity": math.exp(-total / len(numbers)),
        "bits": -total / math.log(2) / units,
        "log_prob": total,
        "tokens": len(numbers),
        "units": int(units),
        "unit": unit,
        "unknown": int(np.sum(~known)),
        "known": _of_known(values[known]),
    }


def _of_known(values):
    perplexity = math.exp(-float(values.mean())) if len(values) else None
    return {"perplexity": perplexity, "tokens": len(values)}
