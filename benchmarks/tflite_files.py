"""Makes the files that `benchmarks/tflite.py` measures, and keeps them in build/bench-tflite.

    python benchmarks/tflite_files.py MODEL UNITS TIMESTEPS SIDE ...

makes those that are not there. Beside each file a JSON file says what was found out about it, or
why there is none. The folders' names change with the sources that files are made by.
"""

import functools
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from tflite_sides import FEATURES, ZOO, Case, side_named

from kerasrnn._files import atomic_file
from kerasrnn.export._targets import LOWERINGS

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "bench-tflite"
_OURS = ("cells", "sequence", "layers", "export", "zoo")
_CALIBRATED = 8  # sequences that int8 learns from


def file_of(case, side):
    """Where the file of a side is kept."""
    if side.form in LOWERINGS:
        made_by = sorted(p for name in _OURS for p in (ROOT / "kerasrnn" / name).rglob("*.py"))
    else:
        made_by = [Path(__file__)]
    suffix = ".onnx" if side.form == "onnx" else ".tflite"
    return FOLDER / f"{fingerprint(tuple(made_by))}" / str(case) / f"{side}{suffix}"


@functools.cache
def fingerprint(paths):
    """Some letters that change with the content of files."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


def facts_of(path):
    """What is known of a file; `None` if nothing is."""
    facts = path.with_suffix(".json")
    return json.loads(facts.read_text(encoding="utf-8")) if facts.exists() else None


def note(path, facts):
    """Keeps what is known of a file."""
    with atomic_file(path.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps(facts), encoding="utf-8")


def make(case, side):
    """Makes a file, and notes what is known of it or why it is not there."""
    path = file_of(case, side)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        facts = _MAKERS.get(side.form, _ours)(case, side, path)
    except Exception as error:  # of many kinds; the table says which
        facts = {"refused": f"{type(error).__name__}: {error}"}
    else:
        facts["bytes"] = path.stat().st_size
    note(path, facts)


def model_of(case):
    """The model and some inputs of it."""
    import keras

    rng = np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    if case.model in ZOO:
        return _from_zoo(case.model, rng)
    from kerasrnn.layers import recurrent

    options = {"output_peephole": "current"} if case.model == "peephole_lstm" else {}
    layer = recurrent(case.model, case.units, return_sequences=True, **options)
    return _around(layer), {"x": _normal(rng, case)}


def _from_zoo(name, rng):
    from kerasrnn.zoo import get_builder, shipped_folder

    folder = shipped_folder(name)
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    arguments, recipe = settings["arguments"], settings["recipe"]
    shape = (_CALIBRATED, recipe["export"]["sequence_length"])
    letters = recipe["vocabulary"]["letters"]
    words = rng.integers(1, arguments["vocab_size"], shape)
    characters = rng.integers(1, arguments["num_characters"], (*shape, letters))
    inputs = {"words": words.astype("int32"), "characters": characters.astype("int32")}
    return get_builder(name)(weights="default"), inputs


def _around(layer):
    import keras

    x = keras.Input((None, FEATURES), name="x")
    return keras.Model(x, layer(x))


def _normal(rng, case):
    return rng.normal(size=(_CALIBRATED, case.timesteps, FEATURES)).astype("float32")


def _ours(case, side, path):
    from kerasrnn.export import to_tflite

    model, inputs = model_of(case)
    report = to_tflite(
        model,
        path,
        lowering=side.form,
        quantize=side.quantize,
        sequence_length=next(iter(inputs.values())).shape[1],
        samples=inputs if case.model in ZOO else None,
        representative_data=inputs if side.quantize == "int8" else None,
        step=False,
    )
    lowering = "; ".join(sorted(set(report.lowerings.values())))
    return {"difference": report.largest_difference, "lowering": lowering}


def _plain(case, side, path):
    model, inputs = model_of(case)
    path.write_bytes(_converted(model, inputs, side.quantize))
    return {}


def _keras_plain(case, side, path):
    _, inputs = model_of(case)
    path.write_bytes(_converted(_around(_keras_layer(case)), inputs, side.quantize))
    return {}


def _keras(case, side, path):
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "model.tflite"
        _around(_keras_layer(case)).export(made, format="litert", verbose=False)
        path.write_bytes(made.read_bytes())
    from ai_edge_litert.interpreter import Interpreter

    Interpreter(str(path)).allocate_tensors()  # what it refuses is not measured
    return {}


def _keras_layer(case):
    import keras

    if case.model == "full_gru":
        return keras.layers.GRU(case.units, return_sequences=True, reset_after=False)
    layers = {"lstm": keras.layers.LSTM, "basic_rnn": keras.layers.SimpleRNN}
    return layers[case.model](case.units, return_sequences=True)


def _converted(model, inputs, quantize):
    """What TFLiteConverter makes of a model of one row and fixed length, with nothing else set."""
    import keras
    import tensorflow as tf

    from kerasrnn.sequence import engine

    specs = {
        t.name: tf.TensorSpec((1, *inputs[t.name].shape[1:]), t.dtype, name=t.name)
        for t in model.inputs
    }
    # As constants: the converter would leave Keras 3's variables in the file, without values.
    constants = [(variable, tf.constant(variable.numpy())) for variable in model.variables]

    @tf.function(input_signature=[specs], autograph=False)
    def serve(given):
        with keras.StatelessScope(state_mapping=constants), engine("loop"):
            return {"y": model(given if len(given) > 1 else given["x"], training=False)}

    module = tf.Module()
    module.serve = serve
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=serve.get_concrete_function())
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if quantize == "dynamic":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return converter.convert()


def _onnx(case, side, path):
    """One operator of ONNX, time first, with random weights."""
    from onnx import TensorProto, helper, save

    operator, gates = _OPERATORS[case.model]
    units, rng = case.units, np.random.default_rng(0)
    shapes = {
        "W": (1, gates * units, FEATURES),
        "R": (1, gates * units, units),
        "B": (1, 2 * gates * units),
    }
    names = ["x", "W", "R", "B"]
    if case.model == "peephole_lstm":
        shapes["P"] = (1, 3 * units)
        names += ["", "", "", "P"]
    weights = [
        helper.make_tensor(
            name, TensorProto.FLOAT, shape, rng.uniform(-0.1, 0.1, shape).astype("float32")
        )
        for name, shape in shapes.items()
    ]
    node = helper.make_node(operator, names, ["y"], hidden_size=units)
    ports = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (
            ("x", (case.timesteps, 1, FEATURES)),
            ("y", (case.timesteps, 1, 1, units)),
        )
    ]
    graph = helper.make_graph([node], "one_layer", ports[:1], ports[1:], weights)
    opset = helper.make_opsetid("", 14)
    save(helper.make_model(graph, opset_imports=[opset], ir_version=8), str(path))
    return {}


_OPERATORS = {
    "lstm": ("LSTM", 4),
    "peephole_lstm": ("LSTM", 4),
    "full_gru": ("GRU", 3),
    "basic_rnn": ("RNN", 1),
}
_MAKERS = {"plain": _plain, "keras_plain": _keras_plain, "keras": _keras, "onnx": _onnx}


def main(arguments):
    model, units, timesteps, *names = arguments
    case = Case(model, int(units), int(timesteps))
    for side in map(side_named, names):
        if facts_of(file_of(case, side)) is None:
            make(case, side)


if __name__ == "__main__":
    main(sys.argv[1:])
