"""Files in fewer bits, and files for microcontrollers."""

import keras
import numpy as np
import pytest

from kerasrnn.export import ExportError, LiteRTModel, to_tflite
from kerasrnn.export._flatbuffer import BUILTINS, packed, unpacked
from kerasrnn.export._litert import operator_names
from kerasrnn.export._micro import rewrite_for_micro
from kerasrnn.layers import BRNN, PeepholeLSTM, SimplifiedGRU

TIME, FEATURES = 6, 3


def random_weights(model):
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def tagger():
    """Numbers of words, padded with 0, to a softmax a word: an embedding, masks, both ways."""
    words = keras.Input((None,), dtype="int32", name="words")
    x = keras.layers.Embedding(9, FEATURES, mask_zero=True)(words)
    cell = PeepholeLSTM(16, output_peephole="current", return_sequences=True, name="peepholes")
    x = BRNN(cell, name="both")(x)
    return random_weights(keras.Model(words, keras.layers.Dense(3, "softmax", name="tags")(x)))


@pytest.fixture(scope="module")
def sentences():
    rng = np.random.default_rng(1)
    words = rng.integers(1, 9, (60, TIME)).astype("int32")
    for row, length in enumerate(rng.integers(1, TIME + 1, 60)):
        words[row, length:] = 0
    return words


@pytest.fixture(scope="module")
def reader():
    """Sequences with masked steps at any place."""
    x = keras.Input((None, FEATURES), name="x")
    hidden = keras.layers.Masking()(x)
    return random_weights(keras.Model(x, SimplifiedGRU(4, return_sequences=True)(hidden)))


@pytest.fixture(scope="module")
def sequences():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(60, TIME, FEATURES)).astype("float32")
    x[rng.uniform(size=(60, TIME)) < 0.3] = 0
    return x


@pytest.fixture(scope="module")
def files(tagger, sentences, tmp_path_factory):
    """Dictionary from each quantisation, and `"micro"`, to its path and report."""
    folder, made = tmp_path_factory.mktemp("quantised"), {}
    for name, options in {
        "float16": {"quantize": "float16"},
        "dynamic": {"quantize": "dynamic"},
        "int8": {"quantize": "int8"},
        "micro": {"target": "micro"},
    }.items():
        path = folder / f"{name}.tflite"
        representative = sentences if name in ("int8", "micro") else None
        made[name] = (
            path,
            to_tflite(
                tagger,
                path,
                samples=sentences[:8],
                representative_data=representative,
                **options,
            ),
        )
    return made


def differences(model, path, inputs, runtime="interpreter"):
    run = LiteRTModel(path, runtime=runtime).run
    (name,) = (tensor.name for tensor in model.inputs)
    received = np.concatenate([run({name: row[None]}) for row in inputs])
    return np.abs(received - np.asarray(model(inputs)))


@pytest.mark.parametrize(("name", "bound"), [("float16", 5e-3), ("dynamic", 0.1), ("int8", 1.0)])
def test_a_quantised_file_is_near_keras_and_says_how_near(files, tagger, sentences, name, bound):
    path, report = files[name]
    found = differences(tagger, path, sentences[:8])
    # the report's is of all runtimes, and of more inputs
    assert 1e-7 < found.max() <= report.largest_difference + 1e-6
    assert report.largest_difference <= bound
    assert np.sqrt(np.mean(found**2)) <= 0.1


def test_int8_is_not_compared_on_random_inputs_whose_range_it_never_saw(
    reader, sequences, tmp_path
):
    path = tmp_path / "model.tflite"
    report = to_tflite(reader, path, quantize="int8", samples=sequences / 100, step=False)
    assert report.largest_difference < 0.05
    assert differences(reader, path, sequences).max() > 2 * report.largest_difference


def test_int8_is_compared_on_the_representative_data_too(reader, sequences, tmp_path, monkeypatch):
    seen = []
    run = LiteRTModel.run
    monkeypatch.setattr(
        LiteRTModel, "run", lambda self, inputs: (seen.append(inputs["x"]), run(self, inputs))[1]
    )
    options = {"samples": sequences[:3], "representative_data": sequences[3:], "step": False}
    to_tflite(reader, tmp_path / "model.tflite", quantize="int8", **options)
    rows = sequences[: 3 + 32]  # the samples and 32 of the others, in two runtimes
    np.testing.assert_array_equal(np.concatenate(seen), np.concatenate([rows, rows]))


def test_the_step_of_an_int8_file_is_near_keras(tmp_path, sequences):
    x = keras.Input((None, FEATURES), name="x")
    model = random_weights(keras.Model(x, SimplifiedGRU(4, return_sequences=True)(x)))
    path = tmp_path / "model.tflite"
    report = to_tflite(model, path, quantize="int8", samples=sequences)
    assert LiteRTModel(path).has_step
    assert 0 < report.step_difference < 0.1


def types_of(path, names):
    from ai_edge_litert import schema_py_generated as schema

    model = unpacked(path.read_bytes())
    graph = model.subgraphs[0]
    wanted = [
        int(operator.outputs[0])
        for operator in graph.operators
        if BUILTINS[model.operatorCodes[operator.opcodeIndex].builtinCode] in names
    ]
    kinds = {number: name for name, number in vars(schema.TensorType).items() if name.isupper()}
    return {kinds[graph.tensors[number].type] for number in wanted}


def test_int8_computes_in_whole_numbers_and_dynamic_does_not(files):
    computing = ("FULLY_CONNECTED", "LOGISTIC", "TANH", "SOFTMAX", "MUL")
    assert types_of(files["int8"][0], computing) == {"INT8"}
    assert types_of(files["dynamic"][0], computing) == {"FLOAT32"}


def test_a_file_for_microcontrollers_takes_numbers_of_words_and_gives_int8(files):
    path, report = files["micro"]
    signature = LiteRTModel(path)._whole()
    assert signature.inputs["words"].dtype == "int32"
    assert signature.outputs["tags"].dtype == "int8"
    assert report.step_difference is None
    assert not {"WHILE", "SELECT", "REDUCE_ANY", "CUSTOM"} & set(operator_names(path))


def test_float_inputs_of_a_file_for_microcontrollers_are_int8(reader, sequences, tmp_path):
    path = tmp_path / "model.tflite"
    to_tflite(reader, path, target="micro", samples=sequences)
    assert LiteRTModel(path)._whole().inputs["x"].dtype == "int8"
    assert "REDUCE_ANY" not in operator_names(path)  # of Masking
    pytest.importorskip("tflite_micro")
    assert np.sqrt(np.mean(differences(reader, path, sequences, "micro") ** 2)) < 0.1


def test_it_runs_in_litert_for_microcontrollers(files, tagger, sentences):
    pytest.importorskip("tflite_micro")
    path, report = files["micro"]
    assert report.runtimes == ("interpreter", "micro")
    assert np.sqrt(np.mean(differences(tagger, path, sentences, "micro") ** 2)) < 0.1


class TestRewriting:
    """On a plain file, where LiteRT's interpreter shows that no bit changes."""

    @pytest.fixture
    def content(self, tmp_path):
        import tensorflow as tf

        specs = {
            "c": tf.TensorSpec((3, 4), tf.bool, name="c"),
            "a": tf.TensorSpec((3, 4), tf.int32, name="a"),
            "b": tf.TensorSpec((3, 1), tf.int32, name="b"),
            "x": tf.TensorSpec((3, 4), tf.float32, name="x"),
        }

        @tf.function(input_signature=[specs])
        def compute(given):
            c, a, b, x = (given[name] for name in "cabx")
            return {
                "same": tf.where(c, a, a + 5),
                "spread": tf.where(c, a, b),
                "real": tf.where(c, x, -x),
                "any": tf.reduce_any(c, axis=1),
                "kept": tf.reduce_any(c, axis=0, keepdims=True),
                "joined": tf.concat([x * k for k in range(1, 24)], axis=1),
            }

        module = tf.Module()
        module.compute = compute
        tf.saved_model.save(module, tmp_path, signatures=compute.get_concrete_function())
        return tf.lite.TFLiteConverter.from_saved_model(str(tmp_path)).convert()

    @staticmethod
    def computed(content):
        from ai_edge_litert.interpreter import Interpreter

        rng = np.random.default_rng(3)
        run = Interpreter(model_content=content).get_signature_runner()
        return run(
            c=np.array([[True, False, True, False], [False] * 4, [True] * 4]),
            a=rng.integers(-(2**31), 2**31 - 6, (3, 4)).astype("int32"),
            b=rng.integers(-(2**31), 2**31 - 1, (3, 1)).astype("int32"),
            x=rng.normal(size=(3, 4)).astype("float32"),
        )

    def test_what_it_lacks_is_gone_and_no_bit_changes(self, content):
        model = unpacked(content)
        rewrite_for_micro(model)
        rewritten = packed(model)
        expected, received = self.computed(content), self.computed(rewritten)
        assert received.keys() == expected.keys()
        for name, array in expected.items():
            np.testing.assert_array_equal(received[name], array, err_msg=name)
        graph = unpacked(rewritten).subgraphs[0]
        codes = [model.operatorCodes[o.opcodeIndex].builtinCode for o in graph.operators]
        names = [BUILTINS[code] for code in codes]
        assert not {"SELECT", "REDUCE_ANY"} & set(names)
        assert names.count("SELECT_V2") == 1  # of float numbers
        assert max(len(o.inputs) for o in graph.operators) <= 10


class TestRefusals:
    def test_a_layer_of_keras_with_a_loop_is_named_before_the_ranges_are_sought(self, tmp_path):
        x = keras.Input((TIME, FEATURES))
        model = keras.Model(x, keras.layers.LSTM(4, name="theirs")(x))
        samples = np.ones((4, TIME, FEATURES), "float32")
        with pytest.raises(ExportError, match=r"the layer 'theirs' \(LSTM\).* has a loop"):
            to_tflite(model, tmp_path / "x.tflite", quantize="int8", samples=samples)
        assert list(tmp_path.iterdir()) == []

    def test_what_microcontrollers_lack_is_named_by_its_operator(self, tmp_path):
        pytest.importorskip("tflite_micro")
        x = keras.Input((TIME, FEATURES))
        model = keras.Model(x, keras.layers.Lambda(keras.ops.sort)(x))
        samples = np.random.default_rng(4).normal(size=(4, TIME, FEATURES)).astype("float32")
        with pytest.raises(ExportError, match="'micro', .*opcode 'TOPK_V2'.*target='mobile'"):
            to_tflite(model, tmp_path / "x.tflite", target="micro", samples=samples)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("lowering", ["loop", "fused"])
    def test_a_lowering_that_shows_no_ranges_is_refused(self, reader, tmp_path, lowering):
        with pytest.raises(ValueError, match="cannot run .* to find the ranges"):
            to_tflite(reader, tmp_path / "x.tflite", quantize="int8", lowering=lowering)

    def test_the_mask_in_the_way_of_the_fused_operator_is_said_in_one_line(self, tagger, tmp_path):
        with pytest.raises(ExportError) as caught:
            to_tflite(tagger, tmp_path / "x.tflite", lowering="fused", sequence_length=TIME)
        message = str(caught.value)
        assert message.startswith("'both/forward_peepholes' cannot be LiteRT's sequence LSTM: it ")
        assert "knows no mask" in message
        assert "\n" not in message


def test_the_gpu_analyser_takes_embeddings_and_masks(tagger, sentences, tmp_path):
    report = to_tflite(tagger, tmp_path / "x.tflite", target="gpu", samples=sentences[:3])
    assert report.largest_difference <= 1e-5
