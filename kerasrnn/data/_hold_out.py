"""Holding examples out of training, such that none is on both sides."""

import hashlib
import math
from collections import Counter, defaultdict

import numpy as np

from kerasrnn.data._conll import DataError


def hold_out(examples, parts=1, share=0.1, seed=0):
    """Divides examples into those that stay and parts of them that are held out, label by label.

    Each part has its share of each label, to the nearest example or so. At least one example of
    each label stays. Examples of equal contents stay, or go into the same part, together: what is
    held out was never seen. Where many contents are equal, parts may be smaller for it, and never
    larger.

    Args:
        examples: sequence of `Labelled`.
        parts: how many parts are held out.
        share: of the examples that each part has.
        seed: of the choice.

    Returns:
        Tuple of `parts + 1` tuples of examples in their order: those that stay, then the parts.

    Raises:
        ValueError: `parts` or `share` is not possible.
        DataError: too few examples, or too few different ones, for a part that is not empty.
    """
    examples = tuple(examples)
    if parts < 1 or not share > 0 or not parts * share < 1:
        raise ValueError(
            "`parts` must be positive, and the parts' shares together between 0 and 1; received "
            f"parts={parts!r}, share={share!r}."
        )
    rng = np.random.default_rng(seed)
    counts = Counter(example.label for example in examples)
    room = [_targets(counts, share, rng) for _ in range(parts)]
    staying, sides = Counter(counts), np.zeros(len(examples), int)
    groups = list(_by_content(examples).values())
    for place in rng.permutation(len(groups)):
        group = groups[place]
        labels = Counter(examples[number].label for number in group)
        if any(staying[label] <= count for label, count in labels.items()):
            continue
        for part, left in enumerate(room, start=1):
            if labels <= left:
                left -= labels
                staying -= labels
                sides[group] = part
                break
    found = tuple(
        tuple(example for example, side in zip(examples, sides, strict=True) if side == part)
        for part in range(parts + 1)
    )
    if not all(found):
        raise DataError(
            f"Of {len(examples)} examples with {len(groups)} different contents and {len(counts)} "
            f"labels, {parts} × {share:.0%} cannot be held out such that each label stays in "
            "training. Give more examples, a larger share, or files of your own for validation "
            "and test."
        )
    return found


def _targets(counts, share, rng):
    """How many examples of each label a part has, by the method of largest remainders."""
    labels = sorted(counts)
    wanted = {label: share * counts[label] for label in labels}
    targets = Counter({label: math.floor(wanted[label]) for label in labels})
    missing = max(1, round(share * counts.total())) - targets.total()
    chance = dict(zip(labels, rng.random(len(labels)), strict=True))  # among equal remainders
    remainders = sorted(labels, key=lambda label: (targets[label] - wanted[label], chance[label]))
    for label in [label for label in remainders if counts[label] > 1][: max(0, missing)]:
        targets[label] += 1
    return targets


def _by_content(examples):
    """Lists of the numbers of those examples whose contents are equal."""
    groups = defaultdict(list)
    for number, example in enumerate(examples):
        groups[content_key(example.content)].append(number)
    return groups


def content_key(content):
    """Equal for equal contents, and small where contents are large."""
    if isinstance(content, str):
        return content
    array = np.asarray(content)
    if array.dtype.kind in "biuf":
        # Equal numbers of different types are equal; so are 0.0 and -0.0.
        if array.dtype != "uint8":
            array = array.astype("float64") + 0.0
        values = np.ascontiguousarray(array).tobytes()
    else:
        values = repr(array.tolist()).encode()
    return array.shape, array.dtype.kind, hashlib.sha256(values).hexdigest()
