"""The state directory keeps what must be the same at the next start, for one stack at a time."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from microwish_local.processes import StartFailed
from microwish_local.state import StateDirectory

HOLD = """
import pathlib, sys
from microwish_local.state import StateDirectory
with StateDirectory(pathlib.Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_port_is_the_same_at_the_next_start(tmp_path: Path) -> None:
    port = StateDirectory(tmp_path).port("mongod")
    assert StateDirectory(tmp_path).port("mongod") == port


def test_a_port_that_was_taken_meanwhile_is_replaced_and_the_new_one_kept(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    port = state.port("mongod")
    with socket.create_server(("127.0.0.1", port)):
        other = state.port("mongod")
    assert other != port
    assert state.port("mongod") == other


def test_only_one_stack_runs_on_a_directory(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StartFailed, match=f"pid {other.pid}"), StateDirectory(tmp_path).locked():
            pass
        other.communicate()
    with StateDirectory(tmp_path).locked():
        pass


def test_reset_forgets_everything(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    with state.locked():
        state.remember_sample("pilot")
        keys = state.keys()
        state.reset()
        assert not state.has_sample
        assert state.keys() != keys
