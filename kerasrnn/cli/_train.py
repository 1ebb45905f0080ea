from pathlib import Path

from kerasrnn.cli._console import console, friendly_errors, load_keras, print_scores, size


def run(model, recipe_file, data, files, shortcuts, settings, output, formats):
    """Trains a model and prints what came of it."""
    with friendly_errors():
        recipe = _recipe(model, recipe_file, data, files, shortcuts, settings)
        output = output or Path("runs") / model
        console.print("Loading TensorFlow")
        load_keras()

        from kerasrnn.cli._progress import training_bar
        from kerasrnn.training import FORMATS, train

        with training_bar() as bar:
            metrics = train(
                recipe,
                output,
                formats=formats or FORMATS,
                callbacks=[bar],
                report=lambda message: console.print(message, markup=False),
            )
        _print(metrics, output)


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


def _print(metrics, output):
    count = metrics["data"]["sentences"]["test"]
    print_scores(metrics["test"], f"{count} test sentences")
    for name, report in metrics["exports"].items():
        note = f"{size(report['bytes'])}, differs from Keras by {report['largest_difference']:.1e}"
        if "milliseconds" in report:
            note += f", {report['milliseconds']} ms a sentence on one thread"
        console.print(f"{name}: {note}", markup=False, soft_wrap=True)
    console.print(f"Wrote {output}", markup=False, soft_wrap=True)
    console.print(f'Try: kerasrnn predict {output} "a sentence"', markup=False, soft_wrap=True)
