"""Checks of what a cell's author wrote: names of gates and states, results of steps."""

from keras import ops


def checked_names(owner, attribute, names):
    """Raises TypeError or ValueError where `gates` or `state_names` is no tuple of unlike names."""
    if not isinstance(names, (tuple, list)) or not all(isinstance(name, str) for name in names):
        hint = f" (a tuple of one is written ({names!r},))" if isinstance(names, str) else ""
        raise TypeError(
            f"`{attribute}` of {owner} must be a tuple of names; received {names!r}{hint}."
        )
    if len(set(names)) < len(names):
        raise ValueError(f"`{attribute}` of {owner} must differ from each other; received {names}.")


def known_gate(cell, name, method):
    """Raises ValueError where a cell asks `method` for a gate that it has not named."""
    if name not in cell.gates:
        raise ValueError(
            f"`{method}` of {type(cell).__name__} was given the gate {name!r}, which is not in its "
            f"`gates` {tuple(cell.gates)}."
        )


def take_step(cell, projected, states, matmul):
    """One step of a cell, in the dtype of its policy.

    Args:
        cell: a built cell.
        projected: tensor `(batch, G·units)`.
        states: list of tensors `(batch, units)`.
        matmul: as `Cell.step` takes it.

    Returns:
        The output `(batch, units)` and the list of new states.

    Raises:
        TypeError: `step` did not return an output and a list of states.
        ValueError: their number or sizes are not those that the cell's attributes promise.
    """
    result = cell.step(projected, states, matmul)
    name = f"step() of {type(cell).__name__}"
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError(
            f"{name} must return the output and the list of new states; received {result!r}."
        )
    output, new_states = result
    if not isinstance(new_states, (tuple, list)):
        raise TypeError(
            f"{name} must return a list of new states after the output, also if there is one: "
            f"`return a, [a]`; received {new_states!r}."
        )
    if len(new_states) != len(states):
        raise ValueError(
            f"{name} must return one new state for each name in `state_names` "
            f"{tuple(cell.state_names)}; received {len(new_states)}."
        )
    named = {"output": output, **dict(zip(cell.state_names, new_states, strict=True))}
    for what, tensor in named.items():
        if len(tensor.shape) != 2 or tensor.shape[-1] not in (None, cell.units):
            raise ValueError(
                f"{name} must return tensors (batch, {cell.units}); "
                f"{'the output' if what == 'output' else f'the state {what!r}'} has shape "
                f"{tuple(tensor.shape)}."
            )
    # Cast, as Keras leaves the dtype where a backend's operation knows no doubles.
    output, *new_states = (ops.cast(tensor, cell.compute_dtype) for tensor in (output, *new_states))
    return output, new_states
