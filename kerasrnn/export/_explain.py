"""What stands in the way of a TFLite file, in one message that names the layer."""

import re

import keras

from kerasrnn._model_inputs import all_layers
from kerasrnn.export._parity import ExportError
from kerasrnn.export._runtimes import MICRO

# What CompiledModel and LiteRT.js know, of inputs and outputs.
_NUMBERS = ("bool", "float16", "float32", "int8", "int16", "int32", "uint8")
_NOT_COMPUTED = {"bfloat16", "float16", "float64"}
# In MLIR's messages: the operator's node in the traced graph, and its kind.
_NOT_BUILTIN = re.compile(
    r'fused\["\w+:", "([^"@]+)@[^"]*"\][^\n]*'
    r"'tfl?\.(\w+)' op is neither a custom op nor a flex op"
)
_RESOURCE = re.compile(r"'untracked' resource.*referencing this tensor = ([^\n]*)", re.S)
_LOOPS = {"While", "StatelessWhile", "If", "StatelessIf", "For"}
_LONGEST = 300  # characters of what a library says


def refuse_numbers(model):
    """Raises ExportError where a model takes, gives or computes what LiteRT has no numbers for."""
    for layer in model._flatten_layers(include_self=False):
        dtype = getattr(layer, "compute_dtype", None)
        if dtype in _NOT_COMPUTED and layer.weights:
            raise ExportError(
                f"The layer '{layer.path}' of '{model.name}' computes in {dtype}, which LiteRT "
                "does not. Build the model with dtype='float32' and give it the weights by "
                "`set_weights`; for a small file there is quantize='float16'."
            )
    for kind, tensors in (("input", model.inputs), ("output", model.outputs)):
        for tensor in tensors:
            dtype = keras.backend.standardize_dtype(tensor.dtype)
            if dtype not in _NUMBERS:
                raise ExportError(_port_refused(model, kind, tensor, dtype))


def refuse_stateful(model):
    """Raises ExportError where a layer keeps states between calls: a file has no place for them."""
    for layer in all_layers(model):
        if isinstance(layer, keras.layers.RNN) and getattr(layer, "stateful", False):
            raise ExportError(
                f"The layer '{layer.path}' of '{model.name}' has stateful=True, and a TFLite file "
                "keeps nothing between runs. Build the model with stateful=False: its file has a "
                "signature `step`, with the states in and out."
            )


def refuse_loops(model, function):
    """Raises ExportError where a traced function has a loop, which no calibrator can run.

    TensorFlow's ends the process there.
    """
    loops = [node for node in function.graph.get_operations() if node.type in _LOOPS]
    if loops:
        raise ExportError(
            f"{_layer_at(model, loops[0].name)} of '{model.name}' has a loop or a branch "
            f"({loops[0].type}), and the converter cannot learn the ranges of whole numbers there. "
            "Use a layer of kerasrnn, whose steps are written out, or `unroll=True`; or "
            "quantize='dynamic'."
        )


def not_converted(model, error):
    """The ExportError for what the converter, or the writing of the traced graph, says."""
    text = str(error)
    found = dict.fromkeys(
        (kind, _layer_at(model, node)) for node, kind in _NOT_BUILTIN.findall(text)
    )
    if found:
        said = ", ".join(f"{kind} in {where}" for kind, where in list(found)[:5])
        return ExportError(
            f"'{model.name}' does not convert to LiteRT's builtin operators: it has none for "
            f"{said}. Compute it with other operators there (LiteRT's are listed at "
            "https://ai.google.dev/edge/litert/conversion/tensorflow/ops_compatibility), or leave "
            "it out of the model and compute it outside."
        )
    resource = _RESOURCE.search(text)
    if resource:
        return ExportError(
            f"'{model.name}' reads something that is no weight of it, such as a table or a random "
            f"seed: {_cut(resource[1])}. Leave it out of the model and compute it outside; where "
            "a layer draws random numbers, let it do so in training alone."
        )
    return ExportError(
        f"'{model.name}' does not convert to LiteRT's builtin operators: {_line_that_matters(text)}"
    )


def not_run(runtime, error, target, quantize):
    """The ExportError for what a runtime says that does not run a file."""
    advice = ""
    if quantize == "int8" and "XNNPACK" in str(error):
        advice = (
            " A step that is padding in all of the representative data has no range: give some "
            "that have real values in every step."
        )
    if runtime == MICRO:
        advice = (
            " Compute what it lacks with other operators, or leave it out of the model; "
            "target='mobile' has more of them."
        )
    said = re.sub(r"(.{12,}?)\1+", r"\1", str(error).split(" that runs: ", 1)[-1])
    return ExportError(
        f"LiteRT's runtime {runtime!r}, one of those of target={target!r}, does not run the file: "
        f"{_cut(said)}.{advice}"
    )


def _port_refused(model, kind, tensor, dtype):
    if dtype == "string":
        return (
            f"The {kind} '{tensor.name}' of '{model.name}' is text, and a TFLite file takes and "
            "gives numbers. Build the model from the numbers on; what turns text into numbers can "
            "travel in the file as a text of its own (`files`)."
        )
    history = getattr(tensor, "_keras_history", None)
    where = f" (of the layer '{history.operation.name}')" if kind == "output" and history else ""
    return (
        f"The {kind} '{tensor.name}'{where} of '{model.name}' is {dtype}; a TFLite file that runs "
        f"everywhere has {', '.join(_NUMBERS)}. Cast it, or build the model with another dtype."
    )


def _layer_at(model, node):
    """The layer that a node of the graph is of, by the names in its path."""
    names = {layer.name: layer for layer in model._flatten_layers(include_self=False)}
    found = None
    for part in node.split("/")[:-1]:
        name = part if part in names else re.sub(r"_\d+$", "", part)
        found = names.get(name, found)
    if found is None:
        return f"'{node}'"
    return f"the layer '{found.name}' ({type(found).__name__})"


def _line_that_matters(text):
    """The first line of an error with MLIR's places taken out."""
    lines = [re.sub(r"loc\(.*\)+:|<unknown>:0:", "", line).strip() for line in text.splitlines()]
    errors = [line for line in lines if "error:" in line] or [line for line in lines if line]
    return _cut(errors[0] if errors else "it does not say why.")


def _cut(text):
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
