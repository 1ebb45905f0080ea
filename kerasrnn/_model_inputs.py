"""A model's inputs and outputs by name, and random ones to try it on."""

import keras
import numpy as np

_OTHER_SIZE = 6  # of an unknown axis that is not time
_READ_BY_NOBODY = 2  # integers that no embedding reads are 0 or 1
_MASKED = 0.25  # share of the steps that a Masking layer is given to skip


def graph_of(model, purpose):
    """Raises TypeError where a model's inputs are not known, as when its `call` is its own."""
    if not isinstance(model, keras.Model) or not getattr(model, "inputs", None):
        raise TypeError(
            f"`model` must be a functional keras.Model, or a built Sequential one, to {purpose}; "
            f"received {model!r}. keras.Model(inputs, outputs) makes one."
        )


def pack_inputs(model, named):
    """What a model is called with, from a dictionary of its inputs by name."""
    flat = [named[tensor.name] for tensor in model.inputs]
    if isinstance(model, keras.Sequential):
        return flat[0]
    return keras.tree.pack_sequence_as(model.input, flat)


def name_inputs(model, inputs):
    """Dictionary from names to inputs, from what a model is called with."""
    names = [tensor.name for tensor in model.inputs]
    if isinstance(inputs, dict) and set(inputs) >= set(names):
        return {name: inputs[name] for name in names}
    nested = isinstance(inputs, (list, tuple, dict)) and len(names) > 1
    flat = keras.tree.flatten(inputs) if nested or isinstance(inputs, dict) else [inputs]
    if len(names) == 1 and isinstance(inputs, (list, tuple)) and len(inputs) == 1:
        flat = list(inputs)
    if len(flat) != len(names):
        raise ValueError(f"'{model.name}' has the inputs {names}; received {len(flat)}.")
    return dict(zip(names, flat, strict=True))


def name_outputs(model, outputs):
    """Dictionary from names to outputs: the keys of a dictionary, or the layers' names."""
    flat = keras.tree.flatten(outputs)
    return dict(zip(output_names(model), flat, strict=True))


def output_names(model):
    """A model's output names, each once."""
    made = None if isinstance(model, keras.Sequential) else model.output
    if isinstance(made, dict) and len(made) == len(model.outputs):
        return sorted(made)  # as keras.tree.flatten has them
    layers = [model.layers[-1].name] if made is None else model.output_names
    names = []
    for name in layers:
        count, unique = 1, name
        while unique in names:
            count += 1
            unique = f"{name}_{count}"
        names.append(unique)
    return names


def is_sequence(model):
    """Dictionary from names of inputs to whether they have a time axis, which is axis 1.

    It is the one of unknown size. Where no input has one, inputs of three axes and more, and
    integers of two, are sequences.
    """
    unknown = {t.name: len(t.shape) > 1 and t.shape[1] is None for t in model.inputs}
    if any(unknown.values()):
        return unknown
    return {
        t.name: len(t.shape) > 2 or (len(t.shape) == 2 and _is_integer(t.dtype))
        for t in model.inputs
    }


def chunks(model, inputs, length=1):
    """The pieces of `length` steps of a dictionary of inputs; those without time go whole each."""
    sequences = is_sequence(model)
    total = min(inputs[name].shape[1] for name, it_is in sequences.items() if it_is)
    for t in range(0, total, length):
        yield {n: a[:, t : t + length] if sequences[n] else a for n, a in inputs.items()}


def random_inputs(model, batch, time, rng, shapes=None):
    """Random inputs of a functional or Sequential model.

    Floats are from the standard normal distribution; integers are below what every embedding that
    reads them takes, with 0, which may be masked, among them; a share of the steps has the value
    that a `Masking` layer skips.

    Args:
        model: the model.
        batch, time: sizes of the first axis, and of the second where it is unknown.
        rng: a `numpy.random.Generator`.
        shapes: dictionary from inputs' names to shapes, in place of `batch` and `time`.

    Returns:
        Dictionary from the inputs' names to arrays.

    Raises:
        ValueError: an input is of strings or complex numbers.
    """
    sequences, skipped = is_sequence(model), _mask_value(model)
    return {
        t.name: _draw(
            model,
            t,
            shapes[t.name] if shapes else _sizes(t.shape, batch, time),
            rng,
            skipped if sequences[t.name] else None,
        )
        for t in model.inputs
    }


def _draw(model, tensor, shape, rng, skipped):
    if tensor.dtype == "bool":
        return rng.integers(0, 2, shape).astype("bool")
    if _is_integer(tensor.dtype):
        limit = min(_limits(_operations(model), tensor), default=_READ_BY_NOBODY)
        return rng.integers(0, limit, shape).astype(tensor.dtype)
    if "float" not in tensor.dtype:
        raise ValueError(
            f"No random {tensor.dtype} can be drawn for the input '{tensor.name}' of "
            f"'{model.name}'; give samples."
        )
    drawn = rng.normal(size=shape)
    if skipped is not None:
        drawn[rng.random(shape[:2]) < _MASKED] = skipped
    return drawn.astype(keras.backend.standardize_dtype(tensor.dtype).replace("bfloat", "float"))


def _sizes(shape, batch, time):
    sizes = [batch if shape[0] is None else shape[0]]
    for axis, size in enumerate(shape[1:], start=1):
        unknown = time if axis == 1 else _OTHER_SIZE
        sizes.append(unknown if size is None else size)
    return tuple(sizes)


def _is_integer(dtype):
    return "int" in dtype


def _mask_value(model):
    """The value of the steps that the model's `Masking` layers skip, or `None`."""
    found = [part for part in all_layers(model) if isinstance(part, keras.layers.Masking)]
    return found[0].mask_value if found else None


def all_layers(layer, skip=()):
    """The layers in a layer, in order, each before its own; not those in layers of types `skip`."""
    for part in layer._flatten_layers(include_self=False, recursive=False):
        yield part
        if not isinstance(part, skip):
            yield from all_layers(part, skip)


def _operations(model):
    return model.layers if isinstance(model, keras.Sequential) else model.operations


def _limits(operations, tensor):
    """What the readers of an integer tensor, and of what is made of it, say that it is below."""
    for operation in operations:
        for node in operation._inbound_nodes:
            places = [k for k, t in enumerate(node.input_tensors) if t is tensor]
            if places:
                yield from _limits_of(operation, places)
            if places and not _own_limits(operation):
                for made in node.outputs:  # what hands numbers on may call them floats
                    if made.shape == tensor.shape:
                        yield from _limits(operations, made)


def _limits_of(operation, places):
    if getattr(operation, "inputs", None) and isinstance(operation, keras.Model):
        for place in places:
            yield from _limits(_operations(operation), operation.inputs[place])
    else:
        yield from _own_limits(operation)


def _own_limits(operation):
    """What an embedding takes, or a layer that has some inside."""
    parts = [operation]
    if isinstance(operation, keras.layers.Layer):
        parts += all_layers(operation)
    limits = [getattr(part, "input_dim", None) for part in parts if _embeds(part)]
    return [*limits, *(p.num_tokens for p in parts if _counts(p))]


def _embeds(layer):
    return isinstance(layer, keras.layers.Embedding)


def _counts(layer):
    return isinstance(layer, keras.layers.CategoryEncoding)


def as_arrays(outputs):
    """Tensors of any backend as a list of NumPy arrays."""
    return [np.asarray(keras.ops.convert_to_numpy(o)) for o in keras.tree.flatten(outputs)]
