"""How good are predicted tags?"""

from kerasrnn.data import spans


def entity_scores(expected, predicted):
    """Precision, recall and F1 of entities: right when borders and type are.

    Source: Tjong Kim Sang & De Meulder, CoNLL-2003, section 2.3; computed by nervaluate ("strict").

    Args:
        expected: sequence of `Sentence`.
        predicted: sequence of `Sentence` over the same tokens.

    Returns:
        Dictionary of `precision`, `recall`, `f1`, `support` (entities expected),
        `token_accuracy`, and `types`, which maps each type to its own first four.

    Raises:
        ValueError: there are no sentences, or the two do not have the same tokens.

    Example:
        >>> from kerasrnn.data import Sentence
        >>> from kerasrnn.training import entity_scores
        >>> right = [Sentence(("Ada", "met", "Bob"), ("B-PER", "O", "B-PER"))]
        >>> found = [Sentence(("Ada", "met", "Bob"), ("B-PER", "O", "O"))]
        >>> scores = entity_scores(right, found)
        >>> scores["precision"], scores["recall"]
        (1.0, 0.5)
    """
    from nervaluate import Evaluator

    if not expected:
        raise ValueError("There are no sentences to score.")
    if [s.tokens for s in expected] != [s.tokens for s in predicted]:
        raise ValueError("`expected` and `predicted` must have the same tokens.")
    gold, found = [list(s.tags) for s in expected], [list(s.tags) for s in predicted]
    types = sorted({type for tags in gold + found for type, _, _ in spans(tags)})
    if types:
        result = Evaluator(gold, found, tags=types, loader="list").evaluate()
        overall = _summary(result["overall"]["strict"])
        by_type = {type: _summary(result["entities"][type]["strict"]) for type in types}
    else:  # nothing to find and nothing found; nervaluate wants a type at least
        overall, by_type = {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}, {}
    pairs = [pair for g, f in zip(gold, found, strict=True) for pair in zip(g, f, strict=True)]
    accuracy = sum(g == f for g, f in pairs) / len(pairs)
    return {**overall, "token_accuracy": accuracy, "types": by_type}


def _summary(result):
    return {
        "precision": float(result.precision),
        "recall": float(result.recall),
        "f1": float(result.f1),
        "support": int(result.possible),
    }
