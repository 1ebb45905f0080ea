"""Breaks one equation at a time and expects the tests to notice.

    python tests/mutations.py            all mutants, a few minutes
    python tests/mutations.py peephole   those with the word in their name

Each mutant is a copy of the package with one piece of text changed, on which the fast tests run.
A mutant that they pass has survived: something is untested. Exits with 1 if any does, and with 2
if a text to change is no longer in the source, or if the tests fail on the unchanged copy.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
CELLS = ["tests/cells/test_equations.py"]
RUN_TESTS = ["tests/sequence/test_run.py"]
LEVELS = ["tests/layers/test_against_reference.py::test_levels_follow_the_equations"]
_DROPOUT = "tests/conformance/test_dropout.py::test_{}_are_dropped_by_one_mask_for_all_steps"
DROPOUT = [
    _DROPOUT.format("inputs"),
    _DROPOUT.format("recurrent_operands"),
]
STATES = ["tests/conformance/test_states.py::test_a_stateful_layer_keeps_the_states_it_returns"]
MASKS = [
    "tests/conformance/test_masks.py::test_the_mask_turns_with_the_outputs_when_reading_backwards"
]


class Mutant(NamedTuple):
    name: str
    file: str
    before: str
    after: str
    tests: list


AFTER = ["tests/cells/test_full_gru_reset_after.py"]
TRACES = ["tests/layers/test_trace.py"]
FROM_KERAS = ["tests/layers/test_from_keras.py"]
FROM_TORCH = ["tests/layers/test_from_torch.py"]
BOTH_WAYS = ["tests/layers/test_brnn.py"]
DEEP = ["tests/layers/test_deep_rnn.py"]
NO_STEPS = [
    "tests/conformance/test_shapes_and_dtypes.py::"
    "test_the_last_output_of_no_steps_is_the_first_state",
    "tests/conformance/test_shapes_and_dtypes.py::"
    "test_in_a_graph_the_last_output_of_no_steps_is_the_first_state",
]
REFUSED = ["tests/layers/test_errors.py"]
COMPILED = [
    "tests/sequence/test_compiled_training.py::test_values_and_gradients_are_those_of_the_loop"
]
RECOMPUTED = [
    "tests/sequence/test_compiled_training.py::test_what_is_run_again_for_its_gradient_has_the_same"
]

ROUNDS = ["tests/sequence/test_compiled_training.py::test_inference_in_rounds_of_steps_is_the_loop"]
STEPS = ["tests/streaming/test_step_model.py"]
LOWERED = ["tests/sequence/test_lowering.py"]
MERGED = ["tests/export/test_merge.py"]
CUDNN = ["tests/sequence/test_cudnn.py"]

LSTM = "cells/_lstm_cell.py"
PEEPHOLE = "cells/_peephole_lstm_cell.py"
FULL_GRU = "cells/_full_gru_cell.py"
SIMPLE_GRU = "cells/_simplified_gru_cell.py"
RUN = "sequence/_run.py"
KEPT = "sequence/_masks.py"
SHARE = "sequence/_tensorflow_share.py"
KEEP = "sequence/_tensorflow_keep.py"
RNN = "layers/_rnn.py"
BLOCKS = "sequence/_tensorflow_blocks.py"
STREAM = "layers/_stream.py"
FROM_TORCH_FILE = "layers/_from_torch.py"

MUTANTS = [
    Mutant(
        "basic: no recurrence",
        "cells/_basic_rnn_cell.py",
        "projected + matmul",
        "projected + 0 * matmul",
        CELLS,
    ),
    Mutant(
        "lstm: two gates swapped in the split",
        LSTM,
        "z_u, z_f, z_c, z_o",
        "z_f, z_u, z_c, z_o",
        CELLS,
    ),
    Mutant("lstm: no tanh in the output", LSTM, "o * self.activation(c)", "o * c", CELLS),
    Mutant("lstm: another gate starts open", LSTM, 'gates.index("f")', 'gates.index("o")', CELLS),
    Mutant("peephole: one dropped", PEEPHOLE, "z_f + p_f * c_prev", "z_f", CELLS),
    Mutant("peephole: two swapped", PEEPHOLE, "p_u, p_f, p_o =", "p_u, p_o, p_f =", CELLS),
    Mutant(
        "peephole: output sees this step",
        PEEPHOLE,
        '"current" else c_prev',
        '"current" else c',
        CELLS,
    ),
    Mutant(
        "full gru: update gate turned round",
        FULL_GRU,
        "u * candidate + (1 - u) * c_prev",
        "(1 - u) * candidate + u * c_prev",
        CELLS,
    ),
    Mutant(
        "full gru: relevance gate forgotten",
        FULL_GRU,
        "matmul(r * c_prev, w_c)",
        "matmul(c_prev, w_c)",
        CELLS,
    ),
    Mutant(
        "full gru: relevance after the product",
        FULL_GRU,
        "matmul(r * c_prev, w_c)",
        "r * matmul(c_prev, w_c)",
        CELLS,
    ),
    Mutant("full gru: u and r swapped", FULL_GRU, "x_u, x_r, x_c", "x_r, x_u, x_c", CELLS),
    Mutant(
        "simplified gru: update gate turned round",
        SIMPLE_GRU,
        "u * candidate + (1 - u) * c_prev",
        "(1 - u) * candidate + u * c_prev",
        CELLS,
    ),
    Mutant(
        "project: no bias",
        "cells/_cell.py",
        "ops.add(projected, self.input_bias)",
        "projected",
        CELLS,
    ),
    Mutant(
        "run: a masked step changes the state",
        KEPT,
        "ops.where(mask_t, after, before)",
        "after",
        RUN_TESTS,
    ),
    Mutant(
        "run: a masked step is shown",
        KEPT,
        "kept_output = ops.where(mask_t, output, previous_output)",
        "kept_output = output",
        RUN_TESTS,
    ),
    Mutant(
        "run: no zeros at masked steps",
        KEPT,
        "if zero_output_for_mask:",
        "if False:",
        RUN_TESTS,
    ),
    Mutant(
        "run: no flip in go_backwards",
        RUN,
        "inputs = ops.flip(inputs, axis=1)",
        "pass",
        RUN_TESTS,
    ),
    Mutant(
        "run: the mask is not flipped",
        RUN,
        "None if mask is None else ops.flip(mask, axis=1)",
        "mask",
        RUN_TESTS,
    ),
    Mutant(
        "run: an input dropout mask per step",
        RUN,
        "ops.ones_like(inputs[:, :1])",
        "ops.ones_like(inputs)",
        DROPOUT,
    ),
    Mutant(
        "cell: recurrent dropout of the result",
        "cells/_cell.py",
        "matmul(operand * mask, weight)",
        "ops.matmul(operand, weight)",
        DROPOUT,
    ),
    Mutant(
        "deep: the mask stops at the first level",
        "layers/_deep_rnn.py",
        "initial_state=first_states, mask=mask",
        "initial_state=first_states, mask=[mask, None][bool(states)]",
        LEVELS,
    ),
    Mutant(
        "rnn: stateful forgets",
        "layers/_rnn.py",
        "variable.assign(ops.cast(state, variable.dtype))",
        "pass",
        STATES,
    ),
    Mutant(
        "rnn: the shown mask is not turned",
        "layers/_rnn.py",
        "ops.flip(mask, axis=1) if self.go_backwards else mask",
        "mask",
        MASKS,
    ),
    Mutant(
        "reset after: relevance gate before the product",
        FULL_GRU,
        "x_c + r * z_c",
        "x_c + z_c",
        AFTER,
    ),
    Mutant(
        "reset after: no recurrent bias",
        FULL_GRU,
        "z + self.bias[1] if self.use_bias else z",
        "z",
        AFTER,
    ),
    Mutant(
        "reset after: biases swapped",
        FULL_GRU,
        "self.bias[0] if self.reset_after",
        "self.bias[1] if self.reset_after",
        AFTER,
    ),
    Mutant("lstm: a gate by another name", LSTM, 'gate("u", z_u)', 'gate("v", z_u)', TRACES),
    Mutant("trace: a gate forgotten", "cells/_gates.py", "gates[name] = value", "pass", TRACES),
    Mutant(
        "trace: gates at masked steps",
        "sequence/_trace.py",
        'ops.where(mask_t, gate, float("nan"))',
        "gate",
        TRACES,
    ),
    Mutant(
        "trace: in the order of reading",
        RUN,
        "ops.flip(outputs, axis=1) if trace_is_turned else outputs",
        "outputs",
        TRACES,
    ),
    Mutant(
        "trace: stateful layers move on",
        "layers/_rnn.py",
        "elif self.stateful",
        "if self.stateful",
        TRACES,
    ),
    Mutant(
        "run: no steps give zeros",
        RUN,
        "SequenceResult(cell.initial_output(states)",
        "SequenceResult(no_output",
        NO_STEPS,
    ),
    Mutant(
        "run: no steps that were not known give zeros",
        RUN,
        "ops.where(real, last_output, cell.initial_output(states))",
        "last_output",
        NO_STEPS,
    ),
    Mutant(
        "keras: the update gate's sign",
        "layers/_from_keras.py",
        "[-z, r, c]",
        "[z, r, c]",
        FROM_KERAS,
    ),
    Mutant("torch: gates out of order", FROM_TORCH_FILE, "[z, r, n]", "[r, z, n]", FROM_TORCH),
    Mutant("torch: a bias lost", FROM_TORCH_FILE, "pair.sum(axis=0)", "pair[0]", FROM_TORCH),
    Mutant(
        "brnn: the backward copy is not turned",
        "layers/_brnn.py",
        "backward = ops.flip(backward, axis=1)",
        "pass",
        BOTH_WAYS,
    ),
    Mutant(
        "brnn: both copies read forwards in one order",
        "layers/_brnn.py",
        "states[:count], states[count:]",
        "states[count:], states[:count]",
        BOTH_WAYS,
    ),
    Mutant(
        "deep: no residual",
        "layers/_deep_rnn.py",
        "output + (below if is_sequence else _last_real_step(below, mask))",
        "output",
        DEEP,
    ),
    Mutant(
        "deep: the last residual step may be padding",
        "layers/_deep_rnn.py",
        "_last_real_step(below, mask)",
        "below[:, -1]",
        DEEP,
    ),
    Mutant("deep: no norm", "layers/_deep_rnn.py", "self.norms[number](output)", "output", DEEP),
    Mutant(
        "deep: masked steps leak",
        "layers/_deep_rnn.py",
        "ops.where(ops.expand_dims(real, -1), output, ops.zeros_like(output))",
        "output",
        DEEP,
    ),
    Mutant(
        "deep: no dropout between levels",
        "layers/_deep_rnn.py",
        "self.between(below, training=training) if number else below",
        "below",
        DEEP,
    ),
    Mutant("simplified gru: gates swapped", SIMPLE_GRU, "z_u, z_c =", "z_c, z_u =", CELLS),
    Mutant("peephole: gates swapped", PEEPHOLE, "z_u, z_f, z_c, z_o", "z_f, z_u, z_c, z_o", CELLS),
    Mutant("reset after: gates swapped", FULL_GRU, "z_u, z_r, z_c =", "z_r, z_u, z_c =", AFTER),
    Mutant(
        "brnn: a sum is no sum", "layers/_brnn.py", "forward + backward,", "forward,", BOTH_WAYS
    ),
    Mutant(
        "brnn: an average is a sum",
        "layers/_brnn.py",
        "(forward + backward) / 2",
        "(forward + backward)",
        BOTH_WAYS,
    ),
    Mutant(
        "brnn: masked steps are shown",
        "layers/_brnn.py",
        "copy.zero_output_for_mask = layer.return_sequences",
        "pass",
        BOTH_WAYS,
    ),
    Mutant("deep: traces are not turned", "layers/_deep_rnn.py", "turned(trace)", "trace", TRACES),
    Mutant(
        "inputs: masks of any shape",
        "layers/_inputs.py",
        "len(received) != 2 or not _fit(received, wanted):\n        raise",
        "False:\n        raise",
        REFUSED,
    ),
    Mutant(
        "training: peepholes have no gradient",
        SHARE,
        "total + tf.convert_to_tensor(found.weights[place])",
        "total",
        COMPILED,
    ),
    Mutant(
        "inference: the steps before the rounds are left out",
        SHARE,
        "known % together)",
        "not known)",
        ROUNDS,
    ),
    Mutant(
        "cudnn: the update gate multiplies the old state",
        FULL_GRU,
        '"u": -1',
        '"u": 1',
        CUDNN,
    ),
    Mutant(
        "cudnn: padding that comes first is not read",
        "sequence/_tensorflow_cudnn.py",
        "tf.reverse(real, [1]) if turned else real",
        "real",
        CUDNN,
    ),
    Mutant(
        "tflite: the engine around gets into the file",
        "export/_convert.py",
        ', engine("loop"), lowered(choose):',
        ", lowered(choose):",
        ["tests/export/test_tflite.py::test_it_is_the_same_file_in_any_engine"],
    ),
    Mutant(
        "saved model: the engine around gets into it",
        "export/_traced.py",
        'engine("loop")',
        'engine("compiled")',
        ["tests/export/test_saved_model.py::test_no_engine_that_it_is_called_in_gets_into_it"],
    ),
    Mutant(
        "training: the first state is forgotten",
        SHARE,
        "0, first)",
        "0, [tf.zeros_like(tensor) for tensor in first])",
        COMPILED,
    ),
    Mutant(
        "training: a step's operand is the state after it",
        SHARE,
        "before[place][:-1]",
        "before[place][1:]",
        COMPILED,
    ),
    Mutant(
        "training: layers that others look between hand on shares",
        "sequence/_between.py",
        """default=None)
""",
        """default={})
""",
        ["tests/sequence/test_between.py::test_a_gradient_at_a_sequence_that_others_see_is_whole"],
    ),
    Mutant(
        "training: outputs are taken for states that are none",
        "sequence/_tensorflow_plan.py",
        "if self.alias[p] == self.shown)",
        "if True)",
        [
            "tests/sequence/test_compiled_training.py"
            "::test_outputs_that_are_no_new_states_have_their_gradients"
        ],
    ),
    Mutant(
        "training: zeros that pad are handed on",
        "sequence/_tensorflow_engine.py",
        "if not (was_padded and zero_output_for_mask):",
        "if True:",
        [
            "tests/sequence/test_between.py::test_steps_that_pad_a_length_are_no_zeros_to_the_level_above"
        ],
    ),
    Mutant(
        "recomputing: each piece starts from the first state",
        KEEP,
        "[start[k] for start in kept]",
        "rows.carry",
        RECOMPUTED,
    ),
    Mutant(
        "recomputing: the last piece's weights alone",
        KEEP,
        "total + part for",
        "part for",
        RECOMPUTED,
    ),
    Mutant(
        "training: another slope of tanh",
        "sequence/_replay.py",
        "slope * (1 - value * value)",
        "slope * (1 - value)",
        COMPILED,
    ),
    Mutant(
        "training: rows are not dropped alike",
        "sequence/_tensorflow_step.py",
        "masked_matmul(drop, matmul)",
        "matmul",
        COMPILED,
    ),
    Mutant(
        "stream: each step starts anew",
        STREAM,
        "return [self.values[key] for key in slot.keys]",
        "return slot.first(batch_size)",
        STEPS,
    ),
    Mutant("stream: a masked step shows zeros", RNN, "slot.output is not None", "False", STEPS),
    Mutant(
        "stream: of a chunk of masked steps the last output is lost",
        "layers/_deep_rnn.py",
        "output = last_shown(output, last, mask)",
        "last_shown(output, last, mask)",
        STEPS,
    ),
    Mutant(
        "stream: outputs before a chunk's first real step are lost",
        RNN,
        "outputs=all_shown(result.outputs, last, mask)",
        "outputs=result.outputs",
        STEPS,
    ),
    Mutant(
        "stream: calls of one layer share states",
        STREAM,
        "self._calls[id(layer)] += 1",
        "self._calls[id(layer)] = 1",
        STEPS,
    ),
    Mutant(
        "blocks: steps after the last block are lost",
        BLOCKS,
        "rest = slice(count * plan.steps, timesteps)",
        "rest = slice(timesteps, timesteps)",
        LOWERED,
    ),
    Mutant(
        "blocks: nothing is masked", BLOCKS, "masks[number] > 0.5", "masks[number] > -1", LOWERED
    ),
    Mutant(
        "blocks: a loop runs its empty blocks too",
        BLOCKS,
        "rounds = min(plan.blocks, last - first - start)",
        "rounds = plan.blocks",
        LOWERED,
    ),
    Mutant(
        "merge: any two subgraphs of one size are one",
        "export/_merge.py",
        "first.setdefault(_content(subgraph), number)",
        "first.setdefault(len(subgraph.operators), number)",
        MERGED,
    ),
    Mutant(
        "outputs: one tensor is given twice",
        "export/_outputs.py",
        "taken.add(entry.tensorIndex)",
        "pass",
        MERGED,
    ),
]


def copy_of_the_repository(folder):
    for name in ("kerasrnn", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)


def tests_pass(folder, tests):
    # The packages beside this file win over an installed one: setup.cfg puts `.` on the path.
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    command += ["-m", "long or not long", *tests]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"pytest did not run:\n{run.stdout}\n{run.stderr}")
    return run.returncode == 0


def survives(mutant, folder):
    path = folder / "kerasrnn" / mutant.file
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace(mutant.before, mutant.after, 1), encoding="utf-8")
    try:
        return tests_pass(folder, mutant.tests)
    finally:
        path.write_text(source, encoding="utf-8")


def missing_texts(mutants):
    return [
        f"{mutant.name}: {mutant.before!r} is not in kerasrnn/{mutant.file}"
        for mutant in mutants
        if mutant.before not in (ROOT / "kerasrnn" / mutant.file).read_text(encoding="utf-8")
    ]


def main(word=""):
    mutants = [mutant for mutant in MUTANTS if word in mutant.name]
    missing = missing_texts(mutants)
    if missing:
        print("\n".join(missing))
        return 2
    survivors = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_of_the_repository(folder)
        tests = sorted({test for mutant in mutants for test in mutant.tests})
        if not tests_pass(folder, tests):
            print("the tests fail on the unchanged copy")
            return 2
        for mutant in mutants:
            start = time.perf_counter()
            alive = survives(mutant, folder)
            survivors += [mutant.name] if alive else []
            verdict = "SURVIVED" if alive else "killed"
            print(f"{mutant.name:45} {verdict:9} {time.perf_counter() - start:5.1f} s", flush=True)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
