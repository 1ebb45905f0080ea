"""What the models of the next token share: tokens in, recurrent layers, one softmax a step."""

import keras
from keras import layers as keras_layers
from keras import ops
from keras.saving import register_keras_serializable

from kerasrnn.layers import recurrent
from kerasrnn.zoo._require import require_layers, require_one_of

INPUTS = ("embedding", "one_hot")
_TO_TOKENS = "to_tokens"  # what makes the features as many as a tied matrix has


def next_token_model(
    num_tokens,
    num_categories=None,
    *,
    cell,
    layers,
    units,
    inputs,
    token_dim,
    tied,
    input_dropout,
    dropout,
    recurrent_dropout,
    stateful_batch,
    name,
):
    """The model; the arguments are those of the builders. Without categories tokens go in alone."""
    require_layers(layers)
    vectors = _Tokens(num_tokens, inputs, token_dim, tied)
    stateful = stateful_batch is not None

    # Input
    tokens = keras.Input((None,), stateful_batch, dtype="int32", name="tokens")
    read = {"tokens": tokens}
    x = vectors.read(tokens)
    if num_categories is not None:
        category = read["category"] = keras.Input(
            (), stateful_batch, dtype="int32", name="category"
        )
        condition = keras_layers.Embedding(num_categories, x.shape[-1], name="categories")
        x = x + ops.expand_dims(condition(category), 1)

    # Body
    x = keras_layers.SpatialDropout1D(input_dropout, name="input_dropout")(x)
    for level in range(1, layers + 1):
        x = recurrent(
            cell,
            units,
            return_sequences=True,
            recurrent_dropout=recurrent_dropout,
            stateful=stateful,
            name=f"rnn_{level}",
        )(x)
        # One set of features is dropped at all steps of a sequence.
        x = keras_layers.SpatialDropout1D(dropout, name=f"dropout_{level}")(x)

    # Head
    return keras.Model(read, vectors.probabilities(x), name=name)


def body_of(model):
    """The part of a model of `next_token_model` up to what its softmax reads."""
    names = [layer.name for layer in model.layers]
    dropouts = [name for name in names if name.startswith("dropout_")]
    last = _TO_TOKENS if _TO_TOKENS in names else f"dropout_{len(dropouts)}"
    return keras.Model(model.input, model.get_layer(last).output, name=f"{model.name}_body")


class _Tokens:
    """How tokens go in, and how their probabilities come out, by one matrix where it is tied.

    Args:
        num_tokens: how many numbers of tokens there are.
        inputs: `"embedding"` or `"one_hot"`.
        token_dim: size of a token's vector.
        tied: whether the softmax's weights are the vectors of the embedding.

    Raises:
        ValueError: one-hot inputs are to be tied, or `inputs` is unknown.
    """

    def __init__(self, num_tokens, inputs, token_dim, tied):
        require_one_of("inputs", inputs, INPUTS)
        if tied and inputs == "one_hot":
            raise ValueError(
                "`tied` weights are those of an embedding; received inputs='one_hot'. Give "
                "inputs='embedding' or tied=False."
            )
        self._num_tokens, self._one_hot = num_tokens, inputs == "one_hot"
        self._token_dim = token_dim
        self._tied = None
        if tied:
            self._tied = keras_layers.ReversibleEmbedding(num_tokens, token_dim, name="tokens_in")

    def read(self, tokens):
        """Vectors `(batch, time, token_dim)`, or one-hot rows."""
        if self._one_hot:
            return ops.one_hot(tokens, self._num_tokens)
        embedding = self._tied or keras_layers.Embedding(
            self._num_tokens, self._token_dim, name="tokens_in"
        )
        return embedding(tokens)

    def probabilities(self, x):
        """Probabilities `(batch, time, num_tokens)`."""
        if self._tied is None:
            return keras_layers.Dense(self._num_tokens, activation="softmax", name="next")(x)
        if x.shape[-1] != self._token_dim:
            x = keras_layers.Dense(self._token_dim, name=_TO_TOKENS)(x)
        scores = TokenBias(name="next_bias")(self._tied(x, reverse=True))
        return keras_layers.Softmax(name="next")(scores)


@register_keras_serializable(package="kerasrnn")
class TokenBias(keras_layers.Layer):
    """Adds one number a token, which says how frequent it is: Keras's tied weights have none."""

    def build(self, input_shape):
        self.bias = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="bias")

    def call(self, inputs):
        return inputs + self.bias

    def compute_output_shape(self, input_shape):
        return input_shape
