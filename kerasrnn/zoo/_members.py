"""Models of several members: networks of one kind that differ by their first weights alone."""

import keras

_NAME = "member_{}"


def averaged(member, inputs, count, name):
    """A model that gives the mean of its members' probabilities.

    Args:
        member: function of a name that makes a model of the inputs.
        inputs: dictionary of the model's inputs by name.
        count: how many members there are.
        name: name of the whole model.

    Returns:
        A functional `keras.Model`.
    """
    outputs = [member(_NAME.format(number))(inputs) for number in range(1, count + 1)]
    return keras.Model(inputs, keras.layers.Average(name="classes")(outputs), name=name)


def members_of(model):
    """The members of a model that `averaged` made, a list of models; of any other, itself alone."""
    found = []
    while (name := _NAME.format(len(found) + 1)) in {layer.name for layer in model.layers}:
        found.append(model.get_layer(name))
    return found or [model]
