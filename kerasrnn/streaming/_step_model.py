"""A model's one-step form."""

import warnings
from collections import OrderedDict

import keras
import numpy as np
from keras import ops

from kerasrnn._model_inputs import graph_of, is_sequence, name_inputs, pack_inputs
from kerasrnn.layers._stream import Stream, streamed
from kerasrnn.streaming._check import no_single_step, require_same_by_steps
from kerasrnn.streaming._refusals import require_own_starts, require_streaming, slots_for


class StepModel:
    """A model one time step at a time: its recurrent layers' states go in and come out by name.

    Equations:

        y⟨t⟩, s⟨t⟩ = step(x⟨t⟩, s⟨t−1⟩)        s⟨0⟩ = initial_states()

    The weights are the model's, not copies. A layer is called as it is, so that a cell of one's own
    streams as the library's do. A chunk of several steps gives what they give one by one.

    `state_specs` is an ordered dictionary from a state's name, made of the layer's path and the
    state's letter, such as `"reader_a"`, to its shape `(None, units)` and dtype. A layer that is
    called twice has `"reader_2_a"` too. Where a mask may skip a step, the last output is a state
    too, `"reader_output"`, unless one of the cell's states is the output. `model` is the model.

    Args:
        model: a functional or built Sequential model, whose recurrent layers are this library's
            and read forwards. Inputs without a time axis are given whole at each step.
        check: whether to compare the model on whole sequences with its steps.
        samples: inputs to compare on, as the model takes them, of two steps or more; `None` draws
            random ones.

    Raises:
        TypeError: `model` has no graph of layers.
        ValueError: a layer has no step (it reads backwards or both ways, is stateful, is Keras's
            own, is given first states by the model), or the model's steps differ from the whole
            by more than 1e-5·max(1, |y|), as a layer mixes time steps; the first such is named.

    Example:
        >>> import keras, numpy as np
        >>> from kerasrnn.layers import LSTM
        >>> from kerasrnn.streaming import StepModel
        >>> x = keras.Input((None, 3), name="x")
        >>> step = StepModel(keras.Model(x, LSTM(4, return_sequences=True, name="reader")(x)))
        >>> list(step.state_specs)
        ['reader_a', 'reader_c']
        >>> states = step.initial_states()
        >>> for t in range(5):
        ...     y, states = step(np.ones((1, 1, 3), "float32"), states)
        >>> tuple(y.shape), tuple(states["reader_c"].shape)
        ((1, 1, 4), (1, 4))
    """

    def __init__(self, model, check=True, samples=None):
        graph_of(model, "make steps of")
        require_streaming(model)
        self.model = model
        self._slots = slots_for(model)
        self._find_states()
        self.state_specs = OrderedDict(
            (name, ((None, *value.shape[1:]), keras.backend.standardize_dtype(value.dtype)))
            for name, value in self.initial_states(1).items()
        )
        if check:
            require_same_by_steps(self, samples)

    def _find_states(self):
        """Runs one step of zeros, in which each layer says what it keeps."""
        sequences = is_sequence(self.model)
        inputs = {t.name: _zeros(t, sequences[t.name]) for t in self.model.inputs}
        stream = Stream(self._slots)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Keras's, of what one step means to a layer
                self._run(stream, pack_inputs(self.model, inputs))
        except Exception as error:  # of whatever kind the layer's backend has
            raise ValueError(no_single_step(self.model, inputs, error)) from error
        require_own_starts(self.model, stream.started)

    def _run(self, stream, inputs):
        with streamed(stream):
            # `call`, as `__call__` would insist on a time that the model was built with.
            return self.model.call(inputs, training=False)

    def initial_states(self, batch_size=1):
        """The states before the first step, by name: what each layer starts from, zeros.

        Args:
            batch_size: rows; a number or, in a graph, a scalar tensor.

        Returns:
            Dictionary of tensors.
        """
        return self._slots.values(batch_size)

    def __call__(self, inputs, states):
        """One step, or a chunk of steps.

        Args:
            inputs: as the model takes them, or a dictionary by the inputs' names, with a time axis
                of one step or more.
            states: dictionary of the states by name, from `initial_states` or the last call.

        Returns:
            The model's outputs, and a dictionary of the new states.

        Raises:
            ValueError: a state is missing or unknown.
        """
        self._require_names(states)
        given = {
            name: ops.convert_to_tensor(states[name], dtype=dtype)
            for name, (_, dtype) in self.state_specs.items()
        }
        stream = Stream(self._slots, given)
        outputs = self._run(stream, pack_inputs(self.model, name_inputs(self.model, inputs)))
        return outputs, {name: stream.new_values[name] for name in self.state_specs}

    def _require_names(self, states):
        if set(states) != set(self.state_specs):
            raise ValueError(
                f"`states` of '{self.model.name}' must be {list(self.state_specs)}; received "
                f"{list(states)}. initial_states(batch_size) gives the first ones."
            )


def _zeros(tensor, is_sequence):
    sizes = [1 if size is None else size for size in tensor.shape]
    if is_sequence:
        sizes[1] = 1
    zeros = np.full(sizes, "") if tensor.dtype == "string" else np.zeros(sizes)
    return ops.convert_to_tensor(zeros, dtype=tensor.dtype)
