"""Runs TFLite files by LiteRT.js in headless Chromium: a local server, a page, and its answers."""

import contextlib
import http.server
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

HERE = Path(__file__).parent
# Where `make test-browser` puts what npm installs.
PACKAGES = HERE.parents[1] / "build" / "browser" / "node_modules"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # which a container's root cannot have
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class BrowserError(RuntimeError):
    """There is no browser, or it gave no answer."""


class Job(NamedTuple):
    """A TFLite file and the dictionaries of input arrays to run it on, once each."""

    name: str
    path: Path
    samples: list
    signature: str | None = None  # the file's first one
    runs: int = 0  # more of them, of the first sample, that are timed


class Answer(NamedTuple):
    """What came of a job: a dictionary of output arrays for each sample, or LiteRT.js's error."""

    outputs: list
    signatures: list
    milliseconds: list
    error: str | None

    @property
    def median(self):
        """Milliseconds of a timed run."""
        return median(self.milliseconds)


def find_chromium():
    """The path of the browser: `$CHROMIUM`, or the first of `NAMES` that is installed."""
    wanted = os.environ.get("CHROMIUM")
    found = filter(None, map(shutil.which, [wanted] if wanted else NAMES))
    path = next(found, None)
    if path is None:
        looked = f"$CHROMIUM is {wanted}" if wanted else f"looked for {', '.join(NAMES)}"
        raise BrowserError(
            f"There is no Chromium ({looked}). On Debian: apt-get install chromium. Elsewhere "
            "install Chromium or Chrome, and set CHROMIUM to its program if it has another name."
        )
    return path


def find_packages():
    """The folder of the npm packages."""
    if not (PACKAGES / "@litertjs" / "core").is_dir():
        raise BrowserError(f"LiteRT.js is not in {PACKAGES}; `make test-browser` installs it.")
    return PACKAGES


def run_jobs(jobs, browser=None, timeout=300):
    """Answers by job's name, of one browser that runs all jobs.

    Args:
        jobs: sequence of `Job`, each with a name of its own.
        browser: the browser's program; `find_chromium()` if it is `None`.
        timeout: seconds without an answer after which the browser is given up.

    Raises:
        BrowserError: the browser or LiteRT.js is missing, ended or gave no answer. What a job
            alone does wrong is in its answer.
    """
    browser, packages = browser or find_chromium(), find_packages()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        folder = Path(folder)
        site = folder / "site"
        _write_site(site, jobs, packages)
        with _serve(site) as (url, posted), _browse(browser, url, folder) as process:
            return {job.name: _next_answer(job, posted, process, timeout) for job in jobs}


def _write_site(site, jobs, packages):
    site.mkdir()
    (site / "node_modules").symlink_to(packages)
    for name in ("page.html", "run.js"):
        shutil.copy(HERE / name, site)
    content = []
    for number, job in enumerate(jobs):
        file = f"{number}.tflite"
        shutil.copy(job.path, site / file)
        samples = [{name: _plain(array) for name, array in s.items()} for s in job.samples]
        content.append({**job._asdict(), "path": None, "file": file, "samples": samples})
    (site / "jobs.json").write_text(json.dumps(content), encoding="utf-8")


def _plain(array):
    array = np.asarray(array)
    return {"shape": array.shape, "values": array.ravel().tolist()}


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm"}

    def __init__(self, *args, posted, **keywords):
        self.posted = posted
        super().__init__(*args, **keywords)

    def end_headers(self):
        # A page that is isolated from others has an exact clock, and may have threads.
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def do_POST(self):
        self.posted.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def _serve(site):
    """The page's address and the queue of what it posts."""
    posted = queue.Queue()
    handler = partial(_Handler, posted=posted, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/page.html", posted
        finally:
            server.shutdown()
            thread.join()


class _Process(NamedTuple):
    popen: subprocess.Popen
    log: Path

    def last_words(self):
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:].strip()


@contextlib.contextmanager
def _browse(browser, url, folder):
    """A browser on this page; at the end it and what it started are ended."""
    log = folder / "log"
    command = [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", url]
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        ) as popen,
    ):
        try:
            yield _Process(popen, log)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(popen.pid, signal.SIGKILL)


def _next_answer(job, posted, process, timeout):
    content = _next_post(job, posted, process, timeout)
    if content.get("name") != job.name:
        raise BrowserError(f"The page failed before '{job.name}': {content.get('error')}")
    outputs = [{name: _array(a) for name, a in o.items()} for o in content.get("outputs", [])]
    return Answer(
        outputs, content.get("signatures"), content.get("milliseconds"), content.get("error")
    )


def _next_post(job, posted, process, timeout):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            return posted.get(timeout=0.2)
        except queue.Empty:
            code = process.popen.poll()
            if code is not None and posted.empty():
                raise BrowserError(
                    f"The browser ended with code {code} before it answered '{job.name}':\n"
                    + process.last_words()
                ) from None
    raise BrowserError(
        f"The browser did not answer '{job.name}' in {timeout} s. It said:\n{process.last_words()}"
    )


def _array(plain):
    # JSON has no NaN and no infinity: JavaScript writes null.
    values = [np.nan if value is None else value for value in plain["values"]]
    return np.array(values, "float64").reshape(plain["shape"])
