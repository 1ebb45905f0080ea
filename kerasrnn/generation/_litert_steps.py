"""Steps of a TFLite file; needs neither TensorFlow nor Keras."""

import os
from typing import NamedTuple

import numpy as np

from kerasrnn.generation._steps import Steps, arrays_of, log_of


class Row(NamedTuple):
    """What one row goes on from: its states, and its conditions, each by name."""

    values: dict
    conditions: dict


class LiteRTSteps(Steps):
    """A TFLite file of a model of the next token, one token at a time.

    The file is one that `kerasrnn.export.to_tflite` wrote with a signature `step`, for a batch of
    one: several rows run one after the other, each with states of its own.

    Args:
        model: a path, or a `kerasrnn.export.LiteRTModel`, or what has its `input_shapes`,
            `has_step`, `initial_states` and `step`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file has no steps, is for more rows at a time, or has other inputs or
            outputs.

    Example:
        >>> import keras, tempfile
        >>> from kerasrnn.export import to_tflite
        >>> from kerasrnn.generation import Greedy, KerasSteps, LiteRTSteps, generate
        >>> from kerasrnn.layers import LSTM
        >>> tokens = keras.Input((None,), dtype="int32", name="tokens")
        >>> y = LSTM(4, return_sequences=True)(keras.layers.Embedding(9, 3)(tokens))
        >>> y = keras.layers.Dense(9, activation="softmax")(y)
        >>> model = keras.Model(tokens, y)
        >>> path = tempfile.mkdtemp() + "/model.tflite"
        >>> report = to_tflite(model, path, sequence_length=4)
        >>> by_file = generate(LiteRTSteps(path), [5, 3], max_length=6, sampler=Greedy())
        >>> by_keras = generate(KerasSteps(model), [5, 3], max_length=6, sampler=Greedy())
        >>> by_file.tolist() == by_keras.tolist()
        True
    """

    def __init__(self, model):
        self.model = _opened(model)
        shapes = self.model.input_shapes
        self._name = getattr(self.model, "path", "The model")
        self._tokens = self._tokens_of(shapes)
        self._shapes = {n: shape for n, shape in shapes.items() if n != self._tokens}
        self.condition_names = list(self._shapes)
        zeros = {name: np.zeros((1, *shape[1:])) for name, shape in self._shapes.items()}
        made, _ = self._step(1, Row(self.model.initial_states(), zeros))
        self.num_tokens = made.shape[-1]

    def start(self, batch, conditions=None):
        """See `Steps.start`."""
        conditions = arrays_of(conditions, self.condition_names, batch)
        return [
            Row(
                self.model.initial_states(),
                {name: array[row : row + 1] for name, array in conditions.items()},
            )
            for row in range(batch)
        ]

    def advance(self, tokens, state):
        """See `Steps.advance`."""
        made = [self._step(token, row) for token, row in zip(tokens, state, strict=True)]
        # In whole numbers what is less probable than 1/512 is zero, which may be much of the sum.
        log_probs = log_of([probabilities for probabilities, _ in made], self._name, least_sum=0)
        return log_probs, [row for _, row in made]

    def select(self, state, rows):
        """See `Steps.select`."""
        return [state[row] for row in rows]

    def _step(self, token, row):
        inputs = {self._tokens: np.array([[token]], "int32"), **row.conditions}
        made, values = self.model.step(inputs, row.values)
        if isinstance(made, dict) or np.ndim(made) != 3:
            raise ValueError(
                f"{self._name} must have one output, probabilities (1, 1, num_tokens) at a step."
            )
        return made[0, -1], Row(values, row.conditions)

    def _tokens_of(self, shapes):
        found = ["tokens"] if "tokens" in shapes else [n for n, s in shapes.items() if len(s) == 2]
        if len(found) != 1:
            raise ValueError(
                f"{self._name} must have an input `tokens`; its inputs are {dict(shapes)}."
            )
        if not self.model.has_step:
            raise ValueError(f"{self._name} has no signature for a step; export with step=True.")
        if {shape[0] for shape in shapes.values()} != {1}:
            raise ValueError(
                f"{self._name} takes inputs of the shapes {dict(shapes)}, of more than one row; "
                "export with batch_size=1."
            )
        return found[0]


def is_litert(model):
    """Whether `LiteRTSteps` takes it: a path, or what can be asked for steps."""
    return isinstance(model, (str, os.PathLike)) or hasattr(model, "has_step")


def _opened(model):
    if isinstance(model, (str, os.PathLike)):
        from kerasrnn.export import LiteRTModel

        return LiteRTModel(model)
    return model
