"""One child process: its own session, a log file, an ordered end, and no life after its parent's."""

from __future__ import annotations

import asyncio
import ctypes
import os
import random
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

STOP_GRACE_SECONDS = 15.0
"""How long a process may take to end after SIGTERM before it is killed."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class StartFailed(RuntimeError):
    """A process could not be started, or ended before it was ready. The message is one sentence with the remedy."""


class Process:
    """A command that can be started, stopped, and started again; everything it prints goes to `log`.

    It runs in a session of its own, so a Ctrl-C in the terminal reaches only the supervisor, which ends
    its children in order; and the kernel kills it when the process that started it dies, even by `kill -9`.
    Start it from the main thread: the kernel watches the starting *thread*.
    """

    def __init__(self, name: str, argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.argv = list(argv)
        self.log = log
        self.env: dict[str, str] = dict(os.environ if env is None else env)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the command. Raises StartFailed when it can't be executed or already runs."""
        if self.running:
            raise StartFailed(f"{self.name} is running already (pid {self.pid}).")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *self.argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=self.env,
                    start_new_session=True,
                    preexec_fn=_die_with(os.getpid()),
                )
            except OSError as error:
                raise StartFailed(f"{self.name} can't be executed ({error.strerror}: {self.argv[0]}).") from error

    async def exited(self) -> int:
        """Wait for the end of the process; its exit status, negative for the signal that ended it."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return await self._process.wait()

    async def stop(self, grace: float = STOP_GRACE_SECONDS) -> None:
        """End the process and everything in its session: SIGTERM, and SIGKILL after `grace` seconds."""
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), grace)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._process.wait()
        self._signal_group(signal.SIGKILL)

    def kill(self) -> None:
        """End the process at once by SIGKILL, as a crash would."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            try:
                self._process.send_signal(number)
            except ProcessLookupError:
                return  # it ended between the check and the signal: nothing is left to end

    def _signal_group(self, number: signal.Signals) -> None:
        """Whatever the ended process left behind in its group. The group id is its pid, since it led the session."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                return  # nothing was left behind


def _die_with(parent: int) -> Callable[[], None]:
    """What the child runs before exec: ask the kernel for SIGKILL when the parent ends, and check that it hasn't."""

    def ask() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask


_OUR_PORTS = range(20_000, 32_000)
"""Below what systems hand out for outgoing connections, so that a port is still free when its server starts again."""


def free_port(preferred: int | None = None) -> int:
    """A TCP port of 127.0.0.1 that nothing listens on: `preferred` when it is free, else any other."""
    candidates = random.sample(_OUR_PORTS, 20)
    for candidate in (preferred, *candidates, 0) if preferred else (*candidates, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
            return port
    raise StartFailed("No free TCP port on 127.0.0.1.")


def log_tail(log: Path, lines: int = 8) -> str:
    """The last lines of a log file, for a message that says why something didn't start."""
    if not log.is_file():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
