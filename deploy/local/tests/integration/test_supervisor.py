"""The supervisor starts what died again, and leaves nothing behind, whoever ends it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from microwish_local.processes import Process, StartFailed
from microwish_local.supervisor import Backoff, Supervisor

pytestmark = pytest.mark.integration

FOREVER = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
WITH_CHILD = (
    "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']); "
    "print(p.pid, flush=True); p.wait()"
)
PARENT = """
import asyncio, pathlib, signal, sys
from microwish_local.processes import Process

async def main():
    child = Process("child", [sys.executable, "-c", "import signal; signal.pause()"], log=pathlib.Path(sys.argv[1]))
    await child.start()
    print(child.pid, flush=True)
    await child.exited()

asyncio.run(main())
"""


@pytest.fixture
def said() -> list[str]:
    return []


@pytest_asyncio.fixture
async def supervisor(said: list[str]) -> AsyncIterator[Supervisor]:
    made = Supervisor(said.append, Backoff(first=0.05, most=0.2))
    yield made
    await made.stop()


async def test_a_killed_part_is_started_again_and_a_line_says_so(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    part = Process("wish-service", FOREVER, log=tmp_path / "log")
    await supervisor.start(part)
    first = part.pid

    part.kill()
    await _until(lambda: len(said) == 2)

    assert part.pid not in {None, first}
    assert said[0].startswith("wish-service ended (signal 9)")
    assert said[1].startswith("wish-service runs again")


async def test_a_part_that_keeps_dying_is_tried_again_and_again_ever_later(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    await supervisor.start(Process("broken", [sys.executable, "-c", "raise SystemExit(3)"], log=tmp_path / "log"))

    await _until(lambda: len(said) >= 7)

    ends = [line for line in said if "exit status 3" in line]
    assert [line.rsplit(" in ")[1] for line in ends[:4]] == ["0.05 s.", "0.1 s.", "0.2 s.", "0.2 s."]


async def test_stages_stop_in_reverse_order(tmp_path: Path) -> None:
    order: list[str] = []

    class Noted(Process):
        async def stop(self, grace: float = 15) -> None:
            await super().stop(grace)
            order.append(self.name)

    supervisor = Supervisor(order.append)
    for name in ("database", "service", "gateway"):
        await supervisor.start(Noted(name, FOREVER, log=tmp_path / "log"))
    pids = [part.pid for part in supervisor.parts]

    await supervisor.stop()

    assert order == ["gateway", "service", "database"]
    assert not any(_alive(pid) for pid in pids if pid)


async def test_a_part_that_cannot_be_executed_says_which(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="no-such-program"):
        await supervisor.start(Process("thing", ["/no-such-program"], log=tmp_path / "log"))


async def test_a_process_deaf_to_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    process = Process("deaf", [sys.executable, "-c", DEAF], log=tmp_path / "log")
    await process.start()
    await _until(lambda: "up" in (tmp_path / "log").read_text())

    await process.stop(grace=0.2)

    assert await process.exited() == -signal.SIGKILL


async def test_stopping_ends_what_the_process_started_itself(tmp_path: Path) -> None:
    process = Process("parent", [sys.executable, "-c", WITH_CHILD], log=tmp_path / "log")
    await process.start()
    await _until(lambda: (tmp_path / "log").read_text().endswith("\n"))
    grandchild = int((tmp_path / "log").read_text())

    await process.stop()

    await _until(lambda: not _alive(grandchild))


async def test_children_die_with_a_supervisor_killed_by_sigkill(tmp_path: Path) -> None:
    parent = Process("parent", [sys.executable, "-c", PARENT, str(tmp_path / "child.log")], log=tmp_path / "log")
    await parent.start()
    await _until(lambda: (tmp_path / "log").read_text().endswith("\n"))
    child = int((tmp_path / "log").read_text())
    assert _alive(child)

    parent.kill()

    await _until(lambda: not _alive(child))


def _alive(pid: int) -> bool:
    """Whether a process runs under this id; one that has ended and waits for its parent to notice does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def _until(condition: Callable[[], bool], deadline: float = 60) -> None:
    async with asyncio.timeout(deadline):
        while not condition():
            await asyncio.sleep(0.02)
