"""What builders ask of their arguments."""


def require_layers(layers):
    """Raises ValueError where `layers` is not a positive integer."""
    if type(layers) is not int or layers < 1:
        raise ValueError(f"`layers` must be a positive integer; received {layers!r}.")


def require_one_of(argument, value, known):
    """Raises ValueError where an argument is none of the known names."""
    if value not in known:
        names = ", ".join(map(repr, known))
        raise ValueError(f"`{argument}` must be one of {names}; received {value!r}.")
