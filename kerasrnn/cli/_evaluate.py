import json

from kerasrnn.cli._console import console, friendly_errors, load_keras, note, print_scores


def run(model, test, as_json):
    """Prints the scores of a trained model."""
    with friendly_errors():
        load_keras()
        from kerasrnn.training import evaluate, find_model

        scores = evaluate(find_model(model, report=note), test, report=note)
        if as_json:
            console.print(json.dumps(scores, indent=2), markup=False)
        else:
            print_scores(scores, f"{model} on {test or 'its test sentences'}")
