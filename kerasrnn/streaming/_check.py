"""Does a model give step by step what it gives on whole sequences?"""

import warnings

import numpy as np

from kerasrnn._model_inputs import (
    as_arrays,
    chunks,
    is_sequence,
    name_inputs,
    pack_inputs,
    random_inputs,
)
from kerasrnn.layers._stream import Stream, streamed
from kerasrnn.streaming._refusals import slots_for
from kerasrnn.streaming._trail import Trail, described

BATCH, TIME = 2, 24
TOLERANCE = 1e-5
_ROUNDING = {"float16": 2**-10, "bfloat16": 2**-7}  # the step from 1 to the next number
_MIXERS = {
    "Conv": "a convolution over time reads neighbouring steps",
    "Pool": "pooling over time reads several steps",
    "Attention": "attention reads all steps",
    "Flatten": "it lays all steps side by side",
    "Reshape": "it lays steps out anew",
    "Permute": "it moves the time axis",
    "RepeatVector": "it makes time steps of its own",
    "ZeroPadding": "it adds time steps",
    "Cropping": "it cuts time steps off",
}


def require_same_by_steps(step_model, samples=None):
    """Raises ValueError, naming the first layer that differs, where steps differ from the whole."""
    model = step_model.model
    if samples is None:
        inputs = random_inputs(model, BATCH, TIME, np.random.default_rng(0))
    else:
        inputs = {n: np.asarray(a) for n, a in name_inputs(model, samples).items()}
    _require_sequences(model, inputs)
    whole = as_arrays(model.call(pack_inputs(model, inputs), training=False))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras's, of what one step means to a layer
        steps = chunked(step_model, inputs)
    for number, expected in enumerate(whole):
        difference = _difference(model, expected, [outputs[number] for outputs in steps])
        if difference:
            raise ValueError(_first_layer(step_model, inputs, difference))


def chunked(step_model, inputs, length=1):
    """The outputs of each chunk of `length` steps, as lists of arrays."""
    states, outputs = step_model.initial_states(_rows(inputs)), []
    for chunk in chunks(step_model.model, inputs, length):
        output, states = step_model(pack_inputs(step_model.model, chunk), states)
        outputs.append(as_arrays(output))
    return outputs


def joined(whole, chunks):
    """One output's chunks joined along time, or the last alone where the whole has no time.

    Args:
        whole: array of the output of the whole sequence.
        chunks: arrays of the output of each chunk.

    Returns:
        An array, or `None` where neither has the whole's shape.
    """
    if chunks[-1].ndim > 1:
        made = np.concatenate(chunks, axis=1)
        if made.shape == whole.shape:
            return made
    return chunks[-1] if chunks[-1].shape == whole.shape else None


def no_single_step(model, inputs, error):
    """The message for a model that raises an error on inputs of one step."""
    with streamed(Stream(slots_for(model))):
        failed = Trail(model, inputs).failed
    where = "it" if failed is None else described(failed)
    why = _known_reason(failed)
    return (
        f"'{model.name}' has no step: {where} does not run on one time step"
        f"{f'; {why}' if why else ''}. It says: {str(error).strip()}"
    )


def _require_sequences(model, inputs):
    sequences = is_sequence(model)
    lengths = {inputs[name].shape[1] for name, it_is in sequences.items() if it_is}
    if len(lengths) != 1 or min(lengths) < 2:
        raise ValueError(
            f"The inputs of '{model.name}' must be sequences of one length of two steps or more to "
            f"be compared step by step; received lengths {sorted(lengths)}. Give such `samples`."
        )


def _rows(inputs):
    return len(next(iter(inputs.values())))


def _difference(model, whole, chunks):
    """How an output's steps differ from the whole, in words; nothing if they do not."""
    made = joined(whole, chunks)
    if made is None:
        return f"has shape {chunks[0].shape} for one step and {whole.shape} for the sequence"
    if not np.issubdtype(whole.dtype, np.floating):
        return "" if np.array_equal(whole, made) else "differs step by step"
    whole, made = whole.astype("float64"), made.astype("float64")
    with np.errstate(invalid="ignore"):
        excess = np.abs(whole - made) / np.maximum(1, np.abs(whole))
    excess = np.max(np.where(whole == made, 0, np.where(np.isnan(excess), np.inf, excess)))
    if excess <= _tolerance(model):
        return ""
    return f"differs step by step by {excess:.2g}·max(1, |y|) from that of the whole sequence"


def _tolerance(model):
    """1e-5, or in half precision ten roundings."""
    kinds = {layer.compute_dtype for layer in model.layers}
    return max([TOLERANCE, *(10 * _ROUNDING[kind] for kind in kinds if kind in _ROUNDING)])


def _first_layer(step_model, inputs, difference):
    """The message that names the first layer whose steps differ; `difference` is the output's."""
    model = step_model.model
    whole, steps = Trail(model, inputs).passed, _trails(model, inputs)
    for number, (layer, outputs) in enumerate(whole):
        made = [trail[number][1] for trail in steps]
        for k, expected in enumerate(outputs):
            found = _difference(model, expected, [chunk[k] for chunk in made])
            if found:
                why = _known_reason(layer) or "it mixes time steps"
                return (
                    f"'{model.name}' has no step: the output of {described(layer)} {found}; {why}. "
                    "A model streams if its recurrent layers alone know of other steps: take this "
                    "layer out, or run what is below and above it apart."
                )
    return f"'{model.name}' has no step: its output {difference}."


def _trails(model, inputs):
    """What each layer gives at each step."""
    slots, values, trails = slots_for(model), None, []
    for chunk in chunks(model, inputs):
        with streamed(Stream(slots, values)) as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trails.append(Trail(model, chunk).passed)
        values = stream.new_values
    return trails


def _known_reason(layer):
    """Why a layer mixes time steps, by its class; or `None`."""
    kind = type(layer).__name__
    return next((reason for part, reason in _MIXERS.items() if part in kind), None)
