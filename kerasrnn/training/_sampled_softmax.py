"""A softmax over a sample of a large vocabulary, for training alone."""

import keras
import numpy as np
from keras import ops

from kerasrnn.zoo._next_token import body_of


class SampledSoftmax(keras.Model):
    """A model of the next token whose loss looks at a sample of tokens in place of all of them.

    Equations (h⟨t⟩ goes into the softmax, w_k and b_k are its weights of token k, S numbers are
    drawn anew for each batch with probability q_k = ln((k+2)/(k+1)) / ln(N+1), since tokens are
    numbered by their frequency; p_k is the probability that k is among them):

        p_k = 1 − (1 − q_k)^S
        s_k = w_k · h⟨t⟩ + b_k − ln(p_k)
        loss⟨t⟩ = −s_y + ln(exp(s_y) + Σ_j exp(s_j))        j over the sample, without y

    A number that is drawn several times counts once. So the loss comes near that of the full
    softmax as S grows.

    The model itself keeps its full softmax, with the same weights.

    Source: Jean et al. 2015, "On Using Very Large Target Vocabulary for Neural Machine
    Translation".

    Args:
        model: a model that a builder of the next token made.
        samples: S, how many tokens are drawn.
        seed: seed of the draws.
    """

    def __init__(self, model, samples, seed=0):
        super().__init__(name=f"{model.name}_sampled")
        self.twin = model  # first, so that the weights are in its order
        self._tied = isinstance(model.get_layer("next"), keras.layers.Softmax)
        self._head = model.get_layer("tokens_in" if self._tied else "next")
        self._bias = model.get_layer("next_bias") if self._tied else self._head
        self._body = body_of(model)
        self._size, self._samples = model.output_shape[-1], samples
        self._draws = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=None):
        return self._body(inputs, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        h, kernel, bias = y_pred, *self._weights()
        drawn = self._draw()
        right = ops.sum(h * ops.take(kernel, y, axis=0), axis=-1) - self._log_share(y)
        others = ops.matmul(h, ops.transpose(ops.take(kernel, drawn, axis=0)))
        others = others - self._log_share(drawn)
        right = right + ops.take(bias, y)
        others = others + ops.take(bias, drawn)
        left_out = ops.logical_or(ops.equal(ops.expand_dims(y, -1), drawn), _repeated(drawn))
        others = ops.where(left_out, -1e9, others)
        scores = ops.concatenate([ops.expand_dims(right, -1), others], axis=-1)
        losses = ops.logsumexp(scores, axis=-1) - right
        weights = 1.0 if sample_weight is None else ops.cast(sample_weight, losses.dtype)
        return ops.mean(losses * weights) + sum(self.losses)  # of regularizers, as Keras's has them

    def _weights(self):
        """Rows of weights, one a token, and their biases."""
        if self._tied:
            return self._head.embeddings, self._bias.bias
        return ops.transpose(self._head.kernel), self._head.bias

    def _draw(self):
        uniform = keras.random.uniform((self._samples,), seed=self._draws)
        numbers = ops.exp(uniform * np.log(self._size + 1)) - 1
        return ops.sort(ops.minimum(ops.cast(numbers, "int32"), self._size - 1))

    def _log_share(self, numbers):
        """ln(p_k)."""
        k = ops.cast(numbers, "float32")
        q = ops.log1p(1 / (k + 1)) / np.log(self._size + 1)
        return ops.log(-ops.expm1(self._samples * ops.log1p(-q)))


def _repeated(numbers):
    """Which of sorted numbers are as the one before."""
    return ops.concatenate([ops.zeros((1,), "bool"), ops.equal(numbers[1:], numbers[:-1])])
