"""The rule by which a sequence is written out or looped over in blocks."""

import numpy as np
import pytest

from kerasrnn import layers
from kerasrnn.export._lowering import automatic, for_weights, in_a_loop, recurrent_bytes
from kerasrnn.sequence._lowering import WRITTEN_OUT, Blocks, Sequence

FEATURES = 3


def of_size(timesteps, units, batch=1, layer=layers.LSTM):
    """A sequence, as a rule sees it."""
    cell = layer(units).cell
    cell.build((None, FEATURES))
    inputs = np.zeros((batch, timesteps, FEATURES), "float32")
    return Sequence(cell, inputs, [], None, False, True)


def test_the_rule_writes_out_what_is_short_and_has_few_weights():
    assert automatic(of_size(1, 8)) == WRITTEN_OUT
    assert automatic(of_size(32, 8)) == WRITTEN_OUT
    assert isinstance(automatic(of_size(33, 8)), Blocks)
    assert isinstance(automatic(of_size(20, 128)), Blocks)


def test_a_cell_of_fewer_gates_is_written_out_for_longer():
    assert automatic(of_size(128, 8, layer=layers.BasicRNN)) == WRITTEN_OUT
    assert isinstance(automatic(of_size(129, 8, layer=layers.BasicRNN)), Blocks)
    assert automatic(of_size(42, 8, layer=layers.FullGRU)) == WRITTEN_OUT
    assert isinstance(automatic(of_size(43, 8, layer=layers.FullGRU)), Blocks)


@pytest.mark.parametrize("units", [1, 32, 300])
@pytest.mark.parametrize("timesteps", [2, 97, 100, 1600])
@pytest.mark.parametrize("batch", [1, 5])
def test_a_loop_has_rounds_of_some_steps_for_any_size(timesteps, units, batch):
    sequence = of_size(timesteps, units, batch)
    plan = in_a_loop(sequence)
    assert 1 <= plan.steps <= timesteps
    assert 1 <= plan.blocks <= max(1, timesteps // plan.steps)
    outputs = plan.steps * plan.blocks * units * batch
    assert outputs <= 2 * max(6144, plan.steps * units * batch)
    assert plan.loops >= 1
    projected = 4 * outputs * 4  # of four gates, four bytes each
    assert plan.loops == 1 or plan.loops * projected <= 2**20


def test_a_block_divides_the_sequence_where_a_divisor_is_near():
    assert 400 % in_a_loop(of_size(400, 64)).steps == 0
    assert 97 % in_a_loop(of_size(97, 64)).steps != 0  # a prime has none


def test_bytes_of_weights_are_those_that_a_step_reads():
    cell = of_size(1, 8).cell
    assert recurrent_bytes(cell) == 4 * (8 * 32 + 32)


@pytest.mark.parametrize("quantize", ["dynamic", "int8"])
def test_weights_of_one_byte_let_a_round_take_more_steps(quantize):
    sequence = of_size(400, 128)
    assert for_weights(in_a_loop, quantize)(sequence).steps > in_a_loop(sequence).steps
    assert for_weights(automatic, quantize)(of_size(20, 128)) == WRITTEN_OUT
    assert automatic(of_size(20, 128)) != WRITTEN_OUT


@pytest.mark.parametrize("quantize", [None, "float16"])
def test_other_weights_count_as_four_bytes(quantize):
    assert for_weights(automatic, quantize) is automatic
