import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import cells, layers
from kerasrnn.export import ExportError, LiteRTModel, TFLiteReport, to_tflite
from kerasrnn.export._flatbuffer import unpacked
from kerasrnn.export._litert import operator_names
from kerasrnn.sequence import engine

TIME, FEATURES, UNITS = 6, 3, 4
LENGTHS = (TIME, 4, 1)


def randomised(model, seed=0):
    """Random asymmetric weights: with initial ones, zero biases would hide errors."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


def make(layer, masked=True):
    x = keras.Input((None, FEATURES), name="x")
    h = keras.layers.Masking()(x) if masked else x
    return randomised(keras.Model({"x": x}, layer(h), name="toy"))


def samples():
    """Sequences padded with zeros, which Masking masks."""
    rng = np.random.default_rng(1)
    drawn = rng.normal(size=(len(LENGTHS), 1, TIME, FEATURES)).astype("float32")
    for sample, length in zip(drawn, LENGTHS, strict=True):
        sample[:, length:] = 0
    return [{"x": sample} for sample in drawn]


def export(model, path, **arguments):
    return to_tflite(model, path, **{"samples": samples(), **arguments})


# Every layer with all its outputs: tests/export/test_layers.py.
@pytest.mark.parametrize(
    "layer",
    [layers.FullGRU(UNITS), layers.BRNN(layers.PeepholeLSTM(UNITS))],
    ids=["forward", "both-ways"],
)
def test_the_last_output_is_that_of_the_last_step_that_is_not_masked(layer, tmp_path):
    model = make(layer)
    export(model, tmp_path / "model.tflite")
    runtime = LiteRTModel(tmp_path / "model.tflite")
    for sample, length in zip(samples(), LENGTHS, strict=True):
        cut = np.asarray(model({"x": sample["x"][:, :length]}))
        np.testing.assert_allclose(runtime.run(sample), cut, atol=1e-5)


@pytest.fixture(scope="module")
def model():
    return make(layers.BasicRNN(UNITS), masked=False)


def test_equal_models_give_equal_bytes(model, tmp_path):
    files = {"b.txt": "two", "a.txt": "one"}
    export(model, tmp_path / "one.tflite", files=files)
    export(model, tmp_path / "two.tflite", files=dict(reversed(files.items())))
    assert (tmp_path / "one.tflite").read_bytes() == (tmp_path / "two.tflite").read_bytes()


@pytest.mark.parametrize("way", ["compiled", "recompute"])
def test_it_is_the_same_file_in_any_engine(model, tmp_path, way):
    with engine(way):
        export(model, tmp_path / "compiled.tflite")
    export(model, tmp_path / "plain.tflite")
    assert (tmp_path / "compiled.tflite").read_bytes() == (tmp_path / "plain.tflite").read_bytes()


def test_files_travel_in_it_and_it_still_runs(model, tmp_path):
    path = tmp_path / "model.tflite"
    export(model, path, files={"names.json": '["é", "🙂"]', "empty": ""})
    runtime = LiteRTModel(path)
    assert runtime.read_file("names.json") == '["é", "🙂"]'
    assert runtime.read_file("empty") == ""
    assert runtime.run(samples()[0]).shape == (1, UNITS)


OLDER = b"\x1c\0\0\0TFL3older"


@pytest.fixture
def no_conversion(monkeypatch):
    def fail(*arguments, **options):
        pytest.fail("it was converted")

    monkeypatch.setattr(tf.lite.TFLiteConverter, "from_saved_model", fail)


@pytest.mark.usefixtures("no_conversion")
class TestBeforeConverting:
    def test_a_folder_is_not_replaced(self, model, tmp_path):
        with pytest.raises(FileExistsError, match=r"is a folder; name a file, such as .*\.tflite"):
            export(model, tmp_path)

    @pytest.mark.parametrize("content", [b"Ada\tB-PER\n", b"a", b"TFL3 at another place"])
    def test_a_file_that_is_no_tflite_file_is_not_replaced(self, model, tmp_path, content):
        path = tmp_path / "good.conll"
        path.write_bytes(content)
        with pytest.raises(FileExistsError, match="good.conll exists and is no TFLite file"):
            export(model, path)
        assert path.read_bytes() == content

    def test_a_place_that_cannot_be_written_is_refused(self, model, tmp_path):
        (tmp_path / "file").write_text("mine")
        with pytest.raises(NotADirectoryError, match="file is not a folder"):
            export(model, tmp_path / "file" / "model.tflite")


@pytest.mark.parametrize("older", [OLDER, b""])
def test_an_older_tflite_file_and_an_empty_one_are_replaced(model, tmp_path, older):
    path = tmp_path / "model.tflite"
    path.write_bytes(older)
    export(model, path)
    assert path.read_bytes()[4:8] == b"TFL3"
    export(model, path)  # and so is what it wrote itself


@pytest.fixture
def tampered(monkeypatch):
    """LiteRT with an error of a thousandth in its second run."""
    run, runs = LiteRTModel.run, []

    def run_wrong(self, inputs):
        runs.append(inputs)
        return run(self, inputs) + (1e-3 if len(runs) == 2 else 0.0)

    monkeypatch.setattr(LiteRTModel, "run", run_wrong)


def test_a_file_that_computes_something_else_is_refused_and_not_kept(model, tmp_path, tampered):
    with pytest.raises(
        ExportError, match="TFLite file .* differs from Keras by 0.001.* on sample 1"
    ):
        export(model, tmp_path / "model.tflite")
    assert list(tmp_path.iterdir()) == []


def test_the_older_file_stays_when_an_export_fails(model, tmp_path, tampered):
    path = tmp_path / "model.tflite"
    path.write_bytes(OLDER)
    with pytest.raises(ExportError):
        export(model, path)
    assert path.read_bytes() == OLDER
    assert list(tmp_path.iterdir()) == [path]


def test_without_samples_random_inputs_are_compared(model, tmp_path, tampered):
    with pytest.raises(ExportError, match="differs from Keras"):
        to_tflite(model, tmp_path / "model.tflite", sequence_length=TIME)
    assert list(tmp_path.iterdir()) == []


def test_a_runtime_that_fails_is_an_export_error(model, tmp_path, monkeypatch):
    made = []

    def fail(self, path, num_threads=1, runtime="interpreter"):
        made.append(runtime)
        if runtime == "compiled":
            raise ValueError("it does not run")

    monkeypatch.setattr(LiteRTModel, "__init__", fail)
    monkeypatch.setattr("kerasrnn.export._tflite._Check.run", lambda *_: (0.0, None))
    with pytest.raises(ExportError, match="'compiled', .* it does not run"):
        export(model, tmp_path / "model.tflite")
    assert made == ["interpreter", "compiled"]
    assert list(tmp_path.iterdir()) == []


class TestShapes:
    def test_the_length_is_that_of_the_samples_or_the_one_that_is_asked_for(self, model, tmp_path):
        export(model, tmp_path / "of_samples.tflite", step=False)
        to_tflite(model, tmp_path / "asked.tflite", sequence_length=9, step=False)
        lengths = [
            LiteRTModel(tmp_path / f"{name}.tflite").input_shapes["x"]
            for name in ("of_samples", "asked")
        ]
        assert lengths == [(1, TIME, FEATURES), (1, 9, FEATURES)]

    def test_several_rows_at_a_time(self, tmp_path):
        model, path = make(layers.FullGRU(UNITS)), tmp_path / "model.tflite"
        x = np.concatenate([sample["x"] for sample in samples()])
        to_tflite(model, path, batch_size=3, samples=x)
        np.testing.assert_allclose(LiteRTModel(path).run({"x": x}), model({"x": x}), atol=1e-5)

    def test_a_sample_of_many_rows_is_compared_in_batches(self, model, tmp_path, monkeypatch):
        run, seen = LiteRTModel.run, []

        def watched(self, inputs):
            seen.append((self.name, inputs["x"]))
            return run(self, inputs)

        monkeypatch.setattr(LiteRTModel, "run", watched)
        x = np.concatenate([sample["x"] for sample in samples()])
        export(model, tmp_path / "model.tflite", samples={"x": x}, step=False)
        for name in ("interpreter", "compiled"):
            rows = [inputs for runtime, inputs in seen if runtime == name]
            np.testing.assert_array_equal(np.concatenate(rows[-3:]), x)
            assert len(rows) > 3  # random ones came before

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            ({"samples": None}, "has a fixed length, and the input 'x' of 'toy' has none"),
            (
                {"sequence_length": 7},
                "is 7, but the input 'x' of 'toy' or its samples have 6",
            ),
            ({"sequence_length": 0}, "`sequence_length` must be a positive whole number; .* 0"),
            ({"sequence_length": 2.0}, "`sequence_length` must be a positive whole number"),
            ({"batch_size": 0}, "`batch_size` must be a positive whole number"),
            ({"batch_size": 2}, "2 or more .`batch_size`.; received {'x': 1}"),
            ({"samples": [{"x": np.ones((1, 2))}]}, r"has 3 axes.* received a sample of shape"),
            (
                {"samples": [{"x": np.ones((1, 2, 4))}]},
                r"have the shape .*\(1, 2, 3\) for 'x'",
            ),
            (
                {"samples": [np.ones((1, 2, 3)), np.ones((1, 4, 3))]},
                r"\(1, 2, 3\) for 'x'; sample 1 has \(1, 4, 3\)",
            ),
        ],
    )
    def test_wrong_ones_are_refused(self, model, tmp_path, arguments, reason):
        with pytest.raises(ValueError, match=reason):
            export(model, tmp_path / "model.tflite", **arguments)
        assert list(tmp_path.iterdir()) == []

    def test_axes_that_only_samples_can_fix_are_named(self, tmp_path):
        x = keras.Input((None, None, FEATURES), name="x")
        y = keras.layers.Lambda(lambda x: keras.ops.max(x, axis=2))(x)
        model = keras.Model(x, layers.LSTM(UNITS)(y))
        with pytest.raises(ValueError, match=r"leaves axes \[2\] open.*Give `samples`"):
            to_tflite(model, tmp_path / "model.tflite", sequence_length=5)


class TestSteps:
    def test_steps_give_what_the_whole_gives(self, tmp_path):
        model, path = make(layers.DeepRNN("lstm", units=[UNITS, 3])), tmp_path / "model.tflite"
        report = export(model, path)
        assert 0 < report.step_difference < 1e-5
        for runtime in ("interpreter", "compiled"):
            file = LiteRTModel(path, runtime=runtime)
            assert file.has_step
            for sample in samples():
                states = file.initial_states()
                for t in range(TIME):
                    y, states = file.step({"x": sample["x"][:, t : t + 1]}, states)
                np.testing.assert_allclose(y, model(sample), atol=1e-5)

    def test_weights_are_in_the_file_once(self, tmp_path):
        model, path = make(layers.LSTM(40), masked=False), tmp_path / "model.tflite"
        export(model, path)
        kernel = model.layers[-1].cell.recurrent_kernel.numpy().T.tobytes()
        contents = [b.data for b in unpacked(path.read_bytes()).buffers if b.data is not None]
        assert [content.tobytes() for content in contents].count(kernel) == 1

    def test_a_model_that_reads_to_the_future_has_none(self, tmp_path):
        model, path = make(layers.BRNN(layers.LSTM(UNITS))), tmp_path / "model.tflite"
        assert export(model, path).step_difference is None
        file = LiteRTModel(path)
        assert (file.has_step, file.state_shapes, file.initial_states()) == (False, {}, {})
        with pytest.raises(ValueError, match="has no signature for a step"):
            file.step(samples()[0], {})
        with pytest.raises(ValueError, match="reads right to left too"):
            export(model, path, step=True)

    def test_a_layer_that_mixes_distant_steps_is_found(self, tmp_path):
        x = keras.Input((None, FEATURES), name="x")
        far = keras.layers.Conv1D(4, 2, padding="causal", dilation_rate=15)(x)
        model = keras.Model(x, layers.LSTM(UNITS, return_sequences=True)(far))
        report = to_tflite(model, tmp_path / "auto.tflite", sequence_length=30)
        assert report.step_difference is None
        with pytest.raises(ValueError, match="has no step: the output of 'conv1d"):
            to_tflite(model, tmp_path / "step.tflite", sequence_length=30, step=True)

    def test_a_file_of_one_step_has_a_step_only_if_the_model_has(self, tmp_path):
        x = keras.Input((None, FEATURES), name="x")
        mixed = keras.layers.Conv1D(4, 3, padding="same")(x)
        model = keras.Model(x, layers.LSTM(UNITS, return_sequences=True)(mixed))
        report = to_tflite(model, tmp_path / "auto.tflite", sequence_length=1)
        assert report.step_difference is None

    def test_states_that_do_not_start_at_zero_have_no_step_in_a_file(self, tmp_path):
        class Late(cells.FullGRUCell):
            def get_initial_state(self, batch_size=None):
                return [state + 0.5 for state in super().get_initial_state(batch_size)]

        x = keras.Input((None, FEATURES), name="x")
        model = keras.Model(x, layers.RNN(Late(UNITS), return_sequences=True)(x))
        report = to_tflite(model, tmp_path / "auto.tflite", sequence_length=TIME)
        assert report.step_difference is None
        with pytest.raises(ValueError, match="does not start at zero"):
            to_tflite(model, tmp_path / "step.tflite", sequence_length=TIME, step=True)

    def test_an_input_that_a_model_gives_back_is_no_state(self, tmp_path):
        x = keras.Input((None, FEATURES), name="x")
        h = layers.LSTM(UNITS, return_sequences=True, name="reader")(x)
        to_tflite(keras.Model(x, [x, h]), tmp_path / "model.tflite", sequence_length=TIME)
        file = LiteRTModel(tmp_path / "model.tflite")
        assert set(file.state_shapes) == {"reader_a", "reader_c"}
        sample = samples()[0]["x"][:, :1]
        outputs, _ = file.step({"x": sample}, file.initial_states())
        np.testing.assert_array_equal(outputs["x"], sample)

    def test_a_stateful_layer_is_named(self, tmp_path):
        x = keras.Input((None, FEATURES), batch_size=1, name="x")
        model = keras.Model(x, layers.LSTM(UNITS, stateful=True, name="mine")(x))
        with pytest.raises(ExportError, match="'mine' .* stateful=True.* signature `step`"):
            to_tflite(model, tmp_path / "model.tflite", sequence_length=TIME)

    def test_none_is_written_where_none_is_wanted(self, model, tmp_path):
        assert export(model, tmp_path / "model.tflite", step=False).step_difference is None
        assert not LiteRTModel(tmp_path / "model.tflite").has_step


def test_every_output_has_its_name(tmp_path):
    x = keras.Input((None, FEATURES), name="x")
    y, a, c = layers.LSTM(UNITS, return_state=True)(x)  # y and a are one tensor
    model = randomised(keras.Model(x, {"y": y, "last": a, "memory": c, "seen": x}))
    to_tflite(model, tmp_path / "model.tflite", sequence_length=TIME)
    expected = model(samples()[0]["x"])
    for runtime in ("interpreter", "compiled"):
        found = LiteRTModel(tmp_path / "model.tflite", runtime=runtime).run(samples()[0])
        assert set(found) == {"y", "last", "memory", "seen"}
        for name, value in found.items():
            np.testing.assert_allclose(value, expected[name], atol=1e-5)


class TestLowerings:
    def test_what_was_chosen_is_reported(self, tmp_path):
        x = keras.Input((None, FEATURES))
        model = keras.Model(x, layers.DeepRNN("lstm", units=[UNITS, 300], name="deep")(x))
        found = to_tflite(model, tmp_path / "model.tflite", sequence_length=32, step=False)
        assert isinstance(found, TFLiteReport)
        assert found.bytes == (tmp_path / "model.tflite").stat().st_size
        assert found.runtimes == ("interpreter", "compiled")
        first, second = found.lowerings.values()
        assert first == "written out"
        assert second.endswith("steps a round, 16 rounds a loop")
        assert all(name.startswith("deep/") for name in found.lowerings)
        assert "WHILE" in operator_names(tmp_path / "model.tflite")

    @pytest.mark.parametrize(
        ("lowering", "operator"),
        [("loop", "WHILE"), ("fused", "UNIDIRECTIONAL_SEQUENCE_LSTM"), ("unrolled", None)],
    )
    def test_one_that_is_asked_for_is_taken(self, tmp_path, lowering, operator):
        model, path = make(layers.LSTM(UNITS), masked=False), tmp_path / "model.tflite"
        report = export(model, path, lowering=lowering)
        loops = {"WHILE", "UNIDIRECTIONAL_SEQUENCE_LSTM"} & set(operator_names(path))
        assert loops == ({operator} if operator else set())
        runtimes = ("interpreter",) if lowering == "fused" else ("interpreter", "compiled")
        assert report.runtimes == runtimes

    def test_the_fused_operator_starts_each_sequence_anew(self, tmp_path):
        model, path = make(layers.LSTM(UNITS), masked=False), tmp_path / "model.tflite"
        export(model, path, lowering="fused", step=False)
        file = LiteRTModel(path)
        first, again = (file.run(samples()[0]) for _ in range(2))
        np.testing.assert_array_equal(first, again)

    @pytest.mark.parametrize(
        ("layer", "masked", "reason"),
        [
            (layers.FullGRU(UNITS, name="mine"), False, "'mine' .* none for a FullGRUCell"),
            (layers.LSTM(UNITS, name="mine"), True, "'mine' .* it knows no mask"),
            (layers.PeepholeLSTM(UNITS, name="mine"), False, "'mine' .*output_peephole='current'"),
        ],
    )
    def test_what_the_fused_operator_cannot_do_is_named(self, tmp_path, layer, masked, reason):
        with pytest.raises(ExportError, match=reason):
            export(make(layer, masked), tmp_path / "model.tflite", lowering="fused")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            (
                {"target": "toaster"},
                "`target` must be one of mobile, gpu, micro",
            ),
            ({"lowering": "best"}, "`lowering` must be one of auto, loop, unrolled, fused"),
            ({"quantize": "int4"}, "`quantize` must be None, 'float16', 'dynamic' or 'int8'"),
            (
                {"target": "gpu", "lowering": "loop"},
                "delegate runs no WHILE. Choose one of auto",
            ),
            ({"target": "gpu", "lowering": "fused"}, "runs no LSTM over a sequence"),
            ({"target": "micro", "lowering": "loop"}, "no tensors of changing size"),
            (
                {"target": "micro", "quantize": "float16"},
                "`quantize` int8; received 'float16'",
            ),
            ({"lowering": "fused", "quantize": "int8"}, "Use quantize='dynamic'"),
            ({"quantize": "int8", "samples": None, "sequence_length": 4}, "give `representative_d"),
            ({"step": "maybe"}, "`step` must be 'auto', True or False"),
            ({"target": "micro", "step": True}, "`target='micro'` has no step"),
            ({"files": {"../up": "x"}}, "the name '../up'; a name must not be empty, lead out"),
            ({"files": {"": "x"}}, "the name ''"),
            ({"files": {"a\0b": "x"}}, "zero byte"),
            ({"samples": {"y": np.ones((1, 2, 3))}}, r"must have the inputs \['x'\]; .* \['y'\]"),
        ],
    )
    @pytest.mark.usefixtures("no_conversion")
    def test_what_does_not_fit_is_refused_before_converting(
        self, model, tmp_path, arguments, reason
    ):
        with pytest.raises(ValueError, match=reason):
            export(model, tmp_path / "model.tflite", **arguments)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("lowering", ["loop", "unrolled", "fused"])
    def test_one_that_decides_nothing_is_refused(self, tmp_path, lowering):
        x = keras.Input((TIME, FEATURES), name="x")
        model = keras.Model(x, keras.layers.LSTM(UNITS)(x), name="toy")
        with pytest.raises(ExportError, match="'toy' has no recurrent layer of kerasrnn"):
            to_tflite(model, tmp_path / "model.tflite", lowering=lowering)

    def test_of_a_layer_that_unrolls_and_of_one_called_twice_all_is_reported(self, tmp_path):
        x = keras.Input((TIME, FEATURES), name="x")
        shared = layers.LSTM(FEATURES, unroll=True, return_sequences=True, name="shared")
        again = layers.RNN(shared.cell, return_sequences=True)(shared(x))
        found = to_tflite(keras.Model(x, again), tmp_path / "model.tflite", lowering="loop")
        written, looped = found.lowerings.values()
        assert written == "written out"
        assert looped.endswith("rounds a loop")


class TestGPU:
    def test_its_file_has_no_loop_however_long(self, tmp_path):
        model, path = make(layers.BasicRNN(UNITS), masked=False), tmp_path / "model.tflite"
        to_tflite(model, path, target="gpu", sequence_length=140, step=False)
        assert "WHILE" not in operator_names(path)


def test_files_that_are_no_texts_are_refused_before_converting(model, tmp_path, no_conversion):
    for files, reason in (({"a": b"x"}, "'a' is bytes"), (["a"], "must be a dictionary")):
        with pytest.raises(TypeError, match=reason):
            export(model, tmp_path / "model.tflite", files=files)


def test_a_list_of_all_inputs_is_one_sample(tmp_path):
    a, b = keras.Input((None, 2), name="a"), keras.Input((None, 3), name="b")
    y = layers.LSTM(UNITS)(keras.layers.Concatenate()([a, b]))
    model, rng = keras.Model([a, b], y), np.random.default_rng(0)
    arrays = [rng.normal(size=(2, TIME, size)).astype("float32") for size in (2, 3)]
    to_tflite(model, tmp_path / "model.tflite", samples=arrays, step=False)
    shapes = LiteRTModel(tmp_path / "model.tflite").input_shapes
    assert shapes == {"a": (1, TIME, 2), "b": (1, TIME, 3)}


def test_the_only_input_needs_no_name_and_several_do(model, tmp_path):
    export(model, tmp_path / "model.tflite")
    file, sample = LiteRTModel(tmp_path / "model.tflite"), samples()[0]
    np.testing.assert_array_equal(file.run(sample["x"]), file.run(sample))
    states = file.initial_states()
    one, _ = file.step(sample["x"][:, :1], states)
    np.testing.assert_array_equal(one, file.step({"x": sample["x"][:, :1]}, states)[0])
    with pytest.raises(TypeError, match=r"dictionary of arrays by name, of \['x'\]; received list"):
        file.run([sample["x"]])


def test_the_files_are_listed_in_the_metadata(model, tmp_path):
    path = tmp_path / "model.tflite"
    export(model, path, files={"labels.txt": "a", "words.json": "{}"}, step=False)
    assert LiteRTModel(path).file_names() == ["labels.txt", "words.json"]
    found = unpacked(path.read_bytes())
    (entry,) = [e for e in found.metadata if e.name == b"TFLITE_METADATA"]
    content = found.buffers[entry.buffer].data.tobytes()
    assert content[4:8] == b"M001"
    assert b"labels.txt" in content
    assert b"words.json" in content


def test_a_model_that_does_not_convert_is_an_export_error(tmp_path):
    x = keras.Input((None, FEATURES), name="x")
    y = keras.layers.Lambda(keras.ops.erfinv)(x)
    with pytest.raises(ExportError, match="'toy' does not convert to LiteRT's builtin operators"):
        export(keras.Model({"x": x}, y, name="toy"), tmp_path / "model.tflite")
    assert list(tmp_path.iterdir()) == []


def test_a_model_without_a_graph_is_refused(tmp_path):
    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(TypeError, match="must be a functional keras.Model"):
        to_tflite(Own(), tmp_path / "model.tflite", sequence_length=4)
