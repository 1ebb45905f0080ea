"""From a Keras model to the bytes of a TFLite file."""

import contextlib
import sys
import tempfile
import warnings

import keras
import numpy as np

from kerasrnn._model_inputs import chunks
from kerasrnn.export._edit import drop_unused
from kerasrnn.export._explain import not_converted, refuse_loops
from kerasrnn.export._flatbuffer import packed, unpacked
from kerasrnn.export._fused_operators import swap_fused
from kerasrnn.export._merge import merge_equal
from kerasrnn.export._metadata import list_files
from kerasrnn.export._order import order_by_need
from kerasrnn.export._outputs import separate_outputs, trim
from kerasrnn.export._parity import ExportError
from kerasrnn.export._signatures import STEP, WHOLE
from kerasrnn.export._traced import step_signature, whole_signature
from kerasrnn.sequence import engine
from kerasrnn.sequence._lowering import WRITTEN_OUT, lowered


class Conversion:
    """What is converted, and how.

    Args:
        model: a functional Keras model.
        shapes: dictionary from its inputs' names to full shapes.
        choose: function that chooses the lowering of a sequence.
        quantize: as `to_tflite` takes it.
        whole_numbers: whether the file's inputs and outputs are whole numbers too.
        step: a `StepModel`, for a signature of one step, or `None`.
        representative: list of dictionaries of arrays of `shapes`, for `"int8"`.
        files: names of the files that travel with it.
        rewrite: function that changes the file's `ModelT` for its target, or `None`.

    Afterwards `lowerings` is a dictionary from the path of each cell to how it was written into the
    graph.
    """

    def __init__(
        self,
        model,
        shapes,
        choose,
        *,
        quantize=None,
        whole_numbers=False,
        step=None,
        representative=(),
        files=(),
        rewrite=None,
    ):
        self.model, self.shapes, self.step, self._files = model, shapes, step, files
        self._choose, self._quantize = choose, quantize
        self._whole_numbers, self._representative = whole_numbers, representative
        self._rewrite = rewrite
        self.lowerings, self._refusal = {}, None

    def content(self):
        """The bytes of the file.

        Raises:
            ExportError: the model does not convert to builtin operators.
        """
        model = unpacked(self.converted())
        swap_fused(model, int8_weights=self._quantize == "dynamic")
        if self._rewrite is not None:
            self._rewrite(model)
            drop_unused(model)
        order_by_need(model)
        merge_equal(model)
        separate_outputs(model)
        trim(model)
        list_files(model, self._files)
        return packed(model)

    def converted(self):
        """The bytes as TensorFlow's converter makes them."""
        import tensorflow as tf

        module = tf.Module(name="kerasrnn_export")
        # As constants: the converter would leave Keras 3's variables in the file, without values.
        constants = [(v, tf.constant(v.numpy())) for v in self.model.variables]
        signatures = {WHOLE: self._traced(tf, constants)}
        if self.step is not None:
            signatures[STEP] = step_signature(
                tf,
                self.step,
                self.shapes,
                lambda: self._exporting(constants, lambda _: WRITTEN_OUT),
            )
        if self._quantize == "int8":
            for function in signatures.values():
                refuse_loops(self.model, function)
        with tempfile.TemporaryDirectory() as folder:
            try:
                tf.saved_model.save(module, folder, signatures=signatures)
                with _its_own_warning_ignored():
                    return self._converter(tf, folder, list(signatures)).convert()
            except Exception as error:
                raise not_converted(self.model, error) from error

    @contextlib.contextmanager
    def _exporting(self, constants, choose):
        with keras.StatelessScope(state_mapping=constants), engine("loop"), lowered(choose):
            yield

    def _traced(self, tf, constants):
        try:
            return whole_signature(
                tf, self.model, self.shapes, lambda: self._exporting(constants, self._noted)
            )
        except ExportError:
            raise (self._refusal or sys.exception()) from None  # Keras adds a list of arguments

    def _noted(self, sequence):
        """What `choose` says, kept for the report."""
        try:
            found = self._choose(sequence)
        except ExportError as error:
            self._refusal = error
            raise
        if sequence.unroll and not callable(found):
            found = WRITTEN_OUT
        path, number = sequence.cell.path, 1
        while self.lowerings.get(path, found) != found:  # a cell that runs several sequences
            number += 1
            path = f"{sequence.cell.path} ({number})"
        self.lowerings[path] = found
        return found

    def _converter(self, tf, folder, signatures):
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=signatures)
        operators = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if self._quantize is not None:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if self._quantize == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if self._quantize == "int8":
            converter.representative_dataset = self._calibration
            operators = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, *operators]
            if self._whole_numbers:
                operators = operators[:1]
                converter.inference_input_type = converter.inference_output_type = tf.int8
        converter.target_spec.supported_ops = operators
        # Without it each write into the output array copies the array.
        converter._experimental_enable_dynamic_update_slice = True
        return converter

    def _calibration(self):
        """Inputs of each signature, whose activations say what the whole numbers stand for."""
        for sample in self._representative:
            yield WHOLE, sample
        if self.step is None:
            return
        for sample in self._representative:
            states = self.step.initial_states(next(iter(self.shapes.values()))[0])
            for inputs in chunks(self.model, sample):
                states = {name: np.asarray(state) for name, state in states.items()}
                yield STEP, {**inputs, **states}
                _, states = self.step(inputs, states)


@contextlib.contextmanager
def _its_own_warning_ignored():
    """The converter warns of the interpreter in which it seeks ranges, as if a user had made it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"\s*Warning: tf\.lite\.Interpreter", UserWarning)
        yield
