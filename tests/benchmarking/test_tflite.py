"""`benchmarks/tflite.py` without a long wait, and what the pages say of its rows."""

import importlib
import json
import subprocess
from pathlib import Path

import pytest

from kerasrnn.export import _lowering

ROOT = Path(__file__).parents[2]


@pytest.fixture
def script(monkeypatch):
    """A function that imports one of the scripts."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.syspath_prepend(ROOT / "docs")
    return importlib.import_module


def row(cell="lstm", units=32, steps=400, threads=1, **seconds):
    """A row of `tflite.json` with a time for each side."""
    return {
        "model": cell,
        "units": units,
        "timesteps": steps,
        "threads": threads,
        "environment": {},
        "sides": {side: {"seconds": [took, took]} for side, took in seconds.items()},
    }


def test_every_size_has_both_weights_of_the_default_export_and_of_the_plain_file(script):
    made = script("tflite_sides")
    for case in made.cases():
        names = set(map(str, made.sides(case)))
        assert {"auto", "plain", "auto_dynamic", "plain_dynamic"} <= names, case
        if case.model in ("lstm", "peephole_lstm"):
            assert {"fused", "fused_dynamic", "onnx"} <= names, case
    sizes = {case for case in made.cases() if case.units}
    assert len(sizes) == script("export_tables")._GRID


def test_one_size_of_each_cell_and_the_zoo_are_measured_in_every_form(script):
    made = script("tflite_sides")
    every = [case for case in made.cases() if made.Side("loop", "int8") in made.sides(case)]
    assert [case.model for case in every] == [*made.ZOO, *made.CELLS]


def test_a_side_is_found_by_its_name(script):
    made = script("tflite_sides")
    for case in made.cases():
        assert [made.side_named(str(side)) for side in made.sides(case)] == made.sides(case)


def test_a_file_is_made_again_after_its_sources_change(script, tmp_path):
    made, source = script("tflite_files"), tmp_path / "source.py"
    source.write_text("1")
    first = made.fingerprint((source,))
    made.fingerprint.cache_clear()
    source.write_text("2")
    assert made.fingerprint((source,)) != first


def test_what_fails_is_noted_with_its_reason(script, tmp_path, monkeypatch):
    made, sides = script("tflite_files"), script("tflite_sides")
    monkeypatch.setattr(made, "FOLDER", tmp_path)

    def fail(case, side, path):
        raise ValueError("no such thing")

    monkeypatch.setattr(made, "_ours", fail)
    case, side = sides.Case("lstm", 4, 5), sides.Side("auto")
    made.make(case, side)
    assert made.facts_of(made.file_of(case, side)) == {"refused": "ValueError: no such thing"}


def test_a_process_that_dies_costs_one_file_and_the_others_are_made(script, tmp_path, monkeypatch):
    bench, files, sides = script("tflite"), script("tflite_files"), script("tflite_sides")
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    case = sides.Case("simplified_gru", 4, 5)

    def worker(command, **kwargs):
        """Dies at the first plain file, as a converter does."""
        names = list(map(str, command[5:]))
        for side in map(sides.side_named, names):
            if str(side) == "plain":
                return subprocess.CompletedProcess(command, -11, "", "a warning")
            files.note(files.file_of(case, side), {"bytes": 1, "memory": 2})
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(bench.subprocess, "run", worker)
    bench.make_files(case)
    found = {str(side): files.facts_of(files.file_of(case, side)) for side in sides.sides(case)}
    assert found.pop("plain") == {"refused": "making it, the process died of SIGSEGV"}
    assert set(found) == {"auto", "auto_dynamic", "plain_dynamic"}
    assert all(facts == {"bytes": 1, "memory": 2} for facts in found.values())


def test_files_run_in_turns_and_each_turn_is_one_number(script):
    runs, said, now = script("tflite_runs"), [], [0.0]

    def file(name, seconds):
        def run():
            said.append(name)
            now[0] += seconds

        return run

    found = runs.in_turns(
        {"fast": file("fast", 0.001), "slow": file("slow", 0.02)}, 0, clock=lambda: now[0]
    )
    assert found["fast"] == pytest.approx([0.001] * 8)
    assert found["slow"] == pytest.approx([0.02] * 8)
    first_round, second_round = said[4:16], said[16:28]  # after two runs of each
    assert first_round == ["fast"] * 10 + ["slow"] * 2
    assert second_round == ["slow"] * 2 + ["fast"] * 10


@pytest.mark.parametrize(("took", "runs"), [(1e-5, 10), (0.01, 5), (3.0, 2)])
def test_slow_files_run_fewer_times_a_turn(script, took, runs):
    assert script("tflite_runs").burst_length(took) == runs


def test_bars_are_met_where_the_figures_say_so(script):
    tables = script("export_tables")
    rows = [
        row(auto=1.0, plain=4.0, fused=1.0, auto_dynamic=1.0, plain_dynamic=4.0),
        row(steps=1600, auto=4.5, plain=18.0, fused=5.0, auto_of_a_quarter=1.0),
    ]
    said = tables.bars_table(rows)
    assert said.count("| yes |") == 3
    assert "| no |" not in said
    assert "3 of 120 measured" in said
    assert tables.losses(rows) == "Nowhere."


def test_bars_are_missed_where_the_figures_say_so(script):
    tables = script("export_tables")
    rows = [
        row(auto=1.0, plain=3.999, fused=0.999),
        row(steps=1600, auto=4.501, plain=17.9, fused=4.501, auto_of_a_quarter=1.0),
    ]
    lines = tables.bars_table(rows).splitlines()[2:]
    figures = ("3.98", "0.99", "4.51")
    for line, figure in zip(lines, figures, strict=True):
        assert line.endswith("| no |")
        assert figure in line
    lost = tables.losses(rows).splitlines()
    assert len(lost) == 2
    assert "lstm, 32 units, 400 steps, float weights" in lost[0]
    assert "lstm, 32 units, float weights, 1 thread: 1,600 steps take 4.51" in lost[1]


def test_ratios_are_of_one_row_and_number_of_threads(script):
    tables = script("export_tables")
    rows = [
        row(auto=1.0, plain=3.0),
        row(auto=2.0, plain=3.0, threads=2),
        row(steps=20, plain=1.0),
    ]
    assert tables.ratios(rows, "plain", "") == {("lstm", 32, 400): 3.0}
    assert tables.ratios(rows, "plain", "", threads=2) == {("lstm", 32, 400): 1.5}


def test_a_ratio_is_of_the_times_of_one_process_and_the_median_counts(script):
    measured = row(steps=1600, auto=0, plain=0, auto_of_a_quarter=0)
    for side, times in (
        ("auto", [1, 2, 4]),
        ("plain", [3, 8, 10]),
        ("auto_of_a_quarter", [1, 1, 1]),
    ):
        measured["sides"][side]["seconds"] = times
    tables = script("export_tables")
    assert tables.ratios([measured], "plain", "") == {("lstm", 32, 1600): 3.0}  # of 3, 4, 2.5
    assert tables.growths([measured], "") == {("lstm", 32): 2.0}


def test_a_process_times_each_file_that_it_is_given(script, tmp_path, capsys, monkeypatch):
    runs = script("tflite_runs")
    monkeypatch.setattr(runs, "runner", lambda path, threads: lambda: None)
    runs.main(["2", "0.01", "a.tflite", "b.onnx"])
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["a.tflite", "b.onnx"]
    assert all(seconds > 0 for seconds in found.values())


def test_refusals_are_told_once_with_their_reason(script):
    rows = [row(auto=1.0), row(auto=1.0, threads=2), row("full_gru", auto=1.0)]
    for each in rows:
        each["sides"]["keras"] = {"refused": "RuntimeError: Select\nops"}
    said = script("export_tables").refusals(rows)
    assert said == "- `keras` of lstm, full_gru: RuntimeError: Select ops"


def test_the_page_states_the_rule_that_the_export_has(script, monkeypatch):
    monkeypatch.setattr(_lowering, "_NUMBERS_A_PIECE", 54321)
    monkeypatch.setattr(_lowering, "_LARGEST_BLOCK", 3 * 2**20)
    said = script("export_tables").rule()
    assert "54,321" in said
    assert "3 MiB" in said


def test_without_rows_the_page_says_that_nothing_was_measured(script):
    sections = script("export_tables").export_sections([])
    assert "Not measured yet" in sections["export_bars"]
    assert "| no |" not in sections["export_bars"]
