"""The shapes that a TFLite file fixes, and the inputs on which it is compared with Keras."""

import numbers

import numpy as np

from kerasrnn._model_inputs import is_sequence, name_inputs, random_inputs

_RANDOM_SAMPLES = 3


def fixed_shapes(model, batch_size, sequence_length, samples):
    """Dictionary from the inputs' names to full shapes.

    Args:
        model: a functional model.
        batch_size: rows.
        sequence_length: steps of inputs with a time axis of unknown size; `None` takes those of
            the samples.
        samples: list of dictionaries of arrays, from which other unknown axes are taken.

    Raises:
        ValueError: a size is below 1, or is not known, or a sample does not fit.
    """
    if sequence_length is not None:
        _require_positive("sequence_length", sequence_length)
    sequences = is_sequence(model)
    shapes = {}
    for tensor in model.inputs:
        seen = samples[0][tensor.name].shape if samples else tensor.shape
        if len(seen) != len(tensor.shape):
            raise ValueError(
                f"The input '{tensor.name}' of '{model.name}' has {len(tensor.shape)} axes, "
                f"{tuple(tensor.shape)}; received a sample of shape {tuple(seen)}."
            )
        shape = [known or size for known, size in zip(tensor.shape, seen, strict=True)]
        shape[0] = batch_size
        if sequences[tensor.name] and sequence_length is not None:
            shape[1] = _agreed(model, tensor, sequence_length, shape[1])
        shapes[tensor.name] = _known(model, tensor, shape, sequences[tensor.name])
    for number, sample in enumerate(samples):
        _require_shapes(number, sample, shapes)
    return shapes


def named_samples(model, samples, batch_size):
    """List of dictionaries of arrays of `batch_size` rows, from what a user gave.

    Args:
        samples: `None`, inputs as the model takes them, or a list of such; of any number of rows.
    """
    _require_positive("batch_size", batch_size)
    if samples is None:
        return []
    cut = []
    for sample in _one_by_one(model, samples):
        arrays = {name: np.asarray(array) for name, array in name_inputs(model, sample).items()}
        rows = {name: len(array) for name, array in arrays.items()}
        if len(set(rows.values())) != 1 or min(rows.values()) < batch_size:
            raise ValueError(
                f"Samples must have as many rows in each input, and {batch_size} or more "
                f"(`batch_size`); received {rows}."
            )
        for start in range(0, min(rows.values()) - batch_size + 1, batch_size):
            cut.append({name: a[start : start + batch_size] for name, a in arrays.items()})
    return cut


def _one_by_one(model, samples):
    """A list of samples, each as the model takes it; a list of all inputs' arrays is one."""
    names = [tensor.name for tensor in model.inputs]
    several = isinstance(samples, list)
    if several and 1 < len(names) == len(samples):
        several = not all(hasattr(array, "shape") for array in samples)
    found = samples if several else [samples]
    for sample in found:
        if isinstance(sample, dict) and not set(sample) >= set(names):
            raise ValueError(
                f"Samples of '{model.name}' must have the inputs {names}; received {list(sample)}."
            )
    return found


def random_samples(model, shapes):
    """Random inputs of those shapes, the same at each call."""
    rng = np.random.default_rng(0)
    return [random_inputs(model, None, None, rng, shapes) for _ in range(_RANDOM_SAMPLES)]


def _require_positive(name, value):
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
        raise ValueError(f"`{name}` must be a positive whole number; received {value!r}.")


def _agreed(model, tensor, sequence_length, known):
    if known not in (None, sequence_length):
        raise ValueError(
            f"`sequence_length` is {sequence_length}, but the input '{tensor.name}' of "
            f"'{model.name}' or its samples have {known} steps. Leave it out, or cut the samples."
        )
    return sequence_length


def _known(model, tensor, shape, is_sequence):
    missing = [axis for axis, size in enumerate(shape) if size is None]
    if missing == [1] and is_sequence:
        raise ValueError(
            f"A TFLite file has a fixed length, and the input '{tensor.name}' of '{model.name}' "
            f"has none: {tuple(tensor.shape)}. Give `sequence_length`, or `samples` of that length."
        )
    if missing:
        raise ValueError(
            f"A TFLite file has fixed shapes, and the input '{tensor.name}' of '{model.name}' "
            f"leaves axes {missing} open: {tuple(tensor.shape)}. Give `samples` of the shape that "
            "you want."
        )
    if tensor.shape[0] not in (None, shape[0]):
        raise ValueError(
            f"`batch_size` is {shape[0]}, but the input '{tensor.name}' of '{model.name}' has "
            f"{tensor.shape[0]} rows. Give batch_size={tensor.shape[0]}."
        )
    return tuple(shape)


def _require_shapes(number, sample, shapes):
    for name, shape in shapes.items():
        if tuple(sample[name].shape) != shape:
            raise ValueError(
                f"All samples must have the shape that the file fixes, {shape} for '{name}'; "
                f"sample {number} has {tuple(sample[name].shape)}."
            )
