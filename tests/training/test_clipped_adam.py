"""Adam with counts of clipping: the weights are those that Keras's Adam gives."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops

from kerasrnn.data import Labelled, Splits
from kerasrnn.training import load_recipe
from kerasrnn.training._clipped_adam import ClippedAdam, clipping_of
from kerasrnn.training._fit import build, fit
from kerasrnn.training._recipe_entries import CLIPPING
from kerasrnn.training._train import _tell_clipping

# Two weights' gradients in four steps; norms 5 and 0, 3 and 4, 0.3 and 0.4, 0 and 12.
GRADIENTS = [
    ([3.0, 4.0], [0.0]),
    ([3.0, 0.0], [-4.0]),
    ([0.0, 0.3], [0.4]),
    ([0.0, 0.0], [12.0]),
]


def steps(optimizer, gradients=GRADIENTS):
    variables = [keras.Variable([1.0, 2.0]), keras.Variable([3.0])]
    for step in gradients:
        optimizer.apply([ops.convert_to_tensor(grad) for grad in step], variables)
    return np.concatenate([ops.convert_to_numpy(variable) for variable in variables])


@pytest.mark.parametrize(
    ("by", "at", "share"),
    [
        ("clipvalue", 4.5, 0.25),
        ("clipvalue", 4.0, 0.25),  # at the limit itself nothing is clipped
        ("clipvalue", 3.9, 0.75),
        ("clipnorm", 4.5, 0.5),
        ("clipnorm", 0.35, 1.0),
        ("global_clipnorm", 4.5, 0.75),
        ("global_clipnorm", 0.45, 1.0),
        ("global_clipnorm", 20.0, 0.0),
    ],
)
def test_the_share_is_that_of_the_steps_in_which_a_gradient_was_above(by, at, share):
    optimizer = ClippedAdam(0.1, **{by: at})
    weights = steps(optimizer)
    assert optimizer.clipping() == {
        "by": by,
        "at": at,
        "share_of_steps": share,
        "largest_norm": 12.0,
    }
    assert np.array_equal(weights, steps(keras.optimizers.Adam(0.1, **{by: at})))
    assert (share > 0) == (not np.array_equal(weights, steps(keras.optimizers.Adam(0.1))))


def test_without_clipping_there_is_the_largest_norm_alone():
    optimizer = ClippedAdam(0.1)
    assert np.array_equal(steps(optimizer), steps(keras.optimizers.Adam(0.1)))
    assert optimizer.clipping() == clipping_of(optimizer) == {"largest_norm": 12.0}


def test_a_gradient_that_is_no_number_is_no_largest_norm():
    optimizer = ClippedAdam(0.1, clipvalue=1.0)
    steps(optimizer, [([1.0, 2.0], [2.0]), ([np.nan, 1.0], [1.0]), ([np.inf, 1.0], [1.0])])
    assert optimizer.clipping()["largest_norm"] == 3.0


def test_a_weight_without_a_gradient_and_a_step_without_any_are_left_out():
    variables = [keras.Variable([1.0]), keras.Variable([3.0])]
    optimizer = ClippedAdam(0.1, global_clipnorm=1.0)
    optimizer.build(variables)
    optimizer.apply([])
    assert optimizer.clipping()["share_of_steps"] == 0
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        optimizer.apply([ops.convert_to_tensor([2.0]), None], variables)
    assert optimizer.clipping()["share_of_steps"] == 1
    assert optimizer.clipping()["largest_norm"] == 2


def test_mixed_precisions_optimizer_is_looked_into():
    inner = ClippedAdam(0.1, clipnorm=1.0)
    assert clipping_of(keras.optimizers.LossScaleOptimizer(inner))["at"] == 1.0


# In Keras's training, with an embedding, whose gradient is sparse

TOKENS = np.random.default_rng(0).integers(0, 6, (48, 5))  # words are repeated within a batch
LABELS = (TOKENS == 3).sum(axis=1) % 2


def trained(optimizer, jit_compile):
    keras.utils.set_random_seed(4)
    layers = [keras.layers.Embedding(6, 3), keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((5,), dtype="int32"), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, jit_compile=jit_compile)
    model.fit(TOKENS, LABELS, batch_size=8, epochs=2, verbose=0, shuffle=False)
    return model.get_weights()


CASES = [
    ("clipvalue", 0.05, False, False),
    ("clipnorm", 0.1, True, False),
    ("global_clipnorm", 0.2, True, True),
    pytest.param("clipvalue", 0.05, True, True, marks=pytest.mark.long),
    pytest.param("clipnorm", 0.1, False, True, marks=pytest.mark.long),
    pytest.param("global_clipnorm", 0.2, False, False, marks=pytest.mark.long),
]


@pytest.mark.parametrize(("by", "at", "average", "jit_compile"), CASES)
def test_fit_gives_the_weights_of_keras_adam_and_counts(by, at, average, jit_compile):
    given = {by: at, "use_ema": average, "ema_momentum": 0.5}
    ours = ClippedAdam(0.05, **given)
    weights = trained(ours, jit_compile)
    expected = trained(keras.optimizers.Adam(0.05, **given), jit_compile)
    assert all(np.allclose(*pair, atol=1e-6) for pair in zip(weights, expected, strict=True))
    found = ours.clipping()
    assert found["share_of_steps"] in [round(step / 12, 4) for step in range(1, 13)]
    assert found["largest_norm"] > at or by != "global_clipnorm"


@pytest.mark.tensorflow
@pytest.mark.parametrize("by", CLIPPING)
def test_of_a_sparse_gradient_that_is_counted_which_keras_clips(by):
    import tensorflow as tf

    values = np.array([[3.0, 0.0], [0.0, 4.0], [3.0, 0.0]], "float32")  # row 1 twice

    def after(optimizer):
        variable = keras.Variable(np.ones((4, 2), "float32"))
        grad = tf.IndexedSlices(tf.constant(values), tf.constant([1, 2, 1]), tf.constant([4, 2]))
        optimizer.apply([grad], [variable])
        return variable.numpy()

    optimizer = ClippedAdam(0.1, **{by: 1.0})
    assert np.array_equal(after(optimizer), after(keras.optimizers.Adam(0.1, **{by: 1.0})))
    assert optimizer.clipping()["share_of_steps"] == 1
    assert optimizer.clipping()["largest_norm"] == pytest.approx(34**0.5, abs=1e-3)


# By a recipe


@pytest.mark.parametrize("average", [0.0, 0.9])
@pytest.mark.parametrize("by", [None, *CLIPPING])
def test_a_recipe_decides_how_gradients_are_clipped(by, average):
    draw = np.random.default_rng(0)
    examples = tuple(Labelled(draw.normal(n % 2, 1, 3), "ab"[n % 2]) for n in range(20))
    recipe = load_recipe("one_to_one_dense").override("task", "vector_classification")
    training = dict.fromkeys(CLIPPING, 0.0) | ({by: 1e-3} if by else {})
    training |= {"epochs": 3, "batch_size": 4, "average_weights": average}
    recipe = replace(
        recipe,
        arguments={"hidden": [], "dropout": 0.0},
        training={**recipe.training, **training},
    )
    vocabulary, model, _ = build(recipe, examples)
    told = _tell_clipping(fit(model, vocabulary, recipe, Splits(examples, (), ())).clipping)
    if by is None:
        assert told.keys() == {"largest_norm"}
    else:
        assert told["clipping"].items() >= {"by": by, "at": 1e-3, "share_of_steps": 1.0}.items()
