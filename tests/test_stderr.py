"""What native libraries write is held back, and the standard error is as it was afterwards."""

import os
import subprocess
import sys
import threading

import pytest

from kerasrnn._stderr import held_back


def where():
    """What stands behind the descriptor of the standard error."""
    found = os.fstat(2)
    return found.st_dev, found.st_ino


def test_what_is_written_past_python_is_given_and_not_shown(capfd):
    with held_back() as written:
        os.write(2, b"a native word\n")
        assert written() == b"a native word\n"
    os.write(2, b"shown\n")
    assert capfd.readouterr().err == "shown\n"


def test_it_is_turned_back_after_an_error():
    before = where()
    with pytest.raises(ValueError, match="wrong"), held_back():
        raise ValueError("wrong")
    assert where() == before


def test_within_itself_it_is_turned_back_twice():
    before = where()
    with held_back() as outer:
        with held_back():
            os.write(2, b"inner")
        os.write(2, b"outer")
        assert outer() == b"outer"
    assert where() == before


def test_threads_take_turns_and_leave_it_where_it_was():
    before, inside, begun = where(), threading.Event(), threading.Event()

    def second():
        begun.set()
        with held_back():
            inside.set()

    thread = threading.Thread(target=second)
    with held_back():
        thread.start()
        begun.wait()
        assert not inside.wait(0.2)
    thread.join()
    assert inside.is_set()
    assert where() == before


def test_a_process_without_a_standard_error_is_left_as_it_is():
    code = """
from kerasrnn._stderr import held_back
with held_back() as written:
    print(repr(written()))
"""
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -c "$1" 2>&-', sys.executable, code],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout == "b''\n"
