"""What masked steps keep."""

from keras import ops


def kept(mask_t, new, old, zero_output_for_mask):
    """The carry and the output of a step of which some rows are masked; mask_t `(batch, 1)`."""
    (output, new_states), (previous_output, states) = new, old
    if mask_t is None:
        return new, output
    kept_output = ops.where(mask_t, output, previous_output)
    new_states = [
        ops.where(mask_t, after, before) for after, before in zip(new_states, states, strict=True)
    ]
    if zero_output_for_mask:
        return (kept_output, new_states), ops.where(mask_t, output, ops.zeros_like(output))
    return (kept_output, new_states), kept_output
