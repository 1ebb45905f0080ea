"""The sides that are compared: each a function that does the work once and waits for its end."""

import importlib
import math

MODES = ("train", "fit", "infer")
# An epoch in mode "fit", whose time is divided by its steps: long enough that what `fit` does once
# an epoch, some 40 ms, weighs as little as in a user's.
_MULTIPLICATIONS_OF_AN_EPOCH = 2e10
_STEPS_OF_AN_EPOCH = (20, 200)  # at least, at most
# The layer of Keras that is nearest to a cell, and its arguments; and PyTorch's.
_KERAS = {
    "basic_rnn": ("SimpleRNN", {}),
    "simplified_gru": ("GRU", {"reset_after": False}),
    "full_gru": ("GRU", {"reset_after": False}),
    "full_gru_reset_after": ("GRU", {"reset_after": True}),
    "lstm": ("LSTM", {}),
    "peephole_lstm": ("LSTM", {}),
}
_TORCH = {
    "basic_rnn": "RNN",
    "full_gru": "GRU",
    "full_gru_reset_after": "GRU",
    "lstm": "LSTM",
    "peephole_lstm": "LSTM",
}
CELLS = tuple(_KERAS)
SIDES = ("ours", "keras", "keras_jit", "cell_in_keras", "torch", "arithmetic")
# Our layer keeping little for its gradient; our layers of another cell; and two directions, or
# several levels, of the layer.
MORE_SIDES = ("recompute", "ours_lstm", "ours_full_gru")
MORE_SIDES += ("ours_brnn", "keras_brnn", "ours_deep", "keras_deep")
_LEVELS = 3  # of the deep ones
_FRAMEWORKS = {
    "tensorflow": "kerasrnn.benchmarking._on_tensorflow",
    "jax": "kerasrnn.benchmarking._on_jax",
}
_WIDTH = 1024  # of the matrices whose product is the floor


def work(side, cell, size, mode):
    """The function to time.

    Args:
        side: one of `SIDES` or `MORE_SIDES`.
        cell: one of `CELLS`.
        size: a `Size`.
        mode: one of `MODES`.

    Raises:
        ImportError: the side is PyTorch, which is not installed.
        LookupError: the side has no such layer, or does not do this mode.
    """
    if side == "torch":
        return _torch(cell, size, mode)
    import keras

    framework = keras.backend.backend()
    if framework not in _FRAMEWORKS:
        raise LookupError(f"Layers are not measured on Keras's backend {framework}.")
    framework = importlib.import_module(_FRAMEWORKS[framework])
    if side == "arithmetic":
        return framework.product(*_matrices(cell, size, mode))
    if side in ("keras_jit", "recompute") and not framework.HAS_WAYS:
        raise LookupError(f"There is no {side} on this backend.")
    if side == "recompute" and mode == "fit":
        raise LookupError("Recomputing is measured in `train`.")
    layer = _layer(side, cell, size.units)
    if mode == "fit":
        return _fit(framework, layer, size, jit=side == "keras_jit")
    layer.build((size.batch, size.time, size.features))
    jit, way = side == "keras_jit", "recompute" if side == "recompute" else "compiled"
    if mode == "infer":
        return framework.inference(layer, _data(size), jit=jit, way=way)
    outputs = layer.compute_output_shape((size.batch, size.time, size.features))
    return framework.training(layer, _data(size), _upstream(outputs), jit=jit, way=way)


def steps_of_a_run(mode, size):
    """How many steps the function of `work` makes."""
    if mode != "fit":
        return 1
    of_a_step = size.batch * size.time * (size.features + size.units) * size.units
    least, most = _STEPS_OF_AN_EPOCH
    return min(max(round(_MULTIPLICATIONS_OF_AN_EPOCH / of_a_step), least), most)


def _layer(side, cell, units):
    import keras

    from kerasrnn import layers

    if side.endswith("_brnn"):
        both = layers.BRNN if side == "ours_brnn" else keras.layers.Bidirectional
        return both(_layer(side.removesuffix("_brnn"), cell, units))
    if side.endswith("_deep"):
        levels = [_layer(side.removesuffix("_deep"), cell, units) for _ in range(_LEVELS)]
        if side == "ours_deep":
            return layers.DeepRNN(levels, return_sequences=True)
        return keras.Sequential(levels)
    if side in ("keras", "keras_jit"):
        name, arguments = _KERAS[cell]
        return getattr(keras.layers, name)(units, return_sequences=True, **arguments)
    cell = {"ours_lstm": "lstm", "ours_full_gru": "full_gru"}.get(side, cell)
    if cell == "full_gru_reset_after":
        layer = layers.FullGRU(units, return_sequences=True, reset_after=True)
    else:
        layer = layers.recurrent(cell, units, return_sequences=True)
    return keras.layers.RNN(layer.cell, return_sequences=True) if side == "cell_in_keras" else layer


def _data(size):
    import numpy as np

    rng = np.random.default_rng(0)
    return rng.normal(size=(size.batch, size.time, size.features)).astype("float32")


def _upstream(shape):
    """The gradient of the outputs, in place of a loss, whose own time is none of a layer's."""
    import numpy as np

    rng = np.random.default_rng(1)
    return rng.normal(size=shape).astype("float32")


def _matrices(cell, size, mode):
    """Matrices whose product has the multiplications and additions of the layer's products."""
    import numpy as np

    if mode == "fit":
        raise LookupError("The arithmetic of `fit` is that of `train`.")
    layer = _layer("ours", cell, size.units)
    layer.build((size.batch, size.time, size.features))
    numbers = sum(math.prod(w.shape) for w in (layer.cell.kernel, layer.cell.recurrent_kernel))
    numbers *= size.batch * size.time * (3 if mode == "train" else 1)  # backwards there are two
    rows = max(1, round(numbers / _WIDTH**2))
    rng = np.random.default_rng(0)
    return [rng.normal(size=(n, _WIDTH)).astype("float32") for n in (rows, _WIDTH)]


def _fit(framework, layer, size, jit):
    import keras
    import numpy as np

    inputs = keras.Input((size.time, size.features))
    model = keras.Model(inputs, layer(inputs))
    model.compile("sgd", "mse", jit_compile=True if jit else "auto")
    batch = _data(size), np.zeros((size.batch, *model.output_shape[1:]), "float32")
    steps = steps_of_a_run("fit", size)
    return lambda: model.fit(framework.repeated(batch, steps), shuffle=False, verbose=0)


def _torch(cell, size, mode):
    import torch

    if cell not in _TORCH or mode == "fit":
        raise LookupError(f"PyTorch has no {cell} for {mode}.")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    layer = getattr(torch.nn, _TORCH[cell])(size.features, size.units, batch_first=True)
    layer.to(device)
    x = torch.from_numpy(_data(size)).to(device)
    upstream = torch.from_numpy(_upstream((size.batch, size.time, size.units))).to(device)

    def infer():
        with torch.inference_mode():
            return layer(x)[0]

    def train():
        layer.zero_grad()
        x.grad = None
        layer(x)[0].backward(upstream)

    def run():
        result = infer() if mode == "infer" else train()
        if device == "cuda":
            torch.cuda.synchronize()
        return result

    x.requires_grad_(mode == "train")
    layer.train(mode == "train")
    return run
