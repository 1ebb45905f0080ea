"""Checks of what a cell is given; each message names the argument, the rule and the value."""

import numbers


def positive_integer(name, value):
    """The value as an `int`; raises ValueError where it is not a whole number above zero."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value <= 0:
        raise ValueError(f"`{name}` must be a positive integer; received {value!r}.")
    return int(value)


def rate(name, value):
    """The value as a `float`; raises ValueError where it is not a number in [0, 1)."""
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not number or not 0 <= value < 1:
        raise ValueError(f"`{name}` must be a number in [0, 1); received {value!r}.")
    return float(value)


def keras_object(name, value, kind):
    """What `kind.get` of Keras makes of the value; `kind` is `keras.activations` or its like."""
    try:
        return kind.get(value)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"`{name}` must be a name, a configuration or an object of {kind.__name__}, or None; "
            f"received {value!r} ({error})"
        ) from error
