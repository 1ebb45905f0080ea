import json

from kerasrnn.cli._console import console, friendly_errors, load_keras, note
from kerasrnn.cli._scores import print_scores


def run(model, test, files, picture, as_json):
    """Prints the scores of a trained model."""
    with friendly_errors():
        load_keras()
        from kerasrnn.training import confusion_picture, evaluate, find_model
        from kerasrnn.training._predictor import find_task

        path = find_model(model, report=note)
        scores = evaluate(path, test, files=files, report=note)
        if picture:
            confusion_picture(_with_confusion(scores, model), list(scores["classes"]), picture)
            note(f"Wrote {picture}")
        if as_json:
            console.print(json.dumps(scores, indent=2), markup=False)
        else:
            print_scores(scores, f"{model} on {test or f'its test {find_task(path).item}s'}")


def _with_confusion(scores, model):
    if "confusion" not in scores:
        raise ValueError(
            f"{model} is no classifier: it has no confusion matrix, which --picture draws."
        )
    return scores
