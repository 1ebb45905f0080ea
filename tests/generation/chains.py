"""Steps of known probabilities, and small untrained models."""

import itertools

import numpy as np

from kerasrnn.generation import Steps

END = 2


class Chain(Steps):
    """A Markov chain: the next token's probabilities are a row of a matrix, the last token's.

    A state is the list of what each row has read, as a chain of pairs, so that a test sees whether
    states are mixed up; `advances` lists the tokens of each call.
    """

    def __init__(self, matrix):
        self.matrix = np.asarray(matrix, float)
        self.num_tokens = len(self.matrix)
        self.advances, self.starts = [], []

    def start(self, batch, conditions=None):
        self.starts.append((batch, conditions))
        return [() for _ in range(batch)]

    def advance(self, tokens, state):
        self.advances.append(np.array(tokens).tolist())
        state = [(*read, int(token)) for read, token in zip(state, tokens, strict=True)]
        with np.errstate(divide="ignore"):
            return np.log([self.row(read) for read in state]), state

    def select(self, state, rows):
        return [state[row] for row in rows]

    def row(self, read):
        """The next token's probabilities after all that was read."""
        return self.matrix[read[-1]]


class Remembering(Chain):
    """Probabilities that hang on all that was read: the matrix's rows, mixed by the whole past."""

    def row(self, read):
        past = sum((place + 1) * token for place, token in enumerate(read))
        return self.matrix[past % self.num_tokens]


def matrix(num_tokens=6, seed=0, power=1.0):
    """Random probabilities, none for padding and unknown tokens."""
    made = np.random.default_rng(seed).random((num_tokens, num_tokens)) ** power
    made[:, :2] = 0
    return made / made.sum(1, keepdims=True)


def answers(num_tokens, max_length):
    """All answers: tokens from 3 on, ended before the limit or cut at it."""
    for count in range(max_length + 1):
        yield from itertools.product(range(3, num_tokens), repeat=count)


def log_prob(chain, prompt, answer, max_length):
    """The log-probability of an answer, of its end too where it is not cut."""
    read, total = (END, *prompt), 0.0
    for token in answer if len(answer) == max_length else (*answer, END):
        total += np.log(chain.row(read)[token])
        read = (*read, token)
    return total


def small_model(num_tokens=7, condition=False, layer=None, seed=1, scale=1.5):
    """An untrained model of the next token, whose probabilities differ much."""
    import keras

    from kerasrnn.layers import LSTM

    tokens = keras.Input((None,), dtype="int32", name="tokens")
    y = keras.layers.Embedding(num_tokens, 4)(tokens)
    inputs = [tokens]
    if condition:
        language = keras.Input((), dtype="int32", name="language")
        inputs.append(language)
        y = y + keras.ops.expand_dims(keras.layers.Embedding(3, 4)(language), 1)
    y = (layer or LSTM)(5, return_sequences=True, name="reader")(y)
    y = keras.layers.Dense(num_tokens, activation="softmax")(y)
    model = keras.Model(inputs if condition else tokens, y, name="small")
    random = np.random.default_rng(seed)
    # Small biases: large ones would make each next token the same.
    shapes = [weight.shape for weight in model.get_weights()]
    model.set_weights([random.normal(0, scale * len(s) ** 3 / 8, s) for s in shapes])
    return model
