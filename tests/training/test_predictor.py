"""How a trained model has files read."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from kerasrnn.data import ClipEncoder
from kerasrnn.export import to_tflite
from kerasrnn.training import (
    Classifier,
    LanguageModel,
    Tagger,
    item_of,
    load_predictor,
    load_recipe,
)
from kerasrnn.training._contents import CLIPS
from kerasrnn.training._predictor import files_of
from kerasrnn.zoo import shipped_folder, video_lrcn

SIZES = {"frames": 3, "size": 16, "channels": 1}


@pytest.fixture
def video(tmp_path):
    """A folder like that of a model of the offline clips, which are not of the files' sizes."""
    encoder = ClipEncoder(("still", "moving"), **SIZES)
    path = tmp_path / "video_lrcn.tflite"
    model = video_lrcn(**encoder.sizes, units=2, filters=[2], frame_dim=2)
    samples = [encoder.encode([np.zeros((3, 16, 16, 1), "uint8")])]
    to_tflite(model, path, samples=samples, files={"vocabulary.json": encoder.to_json()})
    encoder.save(tmp_path / "vocabulary.json")
    return path


def keep_recipe(folder):
    recipe = load_recipe("video_lrcn")
    assert {name: recipe.files[name] for name in SIZES} != SIZES
    (folder / "config.json").write_text(json.dumps({"recipe": asdict(recipe)}))


def test_clips_of_a_folder_are_read_at_the_sizes_of_a_trained_model(video, monkeypatch):
    asked = {}
    monkeypatch.setattr(
        "kerasrnn.training._contents.read_videos", lambda path, **sizes: asked.update(sizes) or ()
    )
    keep_recipe(video.parent)
    CLIPS.read("clips", files_of(video), print, Classifier(video).vocabulary)
    assert {name: asked[name] for name in SIZES} == SIZES
    CLIPS.read("clips", files_of(video), print)  # to train on: as the recipe says
    assert {name: asked[name] for name in SIZES} != SIZES


def test_a_video_of_any_size_can_be_classified(video, tmp_path):
    av = pytest.importorskip("av")
    keep_recipe(video.parent)
    with av.open(str(tmp_path / "new.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 48, 3), "uint8"), format="rgb24")
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    classifier = Classifier(video)
    ((shown, content),) = classifier.inputs_of(str(tmp_path / "new.mp4"))
    assert shown == str(tmp_path / "new.mp4")
    assert content.shape == (3, 16, 16, 1)
    assert set(classifier.classify(content)) == {"still", "moving"}


SHIPPED = ("char_lm_gru", "dna_bigru", "music_lstm", "name_gru", "ner_bilstm", "sentiment_gru")
REFUSED = {
    Tagger: "no tagger",
    Classifier: "no classifier",
    LanguageModel: "which tells no next token",
}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_model_is_read_by_the_class_of_its_kind_alone(name):
    kind = type(load_predictor(name))
    for reader, message in REFUSED.items():
        for path in (name, shipped_folder(name), shipped_folder(name) / f"{name}.tflite"):
            if reader is not kind:
                with pytest.raises(ValueError, match=f"is a model of [a-z_]+, {message}; `load_"):
                    reader(path)
        if reader is kind:
            assert reader(name).task is load_predictor(name).task


def test_texts_are_read_as_the_recipe_beside_the_model_says(trained_classifier, small_recipe):
    for path in (trained_classifier, trained_classifier / "sentiment_gru.tflite"):
        assert files_of(path) == small_recipe.files


def test_an_example_is_called_as_its_task_calls_it(trained_classifier):
    assert item_of(trained_classifier) == "text"
    assert item_of(shipped_folder("ner_bilstm")) == "sentence"
