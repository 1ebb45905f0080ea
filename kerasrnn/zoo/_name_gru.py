from kerasrnn.zoo._next_token import next_token_model
from kerasrnn.zoo._registry import zoo_model


@zoo_model(required=("num_tokens", "num_categories"))
def name_gru(
    num_tokens=None,
    num_categories=None,
    *,
    weights=None,
    cell="full_gru",
    layers=1,
    units=128,
    inputs="embedding",
    token_dim=32,
    tied=False,
    input_dropout=0.0,
    dropout=0.1,
    recurrent_dropout=0.0,
    stateful_batch=None,
    name="name_gru",
):
    """Names letter by letter, of a category such as a locale: one number in, a sequence out.

    Equations (E and C are the tables of vectors of letters and of categories, k a category):

        x⟨t⟩ = E[y⟨t−1⟩] + C[k]
        a⟨t⟩ = GRU(x⟨t⟩, a⟨t−1⟩)
        P(y⟨t⟩ | y⟨1⟩, …, y⟨t−1⟩, k) = softmax(W_y · a⟨t⟩ + b_y)

    y⟨0⟩ is `<EOS>`. Dropout takes the same features away at all steps of a sequence.

    Source: Graves 2013, "Generating Sequences With Recurrent Neural Networks"; of the dropout, Gal
    & Ghahramani 2016, "A Theoretically Grounded Application of Dropout in Recurrent Neural
    Networks".

    Args:
        num_tokens, num_categories: how many numbers of letters and of categories there are, as
            `kerasrnn.data.NameEncoder.sizes` says.
        weights: `None` for fresh ones; `"default"` for those that ship with the library; a weights
            file; or a folder like those in saved_models. With the last three the other arguments
            default to what the weights were made with.
        cell: name of a cell (`kerasrnn.layers.cell_names()`), or a function that makes the layer.
        layers: recurrent layers on top of each other.
        units: units of each.
        inputs: `"embedding"`, or `"one_hot"`, in which E is the identity.
        token_dim: size of the vectors of E.
        tied: whether W_y is E, after a linear layer where `units` is not `token_dim`.
        input_dropout: share of the features of x that is dropped.
        dropout: share of the features that is dropped between layers and before the softmax.
        recurrent_dropout: share of a⟨t−1⟩ that is dropped within each layer.
        stateful_batch: rows of a batch whose states go on in the next batch; `None` starts each
            sequence anew.
        name: name of the model.

    Returns:
        An uncompiled functional `keras.Model`. Inputs, int32: `tokens` `(batch, time)` and
        `category` `(batch,)`. Output: `(batch, time, num_tokens)`, probabilities of the next letter
        at each step. Padding, 0, is read like any other: it stands at the end, where the loss
        should weigh nothing.

    Raises:
        ValueError: sizes are missing, `layers`, `cell`, `inputs` or `tied` is not possible, or the
            weights do not fit the arguments.
        FileNotFoundError: there are no such weights.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.zoo import name_gru
        >>> model = name_gru(num_tokens=60, num_categories=20, units=16)
        >>> model.predict({"tokens": np.ones((2, 9)), "category": np.ones(2)}, verbose=0).shape
        (2, 9, 60)
    """
    return next_token_model(
        num_tokens,
        num_categories,
        cell=cell,
        layers=layers,
        units=units,
        inputs=inputs,
        token_dim=token_dim,
        tied=tied,
        input_dropout=input_dropout,
        dropout=dropout,
        recurrent_dropout=recurrent_dropout,
        stateful_batch=stateful_batch,
        name=name,
    )
