from kerasrnn.zoo._next_token import next_token_model
from kerasrnn.zoo._registry import zoo_model


@zoo_model(required=("num_tokens",))
def music_lstm(
    num_tokens=None,
    *,
    weights=None,
    cell="lstm",
    layers=1,
    units=256,
    inputs="embedding",
    token_dim=32,
    tied=False,
    input_dropout=0.0,
    dropout=0.2,
    recurrent_dropout=0.0,
    stateful_batch=None,
    name="music_lstm",
):
    """A model of music in several voices: the probability of each next note, by an LSTM.

    A piece is read step by step on a grid, and in each step voice by voice from the highest to the
    lowest, so that each voice hears those above it at the same time.

    Equations (E is the table of vectors of pitches, of a held note and of a rest):

        x⟨t⟩ = E[y⟨t−1⟩]
        a⟨t⟩, c⟨t⟩ = LSTM(x⟨t⟩, a⟨t−1⟩, c⟨t−1⟩)
        P(y⟨t⟩ | y⟨1⟩, …, y⟨t−1⟩) = softmax(W_y · a⟨t⟩ + b_y)

    y⟨0⟩ is `<EOS>`. Dropout takes the same features away at all steps of a sequence.

    Source: Liang et al. 2017, "Automatic Stylistic Composition of Bach Chorales with Deep LSTM".

    Args:
        num_tokens: how many numbers of tokens there are: `sizes` of the
            `kerasrnn.data.MusicEncoder`.
        weights: `None` for fresh ones; `"default"` for those that ship with the library; a weights
            file; or a folder like those in saved_models. With the last three the other arguments
            default to what the weights were made with.
        cell: name of a cell (`kerasrnn.layers.cell_names()`), or a function that makes the layer.
        layers: recurrent layers on top of each other.
        units: units of each.
        inputs: `"embedding"`, or `"one_hot"`, in which E is the identity.
        token_dim: size of a token's vector.
        tied: whether W_y is E, after a linear layer where `units` is not `token_dim`.
        input_dropout: share of the features of x that is dropped.
        dropout: share of the features that is dropped between layers and before the softmax.
        recurrent_dropout: share of a⟨t−1⟩ that is dropped within each layer.
        stateful_batch: rows of a batch whose states go on in the next batch, for truncated
            back-propagation; `None` starts each sequence anew.
        name: name of the model.

    Returns:
        An uncompiled functional `keras.Model`. Input, int32: `tokens` `(batch, time)`. Output:
        `(batch, time, num_tokens)`, probabilities of the next one at each step. Padding, 0, is
        read like any other: it stands at the end, where the loss should weigh nothing.

    Raises:
        ValueError: sizes are missing, `layers`, `cell`, `inputs` or `tied` is not possible, or the
            weights do not fit the arguments.
        FileNotFoundError: there are no such weights.

    Example:
        >>> import numpy as np
        >>> from kerasrnn.zoo import music_lstm
        >>> model = music_lstm(num_tokens=60, units=16)
        >>> model.predict({"tokens": np.ones((2, 8))}, verbose=0).shape
        (2, 8, 60)
    """
    return next_token_model(
        num_tokens,
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
