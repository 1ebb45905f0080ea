"""The browser's runner without Chromium: a stand-in, which any machine has, is the browser."""

import shutil
import sys

import numpy as np
import pytest

from tests.browser import chromium
from tests.browser.chromium import BrowserError, Job, run_jobs

# Takes the page's part: it gets the jobs and posts an answer for each, the inputs as outputs.
PAGE = """
import json, sys, urllib.request
def send(path, content=None):
    data = None if content is None else json.dumps(content).encode()
    return urllib.request.urlopen(sys.argv[-1].replace("page.html", path), data).read()
for job in json.loads(send("jobs.json")):
    file = send(job["file"]).decode()
    if file == "bad":
        send("answers", {"name": job["name"], "error": "a bad file"})
    else:
        outputs = [{**s, "nan": {"shape": [1], "values": [None]}} for s in job["samples"]]
        send("answers", {"name": job["name"], "outputs": outputs, "signatures": [file],
                         "milliseconds": [1, 2, 9]})
"""


@pytest.fixture(autouse=True)
def _packages(tmp_path, monkeypatch):
    (tmp_path / "node_modules" / "@litertjs" / "core").mkdir(parents=True)
    monkeypatch.setattr(chromium, "PACKAGES", tmp_path / "node_modules")


@pytest.fixture
def job(tmp_path):
    (tmp_path / "a.tflite").write_text("good")
    return Job("one", tmp_path / "a.tflite", [{"x": np.array([[1.5, -2], [3, 0.1]], "float32")}])


@pytest.fixture
def program(tmp_path):
    """Makes a program of lines in the shell."""

    def make(lines):
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(0o755)
        return str(path)

    return make


def test_each_job_has_its_answer(job, program, tmp_path):
    (tmp_path / "page.py").write_text(PAGE)
    (tmp_path / "bad.tflite").write_text("bad")
    page = program(f'exec "{sys.executable}" "{tmp_path / "page.py"}" "$@"')
    jobs = [job._replace(name="two", path=tmp_path / "bad.tflite"), job]
    answers = run_jobs(jobs, browser=page)
    assert list(answers) == ["two", "one"]
    assert answers["two"].error == "a bad file"
    assert answers["one"].error is None
    assert answers["one"].signatures == ["good"]
    assert answers["one"].median == 2
    (outputs,) = answers["one"].outputs
    np.testing.assert_array_equal(outputs["x"], job.samples[0]["x"])
    assert np.isnan(outputs["nan"]).all()  # never equal to anything


def test_a_browser_that_ends_is_an_error_with_its_last_words(job, program):
    with pytest.raises(BrowserError, match=r"(?s)code 3 before it answered 'one'.*no screen"):
        run_jobs([job], browser=program("echo no screen >&2; exit 3"))


def test_a_browser_that_does_not_answer_is_ended(job, program):
    """Were it not ended, this test would wait for it."""
    with pytest.raises(BrowserError, match="did not answer 'one' in 0 s"):
        run_jobs([job], browser=program("exec sleep 100000"), timeout=0)


def test_a_missing_browser_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    with pytest.raises(BrowserError, match=r"CHROMIUM is /no/such/browser.*apt-get install"):
        chromium.find_chromium()
    monkeypatch.delenv("CHROMIUM")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(BrowserError, match=r"looked for chromium, .*apt-get install chromium"):
        chromium.find_chromium()


def test_missing_packages_are_named_with_the_command_that_installs_them(job, monkeypatch, tmp_path):
    monkeypatch.setattr(chromium, "PACKAGES", tmp_path / "nothing")
    with pytest.raises(BrowserError, match="nothing; `make test-browser` installs it"):
        run_jobs([job], browser="never started")
