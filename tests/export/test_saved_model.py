import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import layers
from kerasrnn.data import TaggingVocabulary, tokenize
from kerasrnn.export import ExportError, to_saved_model
from kerasrnn.sequence import engine
from kerasrnn.training import Tagger

TEXTS = ["Ada Lovelace's train left Rome at 10:30.", "", "Ωμέγα met É. Zola", "one"]


@pytest.fixture(scope="module")
def loaded(trained):
    return tf.saved_model.load(str(trained / "saved_model"))


@pytest.fixture(scope="module")
def tagger(trained):
    return Tagger(trained)


@pytest.fixture
def toy():
    x = keras.Input((None, 3), name="x")
    read = layers.BasicRNN(4, name="reader")(x)
    return keras.Model({"x": x}, keras.layers.Dense(2, name="y")(read))


SAMPLES = [{"x": np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")}]


def test_signatures_name_their_inputs_and_outputs(loaded):
    assert sorted(loaded.signatures) == ["serving_default", "text"]
    by_name, by_text = loaded.signatures["serving_default"], loaded.signatures["text"]
    assert {name: (spec.shape.as_list(), spec.dtype) for name, spec in inputs_of(by_name)} == {
        "words": ([None, None], tf.int32),
        "characters": ([None, None, None], tf.int32),
    }
    assert list(by_name.structured_outputs) == ["tags"]
    assert [(name, spec.dtype) for name, spec in inputs_of(by_text)] == [("text", tf.string)]
    assert sorted(by_text.structured_outputs) == ["probabilities", "tags", "tokens"]


def test_no_engine_that_it_is_called_in_gets_into_it(toy, tmp_path):
    with engine("compiled"):
        to_saved_model(toy, tmp_path / "compiled", samples=SAMPLES)
    graph = tf.saved_model.load(str(tmp_path / "compiled")).signatures["serving_default"].graph
    functions = graph.as_graph_def().library.function
    assert any(node.op == "TensorListReserve" for f in functions for node in f.node_def)
    assert not any("_XlaMustCompile" in f.attr for f in functions)


def inputs_of(signature):
    return signature.structured_input_signature[1].items()


@pytest.mark.parametrize(("batch", "time"), [(1, 1), (3, 7), (2, 90)])
def test_any_batch_and_time_give_what_keras_gives(loaded, tagger, batch, time):
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, time + 1, batch)
    tokens = rng.choice(["Ada", "met", "Rome", "x1"], (batch, time))
    lines = [tuple(row[:length]) for row, length in zip(tokens, lengths, strict=True)]
    inputs = tagger.vocabulary.encode(lines, time)
    result = loaded.signatures["serving_default"](**{k: tf.constant(v) for k, v in inputs.items()})
    expected = np.asarray(tagger._runtime.model(inputs))
    np.testing.assert_allclose(result["tags"], expected, atol=1e-5)


def test_text_goes_in_and_tokens_and_tags_come_out(loaded, tagger):
    result = loaded.signatures["text"](text=tf.constant(TEXTS))
    for row, text in enumerate(TEXTS):
        expected = tagger.tag(text)
        assert strings(result["tokens"][row]) == expected.tokens == tuple(tokenize(text))
        assert strings(result["tags"][row]) == expected.tags
        count = len(expected)
        np.testing.assert_allclose(
            result["probabilities"][row, :count],
            tagger.probabilities([expected.tokens])[0],
            atol=1e-5,
        )


def strings(row):
    return tuple(entry.decode() for entry in row.numpy() if entry)


@pytest.mark.parametrize("texts", [[""], [" \t"], ["", "\u3000"]])
def test_texts_without_tokens_have_no_tags(loaded, texts):
    result = loaded.signatures["text"](text=tf.constant(texts))
    assert result["tags"].numpy().tolist() == [[b""]] * len(texts)
    assert np.all(np.isfinite(result["probabilities"]))


def test_no_texts_have_no_tags(loaded, tagger):
    result = loaded.signatures["text"](text=tf.constant([], tf.string))
    assert {name: output.shape.as_list() for name, output in result.items()} == {
        "tokens": [0, 1],
        "tags": [0, 1],
        "probabilities": [0, 1, len(tagger.vocabulary.tags)],
    }


RUNNER = """
import json, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "kerasrnn":
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
try:
    import kerasrnn
except ImportError:
    pass
else:
    raise SystemExit("kerasrnn is there after all")
import tensorflow as tf

model = tf.saved_model.load(sys.argv[1])
result = model.signatures["text"](text=tf.constant(json.loads(sys.argv[2])))
assert "kerasrnn" not in sys.modules
rows = [[[e.decode() for e in row if e] for row in result[k].numpy()] for k in ("tokens", "tags")]
print(json.dumps(rows))
"""


def test_it_runs_where_kerasrnn_cannot_be_imported(trained, tagger, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, str(trained / "saved_model"), json.dumps(TEXTS)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = [tagger.tag(text) for text in TEXTS]
    tokens, tags = json.loads(done.stdout)
    assert tokens == [list(sentence.tokens) for sentence in expected]
    assert tags == [list(sentence.tags) for sentence in expected]


def test_a_model_without_a_vocabulary_has_its_own_signatures_alone(toy, tmp_path):
    assert to_saved_model(toy, tmp_path / "model", samples=SAMPLES) <= 1e-5
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    assert sorted(loaded.signatures) == ["serving_default", "step"]
    (output,) = loaded.signatures["serving_default"](x=tf.constant(SAMPLES[0]["x"])).values()
    np.testing.assert_allclose(output, toy(SAMPLES[0]), atol=1e-6)


def test_where_no_random_inputs_can_be_drawn_and_none_are_given_nothing_is_written(tmp_path):
    text = keras.Input((None,), dtype="string", name="text")
    numbers = keras.layers.Hashing(5)(text)
    model = keras.Model(text, layers.LSTM(2)(keras.layers.Embedding(5, 2)(numbers)))
    with pytest.raises(ExportError, match="no inputs to compare with Keras: No random string"):
        to_saved_model(model, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_saved_model_is_not_replaced(toy, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is no SavedModel; choose another path"):
        to_saved_model(toy, tmp_path, samples=SAMPLES)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["thesis.txt", "config.json", "notes/a.txt", "variables/a.txt"])
def test_a_saved_model_with_a_file_of_the_users_own_is_not_replaced(toy, tmp_path, name):
    folder = tmp_path / "model"
    to_saved_model(toy, folder, samples=SAMPLES)
    to_saved_model(toy, folder, samples=SAMPLES)  # without one it is
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("mine")
    before = sorted(folder.rglob("*"))
    with pytest.raises(FileExistsError, match=f"would be lost: {name.removesuffix('/a.txt')}"):
        to_saved_model(toy, folder, samples=SAMPLES)
    assert sorted(folder.rglob("*")) == before


def test_a_place_that_cannot_be_written_is_refused_before_the_export(toy, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setattr(tf.saved_model, "save", lambda *_, **__: pytest.fail("it was exported"))
    with pytest.raises(NotADirectoryError, match="file is not a folder"):
        to_saved_model(toy, tmp_path / "file" / "model", samples=SAMPLES)
    with pytest.raises(FileExistsError, match="file exists and is no SavedModel"):
        to_saved_model(toy, tmp_path / "file", samples=SAMPLES)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_model_that_computes_something_else_leaves_the_older_folder(toy, tmp_path, monkeypatch):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "saved_model.pb").write_text("older")
    save = tf.saved_model.save

    def save_tampered(module, *arguments, **options):
        variable = toy.trainable_variables[0]
        before = variable.numpy()
        variable.assign(before + 0.01)
        save(module, *arguments, **options)
        variable.assign(before)

    monkeypatch.setattr(tf.saved_model, "save", save_tampered)
    with pytest.raises(ExportError, match="The SavedModel differs from Keras by .* on sample"):
        to_saved_model(toy, folder, samples=SAMPLES)
    assert [path.read_text() for path in folder.iterdir()] == ["older"]
    assert list(tmp_path.iterdir()) == [folder]


def test_a_vocabulary_needs_texts_to_compare_on(trained, tagger, tmp_path):
    vocabulary = TaggingVocabulary.load(trained)
    with pytest.raises(ExportError, match="text signature: no inputs to compare"):
        to_saved_model(
            tagger._runtime.model,
            tmp_path / "model",
            samples=[vocabulary.encode([["Ada"]])],
            vocabulary=vocabulary,
        )
    assert list(tmp_path.iterdir()) == []
