"""Steps of a Keras model, compiled once. Keras is imported only by those who make such."""

from typing import NamedTuple

import numpy as np

from kerasrnn.generation._steps import Steps, arrays_of, log_of


class State(NamedTuple):
    """The values of the model's states, and of its inputs beside the tokens, each by name."""

    values: dict
    conditions: dict


class KerasSteps(Steps):
    """A Keras model of the next token, one token at a time.

    The step is a graph on TensorFlow and compiled by `jax.jit` on JAX, once for all lengths (on JAX
    once for each number of rows). The weights are the model's: what is learnt later counts. Make it
    once where several calls of `generate` use one model.

    Args:
        model: a functional or built Sequential model that `kerasrnn.streaming.StepModel` takes. Its
            input `tokens` is whole numbers `(batch, time)`, its only output probabilities
            `(batch, time, num_tokens)`; other inputs have no time, such as `(batch,)`, and are
            named by `conditions`.
        check: whether to compare the model on whole sequences with its steps first.

    Raises:
        TypeError: `model` has no graph of layers.
        ValueError: the model has no steps, or other inputs or outputs.

    Example:
        >>> import keras, numpy as np
        >>> from kerasrnn.generation import KerasSteps
        >>> from kerasrnn.layers import LSTM
        >>> tokens = keras.Input((None,), dtype="int32", name="tokens")
        >>> y = LSTM(4, return_sequences=True)(keras.layers.Embedding(9, 3)(tokens))
        >>> y = keras.layers.Dense(9, activation="softmax")(y)
        >>> steps = KerasSteps(keras.Model(tokens, y))
        >>> log_probs, state = steps.advance(np.array([2, 2]), steps.start(2))
        >>> log_probs.shape, steps.num_tokens
        ((2, 9), 9)
    """

    def __init__(self, model, check=True):
        from kerasrnn.streaming import StepModel

        self._step = StepModel(model, check=check)
        self.model = model
        self._tokens = _tokens_of(model)
        self.condition_names = [t.name for t in model.inputs if t is not self._tokens]
        self.num_tokens = _num_tokens(model)
        self._compiled = _compile(self._step, self._tokens)

    def start(self, batch, conditions=None):
        """See `Steps.start`."""
        from keras import ops

        dtypes = {t.name: t.dtype for t in self.model.inputs}
        conditions = arrays_of(conditions, self.condition_names, batch)
        # By way of NumPy: JAX would compile again for zeros that it calls weakly typed.
        first = {
            name: ops.convert_to_tensor(
                ops.convert_to_numpy(value), dtype=self._step.state_specs[name][1]
            )
            for name, value in self._step.initial_states(batch).items()
        }
        given = {n: ops.convert_to_tensor(a, dtype=dtypes[n]) for n, a in conditions.items()}
        return State(first, given)

    def advance(self, tokens, state):
        """See `Steps.advance`."""
        from keras import ops

        tokens = np.asarray(tokens, self._tokens.dtype)[:, None]
        made, values = self._compiled(tokens, state.values, state.conditions)
        log_probs = log_of(ops.convert_to_numpy(made), f"'{self.model.name}'")
        return log_probs, State(values, state.conditions)

    def select(self, state, rows):
        """See `Steps.select`."""
        from keras import ops

        rows = np.asarray(rows, "int32")
        return State(*({n: ops.take(a, rows, axis=0) for n, a in part.items()} for part in state))


def _tokens_of(model):
    from kerasrnn._model_inputs import is_sequence

    sequences = is_sequence(model)
    found = [t for t in model.inputs if sequences[t.name]]
    if len(found) != 1 or len(found[0].shape) != 2 or "int" not in found[0].dtype:
        shapes = {t.name: (t.shape, t.dtype) for t in model.inputs}
        raise ValueError(
            f"'{model.name}' must have one input with time, whole numbers (batch, time), named "
            f"tokens; its inputs are {shapes}."
        )
    return found[0]


def _num_tokens(model):
    shapes = [tuple(output.shape) for output in model.outputs]
    if len(shapes) != 1 or len(shapes[0]) != 3 or shapes[0][-1] is None:
        raise ValueError(
            f"'{model.name}' must have one output, probabilities (batch, time, num_tokens); its "
            f"outputs have the shapes {shapes}. A last recurrent layer needs return_sequences=True."
        )
    return shapes[0][-1]


def _compile(step, tokens):
    """The step as a function of tokens, states and conditions, compiled where the backend can."""
    import keras

    def run(numbers, values, conditions):
        outputs, values = step({tokens.name: numbers, **conditions}, values)
        return keras.tree.flatten(outputs)[0][:, -1], values

    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _on_tensorflow(run, step, tokens)
    if backend == "jax":
        return _on_jax(run, step.model)
    return _on_torch(run) if backend == "torch" else run


def _on_tensorflow(run, step, tokens):
    import tensorflow as tf

    values = {n: tf.TensorSpec(shape, dtype) for n, (shape, dtype) in step.state_specs.items()}
    conditions = {
        t.name: tf.TensorSpec((None, *t.shape[1:]), t.dtype)
        for t in step.model.inputs
        if t is not tokens
    }
    signature = [tf.TensorSpec((None, 1), tokens.dtype), values, conditions]
    function = tf.function(run, input_signature=signature, autograph=False)
    # The one graph itself: a `tf.function` looks through all arguments at each call, which takes
    # as long as a small step.
    graph = function.get_concrete_function()

    def call(numbers, values, conditions):
        return graph(tf.constant(numbers), values, conditions)

    return call


def _on_jax(run, model):
    import jax
    import keras

    @jax.jit
    def compiled(weights, *arguments):
        mapping = list(zip(model.variables, weights, strict=True))
        with keras.StatelessScope(state_mapping=mapping):
            return run(*arguments)

    def call(*arguments):
        # Weights go in, or they would stay as they were when this was compiled.
        return compiled([variable.value for variable in model.variables], *arguments)

    return call


def _on_torch(run):
    import torch

    # A gradient's trail would hold on to every step that was taken.
    return torch.no_grad()(run)
