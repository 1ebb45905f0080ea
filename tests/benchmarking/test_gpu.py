"""`benchmarks/gpu.py` without a GPU: what it measures, in which order, and when it stops."""

import importlib.util
from pathlib import Path

import pytest

from kerasrnn.benchmarking import SIZES, Measurement
from kerasrnn.benchmarking._compare import SideError
from kerasrnn.benchmarking._rows import measurements_of, read_rows

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(monkeypatch):
    """The script, on a GPU that takes no time: `bench.asked` lists what was measured."""
    spec = importlib.util.spec_from_file_location("gpu_benchmark", ROOT / "benchmarks" / "gpu.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.asked, script.now = [], 0.0

    def compare(cell, mode, size, sides, rounds):
        script.asked.append((cell, mode, size, sides))
        script.now += 60.0
        return [Measurement(side, cell, mode, size, [1.0] * rounds, 0) for side in sides]

    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr(script, "gpu_of", lambda backend: "Some GPU")
    monkeypatch.setattr(script, "compare", compare)
    monkeypatch.setattr(script.time, "monotonic", lambda: script.now)
    return script


def run(bench, path, *arguments):
    return bench.main(["--output", str(path), "--rounds", "2", *arguments])


def test_what_matters_most_is_measured_first_and_all_of_it_once(bench, tmp_path):
    assert run(bench, tmp_path / "gpu.json", "--minutes", "1000") == 0
    first = [(cell, mode, size) for cell, mode, size, _ in bench.asked[: len(SIZES)]]
    assert first == [("lstm", "train", size) for size in SIZES]
    assert len({what[:3] for what in bench.asked}) == len(bench.asked) == 9 * len(SIZES)


def test_no_row_begins_that_would_end_after_the_minutes(bench, tmp_path):
    path = tmp_path / "gpu.json"
    assert run(bench, path, "--minutes", "3.5") == 0
    rows = read_rows(path)
    assert len(bench.asked) == len(rows) == 3
    assert {row["environment"]["gpu"] for row in rows} == {"Some GPU"}
    assert {m.side for m in measurements_of(rows)} == {"ours", "keras", "cell_in_keras", "torch"}


def test_more_measures_what_the_file_does_not_have(bench, tmp_path):
    path = tmp_path / "gpu.json"
    run(bench, path, "--minutes", "3")
    run(bench, path, "--minutes", "5", "--more")
    assert bench.asked[3][:3] == ("lstm", "train", SIZES[3])
    assert len(read_rows(path)) == len(bench.asked)


def test_a_side_that_fails_is_left_out_and_said(bench, tmp_path, monkeypatch, capsys):
    def compare(cell, mode, size, sides, rounds, whole=bench.compare):
        if "torch" in sides:
            raise SideError("torch", "no driver")
        return whole(cell, mode, size, sides, rounds)

    monkeypatch.setattr(bench, "compare", compare)
    assert run(bench, tmp_path / "gpu.json", "--minutes", "2") == 1
    assert {tuple(sides) for *_, sides in bench.asked} == {("ours", "keras", "cell_in_keras")}
    assert "The side 'torch' ended: no driver" in capsys.readouterr().out.splitlines()[-1]


def test_it_ends_where_ours_fails(bench, tmp_path, monkeypatch):
    def compare(*_):
        raise SideError("ours", "no memory")

    monkeypatch.setattr(bench, "compare", compare)
    with pytest.raises(SystemExit, match="'ours' ended: no memory"):
        run(bench, tmp_path / "gpu.json")


def test_other_backends_are_refused(bench, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(SystemExit, match="one of jax, tensorflow; it is 'torch'"):
        run(bench, tmp_path / "gpu.json")
