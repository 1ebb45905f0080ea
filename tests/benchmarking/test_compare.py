"""Timing in turns: who is measured, what is refused, what the tables say."""

import importlib.util
import math

import pytest

from kerasrnn.benchmarking import (
    SIZES,
    Measurement,
    Size,
    compare,
    doubts,
    first_steps,
    legend,
    summary,
    table,
)
from kerasrnn.benchmarking._rows import measurements_of, row
from kerasrnn.benchmarking._sides import CELLS, MODES, steps_of_a_run, work

TINY = Size(2, 3, 4, 5)


def test_each_side_is_run_in_each_round():
    found = compare("full_gru", "train", TINY, sides=["ours", "keras_jit"], rounds=3, threads=1)
    assert [(m.side, m.cell, m.mode, m.size) for m in found] == [
        ("ours", "full_gru", "train", TINY),
        ("keras_jit", "full_gru", "train", TINY),
    ]
    for measurement in found:
        assert len(measurement.seconds) == 3
        assert min(measurement.seconds) > 0
        assert measurement.memory > 0
        assert measurement.first > 0


def test_pytorch_is_left_out_where_it_is_absent_or_has_no_such_layer():
    known = importlib.util.find_spec("torch") is not None
    found = compare("lstm", "infer", TINY, sides=["ours", "torch"], rounds=2)
    assert [m.side for m in found] == (["ours", "torch"] if known else ["ours"])
    assert compare("simplified_gru", "infer", TINY, sides=["torch"], rounds=2) == []


@pytest.mark.long
@pytest.mark.tensorflow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("side", ["ours", "keras", "keras_jit", "cell_in_keras"])
def test_every_side_does_every_mode(side, mode):
    run = work(side, "full_gru_reset_after", TINY, mode)
    result = run()
    if mode == "infer":
        assert result.shape == (2, 3, 5)
    elif mode == "train":
        assert result[0].shape == (2, 3, 4)
    else:
        assert math.isfinite(result.history["loss"][0])


@pytest.mark.tensorflow
def test_a_run_of_fit_is_an_epoch_of_as_many_steps_as_its_time_is_divided_by():
    run = work("ours", "lstm", TINY, "fit")
    history = run()
    assert int(history.model.optimizer.iterations) == steps_of_a_run("fit", TINY) == 200
    assert steps_of_a_run("fit", SIZES[2]) == 20
    assert steps_of_a_run("train", TINY) == 1


@pytest.mark.long
@pytest.mark.tensorflow
@pytest.mark.parametrize("side", ["ours", "keras"])
def test_directions_and_levels_are_of_the_sides_layer(side):
    both, deep = (work(f"{side}_{kind}", "lstm", TINY, "train")() for kind in ("brnn", "deep"))
    assert [g.shape for g in both[1:]] == 2 * [(4, 20), (5, 20), (20,)]
    assert [g.shape for g in deep[1:]] == [(4, 20), (5, 20), (20,), *2 * [(5, 20), (5, 20), (20,)]]
    assert work(f"{side}_brnn", "lstm", TINY, "infer")().shape == (2, 3, 10)


@pytest.mark.tensorflow
def test_recomputing_is_measured_outside_of_fit():
    assert work("recompute", "lstm", TINY, "train")()[0].shape == (2, 3, 4)
    assert work("recompute", "lstm", TINY, "infer")().shape == (2, 3, 5)
    with pytest.raises(LookupError, match="measured in `train`"):
        work("recompute", "lstm", TINY, "fit")


@pytest.mark.tensorflow
@pytest.mark.parametrize(("mode", "times"), [("infer", 1), ("train", 3)])
def test_the_arithmetic_is_that_of_the_layers_products(mode, times):
    size = Size(32, 64, 16, 16)  # 2048 steps of (16 + 16)·4·16 multiplications: 4 rows of 1024²
    assert work("arithmetic", "lstm", size, mode)().shape == (4 * times, 1024)
    assert work("arithmetic", "basic_rnn", size, mode)().shape == (times, 1024)


@pytest.mark.tensorflow
def test_a_side_of_another_cell_is_that_cells_layer():
    gradients = {side: work(side, "peephole_lstm", TINY, "train")() for side in SIDES_OF_OURS}
    assert [len(found) for found in gradients.values()] == [1 + 4, 1 + 3, 1 + 3]


SIDES_OF_OURS = ("ours", "ours_lstm", "ours_full_gru")


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_is_measured(cell):
    assert work("ours", cell, TINY, "infer")().shape == (2, 3, 5)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"cell": "gru"}, "`cell` must be one of .*full_gru.*'gru'"),
        ({"mode": "predict"}, "`mode` must be one of train, fit, infer; received 'predict'"),
        ({"sides": ["ours", "jax"]}, "`sides` must be of ours, .*'jax'"),
        ({"sides": []}, "`sides` must be of"),
        ({"rounds": 1}, "`rounds` must be 2 or more; received 1"),
    ],
)
def test_wrong_arguments_are_refused(argument, message):
    arguments = {"cell": "lstm", "mode": "train", "size": TINY, **argument}
    with pytest.raises(ValueError, match=message):
        compare(**arguments)


def test_a_side_that_fails_says_why():
    with pytest.raises(RuntimeError, match="'ours' ended: .*units"):
        compare("lstm", "train", Size(2, 3, 4, -1), sides=["ours"], rounds=2)


def made(side, seconds, size=TINY, memory=8, first=None, mode="train"):
    return Measurement(side, "lstm", mode, size, seconds, memory, first)


def test_spread_is_half_the_distance_of_the_quartiles():
    measurement = made("ours", [1.0, 2.0, 3.0, 4.0, 5.0])
    assert measurement.median == 3
    assert measurement.spread == pytest.approx(0.5)


def test_the_faster_of_keras_two_modes_is_chosen_at_each_size():
    found = [
        made("ours", [1.0, 1.0]),
        made("keras", [2.0, 2.0], memory=16),
        made("keras_jit", [3.0, 3.0]),
        made("ours", [1.0, 1.0], SIZES[0]),
        made("keras", [9.0, 9.0], SIZES[0]),
        made("keras_jit", [8.0, 8.0], SIZES[0], memory=32),
    ]
    lines = summary(found).splitlines()
    assert lines[-1] == "| lstm | train | the faster Keras | 4.00 | 2.00 (2×3×4→5) | 2.83 |"
    assert len(lines) == 2 + 3


def test_a_side_that_was_left_out_leaves_its_place_empty():
    found = [made("ours", [1.0, 1.0]), made("torch", [1.0, 1.0], SIZES[0])]
    rows = table(found).splitlines()[2:]
    assert rows == [
        "| lstm | train | 2×3×4→5 | 1000.00 ms ± 0 % |  |",
        "| lstm | train | 32×100×128→128 |  | 1000.00 ms ± 0 % |",
    ]


def test_rows_keep_the_first_run_and_older_rows_need_none():
    measurements = [made("ours", [1.0, 2.0], first=3.0), made("keras", [1.0, 2.0])]
    kept = row(measurements)
    assert measurements_of([kept]) == measurements
    del kept["sides"]["ours"]["first"]
    assert measurements_of([kept])[0].first is None


def test_the_wait_is_what_the_first_step_took_beyond_a_later_one():
    assert made("ours", [1.0, 1.0], first=3.5).wait == 2.5
    assert made("ours", [1.0, 1.0], first=0.5).wait == 0
    assert made("ours", [1.0, 1.0]).wait is None
    epoch = made("ours", [0.01, 0.01], first=3.5, mode="fit")  # of 200 steps
    assert epoch.wait == pytest.approx(1.5)


def test_the_first_step_has_paid_once_the_sum_of_the_steps_is_shorter():
    found = [
        made("ours", [1.0, 1.0], first=31.0),
        made("keras", [4.0, 4.0], first=6.0),  # 2 + 4n against 30 + n
        made("keras_jit", [2.0, 2.0], first=42.0),
        made("cell_in_keras", [1.1, 1.7], first=6.0),
        made("torch", [0.5, 0.5], first=0.5),
        made("ours_full_gru", [0.5, 0.5], first=50.5),  # 50 + n/2 against 30 + n
        made("arithmetic", [2.0, 2.0], first=2.0),
        made("ours_lstm", [2.0, 2.0]),
    ]
    assert first_steps(found).splitlines() == [
        "lstm, train, 2×3×4→5: kerasrnn's first step took 30.00 s longer than later ones.",
        "- beside Keras (2.00 s): pays from step 10 on",
        "- beside Keras, `jit_compile=True` (40.00 s): pays from step 1 on",
        "- beside our cell in `keras.layers.RNN` (4.60 s): not to tell, as the times of later "
        "steps differ by no more than they spread",
        "- beside PyTorch (0.00 s): does not pay, as its later steps are shorter",
        "- beside our FullGRU (50.00 s): pays until step 40, as its later steps are shorter",
    ]


def test_without_a_first_run_of_ours_nothing_is_said_of_it():
    assert first_steps([made("ours", [1.0, 1.0]), made("keras", [1.0, 1.0], first=2.0)]) == ""
    assert first_steps([made("keras", [1.0, 1.0], first=2.0)]) == ""


def test_the_legend_is_of_what_was_measured():
    alone = legend([made("ours", [1.0, 1.0])])
    assert "batch×time×features→units" in alone
    assert "- train: " in alone
    for absent in ("brackets", "- fit: ", "- Keras: "):
        assert absent not in alone
    both = legend([made("ours", [1.0, 1.0]), made("keras", [1.0, 1.0])])
    assert "In brackets" in both
    assert "- Keras: " in both


def test_few_rounds_and_large_spreads_are_doubtful():
    assert doubts([]) == []
    assert doubts([made("ours", [1.0] * 8), made("keras", [1.0] * 8)]) == []
    (few,) = doubts([made("ours", [1.0] * 7), made("keras", [1.0] * 8)])
    assert few.startswith("7 rounds are few")
    noisy = [made(side, [1.0, 2.0] * 4) for side in ("keras", "arithmetic")]
    (spread,) = doubts([made("ours", [1.0] * 8), *noisy])
    assert spread.startswith("lstm, train, 2×3×4→5: the times of Keras spread by ± 33 %.")
