"""A skipped test shows its reason, and fails the run where CI is set."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[4]
SKIPPING = "import pytest\n\ndef test_a(): pytest.skip('no browser here')\n\ndef test_b(): pass\n"


def pytest_run(directory: Path, *, ci: str) -> tuple[int, str]:
    """Exit status and output of the suite above under the repository's conftest."""
    (directory / "test_some.py").write_text(SKIPPING)
    (directory / "pytest.ini").write_text("[pytest]\naddopts = -rs -p no:cacheprovider\n")
    env = {**os.environ, "CI": ci, "PYTHONPATH": str(REPOSITORY)}
    argv = [sys.executable, "-m", "pytest", "-p", "conftest", str(directory)]
    done = subprocess.run(argv, cwd=directory, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_without_ci_the_reason_is_shown(tmp_path: Path) -> None:
    status, output = pytest_run(tmp_path, ci="")
    assert status == 0
    assert "no browser here" in output


def test_under_ci_a_skip_is_a_failure(tmp_path: Path) -> None:
    status, output = pytest_run(tmp_path, ci="true")
    assert status == 1
    assert "skipped tests fail under CI" in output
    assert "1 passed, 1 skipped" in output.splitlines()[-1]
