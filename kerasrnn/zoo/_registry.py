"""The models by name, and what all builders share: `weights=`."""

import functools
import inspect
import warnings

from kerasrnn.zoo._artefacts import find_weights

_MODELS = {}


def zoo_model(required):
    """Registers a builder and gives it `weights=`.

    The builder itself is a short functional model. Around it: the arguments that the weights were
    made with are filled in where the caller gave none, required ones are asked for, and the
    weights are loaded.

    Args:
        required: names of the arguments that weights or the caller must give.
    """

    def register(builder):
        signature = inspect.signature(builder)

        @functools.wraps(builder)
        def build(*args, **kwargs):
            given = signature.bind(*args, **kwargs).arguments
            weights = given.pop("weights", None)
            given = {k: v for k, v in given.items() if v is not None or k not in required}
            if weights is None:
                return builder(**_complete(builder.__name__, required, given))
            file, stored = find_weights(builder.__name__, weights)
            model = builder(**_complete(builder.__name__, required, {**stored, **given}))
            _load(model, file, stored, given)
            return model

        _MODELS[builder.__name__] = build
        return build

    return register


def list_models():
    """Names of the zoo's models.

    Returns:
        List of strings; each is a function of `kerasrnn.zoo`.

    Example:
        >>> from kerasrnn.zoo import list_models
        >>> "ner_bilstm" in list_models()
        True
    """
    return sorted(_MODELS)


def get_builder(name):
    """The builder of a model by its name.

    Args:
        name: one of `list_models()`.

    Returns:
        A function that returns an uncompiled `keras.Model`.

    Raises:
        ValueError: no model has that name.

    Example:
        >>> from kerasrnn.zoo import get_builder
        >>> get_builder("ner_bilstm").__name__
        'ner_bilstm'
    """
    if name not in _MODELS:
        raise ValueError(f"No model is called {name!r}; there are: {', '.join(list_models())}.")
    return _MODELS[name]


def _complete(name, required, arguments):
    missing = [argument for argument in required if arguments.get(argument) is None]
    if missing:
        raise ValueError(
            f"{name} needs {' and '.join(f'`{m}`' for m in missing)}, unless `weights` brings "
            f"them: {name}({', '.join(f'{r}=...' for r in required)}), or "
            f"{name}(weights='default')."
        )
    return arguments


def _load(model, file, stored, given):
    try:
        with warnings.catch_warnings():
            # Keras warns of what it did not find on its way to the error.
            warnings.filterwarnings("ignore", "Skipping nested container", UserWarning)
            model.load_weights(file)
        _require_all_read(model, file)
    except ValueError as error:
        differ = {k: (stored[k], v) for k, v in given.items() if k in stored and stored[k] != v}
        hint = "".join(f" `{k}` was {old!r}, received {new!r}." for k, (old, new) in differ.items())
        raise ValueError(f"The weights in {file} do not fit this model.{hint} ({error})") from error


def _require_all_read(model, file):
    """Raises ValueError where the file has more weights than the model: Keras leaves them out."""
    if not file.name.endswith(".weights.h5"):
        return
    import h5py

    names = []
    with h5py.File(file) as content:
        content.visititems(
            lambda name, item: names.append(name) if hasattr(item, "shape") else None
        )
    # A model that was compiled brings its optimizer.
    count = sum(not name.startswith("optimizer/") for name in names)
    if count > len(model.weights):
        raise ValueError(f"The file has {count} weights, the model {len(model.weights)}.")
