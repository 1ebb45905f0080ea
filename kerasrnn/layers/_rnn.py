import keras
from keras import ops, tree
from keras.saving import register_keras_serializable

from kerasrnn.cells import Cell
from kerasrnn.layers._inputs import checked_mask, checked_states
from kerasrnn.layers._stream import all_shown, last_shown, open_stream, state_shown
from kerasrnn.layers._traceable import Traceable, pass_on_trainable
from kerasrnn.sequence import run
from kerasrnn.sequence._between import sizes_of
from kerasrnn.sequence._trace import open_traces


@register_keras_serializable(package="kerasrnn")
class RNN(Traceable, keras.layers.RNN):
    """Runs a cell over a sequence; `keras.layers.RNN` with the input projected once.

    Use it for a cell of your own; each of the library's cells has a layer of its own.

    Equations: those of the cell at each step; those of masks are in `kerasrnn.sequence.run`.

    Weights: those of the cell.

    Args:
        cell: a `kerasrnn.cells.Cell`.
        return_sequences: return the output of each step, not of the last one alone.
        return_state: return the last states after the output.
        go_backwards: read the last step first; outputs are in the order of reading.
        stateful: start each batch from the states in which the last one ended; needs a fixed
            batch size. `reset_state()` sets the states to zero.
        unroll: write the steps out in place of a loop; the time must be known when it is called.
        zero_output_for_mask: with `return_sequences`, put zeros at masked steps.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`.

    Call arguments:
        sequences: tensor `(batch, time, features)`.
        initial_state: list of tensors `(batch, units)`, one a state of the cell; zeros if `None`.
        mask: boolean tensor `(batch, time)`, false where a step is to be skipped.
        training: whether dropout acts.

    Returns:
        `(batch, time, units)` with `return_sequences`, otherwise `(batch, units)`; with
        `return_state` a tuple of that and each state `(batch, units)`.

    Masking: a masked step changes no state; its output repeats the last one (zero at the start).

    Speed: in training in a graph of TensorFlow, as in `fit`, a compiled backward pass is used
        (`kerasrnn.sequence.engine` says when and how to choose); `last_way` says how the last call
        was run, and why.

    Raises:
        TypeError: `cell` is not a `kerasrnn.cells.Cell`.
        ValueError: `unroll` without a known time, `stateful` without a known batch, or a wrong
            number of initial states.

    Example:
        >>> from keras import ops
        >>> from kerasrnn.cells import FullGRUCell
        >>> from kerasrnn.layers import RNN
        >>> tuple(RNN(FullGRUCell(4), return_sequences=True)(ops.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    def __init__(
        self,
        cell,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        zero_output_for_mask=False,
        **kwargs,
    ):
        if not isinstance(cell, Cell):
            raise TypeError(
                "`cell` must be a kerasrnn.cells.Cell, which knows project() and step(); received "
                f"{cell!r}. Use keras.layers.RNN for other cells, kerasrnn.layers.DeepRNN for a "
                "list of cells."
            )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            zero_output_for_mask=zero_output_for_mask,
            **kwargs,
        )
        self.supports_masking = True  # Keras 3.16 turns it off in its own class
        self.input_spec = keras.layers.InputSpec(ndim=3)
        self.last_way = None
        self.use_cudnn = False  # as of Keras's RNN; layers of one cell say what they do
        pass_on_trainable(self)

    def build(self, sequences_shape, initial_state_shape=None):
        super().build(sequences_shape)
        self.input_spec = keras.layers.InputSpec(ndim=3, axes={-1: sequences_shape[-1]})

    def call(self, sequences, initial_state=None, mask=None, training=False):
        if self.unroll and sequences.shape[1] is None:
            raise ValueError(
                f"`unroll=True` needs a known number of time steps; '{self.name}' received "
                f"shape {tuple(sequences.shape)}. Give the Input a fixed time, or drop `unroll`."
            )
        mask, stream = checked_mask(self, mask, sequences), open_stream(self)
        if stream is None:
            states = self._first_states(sequences, initial_state)
            at_rest = initial_state is None and not self.stateful
            result = self._run(sequences, states, mask, training, at_rest=at_rest)
        else:
            result = self._run_in(stream, sequences, initial_state, mask, training)
        traces = open_traces()
        self.last_way = result.way
        if traces is not None:
            traces.append((self, result.trace))
        elif self.stateful:
            for variable, state in zip(self.states, result.states, strict=True):
                variable.assign(ops.cast(state, variable.dtype))
        output = result.outputs if self.return_sequences else result.last_output
        output = ops.cast(output, self.compute_dtype)  # the cell may have a policy of its own
        return (output, *result.states) if self.return_state else output

    def _run(self, sequences, states, mask, training, unroll=False, at_rest=False):
        return run(
            self.cell,
            sequences,
            states,
            mask=mask,
            training=training,
            go_backwards=self.go_backwards,
            unroll=self.unroll or unroll,
            zero_output_for_mask=self.zero_output_for_mask,
            trace=open_traces() is not None,
            cudnn=self.use_cudnn == "auto",
            outputs_wanted=self.return_sequences,
            at_rest=at_rest,
        )

    def _run_in(self, stream, sequences, initial_state, mask, training):
        """Runs over a chunk of a stream, from the states in which the one before ended."""
        if initial_state is not None:
            stream.started.append(self)
        slot = stream.slot(self, lambda: self._streamed(is_masked=mask is not None))
        before = stream.read(slot, sizes_of(sequences)[0])
        states, one_step = before[: len(self.state_size)], sequences.shape[1] == 1
        result = self._run(sequences, states, mask, training, unroll=one_step)
        if slot.output is not None:
            last = before[slot.output]
            result = result._replace(last_output=last_shown(result.last_output, last, mask))
            if self.return_sequences and not self.zero_output_for_mask:
                result = result._replace(outputs=all_shown(result.outputs, last, mask))
        stream.write(slot, [*result.states, result.last_output][: len(slot.keys)])
        return result

    def _streamed(self, is_masked):
        """The names of what a stream keeps, its first values, and which stands for the output."""
        names, units, dtype = self.cell.state_names, self.cell.output_size, self.cell.compute_dtype
        if not is_masked:
            return names, self.get_initial_state, None
        shown = state_shown(self.cell)
        if shown is not None:
            return names, self.get_initial_state, shown

        def first(batch_size):
            return [*self.get_initial_state(batch_size), ops.zeros((batch_size, units), dtype)]

        return (*names, "output"), first, len(names)

    def collect_traces(self, traces):
        return traces[id(self)]

    def _first_states(self, sequences, initial_state):
        if self.stateful and sequences.shape[0] not in (None, self._expected_batch_size):
            raise ValueError(
                f"'{self.name}' is stateful and was built for batches of "
                f"{self._expected_batch_size}; received a batch of {sequences.shape[0]}."
            )
        if initial_state is not None:
            return checked_states(self, initial_state, sequences)
        if self.stateful:
            # Copies: the variables are written to while gradients still need what they held.
            return [ops.cast(ops.copy(state), self.cell.compute_dtype) for state in self.states]
        return self.get_initial_state(batch_size=sizes_of(sequences)[0])

    def compute_mask(self, _, mask):
        mask = tree.flatten(mask)[0] if tree.is_nested(mask) else mask
        shown = None
        if self.return_sequences and mask is not None:
            # The outputs are in the order of reading, so the mask is too.
            shown = ops.flip(mask, axis=1) if self.go_backwards else mask
        return [shown, *(None for _ in self.state_size)] if self.return_state else shown

    def get_config(self):
        # Keras 3.12's base class leaves the activity regularizer out.
        regularizer = keras.regularizers.serialize(self.activity_regularizer)
        return {**super().get_config(), "activity_regularizer": regularizer}
