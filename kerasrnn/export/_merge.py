"""Keeping what is equal in a TFLite file once: loops of one body, buffers of one content.

LiteRT prepares the weights of each subgraph by itself, so that it is also faster and takes less
memory.
"""

import numpy as np

_NAMES = ("name",)  # are not part of what is computed


def merge_equal(model):
    """Merges equal buffers and equal subgraphs of a `ModelT` and drops what nothing reaches."""
    _merge_buffers(model)
    while _merge_subgraphs(model):  # merged bodies may make the loops around them equal
        pass
    _drop_unreached(model)


def _merge_buffers(model):
    first, new_number, kept = {}, {}, []
    spoken_for = {entry.buffer for entry in model.metadata or ()}
    for number, buffer in enumerate(model.buffers):
        content = None if buffer.data is None else np.asarray(buffer.data, np.uint8).tobytes()
        key = ("own", number) if number in spoken_for or buffer.offset > 1 else content or b""
        if key not in first:
            first[key] = len(kept)
            kept.append(buffer)
        new_number[number] = first[key]
    model.buffers = kept
    for entry in model.metadata or ():
        entry.buffer = new_number[entry.buffer]
    for subgraph in model.subgraphs:
        for tensor in subgraph.tensors:
            tensor.buffer = new_number[tensor.buffer]


def _merge_subgraphs(model):
    """Points loops to the first of equal subgraphs; whether anything changed."""
    roots, first, same = _roots(model), {}, {}
    for number, subgraph in enumerate(model.subgraphs):
        same[number] = number if number in roots else first.setdefault(_content(subgraph), number)
    changed = False
    for _, options, name in _references(model):
        number = getattr(options, name)
        setattr(options, name, same[number])
        changed = changed or same[number] != number
    return changed


def _drop_unreached(model):
    reached, found = set(), sorted(_roots(model))
    while found:
        number = found.pop()
        if number not in reached:
            reached.add(number)
            found += [getattr(o, name) for s, o, name in _references(model) if s == number]
    new_number = {number: place for place, number in enumerate(sorted(reached))}
    model.subgraphs = [model.subgraphs[number] for number in sorted(reached)]
    for _, options, name in _references(model):
        setattr(options, name, new_number[getattr(options, name)])
    for signature in model.signatureDefs or ():
        signature.subgraphIndex = new_number[signature.subgraphIndex]


def _roots(model):
    return {0, *(signature.subgraphIndex for signature in model.signatureDefs or ())}


def _references(model):
    """Each reference to a subgraph: the subgraph that it is in, the options, their field."""
    for number, subgraph in enumerate(model.subgraphs):
        for operator in subgraph.operators or ():
            for options in (operator.builtinOptions, operator.builtinOptions2):
                for name in vars(options) if options is not None else ():
                    if "subgraph" in name.lower() and getattr(options, name) >= 0:
                        yield number, options, name


def _content(value):
    """Something that is equal for what computes the same."""
    if isinstance(value, (bytes, str, int, float, bool, type(None))):
        return value
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, (list, tuple)):
        return tuple(map(_content, value))
    if isinstance(value, np.generic):
        return value.item()
    fields = {k: v for k, v in vars(value).items() if k not in _NAMES}
    return type(value).__name__, tuple((k, _content(v)) for k, v in sorted(fields.items()))
