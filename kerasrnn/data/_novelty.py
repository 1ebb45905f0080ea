"""Whether made texts are new."""

import unicodedata


def novelty(made, known):
    """Shares of made names, or other texts, that are new and that are different from each other.

    Two are the same if they are so in NFC, whatever their capital letters and the spaces around
    them.

    Args:
        made: iterable of strings; at least one.
        known: iterable of strings, those that a model was trained on.

    Returns:
        Dictionary: `novel`, the share of the made that are not among the known, and `distinct`,
        how many different ones there are for each made one.

    Raises:
        ValueError: nothing was made.

    Example:
        >>> from kerasrnn.data import novelty
        >>> novelty(["Annika", "Marlo", "MARLO", "Sarlo"], known=["Anna", "annika"])
        {'novel': 0.75, 'distinct': 0.75}
    """
    made = [_key(text) for text in made]
    if not made:
        raise ValueError("novelty needs at least one made text; got none.")
    known = {_key(text) for text in known}
    return {
        "novel": sum(text not in known for text in made) / len(made),
        "distinct": len(set(made)) / len(made),
    }


def _key(text):
    # Folding may undo NFC, and needs it: "İ" becomes "i" and a dot, which NFC leaves apart.
    folded = unicodedata.normalize("NFC", text).casefold().strip()
    return unicodedata.normalize("NFC", folded)
