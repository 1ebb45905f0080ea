"""The signature `step` of an exported file: one time step, with states in and out."""

import numpy as np

from kerasrnn._model_inputs import (
    as_arrays,
    is_sequence,
    name_outputs,
    output_names,
    pack_inputs,
)
from kerasrnn.export._parity import TOLERANCE, ExportError, require_parity_by_name
from kerasrnn.streaming import StepModel
from kerasrnn.streaming._check import joined, require_same_by_steps

_STEPS = 8  # of a sample, at most


def loop():
    """The way that every runtime can read, whatever `engine` the export is called in."""
    from kerasrnn.sequence import engine

    return engine("loop")


def step_model_of(model, step, samples):
    """The model's `StepModel`, or `None` where it has none and none is insisted on.

    Args:
        model: the model.
        step: `"auto"`, `True` or `False`, as `to_saved_model` takes it.
        samples: dictionaries of inputs to compare on, which are those that a file is compared on.

    Raises:
        ValueError: `step` is `True` and the model has no step, or `step` is something else.
    """
    if step not in ("auto", True, False):
        raise ValueError(f"`step` must be 'auto', True or False; received {step!r}.")
    if step is False:
        return None
    try:
        stepped = StepModel(model, check=False)
        for sample in samples:
            if min(_lengths(model, sample), default=0) > 1:
                require_same_by_steps(stepped, _shortened(model, sample))
    except ValueError:
        if step is True:
            raise
        return None
    return stepped


def step_signature(tf, stepped, batch=None):
    """A concrete function of the inputs of one step and the states, by name.

    Args:
        tf: TensorFlow.
        stepped: a `StepModel`.
        batch: the number of rows, or `None` for any.

    Returns:
        The function; it gives the outputs and the new states by name.
    """
    model = stepped.model
    specs = {
        **{name: tf.TensorSpec(shape, dtype) for name, (shape, dtype) in _inputs(model).items()},
        **{
            name: tf.TensorSpec(shape, dtype)
            for name, (shape, dtype) in stepped.state_specs.items()
        },
    }
    specs = {
        name: tf.TensorSpec((batch or spec.shape[0], *spec.shape[1:]), spec.dtype, name=name)
        for name, spec in specs.items()
    }

    @tf.function(input_signature=[specs], autograph=False)
    def step(values):
        states = {name: values[name] for name in stepped.state_specs}
        with loop():
            outputs, states = stepped(pack_inputs(model, values), states)
            return {**name_outputs(model, outputs), **states}

    return step.get_concrete_function()


def check_steps(stepped, signature, samples, what="The SavedModel's step", tolerance=TOLERANCE):
    """Compares several steps of a file with the whole of each sample.

    Args:
        stepped: a `StepModel`.
        signature: function of arrays by name that gives outputs and new states by name.
        samples: dictionaries of inputs.
        what: what is compared, for the message.
        tolerance: largest allowed difference.

    Returns:
        The largest difference, in units of max(1, |y|).

    Raises:
        ExportError: a difference is above tolerance·max(1, |y|).
    """
    model = stepped.model
    pairs = {name: [] for name in output_names(model)}
    for sample in samples:
        whole = _shortened(model, sample)
        expected = name_outputs(model, model.call(pack_inputs(model, whole), training=False))
        steps = _run(stepped, signature, whole)
        for name, compared in pairs.items():
            output = as_arrays(expected[name])[0]
            received = joined(output, [outputs[name] for outputs in steps])
            if received is None:
                raise ExportError(f"{what} gives '{name}' in another shape than the model.")
            compared.append((output, received))
    return require_parity_by_name(what, pairs, tolerance)


def _shortened(model, sample):
    """A sample's first steps."""
    sequences, length = is_sequence(model), min([*_lengths(model, sample), _STEPS])
    return {n: a[:, :length] if sequences[n] else a for n, a in sample.items()}


def _run(stepped, signature, inputs):
    """The outputs of each step of a file, as dictionaries of arrays."""
    sequences = is_sequence(stepped.model)
    rows = len(next(iter(inputs.values())))
    states = {n: np.asarray(state) for n, state in stepped.initial_states(rows).items()}
    steps = []
    for t in range(min(_lengths(stepped.model, inputs))):
        chunk = {n: a[:, t : t + 1] if sequences[n] else a for n, a in inputs.items()}
        made = {name: np.asarray(value) for name, value in signature(**chunk, **states).items()}
        states = {name: made.pop(name) for name in states}
        steps.append(made)
    return steps


def _inputs(model):
    """Shapes and dtypes of one step's inputs by name."""
    sequences = is_sequence(model)
    return {
        t.name: ((t.shape[0], 1, *t.shape[2:]) if sequences[t.name] else t.shape, t.dtype)
        for t in model.inputs
    }


def _lengths(model, sample):
    return [sample[name].shape[1] for name, it_is in is_sequence(model).items() if it_is]
