"""The one-step form of a model that is exported."""


def step_of(model, step):
    """A `StepModel`, or `None`.

    Args:
        model: a functional Keras model.
        step: `True`; `False`; or `"auto"`, where a model without steps has none.

    Raises:
        ValueError: the model has no step, and `step` is `True`; or `step` is something else.
    """
    from kerasrnn.streaming import StepModel

    if step not in (True, False, "auto"):
        raise ValueError(f"`step` must be True, False or 'auto'; received {step!r}.")
    if not step:
        return None
    try:
        return StepModel(model)
    except ValueError:
        if step is True:
            raise
        return None
