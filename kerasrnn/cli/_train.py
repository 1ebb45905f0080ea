from pathlib import Path

from kerasrnn._counted import counted
from kerasrnn.cli._console import console, friendly_errors, load_keras, size
from kerasrnn.cli._scores import export_score, print_scores, token_line


def run(model, recipe_file, data, files, shortcuts, settings, output, formats):
    """Trains a model and prints what came of it."""
    with friendly_errors():
        recipe = _recipe(model, recipe_file, data, files, shortcuts, settings)
        output = output or Path("runs") / model
        console.print("Loading TensorFlow")
        load_keras()

        from kerasrnn.cli._progress import training_bar
        from kerasrnn.training import FORMATS, train
        from kerasrnn.training._task import get_task

        task = get_task(recipe.task)
        decides, name = task.decides(recipe)
        with training_bar(f"val_{decides}", name, min if task.lower_is_better else max) as bar:
            metrics = train(
                recipe,
                output,
                formats=formats or FORMATS,
                callbacks=[bar],
                report=lambda message: console.print(message, markup=False, soft_wrap=True),
            )
        _print(metrics, output, task)


def _recipe(model, recipe_file, data, files, shortcuts, settings):
    from kerasrnn.training import load_recipe, with_data

    recipe = load_recipe(recipe_file or model)
    if recipe.model != model:
        raise ValueError(f"{recipe_file} is a recipe of {recipe.model}, not of {model}.")
    paths = {name: str(path) for name, path in files.items() if path is not None}
    recipe = with_data(recipe, data, paths)
    for key, value in shortcuts.items():
        if value is not None:
            recipe = recipe.override(key, value)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"--set takes ENTRY=VALUE; received {setting!r}.")
        recipe = recipe.override(key, value)
    return recipe


def _print(metrics, output, task):
    count = metrics["data"]["examples"]["test"]
    print_scores(metrics["test"], counted(count, f"test {task.item}"))
    console.print(_clipping(metrics["training"]), markup=False, soft_wrap=True)
    if "generated" in metrics:
        made = metrics["generated"]
        told = f"Of {counted(made['made'], f'made {task.item}')} {made['novel']:.1%} are new"
        console.print(f"{told}, {made['distinct']:.1%} differ from each other")
    for name, found in metrics["baselines"].items():
        console.print(_baseline(name, found), markup=False, soft_wrap=True)
    for name, report in metrics["exports"].items():
        note = f"{size(report['bytes'])}, differs from Keras by {report['largest_difference']:.1e}"
        if "milliseconds" in report:
            note += f", {report['milliseconds']} ms {task.read_at_once(report)} on one thread"
        if "score" in report:
            note += f", {export_score(report['score'], task.item)}"
        console.print(f"{name}: {note}", markup=False, soft_wrap=True)
    console.print(f"Wrote {output}", markup=False, soft_wrap=True)
    console.print(f"Try: kerasrnn {task.command(output)}", markup=False, soft_wrap=True)


def _clipping(training):
    if "clipping" not in training:
        return f"Gradients were not clipped; the largest norm was {training['largest_norm']}"
    found = training["clipping"]
    return (
        f"Clipping gradients by {found['by']} at {found['at']} acted in "
        f"{found['share_of_steps']:.1%} of the steps; the largest norm was {found['largest_norm']}"
    )


def _baseline(name, found):
    if "perplexity" in found:
        return f"Baseline {name}: {token_line(found)}"
    parts = "".join(f", {part} {score:.3f}" for part, score in found["parts"].items())
    return f"Baseline {name}: accuracy {found['accuracy']:.3f}{parts}"
