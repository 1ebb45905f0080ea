"""A model traced into TensorFlow functions of arrays by name: whole sequences, and a step."""

from kerasrnn._model_inputs import is_sequence, name_outputs, pack_inputs


def loop():
    """The way that every runtime can read, whatever `engine` the export is called in."""
    from kerasrnn.sequence import engine

    return engine("loop")


def whole_signature(tf, model, shapes=None, around=loop):
    """A concrete function of the model's inputs by name that gives its outputs by name.

    Args:
        tf: TensorFlow.
        model: a functional or Sequential model.
        shapes: dictionary from the inputs' names to shapes; `None` takes the model's own.
        around: function that gives the context manager in which the model is called.
    """

    @tf.function(input_signature=[_specs(tf, model, _shapes(model, shapes))], autograph=False)
    def whole(inputs):
        with around():
            return name_outputs(model, model(pack_inputs(model, inputs), training=False))

    return whole.get_concrete_function()


def step_signature(tf, stepped, shapes=None, around=loop):
    """A concrete function of one step's inputs and the states by name.

    It gives the outputs and the new states by name.

    Args:
        tf: TensorFlow.
        stepped: a `StepModel`.
        shapes, around: as of `whole_signature`; the shapes are those of whole sequences.
    """
    model, shapes = stepped.model, _shapes(stepped.model, shapes)
    sequences, rows = is_sequence(model), next(iter(shapes.values()))[0]
    one = {n: (s[0], 1, *s[2:]) if sequences[n] else s for n, s in shapes.items()}
    specs = _specs(tf, model, one) | {
        name: tf.TensorSpec((rows, *shape[1:]), dtype, name=name)
        for name, (shape, dtype) in stepped.state_specs.items()
    }

    @tf.function(input_signature=[specs], autograph=False)
    def step(given):
        states = {name: given[name] for name in stepped.state_specs}
        with around():
            outputs, states = stepped({t.name: given[t.name] for t in model.inputs}, states)
            return {**name_outputs(model, outputs), **states}

    return step.get_concrete_function()


def _shapes(model, shapes):
    return shapes or {tensor.name: tuple(tensor.shape) for tensor in model.inputs}


def _specs(tf, model, shapes):
    return {t.name: tf.TensorSpec(shapes[t.name], t.dtype, name=t.name) for t in model.inputs}
