"""How much of a loss's gradient reaches the earlier states of a recurrent layer."""

import keras
import numpy as np
from keras import ops

from kerasrnn._model_inputs import all_layers
from kerasrnn.inspection._shifted_states import shifted_states
from kerasrnn.layers import BRNN, RNN, DeepRNN

_BOTH_WAYS = (BRNN, keras.layers.Bidirectional)


def gradient_flow(
    model, inputs, targets, layer=None, loss="sparse_categorical_crossentropy", at=None
):
    """The norm of the gradient of one step's loss with respect to each state of a recurrent layer.

    Equations, for each state s of the cell, such as a and c:

        flow_s[t] = mean over the batch of ‖∂L⟨at⟩/∂s⟨t⟩‖

    Where the gradient vanishes the norms fall towards zero as t goes back from `at`, where it
    explodes they rise. After `at` they are zero, and so is that of c⟨at⟩ of an LSTM, of which a⟨at⟩
    has been made already. Nothing is trained, dropout does not act, and every way to the loss
    counts, through layers above and other inputs too.

    Args:
        model: a `keras.Model` with one output, `(batch, time, …)` or `(batch, …)`.
        inputs: what the model takes.
        targets: what the loss compares the outputs with, for each step if these have steps.
        layer: name or path of a `kerasrnn.layers.RNN` (`BasicRNN`, `LSTM`, …) that reads
            forwards, or of a level of a `DeepRNN`; `None` is the first one in the model.
        loss: name of a Keras loss, a `keras.losses.Loss`, or a function of targets and outputs
            that gives one loss a row.
        at: the step whose loss it is, 0 being the first; below zero from the end, as in Python.
            `None` is the last one of each row that is not masked.

    Returns:
        Dictionary from a state's letter to an array `(time,)`. A masked step has no state of its
        own: rows that are masked at a step are left out there, and where all are, it is NaN.

    Raises:
        TypeError: `model` is no `keras.Model`.
        ValueError: there is no such layer; it reads backwards or both ways, is one of Keras's own
            or is called more than once; the model has several outputs; targets or loss have not one
            value a row; or there is no step `at`.

    Example:
        >>> import keras, numpy as np
        >>> from kerasrnn.inspection import gradient_flow
        >>> from kerasrnn.layers import LSTM
        >>> x = keras.Input((None, 3))
        >>> y = keras.layers.Dense(2, activation="softmax")(LSTM(4)(x))
        >>> flow = gradient_flow(keras.Model(x, y), np.ones((5, 7, 3), "float32"), np.ones(5))
        >>> sorted(flow), flow["c"].shape
        (['a', 'c'], (7,))
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model, and comes first; received {type(model)}.")
    watched = chosen_layer(model, layer)
    call = _only_call(model, watched, inputs)
    targets = ops.convert_to_tensor(targets)

    def total_loss(shifts):
        with shifted_states(watched, shifts):
            outputs = model(inputs, training=False)
        found = _loss_of_rows(outputs, targets, _losses(loss), at, call)
        if tuple(found.shape) != (call.sizes[0],):
            raise ValueError(
                f"`loss` must give one loss a row, ({call.sizes[0]},); it gave shape "
                f"{tuple(found.shape)} for targets {tuple(targets.shape)}."
            )
        return ops.sum(found)

    batch, time = call.sizes
    dtype, sizes = watched.cell.compute_dtype, watched.cell.state_size
    shifts = [ops.zeros((time, batch, size), dtype=dtype) for size in sizes]
    real = np.ones((batch, time), bool)
    if call.mask is not None:
        real = ops.convert_to_numpy(call.mask)
    found = _gradients(total_loss, shifts)
    named = zip(watched.cell.state_names, found, strict=True)
    return {name: _mean_norms(ops.convert_to_numpy(grad), real.T) for name, grad in named}


def chosen_layer(model, name):
    """The layer with a name or path, or the first that `gradient_flow` can watch.

    Raises:
        ValueError: there is none.
    """
    inside = {id(part) for part in all_layers(model) for part in _turned_parts(part)}
    for part in all_layers(model):
        if name is None and _reason(part, inside) is None:
            return part
        if name is not None and name in (part.name, part.path):
            reason = _reason(part, inside)
            if reason is None:
                return part
            raise ValueError(f"The flow of gradients through '{name}' is not shown: {reason}")
    known = [part.path for part in all_layers(model) if _reason(part, inside) is None]
    if name is not None and known:
        raise ValueError(f"'{model.name}' has no layer '{name}'; it has: {', '.join(known)}.")
    raise ValueError(
        f"'{model.name}' has no recurrent layer of kerasrnn that reads forwards, through which "
        "gradients could be followed. kerasrnn.layers.from_keras(layer) makes one of Keras's."
    )


def _turned_parts(layer):
    """The parts of a layer that reads its sequence backwards, or both ways."""
    turned = isinstance(layer, DeepRNN) and layer.go_backwards
    return all_layers(layer) if turned or isinstance(layer, _BOTH_WAYS) else ()


def _reason(layer, inside):
    """Why the states of a layer cannot be watched, or `None`."""
    if isinstance(layer, _BOTH_WAYS):
        return "it reads both ways, so no step's states are the earlier ones. Name another layer."
    if id(layer) in inside or getattr(layer, "go_backwards", False):
        return "it reads backwards, or is part of a layer that does. Name another layer."
    if isinstance(layer, DeepRNN):
        levels = ", ".join(f"'{level.path}'" for level in layer.levels)
        return f"it has several levels. Name one of them: {levels}."
    if isinstance(layer, RNN):
        return None
    if isinstance(layer, keras.layers.RNN):
        return "it is Keras's own. kerasrnn.layers.from_keras(layer) makes one that shows it."
    return "it is no recurrent layer."


def _only_call(model, layer, inputs):
    with shifted_states(layer) as calls:
        model(inputs, training=False)
    if len(calls) != 1:
        raise ValueError(
            f"'{layer.path}' is called {len(calls)} times by '{model.name}', not once, so that its "
            "states are not those of one sequence."
        )
    return calls[0]


def _losses(loss):
    """A function of targets and outputs that gives one loss a row."""
    loss = keras.losses.get(loss)
    return loss.call if isinstance(loss, keras.losses.Loss) else loss


def _loss_of_rows(outputs, targets, losses, at, call):
    """The loss at step `at` of each row."""
    if keras.tree.is_nested(outputs):
        raise ValueError("The model has several outputs; make one of a single output for this.")
    batch, time = call.sizes
    if len(outputs.shape) < 3 or outputs.shape[1] != time:
        if at is not None:
            raise ValueError(
                f"`at` must be None where the outputs have no steps; received {at!r} for outputs "
                f"{tuple(outputs.shape)}."
            )
        return losses(targets, outputs)
    if tuple(targets.shape[:2]) != (batch, time):
        raise ValueError(
            f"`targets` must have one value a step, ({batch}, {time}, …); received shape "
            f"{tuple(targets.shape)}."
        )
    if at is not None and not -time <= at < time:
        raise ValueError(f"`at` must be one of {time} steps, 0 to {time - 1}; received {at!r}.")
    steps = _last_steps(call.mask, batch, time) if at is None else np.full(batch, at % time)
    return losses(_pick(targets, steps), _pick(outputs, steps))


def _last_steps(mask, batch, time):
    """The last step that is not masked of each row; the last one where there is none."""
    if mask is None:
        return np.full(batch, time - 1)
    mask = ops.convert_to_numpy(mask)
    return np.where(mask.any(axis=1), time - 1 - mask[:, ::-1].argmax(axis=1), time - 1)


def _pick(sequence, steps):
    """`(batch, …)` of `(batch, time, …)`, at a step of its own in each row."""
    batch, time, *rest = sequence.shape
    rows = ops.reshape(sequence, (batch * time, *rest))
    return ops.take(rows, np.arange(batch) * time + steps, axis=0)


def _mean_norms(gradients, real):
    """`(time,)` of `(time, batch, units)`; the mean over the rows that are real at a step."""
    norms = np.linalg.norm(gradients.astype("float64"), axis=-1)
    counts = real.sum(axis=1)
    means = np.where(real, norms, 0).sum(axis=1) / np.maximum(counts, 1)
    return np.where(counts > 0, means, np.nan)


def _gradients(function, tensors):
    """The gradients of a scalar function of a list of tensors, whichever the backend is."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(tensors)
            value = function(tensors)
        return tape.gradient(value, tensors, unconnected_gradients="zero")
    if backend == "jax":
        import jax

        return jax.grad(function)(tensors)
    import torch

    leaves = [tensor.detach().requires_grad_() for tensor in tensors]
    with torch.enable_grad():
        found = torch.autograd.grad(function(leaves), leaves, allow_unused=True)
    return [ops.zeros_like(t) if g is None else g for t, g in zip(leaves, found, strict=True)]
