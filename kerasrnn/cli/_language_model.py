"""The model of the next token that a command names."""

from pathlib import Path


def load(model, report):
    """A `LanguageModel`.

    Args:
        model: a folder, a TFLite file, or the name of a model that ships.
        report: function that is told which of these it is.

    Raises:
        ValueError: it is a model of something else.
    """
    from kerasrnn.training import LanguageModel, find_model, load_predictor

    found = load_predictor(Path(find_model(model, report=report)))
    if not isinstance(found, LanguageModel):
        raise ValueError(
            f"{model} is a model of {found.task.name.replace('_', ' ')}, which tells no next "
            f"token; use `kerasrnn predict {model}`."
        )
    return found
