import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.data import ClipEncoder, offline_video
from kerasrnn.export import LiteRTModel, to_saved_model, to_tflite
from kerasrnn.layers import FullGRU, cell_names
from kerasrnn.zoo import video_lrcn

SIZES = {"size": 16, "channels": 1, "num_classes": 4}
SMALL = {**SIZES, "units": 5, "filters": (3, 4), "frame_dim": 6}


def make(seed=0, **arguments):
    keras.utils.set_random_seed(seed)
    return video_lrcn(**{**SMALL, **arguments})


def example(batch=3, time=6, size=16, channels=1):
    rng = np.random.default_rng(1)
    return {"frames": rng.random((batch, time, size, size, channels)).astype("float32")}


def test_it_is_a_functional_model_of_clips_of_any_number_of_frames():
    model = make()
    assert {t.name: t.shape for t in model.inputs} == {"frames": (None, None, 16, 16, 1)}
    assert {t.dtype for t in model.inputs} == {"float32"}
    assert model.output_shape == (None, 4)
    assert not model.compiled


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", cell_names())
def test_each_clip_gets_one_probability_a_class(cell, layers):
    model = make(cell=cell, layers=layers)
    assert [f"rnn_{n}" in [layer.name for layer in model.layers] for n in (1, 2, 3)] == [
        True,
        layers == 2,
        False,
    ]
    for time in (1, 6):
        outputs = np.asarray(model(example(time=time)))
        assert outputs.shape == (3, 4)
        np.testing.assert_allclose(outputs.sum(-1), 1, atol=1e-6)


@pytest.mark.parametrize(("size", "channels"), [(16, 3), (17, 1), (30, 3)])
def test_frames_may_have_colours_and_odd_sides(size, channels):
    model = make(size=size, channels=channels)
    assert model(example(size=size, channels=channels)).shape == (3, 4)


def test_a_cell_may_be_a_function_that_makes_the_layer():
    assert isinstance(make(cell=FullGRU).get_layer("rnn_1"), FullGRU)


def test_an_unknown_cell_is_refused_and_the_known_ones_listed():
    with pytest.raises(ValueError, match="`cell` must be one of .*; received 'lsmt'"):
        make(cell="lsmt")


@pytest.mark.parametrize("layers", [0, 1.5])
def test_a_number_of_layers_that_is_not_possible_is_refused(layers):
    with pytest.raises(ValueError, match=f"`layers` must be a positive integer; received {layers}"):
        make(layers=layers)


def test_no_convolution_is_refused():
    with pytest.raises(ValueError, match="`filters` must hold the filters of one convolution"):
        make(filters=())


def test_missing_sizes_are_asked_for():
    with pytest.raises(ValueError, match="video_lrcn needs `channels` and `num_classes`"):
        video_lrcn(size=16)


def test_the_order_of_the_frames_matters():
    model, inputs = make(), example()
    backwards = {"frames": inputs["frames"][:, ::-1]}
    assert np.abs(np.asarray(model(inputs)) - np.asarray(model(backwards))).max() > 1e-4


def test_every_frame_matters():
    model, inputs = make(), example()
    expected = np.asarray(model(inputs))
    for frame in range(6):
        changed = {"frames": inputs["frames"].copy()}
        changed["frames"][:, frame] = 0
        assert np.abs(np.asarray(model(changed)) - expected).max() > 1e-7, frame


def test_a_clip_has_the_same_class_alone_and_in_a_batch():
    model, inputs = make(), example()
    together = np.asarray(model(inputs))
    for row in range(3):
        alone = model({"frames": inputs["frames"][row : row + 1]})
        np.testing.assert_allclose(np.asarray(alone)[0], together[row], atol=1e-6)


def test_dropout_acts_in_training_alone():
    model, inputs = make(dropout=0.5), example()
    np.testing.assert_array_equal(model(inputs), model(inputs))
    assert np.any(np.asarray(model(inputs, training=True)) != np.asarray(model(inputs)))


def test_equal_seeds_give_equal_weights():
    one, other = make(seed=3), make(seed=3)
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert any(
        np.any(a != b) for a, b in zip(one.get_weights(), make(4).get_weights(), strict=True)
    )


def compiled(model):
    model.compile(
        keras.optimizers.Adam(0.01),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    return model


@pytest.mark.long
def test_fit_learns_which_way_a_shape_goes():
    clips = offline_video(train=960, validation=0, test=0, frames=6, size=16).train
    clips = [clip for clip in clips if clip.label in ("left", "right")]
    encoder = ClipEncoder.build(clips)
    x, y = encoder.encode([clip.content for clip in clips]), encoder.encode_labels(clips)
    keras.utils.set_random_seed(1)
    model = compiled(video_lrcn(**encoder.sizes, units=16, filters=(8, 16), frame_dim=16))
    history = model.fit(x, y, batch_size=16, epochs=12, verbose=0).history
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    assert history["accuracy"][-1] > 0.85


def test_fit_lowers_the_loss():
    model, inputs = compiled(make(dropout=0.0)), example(8)
    y = np.arange(8) % 4
    losses = model.fit(inputs, y, epochs=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_a_saved_model_loads_without_its_builder(tmp_path):
    model, inputs = make(), example()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(inputs), model(inputs))


def test_weights_load_with_the_arguments_given(tmp_path):
    model, inputs = make(), example()
    model.save_weights(tmp_path / "model.weights.h5")
    again = make(seed=5, weights=tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(again(inputs), model(inputs))
    with pytest.raises(ValueError, match="do not fit this model"):
        make(weights=tmp_path / "model.weights.h5", units=6)


def test_the_saved_model_takes_any_number_of_clips_and_frames(tmp_path):
    """More frames than rows, and fewer."""
    model = make()
    assert to_saved_model(model, tmp_path / "model", samples=[example(2, 7), example(5, 3)]) < 1e-5
    serve = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"]
    (name,) = serve.structured_outputs
    inputs = example(2, 9)
    found = serve(frames=tf.constant(inputs["frames"]))[name]
    np.testing.assert_allclose(found, model(inputs), atol=1e-5)


def test_the_tflite_file_computes_what_keras_does(tmp_path):
    model, inputs = make(), example(time=6)
    to_tflite(model, tmp_path / "a.tflite", samples=inputs)
    one = {"frames": inputs["frames"][:1]}
    found = LiteRTModel(tmp_path / "a.tflite").run(one)
    np.testing.assert_allclose(found, model(one), atol=1e-5)


@pytest.mark.long
@pytest.mark.parametrize("quantize", [None, "float16", "dynamic", "int8"])
@pytest.mark.parametrize("target", ["mobile", "gpu"])
def test_it_is_exported_to_every_target_in_all_numbers(tmp_path, target, quantize):
    report = to_tflite(
        make(), tmp_path / "a.tflite", target=target, quantize=quantize, samples=example(8)
    )
    assert report.bytes < 1_000_000
    assert report.step_difference is not None
