"""How good are predicted labels?"""

import numpy as np

_PERCENTILES = (2.5, 97.5)
_AT_ONCE = 2**22  # numbers of resampled confusion matrices that are held at a time


def label_scores(expected, probabilities, labels, parts=None, samples=1000, seed=0):
    """Accuracy, F1, ROC AUC and confusion matrix of a classifier, with 95 % intervals.

    The predicted class is the most probable one, of equals the first. A class that is never
    predicted has precision and F1 0, one that never occurs has recall and F1 0. `macro_f1` is the
    mean F1 of the classes that occur in `expected`. `auc` is there for two classes that both
    occur: how often a random example of the second label has a higher probability of it than a
    random one of the first; equal probabilities count half.

    Intervals are percentiles of a bootstrap: the same scores of as many examples, drawn with
    replacement, again and again. They say what other examples of the same kind would give, not
    what another training would. Draws without both classes have no AUC and are left out there.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.

    Args:
        expected: class numbers `(examples,)`.
        probabilities: array `(examples, classes)`.
        labels: the classes' names.
        parts: a name for each example, `""` for none: the accuracy of each part is told too.
        samples: how often examples are drawn for the intervals.
        seed: of those draws.

    Returns:
        Dictionary that JSON can hold: `accuracy`; `macro_f1`; `auc`, a number or `None`;
        `confidence`, which maps these three to `[low, high]`, or `None` for an AUC that is not
        there; `support`, the number of examples; `classes`, which maps each label to
        `precision`, `recall`, `f1` and `support`; `confusion`, a list of rows, one a true class;
        and `parts`, which maps each part to `accuracy`, `support` and `confidence`.

    Raises:
        ValueError: there are no examples, shapes do not fit each other, a class number has no
            label, or a probability is not a number.

    Example:
        >>> from kerasrnn.training import label_scores
        >>> probabilities = [[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.8, 0.2]]
        >>> scores = label_scores([0, 0, 1, 1], probabilities, ["calm", "angry"])
        >>> scores["accuracy"], scores["auc"], scores["confusion"]
        (0.75, 0.75, [[2, 0], [1, 1]])
        >>> scores["classes"]["angry"]["recall"]
        0.5
    """
    expected, probabilities = _checked(expected, probabilities, labels, parts, samples)
    predicted = np.argmax(probabilities, axis=1)
    confusion = _confusion(expected, predicted, len(labels))
    by_class = _by_class(confusion)
    accuracy, macro_f1 = _summary(confusion[None])
    auc = auc_confidence = None
    if len(labels) == 2 and len(set(expected.tolist())) == 2:
        auc, auc_confidence = _auc_scores(expected == 1, probabilities[:, 1], samples, seed)
    accuracies, macro_f1s = _resampled(confusion, samples, seed)
    return {
        "accuracy": float(accuracy[0]),
        "macro_f1": float(macro_f1[0]),
        "auc": auc,
        "confidence": {
            "accuracy": _interval(accuracies),
            "macro_f1": _interval(macro_f1s),
            "auc": auc_confidence,
        },
        "support": len(expected),
        "classes": {
            str(label): {name: row[number].item() for name, row in by_class.items()}
            for number, label in enumerate(labels)
        },
        "confusion": confusion.tolist(),
        "parts": _part_scores(expected == predicted, parts, samples, seed),
    }


def _checked(expected, probabilities, labels, parts, samples):
    expected, probabilities = np.asarray(expected), np.asarray(probabilities, "float64")
    if not expected.size:
        raise ValueError("There are no examples to score.")
    if len(set(labels)) != len(labels):
        raise ValueError(f"`labels` must be distinct; received {list(labels)}.")
    if expected.ndim != 1 or probabilities.shape != (len(expected), len(labels)):
        raise ValueError(
            "`expected` must be (examples,) and `probabilities` (examples, classes) with a label "
            f"a class; received {expected.shape}, {probabilities.shape} and {len(labels)} labels."
        )
    if expected.dtype.kind not in "iu":
        raise ValueError(f"`expected` must be class numbers; received {expected.dtype}.")
    if expected.min() < 0 or expected.max() >= len(labels):
        raise ValueError(
            f"`expected` must be from 0 to {len(labels) - 1}; received numbers from "
            f"{expected.min()} to {expected.max()}."
        )
    if not np.all(np.isfinite(probabilities)):
        row = int(np.argmin(np.isfinite(probabilities).all(axis=1)))
        raise ValueError(f"Probabilities of example {row + 1} are not all finite numbers.")
    if parts is not None and len(parts) != len(expected):
        raise ValueError(f"There are {len(expected)} examples, but {len(parts)} parts.")
    if samples < 1:
        raise ValueError(f"`samples` must be positive; received {samples!r}.")
    return expected, probabilities


def _confusion(expected, predicted, classes):
    cells = expected.astype("int64") * classes + predicted
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


def _by_class(confusion):
    right, support = np.diagonal(confusion), confusion.sum(axis=1)
    predicted = confusion.sum(axis=0)
    return {
        "precision": right / np.maximum(predicted, 1),
        "recall": right / np.maximum(support, 1),
        "f1": 2 * right / np.maximum(support + predicted, 1),
        "support": support,
    }


def _summary(confusions):
    """Accuracy and macro F1 of each of the matrices `(n, classes, classes)`."""
    right = np.diagonal(confusions, axis1=1, axis2=2)
    support, predicted = confusions.sum(axis=2), confusions.sum(axis=1)
    f1 = 2 * right / np.maximum(support + predicted, 1)
    occurs = support > 0  # no right answer, so F1 0, where it does not
    return right.sum(axis=1) / support.sum(axis=1), f1.sum(axis=1) / occurs.sum(axis=1)


def _resampled(confusion, samples, seed):
    """Accuracies and macro F1s of the draws.

    To draw examples is to draw cells of the confusion matrix, which costs the same for any
    number of examples.
    """
    rng = np.random.default_rng(seed)
    total, cells = confusion.sum(), np.flatnonzero(confusion)
    shares = confusion.ravel()[cells] / total
    found = []
    for start in range(0, samples, step := max(1, _AT_ONCE // confusion.size)):
        count = min(step, samples - start)
        drawn = np.zeros((count, confusion.size), "int64")
        drawn[:, cells] = rng.multinomial(total, shares, size=count)
        found.append(_summary(drawn.reshape(count, *confusion.shape)))
    return [np.concatenate(scores) for scores in zip(*found, strict=True)]


def _auc_scores(positive, scores, samples, seed):
    """The AUC and its interval; `None` for an interval where each draw has one class."""
    order = np.argsort(scores, kind="stable")
    positive, scores = positive[order], scores[order]
    # where each run of equal scores begins
    starts = np.flatnonzero(np.r_[True, scores[1:] != scores[:-1]])
    rng, count = np.random.default_rng(seed), len(scores)
    drawn = []
    for _ in range(samples):
        times = np.bincount(rng.integers(0, count, count), minlength=count)
        drawn.append(_auc(times * positive, times * ~positive, starts))
    drawn = np.array(drawn)
    drawn = drawn[~np.isnan(drawn)]
    whole = float(_auc(positive.astype("int64"), (~positive).astype("int64"), starts))
    return whole, _interval(drawn) if drawn.size else None


def _auc(positives, negatives, starts):
    """Mann and Whitney's statistic over its maximum, of counts in the order of their scores."""
    positives, negatives = np.add.reduceat(positives, starts), np.add.reduceat(negatives, starts)
    pairs = positives.sum() * negatives.sum()
    if not pairs:
        return np.nan
    below = np.cumsum(negatives) - negatives
    return np.sum(positives * (below + negatives / 2)) / pairs


def _interval(scores):
    return [float(value) for value in np.percentile(scores, _PERCENTILES)]


def _part_scores(right, parts, samples, seed):
    parts = np.array([] if parts is None else [str(part) for part in parts])
    found = {}
    for part in sorted(set(parts.tolist()) - {""}):
        own = right[parts == part]
        accuracy, support = float(own.mean()), len(own)
        # The number of right answers among those drawn is binomial.
        drawn = np.random.default_rng(seed).binomial(support, accuracy, samples) / support
        confidence = {"accuracy": _interval(drawn)}
        found[part] = {"accuracy": accuracy, "support": support, "confidence": confidence}
    return found
