"""What errors add to a name that is not known."""

import difflib


def did_you_mean(name, known, mark="'"):
    """` Did you mean 'NAME'?` for the known name that is most like the given one, or nothing."""
    near = difflib.get_close_matches(str(name), list(known), n=1)
    return f" Did you mean {mark}{near[0]}{mark}?" if near else ""
