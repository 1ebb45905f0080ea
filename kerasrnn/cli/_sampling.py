"""From the options that say how a token is chosen to a sampler and a repetition."""

# The options by the arguments of `kerasrnn.generation` that they give.
OPTIONS = {
    "temperature": "--temperature",
    "k": "--top-k",
    "p": "--top-p",
    "width": "--beam",
    "length_penalty": "--length-penalty",
    "penalty": "--repetition-penalty",
    "no_repeat": "--no-repeat",
    "seed": "--seed",
    "max_length": "--max-length",
    "min_length": "--min-length",
    "category": "--category",
}
HINTS = {"temperature": "0 itself always takes the most probable token."}


def sampler_of(given):
    """The sampler that the options name, of which `None` is one that was not given.

    Raises:
        ValueError: options exclude each other, or a value is not possible.
    """
    from kerasrnn.generation import BeamSearch, Greedy, Temperature, TopK, TopP

    _require_compatible(given)
    temperature = 1.0 if given["temperature"] is None else given["temperature"]
    if given["beam"] is not None:
        return BeamSearch(given["beam"], given["length_penalty"] or 0.0)
    if temperature == 0:
        return Greedy()
    if given["top_k"] is not None:
        return TopK(given["top_k"], temperature)
    if given["top_p"] is not None:
        return TopP(given["top_p"], temperature)
    return Temperature(temperature)


def repetition_of(given):
    """The `Repetition` that the options name, or `None`."""
    from kerasrnn.generation import Repetition

    penalty, no_repeat = given["repetition_penalty"], given["no_repeat"]
    if penalty == 1 and not no_repeat:
        return None
    return Repetition(penalty, no_repeat=no_repeat)


def _require_compatible(given):
    """Raises ValueError where an option would have no effect beside another one."""
    chosen = [name for name in ("top_k", "top_p", "beam") if given[name] is not None]
    if len(chosen) > 1:
        raise ValueError(f"{_listed(chosen)} exclude each other; give one.")
    if given["beam"] is not None and given["temperature"] is not None:
        raise ValueError(
            "--beam looks for the most probable answer and draws nothing, so that --temperature "
            "has no effect; leave out one of them."
        )
    if given["beam"] is None and given["length_penalty"] is not None:
        raise ValueError(
            "--length-penalty compares the answers that a beam search finds; give --beam too, such "
            "as --beam 5, or leave it out."
        )
    if given["temperature"] == 0 and chosen:
        raise ValueError(
            f"--temperature 0 always takes the most probable token, so that {_listed(chosen)} has "
            "no effect; leave out one of them."
        )


def _listed(names):
    return " and ".join(f"--{name.replace('_', '-')}" for name in names)
