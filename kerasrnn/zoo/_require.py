"""What builders ask of their arguments."""


def require_layers(layers):
    """Raises ValueError where `layers` is not a positive integer."""
    require_count("layers", layers)


def require_count(argument, value):
    """Raises ValueError where an argument is not a positive integer."""
    if type(value) is not int or value < 1:
        raise ValueError(f"`{argument}` must be a positive integer; received {value!r}.")


def require_one_of(argument, value, known):
    """Raises ValueError where an argument is none of the known names."""
    if value not in known:
        names = ", ".join(map(repr, known))
        raise ValueError(f"`{argument}` must be one of {names}; received {value!r}.")
