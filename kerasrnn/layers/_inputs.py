"""Checks of what recurrent layers are called with; they name argument, rule and value."""

from keras import ops, tree


def checked_mask(layer, mask, sequences):
    """The mask as booleans `(batch, time)`, or `None`; raises ValueError if it does not fit."""
    if mask is None:
        return None
    mask = ops.convert_to_tensor(mask, dtype="bool")
    wanted, received = tuple(sequences.shape[:2]), tuple(mask.shape)
    if len(received) != 2 or not _fit(received, wanted):
        raise ValueError(
            f"`mask` must have one value a step, (batch, time); '{layer.name}' received shape "
            f"{received} for sequences {tuple(sequences.shape)}."
        )
    return mask


def checked_states(layer, initial_state, sequences):
    """The initial states as a list of tensors; raises ValueError if they do not fit."""
    states = list(initial_state) if tree.is_nested(initial_state) else [initial_state]
    if len(states) != len(layer.state_size):
        raise ValueError(
            f"'{layer.name}' has {len(layer.state_size)} state(s) "
            f"{layer.cell.state_names}; received {len(states)} in `initial_state`."
        )
    for name, state in zip(layer.cell.state_names, states, strict=True):
        if state is None:
            raise ValueError(
                f"`initial_state` of '{layer.name}' must give all states or none; received None "
                f"for {name!r}. Zeros are what a missing state would be."
            )
    states = [ops.convert_to_tensor(state, dtype=layer.cell.compute_dtype) for state in states]
    for state, size in zip(states, layer.state_size, strict=True):
        wanted, received = (sequences.shape[0], size), tuple(state.shape)
        if len(received) != 2 or not _fit(received, wanted):
            raise ValueError(
                f"Each `initial_state` of '{layer.name}' must be (batch, {size}); received shape "
                f"{received} for sequences {tuple(sequences.shape)}."
            )
    return states


def _fit(received, wanted):
    """Whether two shapes of one length agree where both are known."""
    return all(None in pair or pair[0] == pair[1] for pair in zip(received, wanted, strict=True))
