"""The `microwish` command: `up` runs the whole stack on this machine, `sample` and `story` act on a running one."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from microwish_local.environment import ADMIN_PHONE
from microwish_local.paths import DATA
from microwish_local.processes import StartFailed
from microwish_local.routes import SERVICES, Service
from microwish_local.stack import BrokerKind, Stack
from microwish_local.state import StateDirectory

Sample = Literal["pilot", "none"]

app = typer.Typer(
    help="微心愿 (micro-wish) on one machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False)

StateDir = Annotated[Path, typer.Option(help="Where data, keys and logs are kept.")]
BaseUrl = Annotated[str, typer.Option(help="The gateway of a running stack.")]


@app.command()
def up(
    port_base: Annotated[int, typer.Option(help="Port of the gateway; the services take the next three.")] = 8000,
    state_dir: StateDir = Path(".local"),
    sample: Annotated[Sample, typer.Option(help="What to load into an empty stack.")] = "pilot",
    reset: Annotated[bool, typer.Option("--reset", help="Forget everything this state directory holds.")] = False,
    broker: Annotated[BrokerKind, typer.Option(help="The broker to start.")] = "embedded",
) -> None:
    """Start MongoDB, Kafka, the three services and the gateway; Ctrl-C stops them all."""
    state = StateDirectory(state_dir)
    try:
        with state.locked():
            if reset:
                state.reset()
            stack = Stack(state, port_base=port_base, broker=broker, say=_say)
            asyncio.run(_run(stack, sample))
    except StartFailed as failure:
        _say(f"✗ {failure}")
        raise typer.Exit(1) from failure


@app.command()
def sample(base_url: BaseUrl = "http://127.0.0.1:8000") -> None:
    """Load the pilot district into a running stack, through its HTTP API."""
    try:
        asyncio.run(_load_pilot(base_url))
    except StartFailed as failure:
        _say(f"✗ {failure}")
        raise typer.Exit(1) from failure


@app.command()
def story(base_url: BaseUrl = "http://127.0.0.1:8000", state_dir: StateDir = Path(".local")) -> None:
    """Act out one wish from sign-in to thanks on a running stack; exit code 0 only if every step was seen."""
    from microwish_local.story import act  # only this command needs it

    address = state_dir / "kafka.bootstrap"
    if not address.is_file():
        _say(f"✗ No stack runs on {state_dir}: start one with `microwish up`.")
        raise typer.Exit(1)
    raise typer.Exit(asyncio.run(act(base_url, kafka_bootstrap=address.read_text().strip())))


async def _run(stack: Stack, sample: Sample) -> None:
    """Start, load the sample once, and serve until a signal; then stop in order, whatever happened."""
    stopping = asyncio.Event()
    work = asyncio.create_task(_serve(stack, sample))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue  # started by nohup: it outlives its terminal
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    wait = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({work, wait}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            await work
            await wait
    finally:
        if stopping.is_set():
            _say("正在停止 / stopping …")
        work.cancel()
        wait.cancel()
        await asyncio.gather(work, wait, return_exceptions=True)
        await stack.stop()


async def _serve(stack: Stack, sample: Sample) -> None:
    began = time.monotonic()
    await stack.start()
    _say(f"✓ ready in {time.monotonic() - began:.1f} s")
    if sample == "pilot" and not stack.state.has_sample:
        await _load_pilot(stack.addresses.gateway, {name: stack.addresses.url(name) for name in SERVICES})
        stack.state.remember_sample(sample)
    _say_where(stack)


async def _load_pilot(base_url: str, services: Mapping[Service, str] | None = None) -> None:
    from microwish_local.pilot import load  # only this needs it

    await load(base_url, DATA, services=services)


def _say_where(stack: Stack) -> None:
    address = stack.addresses
    _say(f"  心愿墙 the wish wall       {address.gateway}/")
    _say(f"  认领   the board           {address.gateway}/adopt")
    _say(f"  手机   the sandbox phone   {address.gateway}/notify")
    _say(f"  sign in with {ADMIN_PHONE} (admin, staff, ops) and read the code on the sandbox phone")
    _say(f"  logs in {stack.state.logs} · MongoDB {address.mongo_uri} · Kafka {address.kafka_bootstrap}")
    _say("  Ctrl-C stops it")


def _say(line: str) -> None:
    """One line as it is: logs and addresses may hold what rich would take for markup, and aren't wrapped."""
    console.print(line, markup=False, soft_wrap=True)
