import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.zoo import TokenClassifier

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 5, 3)).astype("float32")
Y = RNG.integers(0, 4, size=(6, 5)).astype("int32")
WEIGHTS = {0: 0.5, 1: 3.0, 3: 7.0}  # class 2 is not named and weighs 1
TABLE = np.array([0.5, 3.0, 1.0, 7.0], "float32")


ONE_HOT = np.eye(4, dtype="float32")[Y]


def make(mask=False, loss="sparse_categorical_crossentropy"):
    keras.utils.set_random_seed(3)
    x = keras.Input((None, 3))
    h = keras.layers.Masking()(x) if mask else x
    model = TokenClassifier(x, keras.layers.Dense(4, activation="softmax")(h))
    model.compile("sgd", loss, jit_compile=False)
    return model


def fitted(x, y=None, mask=False, loss="sparse_categorical_crossentropy", **arguments):
    """The weights after two epochs, and the losses."""
    model = make(mask, loss)
    history = model.fit(x, y, epochs=2, shuffle=False, verbose=0, **arguments)
    return model.get_weights(), history.history["loss"]


def assert_same(one, other):
    for a, b in zip(one[0], other[0], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    np.testing.assert_allclose(one[1], other[1], rtol=1e-6)


def differ(one, other):
    return max(np.max(np.abs(a - b)) for a, b in zip(one[0], other[0], strict=True)) > 1e-3


def dataset(*arrays):
    return tf.data.Dataset.from_tensor_slices(arrays).batch(2)


def test_class_weights_train_as_the_weights_of_each_token_do():
    weighted = fitted(X, Y, class_weight=WEIGHTS, batch_size=2)
    assert_same(weighted, fitted(X, Y, sample_weight=TABLE[Y], batch_size=2))
    assert differ(weighted, fitted(X, Y, batch_size=2))


def test_class_weights_train_a_dataset_as_they_train_arrays():
    weighted = fitted(dataset(X, Y), class_weight=WEIGHTS)
    assert_same(weighted, fitted(X, Y, class_weight=WEIGHTS, batch_size=2))
    assert_same(weighted, fitted(dataset(X, Y, TABLE[Y])))


def test_class_weights_leave_masked_steps_out():
    x = X.copy()
    x[:, 3:] = 0
    y = Y.copy()
    weighted = fitted(x, y, mask=True, class_weight=WEIGHTS, batch_size=6)
    y[:, 3:] = 3 - y[:, 3:]  # what the masked targets are does not matter
    assert_same(weighted, fitted(x, y, mask=True, class_weight=WEIGHTS, batch_size=6))


def test_equal_weights_train_as_none_do():
    assert_same(fitted(X, Y, class_weight=dict.fromkeys(range(4), 1.0)), fitted(X, Y))


def test_targets_may_have_a_last_axis_of_one():
    expected = fitted(X, Y, class_weight=WEIGHTS, batch_size=2)
    assert_same(fitted(X, Y[..., None], class_weight=WEIGHTS, batch_size=2), expected)
    assert_same(fitted(dataset(X, Y[..., None]), class_weight=WEIGHTS), expected)


def test_one_hot_targets_weigh_what_their_class_weighs():
    expected = fitted(X, Y, class_weight=WEIGHTS, batch_size=2)
    one_hot = {"loss": "categorical_crossentropy", "class_weight": WEIGHTS}
    assert_same(fitted(X, ONE_HOT, batch_size=2, **one_hot), expected)
    assert_same(fitted(dataset(X, ONE_HOT), **one_hot), expected)


def test_one_batch_trains_alike_on_either_kind_of_targets():
    one, other = make(), make(loss="categorical_crossentropy")
    losses = [
        one.train_on_batch(X, Y, class_weight=WEIGHTS),
        other.train_on_batch(X, ONE_HOT, class_weight=WEIGHTS),
        make().train_on_batch(X, Y, sample_weight=TABLE[Y]),
    ]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-6)
    assert_same((one.get_weights(), 0), (other.get_weights(), 0))


@pytest.mark.parametrize("shape", [(6,), (6, 5, 3), (6, 5, 4, 1)])
def test_targets_of_another_shape_are_refused(shape):
    for data in ((X, np.zeros(shape)), (dataset(X, np.zeros(shape)),)):
        with pytest.raises(ValueError, match=r"one-hot \(batch, time, 4\); received"):
            make().fit(*data, class_weight=WEIGHTS)


@pytest.mark.parametrize("y", [Y, ONE_HOT], ids=["numbers", "one-hot"])
def test_class_weights_do_not_weigh_the_part_that_validation_splits_off(y):
    loss = "categorical_crossentropy" if y is ONE_HOT else "sparse_categorical_crossentropy"
    split, given, plain = (make(loss=loss) for _ in range(3))
    fit = {"class_weight": WEIGHTS, "batch_size": 2, "shuffle": False, "verbose": 0}
    split = split.fit(X, y, validation_split=0.3, **fit).history
    given = given.fit(X[:4], y[:4], validation_data=(X[4:], y[4:]), **fit).history
    assert split == given
    # a model that does not train shows the validation loss of no weights at all
    plain.optimizer.learning_rate = 0.0
    history = plain.fit(X, y, validation_split=0.3, **fit).history
    assert history["val_loss"][0] == pytest.approx(plain.evaluate(X[4:], y[4:], verbose=0))


def test_a_split_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match="`validation_split=0.9` of 1 rows leaves none"):
        make().fit(X[:1], Y[:1], validation_split=0.9, class_weight=WEIGHTS)


def test_without_class_weights_fit_is_that_of_keras():
    history = make().fit(X, Y, 2, 3, 0, None, 0.5).history
    assert len(history["val_loss"]) == 3


@pytest.mark.parametrize("number", [4, -1])
def test_a_class_that_the_model_does_not_have_is_refused(number):
    with pytest.raises(ValueError, match=f"has class {number}; the model has classes 0 to 3"):
        make().fit(X, Y, class_weight={0: 1.0, number: 2.0})


def test_class_weights_and_sample_weights_together_are_refused():
    with pytest.raises(ValueError, match="not both"):
        make().fit(X, Y, class_weight=WEIGHTS, sample_weight=TABLE[Y])


def test_class_weights_with_a_dataset_of_three_parts_are_refused():
    with pytest.raises(ValueError, match=r"must give \(inputs, targets\)"):
        make().fit(dataset(X, Y, TABLE[Y]), class_weight=WEIGHTS)


def test_class_weights_with_a_generator_are_refused_by_its_type():
    with pytest.raises(ValueError, match="arrays and tf.data datasets; received x of type list_it"):
        make().fit(iter([(X, Y)]), class_weight=WEIGHTS)


def test_it_is_a_functional_model_that_saves_and_loads(tmp_path):
    model = make()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again) is TokenClassifier
    np.testing.assert_array_equal(again(X), model(X))
    again.fit(X, Y, class_weight=WEIGHTS, verbose=0)
