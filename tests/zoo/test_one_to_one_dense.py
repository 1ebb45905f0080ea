import json

import keras
import numpy as np
import pytest

from kerasrnn.export import ExportError, LiteRTModel, to_saved_model, to_tflite
from kerasrnn.zoo import one_to_one_dense

FEATURES, CLASSES = 5, 3
SIZES = {"num_features": FEATURES, "num_classes": CLASSES, "hidden": (7, 4)}


def make(seed=0, **arguments):
    keras.utils.set_random_seed(seed)
    model = one_to_one_dense(**{**SIZES, **arguments})
    rng = np.random.default_rng(seed)  # biases too
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


def example(rows=6, seed=0):
    features = np.random.default_rng(seed).normal(size=(rows, FEATURES)).astype("float32")
    return {"features": features}


def by_hand(weights, x):
    """The equations in NumPy."""
    *hidden, (matrix, bias) = zip(weights[::2], weights[1::2], strict=True)
    a = x
    for w, b in hidden:
        a = np.maximum(a @ w + b, 0)
    powers = np.exp(a @ matrix + bias)
    return powers / powers.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("hidden", [(), (6,), [7, 4], (3, 3, 3)])
def test_it_computes_its_equations(hidden):
    model = make(hidden=hidden)
    expected = by_hand(model.get_weights(), example()["features"])
    np.testing.assert_allclose(model(example()), expected, atol=1e-6)
    assert len(model.weights) == 2 * (len(hidden) + 1)


def test_it_is_a_functional_model_with_one_named_input():
    model = one_to_one_dense(FEATURES, CLASSES)
    assert isinstance(model, keras.Model)
    assert [(t.name, t.shape, t.dtype) for t in model.inputs] == [
        ("features", (None, FEATURES), "float32")
    ]
    assert model.output_names == ["label"]
    assert model.output_shape == (None, CLASSES)
    assert model.count_params() == FEATURES * 128 + 128 + 128 * CLASSES + CLASSES
    assert not model.compiled


def test_rows_do_not_depend_on_each_other():
    model, inputs = make(), example()
    together = np.asarray(model(inputs))
    for row in range(6):
        alone = {"features": inputs["features"][row : row + 1]}
        np.testing.assert_allclose(model(alone)[0], together[row], atol=1e-6)


def test_dropout_acts_in_training_alone():
    model = make(dropout=0.5)
    np.testing.assert_array_equal(model(example()), make(dropout=0.0)(example()))
    first, second = model(example(), training=True), model(example(), training=True)
    assert np.max(np.abs(first - second)) > 1e-4


def test_fit_learns_what_is_not_linear():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
    y = np.array([0, 1, 1, 0])
    model = one_to_one_dense(2, 2, hidden=(16,), dropout=0.0)
    model.compile(keras.optimizers.Adam(0.1), "sparse_categorical_crossentropy", jit_compile=False)
    for _ in range(100):
        model.train_on_batch({"features": x}, y)
    assert np.argmax(model({"features": x}), axis=1).tolist() == y.tolist()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"num_features": 0}, "`num_features` must be positive"),
        ({"num_classes": 2.0}, "`num_classes` must be positive"),
        ({"num_classes": True}, "`num_classes` must be positive"),
        ({"num_features": None}, "needs `num_features`, unless `weights`"),
        ({"hidden": 128}, "`hidden` must be a tuple of numbers of units; received 128"),
        ({"hidden": (8, 0)}, "`hidden` must be positive whole numbers; received 0"),
        ({"hidden": ["8"]}, "`hidden` must be positive whole numbers; received '8'"),
    ],
)
def test_sizes_that_are_not_possible_are_refused(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        one_to_one_dense(**{**SIZES, **arguments})


def test_a_folder_brings_weights_and_arguments(tmp_path):
    model = make(hidden=[6])
    model.save_weights(tmp_path / "model.weights.h5")
    config = {"model": "one_to_one_dense", "arguments": {**SIZES, "hidden": [6]}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    again = one_to_one_dense(weights=tmp_path)
    np.testing.assert_array_equal(again(example()), model(example()))
    with pytest.raises(ValueError, match=r"`hidden` was \[6\], received \(7,\)"):
        one_to_one_dense(weights=tmp_path, hidden=(7,))


def test_a_saved_model_loads_without_its_builder(tmp_path):
    model = make()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(example()), model(example()))


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("hidden", [(), (7, 4)])
@pytest.mark.parametrize("target", ["mobile", "gpu"])
def test_a_tflite_file_of_each_float_target_computes_the_same(tmp_path, target, hidden, batch_size):
    model, path = make(hidden=hidden), tmp_path / "model.tflite"
    report = to_tflite(model, path, target=target, batch_size=batch_size)
    assert report.largest_difference < 1e-5
    assert report.step_difference is None
    inputs = example(batch_size)
    np.testing.assert_allclose(LiteRTModel(path).run(inputs), model(inputs), atol=1e-6)


@pytest.mark.parametrize("quantize", ["float16", "dynamic", "int8"])
def test_a_tflite_file_of_fewer_bits_gives_near_probabilities(tmp_path, quantize):
    model, path = make(), tmp_path / "model.tflite"
    to_tflite(model, path, quantize=quantize, representative_data=example(100))
    inputs = example(1)
    np.testing.assert_allclose(LiteRTModel(path).run(inputs), model(inputs), atol=0.05)


def test_a_file_for_microcontrollers_is_in_whole_numbers(tmp_path):
    model, path = make(), tmp_path / "model.tflite"
    report = to_tflite(model, path, target="micro", representative_data=example(100))
    assert report.step_difference is None
    inputs = example(1)
    np.testing.assert_allclose(LiteRTModel(path).run(inputs), model(inputs), atol=0.05)


def test_without_sequences_there_is_no_lowering_to_choose(tmp_path):
    with pytest.raises(ExportError, match="no recurrent layer of kerasrnn"):
        to_tflite(make(), tmp_path / "model.tflite", lowering="loop")


def test_a_saved_model_of_tensorflow_takes_any_batch(tmp_path):
    import tensorflow as tf

    model = make()
    assert to_saved_model(model, tmp_path / "saved") < 1e-5
    signatures = tf.saved_model.load(str(tmp_path / "saved")).signatures
    assert list(signatures) == ["serving_default"]
    for rows in (1, 6):
        found = signatures["serving_default"](**example(rows))["label"]
        np.testing.assert_allclose(found, model(example(rows)), atol=1e-6)
