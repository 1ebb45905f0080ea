"""Whether a model has a step, and whether an exported file's step computes what the model does."""

import numpy as np

from kerasrnn._model_inputs import (
    as_arrays,
    chunks,
    is_sequence,
    name_outputs,
    output_names,
    pack_inputs,
)
from kerasrnn.export._parity import TOLERANCE, ExportError, require_parity_by_name
from kerasrnn.streaming import StepModel
from kerasrnn.streaming._check import joined, require_same_by_steps

# How many steps of the first sample are compared, at most, and of each other one.
_ALL, _SOME = 256, 8
# Before there is a file, steps are taken by Keras, which is slower.
_ALL_BY_KERAS = 64


def step_model_of(model, step, samples, from_zero=False):
    """The model's `StepModel`, or `None` where it has none and none is insisted on.

    Args:
        model: the model.
        step: `"auto"`, `True` or `False`, as `to_saved_model` takes it.
        samples: dictionaries of inputs to compare on, which are those that a file is compared on.
        from_zero: whether the first states must be zero, as those are that a file's reader makes.

    Raises:
        ValueError: `step` is `True` and the model has no step, or `step` is something else.
    """
    if step not in ("auto", True, False):
        raise ValueError(f"`step` must be 'auto', True or False; received {step!r}.")
    if step is False:
        return None
    try:
        stepped = StepModel(model, check=False)
        _require_same(stepped, samples)
        if from_zero:
            _require_zero(stepped)
    except ValueError:
        if step is True:
            raise
        return None
    return stepped


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
    for number, sample in enumerate(samples):
        whole = _shortened(model, sample, _SOME if number else _ALL)
        expected = name_outputs(model, model.call(pack_inputs(model, whole), training=False))
        steps = _run(stepped, signature, whole)
        for name, compared in pairs.items():
            output = as_arrays(expected[name])[0]
            received = joined(output, [outputs[name] for outputs in steps])
            if received is None:
                raise ExportError(f"{what} gives '{name}' in another shape than the model.")
            compared.append((output, received))
    return require_parity_by_name(what, pairs, tolerance)


def _require_same(stepped, samples):
    """Raises ValueError where steps differ from the whole; of samples of one step none can."""
    model = stepped.model
    long = [sample for sample in samples if min(_lengths(model, sample), default=0) > 1]
    for number, sample in enumerate(long):
        most = _SOME if number else _ALL_BY_KERAS
        require_same_by_steps(stepped, _shortened(model, sample, most))
    if not long:
        require_same_by_steps(stepped)


def _require_zero(stepped):
    for name, state in stepped.initial_states(1).items():
        if np.any(np.asarray(state) != 0):
            raise ValueError(
                f"'{stepped.model.name}' has no step in a TFLite file: its state '{name}' does not "
                "start at zero, and whoever reads the file starts there. Let the cell's "
                "`get_initial_state` give zeros, or export a SavedModel."
            )


def _shortened(model, sample, most):
    """A sample's first steps."""
    sequences, length = is_sequence(model), min([*_lengths(model, sample), most])
    return {n: a[:, :length] if sequences[n] else a for n, a in sample.items()}


def _run(stepped, signature, inputs):
    """The outputs of each step of a file, as dictionaries of arrays."""
    rows = len(next(iter(inputs.values())))
    states = {n: np.asarray(state) for n, state in stepped.initial_states(rows).items()}
    steps = []
    for chunk in chunks(stepped.model, inputs):
        made = {name: np.asarray(value) for name, value in signature(**chunk, **states).items()}
        states = {name: made.pop(name) for name in states}
        steps.append(made)
    return steps


def _lengths(model, sample):
    return [sample[name].shape[1] for name, it_is in is_sequence(model).items() if it_is]
