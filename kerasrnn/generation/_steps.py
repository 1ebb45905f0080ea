"""What generation drives: something that reads one token of each row and tells of the next one."""

from abc import ABC, abstractmethod

import numpy as np

_FLOOR = np.finfo("float32").tiny
_LEAST_SUM, _LARGEST_SUM = 0.5, 1.5


class Steps(ABC):
    """A model of the next token, one token of each row at a time.

    A state is whatever `advance` needs to go on: it is made by `start` and handed back, and what is
    handed in stays as it was. Neither the time nor the memory of a step grows with what was read.

    A subclass has `num_tokens`, how many numbers of tokens there are, `start`, `advance` and
    `select`. `KerasSteps` and `LiteRTSteps` are such; a class of one's own may read anything.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.generation import Greedy, Steps, generate
        >>> class Counting(Steps):
        ...     num_tokens = 6
        ...     def start(self, batch, conditions=None):
        ...         return None
        ...     def advance(self, tokens, state):
        ...         return np.log(np.eye(6)[(tokens + 1) % 6] + 1e-9), state
        ...     def select(self, state, rows):
        ...         return state
        >>> generate(Counting(), [3], max_length=2, sampler=Greedy()).tolist()
        [4, 5]
    """

    num_tokens = 0

    @abstractmethod
    def start(self, batch, conditions=None):
        """The state before the first token.

        Args:
            batch: number of rows.
            conditions: dictionary from names of the model's other inputs to arrays with a value a
                row; `None` where it has none.
        """

    @abstractmethod
    def advance(self, tokens, state):
        """Reads a token of each row.

        Args:
            tokens: whole numbers `(batch,)`.
            state: from `start`, `select` or the last `advance`.

        Returns:
            The log-probabilities of the next token, float `(batch, num_tokens)`, and the new state.
        """

    @abstractmethod
    def select(self, state, rows):
        """The state of some rows of a state.

        Args:
            state: a state.
            rows: whole numbers of rows, in any order; one may occur more than once.
        """


def steps_of(model):
    """Steps as they are, or those of a Keras model, of a `LiteRTModel` or of a TFLite file's path.

    Raises:
        TypeError: it is nothing of these.
    """
    if hasattr(model, "advance"):
        return model
    # Inside, as these import this module.
    from kerasrnn.generation._keras_steps import KerasSteps
    from kerasrnn.generation._litert_steps import LiteRTSteps, is_litert

    return LiteRTSteps(model) if is_litert(model) else KerasSteps(model)


def log_of(probabilities, what, least_sum=_LEAST_SUM):
    """Log-probabilities in float32, none below that of the smallest normal number.

    Args:
        probabilities: array `(batch, num_tokens)`.
        what: whose they are, for messages.
        least_sum: what they sum to is above this.

    Raises:
        ValueError: these are no probabilities.
    """
    probabilities = np.asarray(probabilities, "float32")
    sums = probabilities.sum(-1)
    # Written so that NaN fails too.
    if not (probabilities.min() >= 0 and least_sum < sums.min() and sums.max() < _LARGEST_SUM):
        raise ValueError(
            f"{what} must give probabilities of the next token, as a softmax does; it gives "
            f"numbers from {probabilities.min():.3g} to {probabilities.max():.3g} that sum to "
            f"{sums.min():.3g}."
        )
    return np.log(np.maximum(probabilities, _FLOOR))


def arrays_of(conditions, names, batch):
    """The conditions as arrays by name.

    Raises:
        ValueError: one is missing or unknown, or has not one value for each row.
    """
    conditions = {name: np.asarray(value) for name, value in (conditions or {}).items()}
    if set(conditions) != set(names):
        raise ValueError(
            f"`conditions` must be a dictionary of {sorted(names)}, the model's inputs beside its "
            f"tokens; received {sorted(conditions)}."
        )
    for name, array in conditions.items():
        if array.ndim < 1 or len(array) != batch:
            raise ValueError(
                f"The condition {name!r} must have a value for each of {batch} rows; received the "
                f"shape {array.shape}."
            )
    return conditions
